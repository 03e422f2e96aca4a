// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { encodeBudget } from '../wire/messages.generated.js';

const share = 0.02;  // of a limit; smaller changes are not worth a message

/** Tells the server the hard limits and how full they are, when that has changed clearly. */
export class BudgetSender {
    #connection;
    #told = null;

    /** @param {{isReady: boolean, send: Function}} connection */
    constructor(connection) {
        this.#connection = connection;
    }

    /** A new connection knows nothing. */
    restart() {
        this.#told = null;
    }

    /** Sends if there is news. */
    send({ gpuByteCount: gpuByteLimit, triangleCount: triangleLimit }, gpuByteCount, triangleCount) {
        const budget = { gpuByteLimit, gpuByteCount, triangleLimit, triangleCount };
        if (this.#connection.isReady && this.#isNews(budget)) {
            this.#connection.send(encodeBudget(budget));
            this.#told = budget;
        }
    }

    #isNews(budget) {
        const told = this.#told;
        if (told?.gpuByteLimit !== budget.gpuByteLimit || told.triangleLimit !== budget.triangleLimit) return true;
        return Math.abs(budget.gpuByteCount - told.gpuByteCount) > share * budget.gpuByteLimit
            || Math.abs(budget.triangleCount - told.triangleCount) > share * budget.triangleLimit;
    }
}
