// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element } from './dom.js';

const clickPixels = 4;
const clickMilliseconds = 400;

/**
 * Names the part that is clicked: a label at the pointer, until the camera moves, something else is clicked, or Escape.
 * `identify(x, y)` takes CSS pixels of the canvas and resolves to { name, path } or null.
 */
export class PartLabel {
    #identify;
    #question = 0;
    #press = null;
    #name = element('strong');
    #path = element('span');
    node = element('div', { class: 'part-label panel', role: 'status', hidden: true }, this.#name, this.#path);

    constructor(identify) {
        this.#identify = identify;
    }

    /** Listens to clicks on a canvas. */
    watch(canvas) {
        canvas.addEventListener('pointerdown', (event) => this.#begin(event));
        canvas.addEventListener('pointerup', (event) => this.#end(event));
        canvas.addEventListener('wheel', () => this.hide(), { passive: true });
    }

    hide() {
        this.#question += 1;
        this.node.hidden = true;
    }

    #begin({ isPrimary, button, clientX, clientY, timeStamp }) {
        // A second finger or button makes it something else than a click.
        this.#press = isPrimary && button === 0 && !this.#press ? { clientX, clientY, timeStamp } : null;
        this.hide();
    }

    #end({ clientX, clientY, offsetX, offsetY, timeStamp }) {
        const press = this.#press;
        this.#press = null;
        if (!press || timeStamp - press.timeStamp > clickMilliseconds) return;
        if (Math.hypot(clientX - press.clientX, clientY - press.clientY) <= clickPixels) this.#ask(offsetX, offsetY);
    }

    async #ask(x, y) {
        this.#question += 1;
        const question = this.#question;
        const found = await this.#identify(x, y);
        if (!found?.name || question !== this.#question) return;
        this.#name.textContent = found.name;
        this.#path.textContent = found.path.slice(0, -1).join(' › ');
        this.node.hidden = false;
        // Beside the pointer, on the side where there is room.
        const { offsetWidth, offsetHeight, parentElement } = this.node;
        const left = x + 14 + offsetWidth < parentElement.clientWidth ? x + 14 : x - 14 - offsetWidth;
        const top = y + 14 + offsetHeight < parentElement.clientHeight ? y + 14 : y - 14 - offsetHeight;
        this.node.style.left = `${Math.max(4, left)}px`;
        this.node.style.top = `${Math.max(4, top)}px`;
    }
}
