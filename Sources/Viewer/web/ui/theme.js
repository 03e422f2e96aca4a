// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Emitter } from './emitter.js';

const storageKey = 'vantage-theme';
const choices = ['system', 'light', 'dark'];

/** Light or dark: what the system says, or what the user chose on this device. */
export class Theme {
    #emitter = new Emitter();
    #media = matchMedia('(prefers-color-scheme: dark)');
    #choice = storedChoice();

    constructor() {
        this.#media.addEventListener('change', () => this.#show());
        this.#show();
    }

    /** 'system', 'light' or 'dark'. */
    get choice() {
        return this.#choice;
    }

    get isDark() {
        return this.#choice === 'system' ? this.#media.matches : this.#choice === 'dark';
    }

    /** Goes on to the next choice. */
    advance() {
        this.#choice = choices[(choices.indexOf(this.#choice) + 1) % choices.length];
        store(this.#choice);
        this.#show();
    }

    /** Calls `handler` whenever the look changes; returns a function that ends it. */
    onChange(handler) {
        return this.#emitter.on('change', handler);
    }

    #show() {
        document.documentElement.dataset.theme = this.isDark ? 'dark' : 'light';
        this.#emitter.emit('change', this);
    }
}

function storedChoice() {
    try {
        const choice = localStorage.getItem(storageKey);
        return choices.includes(choice) ? choice : 'system';
    } catch {
        return 'system';
    }
}

/** Storage may be forbidden; the choice then lasts for this page. */
function store(choice) {
    try {
        localStorage.setItem(storageKey, choice);
    } catch {
        // Nothing to do: the page works without.
    }
}
