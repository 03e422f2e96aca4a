// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, icon, iconButton } from './dom.js';
import { Menu } from './menu.js';
import { pathChoices } from './path-choices.js';
import { drawnBy, pathName, sentence } from './path-words.js';

const key = 'P';

/** A button that shows who draws, with a menu to choose it and the reason for what is. */
export class PathMenu {
    #onChoose;
    #menu;
    #state = {};
    #text = '';
    node;

    /**
     * `onChoose(wish)` is told 'auto', 'client', 'server' or 'hybrid' when it is another than before; `onOpen()` that
     * somebody looks, so that `update` may bring more.
     */
    constructor({ onChoose, onOpen }) {
        this.#onChoose = onChoose;
        this.node = iconButton('client', drawnBy('client'), null, { class: 'icon-button path-button', 'data-action': 'path' });
        this.#menu = new Menu(this.node, () => this.#items(), { header: () => this.#header() });
        this.node.addEventListener('click', () => this.#menu.isOpen && onOpen?.());
        this.update({ path: 'client' });
    }

    /** Opens the menu, or closes it. */
    toggle() {
        this.node.click();
    }

    /**
     * Shows how things are. What is left out stays as it was.
     *
     * @param {object} state
     * @param {string} [state.path] who draws what is shown: client, server or hybrid
     * @param {string|null} [state.target] the path that is being prepared
     * @param {string} [state.wish] what was chosen: auto, client, server or hybrid
     * @param {string} [state.reason] the server's sentence
     * @param {string[]} [state.allowed] names of paths
     * @param {object} [state.obstacles] sentences why a path is not possible, by its name
     * @param {boolean} [state.isNegotiated] whether there is a choice at all
     */
    update(state) {
        this.#state = { ...this.#state, ...state };
        const text = JSON.stringify(this.#state);
        if (text === this.#text) return;
        this.#text = text;
        this.#showButton();
        this.#menu.refresh();
    }

    /** The path that is being prepared, or null. */
    get #target() {
        const { path, target } = this.#state;
        return target && target !== path ? target : null;
    }

    #showButton() {
        const target = this.#target;
        const { path } = this.#state;
        const label = target ? `${drawnBy(path)}, changing to ${pathName(target)}` : drawnBy(path);
        this.node.setAttribute('aria-label', label);
        this.node.title = `${label} (${key})`;
        this.node.classList.toggle('is-changing', target !== null);
        this.node.replaceChildren(icon(['client', 'server', 'hybrid'].includes(path) ? path : 'client'));
    }

    #header() {
        const { path, reason, isNegotiated = true } = this.#state;
        const target = this.#target;
        const fixed = 'This page’s address or the server has fixed who draws.';
        return [
            element('strong', { text: drawnBy(path) }),
            target && element('p', { class: 'menu-busy', text: `Changing to ${pathName(target)}…` }),
            reason && element('p', { text: sentence(reason) }),
            !isNegotiated && element('p', { text: fixed }),
        ];
    }

    #items() {
        return pathChoices(this.#state).map(({ wish, ...item }) => ({
            ...item, icon: wish, isRadio: true, action: () => !item.isChecked && this.#onChoose(wish),
        }));
    }
}
