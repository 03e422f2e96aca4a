// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Make before break: the picture of the path that is shown stays until the other one has the same to show, then one fades
// into the other, and only then the server hears that it is done. What is not needed any more is kept for a while.

/** Of the cross-fade. */
export const fadeMilliseconds = 120;
/** How long a path that is not needed keeps its caches. */
export const keepMilliseconds = 60_000;

/** Whose canvas the picture of a path is on, and who has to work for it: 'client' and 'server'. */
export const baseOf = (path) => (path === 'hybrid' ? 'client' : path);
const workersOf = (path) => (path === 'hybrid' ? ['client', 'server'] : path === null ? [] : [path]);

/**
 * Decides when a viewer changes from one path to another. Pure: times are given in milliseconds, and each method returns
 * what is to be done, a list of
 * - { type: 'prepare', decision }: make the decision's path work, behind what is shown
 * - { type: 'fade', from, to, until }: the picture becomes that of `to`
 * - { type: 'show', path }: this is shown from now on, at once
 * - { type: 'answer', number, isShown, reason }: tell the server
 * - { type: 'drop', part }: 'client' or 'server' was not needed for long; give up its caches
 *
 * A decision is { number, path, isEmergency, readyErrorPixels }.
 */
export class PathSwitch {
    #shown = null;
    /** The path that Welcome named, until something is shown: a first picture of it is better than none. */
    #opening = null;
    /** What is being prepared or faded to, and since when; null: nothing. */
    #decision = null;
    #preparedAt = 0;
    #fade = null;
    /** What came while fading to something else. */
    #next = null;
    #newestNumber = 0;
    /** When the caches of each part are given up, where it is not needed. */
    #drops = new Map();

    /** 'client', 'server' or 'hybrid'; null before the first picture. */
    get shown() { return this.#shown; }

    /** The path that will be shown, or null: none but the present one. */
    get target() { return this.#decision?.path ?? null; }

    /** The decision that is being prepared, or null. */
    get decision() { return this.#decision; }

    /** When preparing began. */
    get preparedAt() { return this.#preparedAt; }

    get isFading() { return this.#fade !== null; }

    /** Whether `part` ('client' or 'server') has to work. */
    needs(part) {
        return [this.#shown, this.#opening, this.target].some((path) => workersOf(path).includes(part));
    }

    /** A connection began; the server serves `path` first. */
    welcomed(path, now) {
        this.#newestNumber = 0;
        if (this.#shown === null) this.#opening = path;
        if (path === this.#shown) return this.#noteNeeds([], now);
        return this.#begin({ number: 0, path, isEmergency: false, readyErrorPixels: Infinity }, now);
    }

    /** The server has decided. */
    decided(decision, now) {
        if (decision.number <= this.#newestNumber) return [];
        this.#newestNumber = decision.number;
        if (!this.#fade) return this.#begin(decision, now);
        // What fades in is there in a moment; changing course would be seen.
        if (decision.path === this.#fade.to) {
            this.#decision = decision;
            this.#next = null;
        } else {
            this.#next = decision;
        }
        return [];
    }

    /** A part cannot be made to work. */
    refused(part, reason, now) {
        if (this.#shown === null && workersOf(this.#opening).includes(part)) this.#opening = null;
        if (!workersOf(this.target).includes(part) || this.#fade) return this.#noteNeeds([], now);
        const { number } = this.#decision;
        this.#decision = null;
        const answers = number > 0 ? [{ type: 'answer', number, isShown: false, reason }] : [];
        return this.#noteNeeds(answers, now);
    }

    /** The connection was lost: what was being prepared is decided anew with the next one. */
    vanished(now) {
        const actions = [];
        if (this.#fade) this.#arrive(actions, false);
        this.#decision = null;
        this.#next = null;
        this.#newestNumber = 0;
        return this.#noteNeeds(actions, now);
    }

    /**
     * Takes what is the case at a display frame.
     *
     * @param {object} facts
     * @param {boolean} facts.isReady whether the target could be shown in place of what is shown
     * @param {(path: string) => boolean} facts.hasPicture whether there is any picture of a path
     * @param {(part: string) => boolean} facts.isBroken whether a part's picture is gone
     * @param {boolean} facts.isResting whether nobody moves the camera
     * @param {boolean} facts.isMotionReduced whether to change without a fade
     * @param {boolean} facts.isBehind whether what is shown is of another camera than the newest: two cameras do not fade
     */
    observed(facts, now) {
        const actions = [];
        // What was observed is about this fade; what comes after it is looked at with the next frame.
        if (this.#fade) this.#followFade(facts, actions, now);
        else this.#mayShow(facts, actions, now);
        return this.#noteNeeds(actions, now);
    }

    /** Time has passed, and maybe nobody looks: what is done without pictures. */
    passed(now) {
        return this.#noteNeeds([], now);
    }

    #begin(decision, now) {
        if (decision.path === this.#shown) {
            this.#decision = null;
            const answers = decision.number > 0 ? [answerOf(decision)] : [];
            return this.#noteNeeds(answers, now);
        }
        // A change of mind that asks for the same goes on with what is prepared.
        if (this.target !== decision.path) this.#preparedAt = now;
        this.#decision = decision;
        return this.#noteNeeds([{ type: 'prepare', decision }], now);
    }

    #followFade({ isBroken }, actions, now) {
        const { from, to, until } = this.#fade;
        if (isBroken(baseOf(to)) && !isBroken(baseOf(from))) {
            this.#fade = null;
            actions.push({ type: 'show', path: from });
            this.#goOn(actions, now);
        } else if (now >= until || isBroken(baseOf(from))) {
            this.#arrive(actions, true);
            this.#goOn(actions, now);
        }
    }

    #mayShow(facts, actions, now) {
        const { isReady, hasPicture, isBroken, isResting } = facts;
        if (this.#decision && isReady) {
            const isUrgent = this.#shown === null || this.#decision.isEmergency || isBroken(baseOf(this.#shown));
            if (isUrgent || isResting) this.#change(facts, actions, now);
        }
        if (this.#shown !== null || this.#opening === null || !hasPicture(this.#opening)) return;
        this.#shown = this.#opening;
        this.#opening = null;
        actions.push({ type: 'show', path: this.#shown });
        if (this.target === this.#shown) this.#settle(actions, true);
    }

    #change({ isBroken, isMotionReduced, isBehind }, actions, now) {
        const [from, to] = [this.#shown, this.#decision.path];
        const isSame = from !== null && baseOf(from) === baseOf(to);
        if (from === null || isSame || isMotionReduced || isBehind || isBroken(baseOf(from))) {
            this.#fade = { from, to, until: now };
            this.#arrive(actions, true);
            return;
        }
        this.#fade = { from, to, until: now + fadeMilliseconds };
        actions.push({ type: 'fade', ...this.#fade });
    }

    /** The fade is over. */
    #arrive(actions, isAnswered) {
        this.#shown = this.#fade.to;
        this.#opening = null;
        this.#fade = null;
        actions.push({ type: 'show', path: this.#shown });
        this.#settle(actions, isAnswered);
    }

    /** What was decided is done; only the newest number is answered. */
    #settle(actions, isAnswered) {
        const decision = this.#decision;
        this.#decision = null;
        if (isAnswered && decision.number > 0 && decision.number === this.#newestNumber) actions.push(answerOf(decision));
    }

    #goOn(actions, now) {
        const next = this.#next;
        this.#next = null;
        if (next) actions.push(...this.#begin(next, now));
    }

    #noteNeeds(actions, now) {
        for (const part of ['client', 'server']) {
            if (this.needs(part)) {
                this.#drops.delete(part);
            } else if (!this.#drops.has(part)) {
                this.#drops.set(part, now + keepMilliseconds);
            } else if (now >= this.#drops.get(part)) {
                this.#drops.set(part, Infinity);
                actions.push({ type: 'drop', part });
            }
        }
        return actions;
    }
}

const answerOf = ({ number }) => ({ type: 'answer', number, isShown: true, reason: null });
