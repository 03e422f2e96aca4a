// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Who draws, in words.

/** Paths within a sentence: 'Drawn by the server'. */
const pathNames = Object.freeze({ client: 'this device', server: 'the server', hybrid: 'both' });

/** Sentences with these first words lose their capital letter inside another one; names such as WebGL keep theirs. */
const commonWords = new Set(['This', 'The', 'Your', 'It', 'Its', 'A', 'An', 'No', 'There', 'Somebody', 'You', 'Both', 'Not', 'Only']);

export const pathName = (path) => pathNames[path] ?? '–';

/** 'Drawn by this device'. */
export const drawnBy = (path) => `Drawn by ${pathName(path)}`;

/** A sentence as it continues another one: 'This device is slow.' becomes 'this device is slow'. Empty if there is none. */
export function clause(sentence) {
    const text = String(sentence ?? '').trim().replace(/\.$/, '');
    const first = text.split(/[\s’']/, 1)[0];
    return commonWords.has(first) ? text[0].toLowerCase() + text.slice(1) : text;
}

/** Text with a capital letter and a full stop. Empty if there is none. */
export function sentence(text) {
    const words = String(text ?? '').trim();
    if (words === '') return '';
    const start = commonWords.has(capitalized(words.split(/[\s’']/, 1)[0])) ? capitalized(words) : words;
    return /[.!?…]$/.test(start) ? start : `${start}.`;
}

const capitalized = (text) => text[0].toUpperCase() + text.slice(1);
