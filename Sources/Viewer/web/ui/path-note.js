// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element } from './dom.js';
import { clause, pathName } from './path-words.js';

const shownMilliseconds = 4000;
/** As long as styles/paths.css takes to fade it. */
const fadeMilliseconds = 400;

/** A line that says that somebody else draws now, and why; it goes away by itself. */
export class PathNote {
    #path = null;
    #timer = 0;
    node = element('p', { class: 'path-note', role: 'status', 'aria-live': 'polite' });

    /**
     * Tells who draws what is shown. The first time nothing has changed, so nothing is said.
     *
     * @param {object} state
     * @param {string} state.path client, server or hybrid
     * @param {string} [state.reason] the server's sentence
     */
    update({ path, reason }) {
        const before = this.#path;
        this.#path = path;
        if (before === null || before === path) return;
        this.#show(changeText(path, reason));
    }

    /** Forgets who drew: another model is another first time. */
    reset() {
        this.#path = null;
        clearTimeout(this.#timer);
        this.#hide();
        this.node.textContent = '';
    }

    #show(text) {
        clearTimeout(this.#timer);
        this.node.textContent = text;
        this.node.classList.add('is-shown');
        this.#timer = setTimeout(() => this.#hide(), shownMilliseconds);
    }

    #hide() {
        this.node.classList.remove('is-shown');
        this.#timer = setTimeout(() => (this.node.textContent = ''), fadeMilliseconds);
    }
}

/** 'Drawn by the server now: this device’s graphics are slow.' */
export function changeText(path, reason) {
    const why = clause(reason);
    const who = path === 'hybrid' ? 'Drawn by both now, this device while moving' : `Drawn by ${pathName(path)} now`;
    return why ? `${who}: ${why}.` : `${who}.`;
}
