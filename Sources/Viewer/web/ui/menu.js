// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, icon } from './dom.js';

/**
 * A menu that a button opens: arrow keys move, Escape and a click elsewhere close it, and focus goes back to the button.
 *
 * `items()` gives, whenever it opens, [{ label, icon, key, isChecked, action }].
 */
export class Menu {
    #button;
    #items;
    #list = null;
    #abort = null;

    constructor(button, items) {
        this.#button = button;
        this.#items = items;
        button.setAttribute('aria-haspopup', 'menu');
        button.setAttribute('aria-expanded', 'false');
        button.addEventListener('click', () => (this.#list ? this.close() : this.open()));
    }

    open() {
        this.#list = element('div', { class: 'menu', role: 'menu', keydown: (event) => this.#key(event) },
            this.#items().map((item) => this.#row(item)));
        // Not beside the button: blurred and moved ancestors would become what `position: fixed` refers to.
        (this.#button.closest('.viewer') ?? document.body).append(this.#list);
        this.#place();
        this.#button.setAttribute('aria-expanded', 'true');
        this.#abort = new AbortController();
        const { signal } = this.#abort;
        document.addEventListener('pointerdown', (event) => this.#pointer(event), { signal, capture: true });
        window.addEventListener('resize', () => this.close(), { signal });
        this.#list.querySelector('button')?.focus();
    }

    close({ givesFocusBack = true } = {}) {
        if (!this.#list) return;
        this.#abort.abort();
        this.#list.remove();
        this.#list = null;
        this.#button.setAttribute('aria-expanded', 'false');
        if (givesFocusBack) this.#button.focus();
    }

    #row({ label, icon: name, key, isChecked, action }) {
        const choose = () => {
            this.close();
            action();
        };
        const state = isChecked === undefined ? { role: 'menuitem' } : { role: 'menuitemcheckbox', 'aria-checked': String(isChecked) };
        return element('button', { type: 'button', class: 'menu-item', click: choose, tabindex: '-1', ...state },
            name && icon(name), element('span', { text: label }),
            isChecked ? icon('check') : key && element('kbd', { text: key }));
    }

    /** Keeps the list inside the window. */
    #place() {
        const button = this.#button.getBoundingClientRect();
        const list = this.#list.getBoundingClientRect();
        const left = Math.min(Math.max(button.left, 8), window.innerWidth - list.width - 8);
        const isAbove = button.bottom + list.height + 12 > window.innerHeight;
        this.#list.style.left = `${left}px`;
        this.#list.style.top = `${isAbove ? button.top - list.height - 6 : button.bottom + 6}px`;
    }

    #pointer(event) {
        const isInside = this.#list.contains(event.target) || this.#button.contains(event.target);
        if (!isInside) this.close({ givesFocusBack: false });
    }

    #key(event) {
        event.stopPropagation();
        const rows = [...this.#list.querySelectorAll('button')];
        const index = rows.indexOf(document.activeElement);
        const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
        if (next !== undefined) rows[(next + rows.length) % rows.length].focus();
        else if (event.key === 'Escape' || event.key === 'Tab') this.close();
        else return;
        event.preventDefault();
    }
}
