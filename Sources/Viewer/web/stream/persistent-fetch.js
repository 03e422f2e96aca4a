// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const firstWait = 500;
const longestWait = 5000;
const attemptLimit = 60;

/**
 * Fetches a file that nothing goes on without, also while the server is away or restarts: tries again, about every five
 * seconds and for about five minutes. An answer that trying again will not change is not waited for.
 *
 * @param {URL} url
 * @param {object} parts fetch, and wait(milliseconds) → Promise
 * @returns {Promise<ArrayBuffer>}
 * @throws {Error} for a refusal (4xx), or when time is over
 */
export async function fetchPersistently(url, { fetch, wait } = browserParts) {
    for (let attempt = 1; ; attempt += 1) {
        const { bytes, refusal, trouble } = await tryOnce(url, fetch);
        if (bytes) return bytes;
        if (refusal || attempt >= attemptLimit) throw new Error(refusal ?? trouble);
        await wait(Math.min(firstWait * 2 ** (attempt - 1), longestWait));
    }
}

async function tryOnce(url, fetch) {
    try {
        const response = await fetch(url);
        if (response.ok) return { bytes: await response.arrayBuffer() };
        const words = `${response.status} ${response.statusText}`;
        return response.status < 500 && response.status !== 429 ? { refusal: words } : { trouble: words };
    } catch (error) {
        return { trouble: error.message };
    }
}

const browserParts = {
    fetch: (url) => globalThis.fetch(url),
    wait: (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); }),
};
