// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const windowMilliseconds = 2000;
const [usualPause, shortestPause] = [1000, 250];
/** The server forgets after five seconds that somebody is at the controls: until they let go, it is said again. */
const repeatMilliseconds = 2000;
/** Fewer pictures than this say nothing about a rate. */
const fewestPictures = 10;

/**
 * How the viewer fares, for the server: collects what happens and says when to tell it. Pure; times in milliseconds.
 */
export class PathFacts {
    /** [time, milliseconds since the picture before] of the last seconds of moving. */
    #intervals = [];
    #lastPicture = null;
    #latencies = [];
    #longestTask = 0;
    #isInteracting = false;
    #lossCount = 0;
    #isContextLost = false;
    #isUrgent = false;
    #toldAt = -Infinity;
    #told = '';

    /** A picture was drawn; at rest, the time until the next one says nothing. */
    drawn(isMoving, now) {
        if (isMoving && this.#lastPicture !== null) this.#intervals.push([now, now - this.#lastPicture]);
        this.#lastPicture = isMoving ? now : null;
    }

    /** A picture of the server answered an input after `milliseconds`. */
    answered(milliseconds, now) {
        this.#latencies.push([now, milliseconds]);
    }

    /** The page was busy for `milliseconds`. */
    worked(milliseconds) {
        this.#longestTask = Math.max(this.#longestTask, milliseconds);
    }

    /** Whether somebody is at the controls. */
    set isInteracting(isInteracting) {
        if (isInteracting === this.#isInteracting) return;
        this.#isInteracting = isInteracting;
        this.#isUrgent = true;
    }

    /** Whether the graphics context is gone. */
    set isContextLost(isLost) {
        if (isLost === this.#isContextLost) return;
        this.#isContextLost = isLost;
        if (isLost) this.#lossCount += 1;
        // Nothing is more urgent, and nothing as rare.
        this.#toldAt = -Infinity;
    }

    /** A new connection knows nothing. */
    restart() {
        this.#toldAt = -Infinity;
        this.#told = '';
        this.#isUrgent = this.#lossCount > 0 || this.#isInteracting;
    }

    /** When to call `take` next, maybe in the past. */
    get dueAt() {
        return this.#toldAt + (this.#isUrgent ? shortestPause : usualPause);
    }

    /**
     * What to tell now, or null: nothing is due, or nothing new. `others` are the facts that are not collected here:
     * decodeBacklogByteCount, hasMemoryPressure, errorPixels.
     */
    take(now, others = {}) {
        if (now < this.dueAt) return null;
        const facts = { ...this.#collected(now), ...others };
        const text = JSON.stringify(facts);
        const isRepeated = this.#isInteracting && now - this.#toldAt >= repeatMilliseconds;
        if (text === this.#told && !isRepeated) return null;
        this.#toldAt = now;
        this.#told = text;
        this.#isUrgent = false;
        this.#longestTask = 0;
        return facts;
    }

    #collected(now) {
        const isRecent = ([time]) => now - time <= windowMilliseconds;
        this.#intervals = this.#intervals.filter(isRecent);
        this.#latencies = this.#latencies.filter(isRecent);
        const facts = {
            longestTaskMilliseconds: Math.round(this.#longestTask), isInteracting: this.#isInteracting,
            isContextLost: this.#isContextLost, contextLossCount: this.#lossCount,
        };
        // Nine of ten pictures come faster than this.
        const slow = quantile(this.#intervals, 0.9);
        if (this.#intervals.length >= fewestPictures && slow > 0) facts.framesPerSecond = rounded(1000 / slow);
        const latency = quantile(this.#latencies, 0.5);
        if (latency !== null) facts.latencyMilliseconds = rounded(latency);
        return facts;
    }
}

/** The value that a share of [time, value] does not exceed; null of none. */
function quantile(entries, share) {
    if (entries.length === 0) return null;
    const values = entries.map(([, value]) => value).sort((a, b) => a - b);
    return values[Math.min(Math.ceil(share * values.length), values.length) - 1];
}

const rounded = (value) => Math.round(10 * value) / 10;
