// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const storageKey = 'vantage-token';

/**
 * The access token of this tab. One in the address (`?token=`) is taken into the tab's storage and out of the address, so
 * that it is not passed on when the address is.
 */
export class PageToken {
    #token = null;

    constructor() {
        const address = new URL(location.href);
        const given = address.searchParams.get('token');
        if (!given) {
            this.#token = read();
            return;
        }
        this.value = given;
        address.searchParams.delete('token');
        history.replaceState(history.state, '', address);
    }

    /** Null if there is none. */
    get value() {
        return this.#token;
    }

    set value(token) {
        this.#token = token || null;
        write(this.#token);
    }
}

function read() {
    try {
        return sessionStorage.getItem(storageKey);
    } catch {
        return null;
    }
}

/** Storage may be forbidden; the token then lasts for this page. */
function write(token) {
    try {
        if (token) sessionStorage.setItem(storageKey, token);
        else sessionStorage.removeItem(storageKey);
    } catch {
        // Nothing to do: the page works without.
    }
}
