// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { baseOf } from './path-switch.js';

/** A moving picture of the right camera will do if no still comes for so long; so will a coarse one, or an older one. */
const [stillMilliseconds, olderMilliseconds] = [700, 8000];
/** In an emergency the client's picture may be as coarse as it is after so long. */
const coarseMilliseconds = 2000;
/** A picture that is older than this does not follow a camera that moves. */
const followMilliseconds = 250;

/**
 * Whether what a path has to show could take the place of what is shown. Times in milliseconds.
 *
 * `client` and `server` are a ClientPath and a ServerPath, or null.
 */
export class PathReadiness {
    #shownFrameCount = 0;
    #view = null;
    /** Since when there is a frame of the view. */
    #posedAt = null;
    #thresholdPixels;

    /** `thresholdPixels` is the error that somebody accepts. */
    constructor(thresholdPixels = 1) {
        this.#thresholdPixels = thresholdPixels;
    }

    /** Whether the server's picture is a still of this view that is no coarser than what is drawn here. */
    isStillOf(view, { client, server }) {
        return (server?.kindOf(view) ?? 0) > 0 && this.#isFine(server, client, 1);
    }

    /** The server is to prepare: frames that were shown before it are old. */
    prepare(server) {
        this.#shownFrameCount = server?.shownFrameCount ?? 0;
        this.#posedAt = null;
    }

    /** Whether a decision's path can be shown, for a view. `since`: when it began to be prepared. */
    isReady({ path, isEmergency, readyErrorPixels }, { client, server, view, since, now }) {
        if (baseOf(path) === 'server') return this.#isServerReady({ client, server, view, since, now }, isEmergency);
        if (!client?.hasPicture) return false;
        if (!isEmergency) return client.isShowing(view) && isFine(client, readyErrorPixels);
        if (now - since > coarseMilliseconds) return true;
        const isFollowing = client.isShowing(view) || now - client.finishedAt < followMilliseconds;
        return isFollowing && isFine(client, readyErrorPixels);
    }

    #isServerReady({ client, server, view, since, now }, isEmergency) {
        if (!server?.hasPicture) return false;
        const isNew = server.shownFrameCount > this.#shownFrameCount;
        if (isEmergency) return isNew;
        const kind = server.kindOf(view);
        if (view !== this.#view || kind === null) this.#posedAt = null;
        this.#view = view;
        if (kind === null) return false;
        this.#posedAt ??= now;
        if (now - since > olderMilliseconds && now - this.#posedAt > stillMilliseconds) return true;
        if (!isNew || !this.#isFine(server, client, 2)) return false;
        return kind > 0 || now - this.#posedAt > stillMilliseconds;
    }

    /** The first pictures of a server that has to load the model are coarse. */
    #isFine(server, client, factor) {
        return server.errorPixels <= 1.05 * Math.max(factor * this.#thresholdPixels, client?.errorPixels ?? 0);
    }
}

const isFine = (client, readyErrorPixels) => client.isSettled || (client.errorPixels ?? Infinity) <= readyErrorPixels;
