// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Thrown when the browser gives no WebGL2 context; the message says so in words for people. */
export class WebGLUnavailableError extends Error {
    constructor(message = 'This browser offers no WebGL2, which drawing the model here needs.') {
        super(message);
        this.name = 'WebGLUnavailableError';
    }
}
