// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Bytes are not a message of the protocol, or values do not fit into one. The text names message and field. */
export class WireError extends Error {
    /**
     * @param {string} message the message's name in the schema
     * @param {string} field the field's
     * @param {string} problem
     */
    constructor(message, field, problem) {
        super(`${message}.${field}: ${problem}`);
        this.name = 'WireError';
    }
}
