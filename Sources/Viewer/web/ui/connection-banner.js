// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { describeTrouble, whole } from './connection-words.js';
import { element, fill } from './dom.js';
import { formatDuration } from './format.js';

/** A connection that is made within this time is not worth a word. */
const patienceMilliseconds = 400;

/**
 * What there is to say over the picture about the connection, the graphics and the server's notices: one line, and for a
 * trouble that lasts, what can be done about it.
 */
export class ConnectionBanner {
    #text = element('span', {});
    #details = element('div', { class: 'banner-details', id: 'banner-details', hidden: true });
    #why;
    #button;
    #timer = 0;
    /** { status, canReconnect } of the connection, and Viewer's facts of single pictures. */
    #connection = null;
    #stills = null;
    /** Whether somebody wants the details, or not; null: nobody has said. */
    #wish = null;
    /** Whether a sentence of somebody else is shown for a while. */
    #isLent = false;
    node;

    /** `onReconnect`, if given, is offered while a connection waits to be tried again. */
    constructor({ onReconnect } = {}) {
        this.#why = element('button', {
            type: 'button', class: 'link-button', text: 'Why?', 'aria-controls': 'banner-details', click: () => this.#toggle(),
        });
        this.#button = element('button', { type: 'button', class: 'link-button', text: 'Retry now', click: onReconnect });
        this.node = element('div', { class: 'banner', role: 'status', 'aria-live': 'polite', hidden: true },
            element('div', { class: 'banner-line' }, this.#text, this.#why, this.#button), this.#details);
        this.#offer({});
    }

    /** Shows a stream's status. */
    showStatus(status, canReconnect) {
        this.#connection = { status, canReconnect };
        this.#isLent = false;
        this.#showConnection();
    }

    /** Takes what there is of single pictures, which a lasting trouble tells. */
    set stills(facts) {
        this.#stills = facts;
        if (this.#connection && !this.#isLent && this.#trouble) this.#showConnection();
    }

    /** Shows a sentence, for `seconds` or until something else is shown. */
    showText(text, seconds) {
        this.#stop();
        this.#isLent = true;
        this.#show(text);
        if (seconds) this.#timer = setTimeout(() => this.hide(), seconds * 1000);
    }

    /** What was to be said is over; a connection that is not there is still worth a word. */
    hide() {
        this.#isLent = false;
        this.#showConnection();
    }

    get #trouble() {
        return this.#connection && describeTrouble(this.#connection.status, this.#stills);
    }

    #showConnection() {
        this.#stop();
        const { status: { state, retrySeconds, message } = {}, canReconnect } = this.#connection ?? {};
        const trouble = this.#trouble;
        if (trouble) this.#showTrouble(trouble, canReconnect);
        else if (state === 'connecting') this.#timer = setTimeout(() => this.#show('Connecting…'), patienceMilliseconds);
        else if (state === 'reconnecting') this.#countDown(whole(message) || 'Connection lost.', retrySeconds ?? 0, canReconnect);
        else if (state === 'closed') this.#show(whole(message) || 'The connection is closed.');
        else this.node.hidden = true;
    }

    /** The whole story is told where there is no picture that it would cover. */
    #showTrouble({ title, sentences }, canReconnect) {
        const text = this.#stills?.isShown ? `${title}. You see single pictures.` : `${title}.`;
        const isOpen = this.#wish ?? !this.#stills?.isShown;
        fill(this.#details, sentences.map((words) => element('p', { text: words })));
        this.#show(text);
        this.#offer({ hasDetails: true, isOpen, retry: canReconnect ? 'Try again' : null });
    }

    #toggle() {
        this.#wish = this.#details.hidden;
        this.#showConnection();
    }

    #countDown(reason, seconds, canReconnect) {
        const end = performance.now() + seconds * 1000;
        const show = () => {
            const left = Math.ceil((end - performance.now()) / 1000);
            this.#show(left > 0 ? `${reason} Trying again in ${formatDuration(left)}.` : `${reason} Trying again…`);
            this.#offer({ retry: canReconnect && left > 0 ? 'Retry now' : null });
            if (left > 0) this.#timer = setTimeout(show, 1000);
        };
        show();
    }

    #show(text) {
        // The same words again are not read out again.
        if (this.#text.textContent !== text) this.#text.textContent = text;
        this.#offer({});
        this.node.hidden = false;
    }

    #offer({ hasDetails = false, isOpen = false, retry = null }) {
        this.#why.hidden = !hasDetails;
        this.#why.setAttribute('aria-expanded', String(isOpen));
        this.#details.hidden = !isOpen;
        this.node.classList.toggle('is-open', isOpen);
        this.#button.hidden = retry === null;
        if (retry !== null) this.#button.textContent = retry;
    }

    #stop() {
        clearTimeout(this.#timer);
    }
}
