// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, icon } from './dom.js';
import { formatBytes, formatQuantity, formatSize } from './format.js';

/** A model of the start page's list: a link to it, or, if it is damaged, what is wrong with it. */
export function modelCard(model, api) {
    const isReady = model.state !== 'damaged';
    const body = [
        thumbnail(model, api, isReady),
        element('div', { class: 'card-text' },
            element('h3', { text: model.name ?? model.id, title: model.name }),
            element('p', { class: 'card-facts', text: countFacts(model) }),
            element('p', { class: 'card-facts', text: sizeFacts(model) }),
            !isReady && element('p', { class: 'card-problem', text: problemOf(model) })),
    ];
    const card = isReady
        ? element('a', { class: 'card', href: `?model=${encodeURIComponent(model.id)}` }, body)
        : element('div', { class: 'card is-damaged' }, body);
    return element('li', {}, card);
}

/** Whether a model's name matches every word of a search. */
export function matchesSearch(model, search) {
    const name = `${model.name ?? ''} ${model.id}`.toLowerCase();
    return search.toLowerCase().split(/\s+/).every((word) => name.includes(word));
}

function thumbnail(model, api, isReady) {
    const frame = element('div', { class: 'card-picture' }, icon(isReady ? 'cube' : 'warning'));
    if (!isReady || !model.thumbnail) return frame;
    const image = element('img', { alt: '', loading: 'lazy', decoding: 'async', src: api.url(model.thumbnail) });
    image.addEventListener('load', () => frame.classList.add('has-picture'));
    image.addEventListener('error', () => image.remove());
    frame.append(image);
    return frame;
}

function countFacts({ triangleCount, partCount, instanceCount }) {
    const parts = partCount > 1 || instanceCount > 1 ? formatQuantity(instanceCount ?? partCount, 'part') : null;
    return [Number.isFinite(triangleCount) ? formatQuantity(triangleCount, 'triangle') : null, parts].filter(Boolean).join(' · ');
}

function sizeFacts({ byteCount, minimum, maximum }) {
    const bytes = Number.isFinite(byteCount) ? formatBytes(byteCount) : '';
    return [formatSize(minimum, maximum), bytes].filter(Boolean).join(' · ');
}

const problemOf = ({ message }) => `Damaged. ${message ?? 'Import the original file again.'}`;
