// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What Tests/ViewerTests/archive-reader.mjs takes from node, as far as the harness uses it.

function check(condition, message = 'assertion failed') {
    if (!condition) throw new Error(message);
}

export default Object.assign(check, {
    ok: check,
    equal: (actual, expected, message) => check(actual === expected, message ?? `${actual} is not ${expected}`),
});

export function createHash() {
    throw new Error('The harness checks no hashes.');
}
