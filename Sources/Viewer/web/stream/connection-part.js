// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * What an engine has of a connection that it shares with another: it looks like Connection. `open` joins, `close` leaves;
 * the connection itself belongs to SharedConnection.
 */
export class ConnectionPart {
    #shared;
    #observer;
    #isJoined = false;

    /** @param {SharedConnection} shared */
    constructor(shared, observer) {
        this.#shared = shared;
        this.#observer = observer;
    }

    /** The engine, as Connection's observer; null before it has joined. */
    get observer() { return this.#isJoined ? this.#observer : null; }

    get isReady() { return this.#isJoined && this.#shared.connection.isReady; }

    get state() { return this.#shared.connection.state; }

    get contentHash() { return this.#shared.connection.contentHash; }

    get roundTripSeconds() { return this.#shared.connection.roundTripSeconds; }

    get unsentByteCount() { return this.#shared.connection.unsentByteCount; }

    send(bytes) { return this.#isJoined && this.#shared.connection.send(bytes); }

    open(expectedHash = null) {
        if (!this.#isJoined) {
            this.#isJoined = true;
            this.#shared.joined(this);
        }
        this.#shared.connection.open(expectedHash);
    }

    close() { this.#isJoined = false; }
}
