// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { copyText } from './clipboard.js';
import { element, icon, iconButton } from './dom.js';
import { statsRows, statsText } from './stats-rows.js';

const refreshMilliseconds = 250;
/** Top of the frame time curve. */
const curveMilliseconds = 33;

/** What the viewer measures, live. */
export class StatsPanel {
    #viewer;
    #report;
    #names = '';
    #values = [];
    #table = element('dl');
    #curve = element('canvas', { class: 'stats-curve', width: 480, height: 64, 'aria-hidden': 'true' });
    #bars = element('div', { class: 'stats-bars', role: 'img' });
    #copy;
    #timer = 0;
    node;

    /** `report`, a PathReport, is asked as long as the panel is shown. */
    constructor(viewer, { onClose, report = null }) {
        this.#viewer = viewer;
        this.#report = report;
        this.#copy = iconButton('copy', 'Copy as text', () => this.#copyAll());
        this.node = element('aside', { class: 'stats panel', 'aria-label': 'Statistics', hidden: true },
            element('header', { class: 'panel-header' },
                element('h2', { text: 'Statistics' }), this.#copy, iconButton('close', 'Close', onClose)),
            this.#curve, this.#table, element('p', { class: 'stats-caption', text: 'Streaming tasks on the main thread, by length' }), this.#bars);
    }

    get isShown() {
        return !this.node.hidden;
    }

    set isShown(isShown) {
        this.node.hidden = !isShown;
        clearInterval(this.#timer);
        this.#report?.stop();
        if (!isShown) return;
        this.#report?.start();
        this.#refresh();
        this.#timer = setInterval(() => this.#refresh(), refreshMilliseconds);
    }

    #refresh() {
        const { status } = this.#viewer;
        const rows = statsRows(status, this.#report?.value);
        this.#setNames(rows.map(([name]) => name));
        rows.forEach(([, value], index) => {
            const cell = this.#values[index];
            if (cell.textContent !== value) cell.textContent = value;
        });
        this.#drawCurve(status.frameCurve);
        this.#drawBars(status);
    }

    /** Makes the table's rows; they are others when somebody else draws. */
    #setNames(names) {
        const text = names.join('\n');
        if (text === this.#names) return;
        this.#names = text;
        this.#values = names.map(() => element('dd'));
        this.#table.replaceChildren(...names.flatMap((name, index) => [element('dt', { text: name }), this.#values[index]]));
    }

    #drawCurve(times) {
        const context = this.#curve.getContext('2d');
        const { width, height } = this.#curve;
        const style = getComputedStyle(this.node);
        context.clearRect(0, 0, width, height);
        context.strokeStyle = style.getPropertyValue('--line');
        context.strokeRect(0, height * (1 - 16.7 / curveMilliseconds), width, 0);
        context.strokeStyle = style.getPropertyValue('--accent');
        context.lineWidth = 2;
        context.beginPath();
        times.forEach((time, index) => {
            const y = height - 2 - Math.min(time / curveMilliseconds, 1) * (height - 4);
            context.lineTo((index / 119) * width, y);
        });
        context.stroke();
    }

    /** How many streaming tasks there were of each length, on a scale that shows single ones. */
    #drawBars({ streamingTasks }) {
        const most = Math.max(...streamingTasks.map(({ count }) => Math.log2(count + 1)), 1);
        const words = streamingTasks.map(({ limit, count }) => `${count} ${nameOf(limit)}`).join(', ');
        this.#bars.setAttribute('aria-label', `Streaming tasks on the main thread: ${words}`);
        this.#bars.replaceChildren(...streamingTasks.map(({ limit, count }) => {
            const bar = element('span', { class: `bar ${barKind(limit, count)}` });
            bar.style.height = `${Math.round((Math.log2(count + 1) / most) * 28) + 1}px`;
            return element('span', { class: 'bar-cell', title: `${count} tasks ${nameOf(limit)}` }, bar,
                element('small', { text: Number.isFinite(limit) ? String(limit) : 'more' }));
        }));
    }

    async #copyAll() {
        const isDone = await copyText(statsText(this.#viewer.status, location.href, this.#report?.value));
        this.#copy.replaceChildren(icon(isDone ? 'check' : 'warning'));
        setTimeout(() => this.#copy.replaceChildren(icon('copy')), 1500);
    }
}

const barKind = (limit, count) => (count === 0 ? 'is-empty' : limit > 4 ? 'is-long' : '');
const nameOf = (limit) => (Number.isFinite(limit) ? `up to ${limit} ms` : 'longer');
