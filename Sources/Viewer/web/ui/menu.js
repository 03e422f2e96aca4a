// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, icon } from './dom.js';

/**
 * A menu that a button opens: arrow keys move, Escape and a click elsewhere close it, and focus goes back to the button.
 *
 * `items()` gives, whenever it opens, [{ label, note, icon, key, isChecked, isRadio, isDisabled, action }]: of several with
 * `isRadio`, one is checked. `header()`, if given, makes what stands above them.
 */
export class Menu {
    #button;
    #items;
    #header;
    #node = null;
    #list = null;
    #abort = null;

    constructor(button, items, { header } = {}) {
        this.#button = button;
        this.#items = items;
        this.#header = header;
        button.setAttribute('aria-haspopup', 'menu');
        button.setAttribute('aria-expanded', 'false');
        button.addEventListener('click', () => this.toggle());
    }

    get isOpen() {
        return this.#node !== null;
    }

    toggle() {
        if (this.isOpen) this.close();
        else this.open();
    }

    open() {
        this.#node = element('div', { class: 'menu', keydown: (event) => this.#key(event) });
        this.#fill();
        // Not beside the button: blurred and moved ancestors would become what `position: fixed` refers to.
        (this.#button.closest('.viewer') ?? document.body).append(this.#node);
        this.#place();
        this.#button.setAttribute('aria-expanded', 'true');
        this.#abort = new AbortController();
        const { signal } = this.#abort;
        document.addEventListener('pointerdown', (event) => this.#pointer(event), { signal, capture: true });
        window.addEventListener('resize', () => this.close(), { signal });
        const rows = this.#rows;
        (rows.find((row) => row.getAttribute('aria-checked') === 'true' && isRadio(row)) ?? rows[0])?.focus();
    }

    /** Shows the items as they are now, if it is open. */
    refresh() {
        if (!this.isOpen) return;
        const index = this.#rows.indexOf(document.activeElement);
        this.#fill();
        this.#place();
        if (index >= 0) this.#rows[Math.min(index, this.#rows.length - 1)]?.focus();
    }

    close({ givesFocusBack = true } = {}) {
        if (!this.isOpen) return;
        this.#abort.abort();
        this.#node.remove();
        this.#node = null;
        this.#list = null;
        this.#button.setAttribute('aria-expanded', 'false');
        if (givesFocusBack) this.#button.focus();
    }

    get #rows() {
        return [...this.#list.querySelectorAll('button')];
    }

    #fill() {
        const header = this.#header && element('div', { class: 'menu-header', id: 'menu-header' }, this.#header());
        const name = header ? { 'aria-labelledby': 'menu-header' } : { 'aria-label': this.#button.getAttribute('aria-label') };
        this.#list = element('div', { class: 'menu-list', role: 'menu', ...name },
            this.#items().map((item, index) => this.#row(item, index)));
        this.#node.replaceChildren(...[header, this.#list].filter(Boolean));
    }

    #row({ label, note, icon: name, key, isChecked, isRadio: isOneOf, isDisabled, action }, index) {
        const choose = () => {
            if (isDisabled) return;
            this.close();
            action();
        };
        const kind = isOneOf ? 'menuitemradio' : 'menuitemcheckbox';
        const state = isChecked === undefined ? { role: 'menuitem' } : { role: kind, 'aria-checked': String(Boolean(isChecked)) };
        if (isDisabled) state['aria-disabled'] = 'true';
        const noteID = `menu-note-${index}`;
        if (note) Object.assign(state, { 'aria-label': label, 'aria-describedby': noteID });
        return element('button', { type: 'button', class: 'menu-item', click: choose, tabindex: '-1', ...state },
            name && icon(name),
            note ? element('span', {}, label, element('small', { id: noteID, text: note })) : element('span', { text: label }),
            isChecked ? icon('check') : key && element('kbd', { text: key }));
    }

    /** Keeps it inside the window. */
    #place() {
        const button = this.#button.getBoundingClientRect();
        const list = this.#node.getBoundingClientRect();
        const left = Math.max(Math.min(Math.max(button.left, 8), window.innerWidth - list.width - 8), 8);
        const isAbove = button.bottom + list.height + 12 > window.innerHeight;
        this.#node.style.left = `${left}px`;
        this.#node.style.top = `${Math.max(isAbove ? button.top - list.height - 6 : button.bottom + 6, 8)}px`;
    }

    #pointer(event) {
        const isInside = this.#node.contains(event.target) || this.#button.contains(event.target);
        if (!isInside) this.close({ givesFocusBack: false });
    }

    #key(event) {
        event.stopPropagation();
        const rows = this.#rows;
        const index = rows.indexOf(document.activeElement);
        const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
        if (next !== undefined) rows[(next + rows.length) % rows.length].focus();
        else if (event.key === 'Escape' || event.key === 'Tab') this.close();
        else return;
        event.preventDefault();
    }
}

const isRadio = (row) => row.getAttribute('role') === 'menuitemradio';
