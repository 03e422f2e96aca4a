// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element } from './dom.js';
import { formatDuration } from './format.js';

/** A connection that is made within this time is not worth a word. */
const patienceMilliseconds = 400;

/** One line on top of the picture about the connection, the graphics and the server's notices. */
export class ConnectionBanner {
    #text = element('span', {});
    #button;
    #timer = 0;
    node;

    /** `onReconnect`, if given, is offered while a connection waits to be tried again. */
    constructor({ onReconnect } = {}) {
        this.#button = element('button', { type: 'button', class: 'link-button', text: 'Retry now', click: onReconnect });
        this.#button.hidden = true;
        this.node = element('div', { class: 'banner', role: 'status', 'aria-live': 'polite', hidden: true }, this.#text, this.#button);
    }

    /** Shows a stream's status. */
    showStatus({ state, retrySeconds, message }, canReconnect) {
        this.#stop();
        if (state === 'connecting') this.#timer = setTimeout(() => this.#show('Connecting…'), patienceMilliseconds);
        else if (state === 'reconnecting') this.#countDown(message || 'Connection lost.', retrySeconds ?? 0, canReconnect);
        else if (state === 'closed') this.#show(message || 'The connection is closed.');
        else this.hide();
    }

    /** Shows a sentence, for `seconds` or until something else is shown. */
    showText(text, seconds) {
        this.#stop();
        this.#show(text);
        if (seconds) this.#timer = setTimeout(() => this.hide(), seconds * 1000);
    }

    hide() {
        this.#stop();
        this.node.hidden = true;
    }

    #countDown(reason, seconds, canReconnect) {
        const end = performance.now() + seconds * 1000;
        const show = () => {
            const left = Math.ceil((end - performance.now()) / 1000);
            this.#show(left > 0 ? `${reason} Trying again in ${formatDuration(left)}.` : `${reason} Trying again…`);
            this.#button.hidden = !canReconnect || left <= 0;
            if (left > 0) this.#timer = setTimeout(show, 1000);
        };
        show();
    }

    #show(text) {
        this.#text.textContent = text;
        this.#button.hidden = true;
        this.node.hidden = false;
    }

    #stop() {
        clearTimeout(this.#timer);
    }
}
