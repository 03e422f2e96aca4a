// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, iconButton } from './dom.js';
import { formatBytes, formatShare } from './format.js';

/** The queue of uploads as a list with progress. Rows are changed in place, so that focus stays where it is. */
export class UploadList {
    #queue;
    #rows = new Map();
    #list = element('ul', { class: 'uploads' });
    node;

    constructor(queue) {
        this.#queue = queue;
        this.node = element('section', { class: 'upload-section', 'aria-label': 'Uploads', hidden: true }, this.#list);
    }

    /** Shows an item as it is now, or takes it away if it left the queue. */
    update(item) {
        const isGone = !this.#queue.items.includes(item);
        if (isGone) {
            this.#rows.get(item.id)?.node.remove();
            this.#rows.delete(item.id);
        } else {
            this.#rowOf(item).show(item);
        }
        this.node.hidden = this.#rows.size === 0;
    }

    #rowOf(item) {
        if (!this.#rows.has(item.id)) {
            const row = uploadRow(item, this.#queue);
            this.#rows.set(item.id, row);
            this.#list.append(row.node);
        }
        return this.#rows.get(item.id);
    }
}

/** What an item is doing, in words. */
export function uploadText({ state, fraction, phase, message, byteCount }) {
    switch (state) {
    case 'waiting': return `Waiting · ${message || formatBytes(byteCount)}`;
    case 'uploading': return `Sending ${formatShare(fraction)} of ${formatBytes(byteCount)}`;
    case 'importing': return `${capitalized(phase) || 'Importing'}${fraction > 0 ? ` · ${formatShare(fraction)}` : '…'}`;
    case 'done': return 'Ready';
    case 'cancelled': return 'Cancelled';
    default: return message || 'Failed';
    }
}

function uploadRow(item, queue) {
    const text = element('p', { class: 'upload-text' });
    const bar = element('progress', { max: 1, 'aria-label': `Progress of ${item.name}` });
    const buttons = element('div', { class: 'button-row' });
    const node = element('li', { class: 'upload' },
        element('div', { class: 'upload-words' }, element('p', { class: 'upload-name', text: item.name }), text),
        buttons, bar);
    let shown = '';
    const show = (current) => {
        text.textContent = uploadText(current);
        node.dataset.state = current.state;
        bar.hidden = !['uploading', 'importing'].includes(current.state);
        if (current.state === 'importing' && !(current.fraction > 0)) bar.removeAttribute('value');
        else bar.value = current.fraction;
        if (current.state === shown) return;
        shown = current.state;
        buttons.replaceChildren(...uploadButtons(current, queue));
    };
    return { node, show };
}

function uploadButtons(item, queue) {
    if (queue.canCancel(item)) return [iconButton('close', `Cancel ${item.name}`, () => queue.remove(item))];
    if (item.state === 'importing') return [];
    const remove = iconButton('close', `Remove ${item.name} from this list`, () => queue.remove(item));
    if (item.state === 'done') {
        return [element('a', { class: 'button', href: `?model=${encodeURIComponent(item.model)}`, text: 'Open' }), remove];
    }
    return [item.canRetry && iconButton('retry', `Send ${item.name} again`, () => queue.retry(item)), remove].filter(Boolean);
}

const capitalized = (text) => (text ? text[0].toUpperCase() + text.slice(1) : '');
