// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Why there is no connection, in words: what it is, and what somebody can do about it.

import { sentence } from './path-words.js';

const followed = 'Single pictures keep the model in sight. They come more slowly than a stream.';
const waited = 'The page tries again by itself now and then.';

const foreignAdvice = 'If it asks you to sign in, reload the page. Otherwise the proxy or firewall in between has to pass '
    + 'api/v1/stream on to the server.';

/**
 * A lasting trouble of a status event, for a notice: { title, sentences }; null: there is none that lasts.
 *
 * @param {object} status { state, cause, refusal, message }
 * @param {object|null} stills Viewer's `stills` facts
 */
export function describeTrouble({ state, cause, refusal, message }, stills) {
    if (state !== 'reconnecting') return null;
    if (cause === 'blocked') return { title: 'WebSockets do not get through', sentences: [...blocked, ...pictures(stills), waited] };
    if (cause !== 'refused') return null;
    // The server's own sentences say what to change.
    const isForeign = refusal === 'foreign';
    return {
        title: isForeign ? 'The server cannot be reached' : 'The server refuses this page',
        sentences: [whole(message), isForeign && foreignAdvice, ...pictures(stills), waited].filter(Boolean),
    };
}

const blocked = [
    'The server answers, but something on the way to it, most likely a proxy, ends the WebSocket that models come over.',
    'The proxy has to let api/v1/stream be upgraded: with HTTP/1.1 to the server, the headers Upgrade and Connection passed '
        + 'on, and no short time limit for quiet connections.',
];

/** A message as a sentence by itself, as the server begins its own with small letters. Empty if there is none. */
export const whole = (message = '') => sentence(message.slice(0, 1).toUpperCase() + message.slice(1));

function pictures(stills) {
    if (stills?.message && (stills.isRefused || !stills.isShown)) return [`There are no pictures meanwhile: ${sentence(stills.message)}`];
    return stills?.isShown ? [followed] : [];
}
