// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Records how somebody moves the camera, as a file for `vantage bench … --path FILE`. The format is that of the program's
// own paths (Sources/Benchmarking/Paths/CameraPath.swift): poses over time for a box, which is fitted to any model.

const degrees = 180 / Math.PI;
/** A camera that has moved by less than this share of its distance, or by less than this angle, has not moved. */
const smallest = 1e-6;

/**
 * Turns camera states into a path: feed it every frame, and ask for the file at the end. Pure: `now` comes with the calls.
 *
 * A state is `{ focus: [x, y, z], azimuth, elevation, distance }`, metres and radians; `bounds` is `{ minimum, maximum }`.
 */
export class CameraRecorder {
    #bounds;
    #hertz;
    #startedAt = null;
    #poses = [];
    #turns = 0;
    #lastAzimuth = 0;
    #longest;

    constructor(bounds, { hertz = 30, seconds = 600 } = {}) {
        this.#bounds = { minimum: [...bounds.minimum], maximum: [...bounds.maximum] };
        this.#hertz = hertz;
        this.#longest = seconds;
    }

    get #last() {
        return this.#poses[this.#poses.length - 1];
    }

    get isRecording() {
        return this.#startedAt !== null;
    }

    /** Seconds that were recorded so far. */
    get seconds() {
        return this.#last?.time ?? 0;
    }

    start(state, now) {
        this.#startedAt = now;
        this.#poses = [];
        this.#turns = 0;
        this.#lastAzimuth = state.azimuth;
        this.#note(state, 0);
    }

    /** Takes the camera of a frame; `isJump` where it is there at once. Returns false once the longest time is over. */
    add(state, now, { isJump = false } = {}) {
        if (!this.isRecording) return false;
        const time = (now - this.#startedAt) / 1000;
        if (time > this.#longest) return false;
        const last = this.#last;
        if (isJump || time - last.time >= 0.999 / this.#hertz) this.#note(state, time, isJump);
        return true;
    }

    /** Ends the recording; the path as an object for JSON, or null where nothing was recorded. */
    stop(state, now, name = 'recorded') {
        if (!this.isRecording) return null;
        const time = (now - this.#startedAt) / 1000;
        if (time > this.seconds + 1e-3) this.#note(state, Math.min(time, this.#longest + 1));
        this.#startedAt = null;
        return { name, bounds: this.#bounds, poses: this.#withoutRests() };
    }

    #note({ focus, azimuth, elevation, distance }, time, isJump = false) {
        // Angles go on past a full turn, so that nothing turns back between two poses.
        const step = azimuth - this.#lastAzimuth;
        if (step > Math.PI) this.#turns -= 1;
        if (step < -Math.PI) this.#turns += 1;
        this.#lastAzimuth = azimuth;
        const pose = {
            time: round(time, 3), focus: focus.map((value) => round(value, 6)),
            azimuth: round(azimuth * degrees + 360 * this.#turns, 3), elevation: round(elevation * degrees, 3),
            distance: round(distance, 6),
        };
        const last = this.#last;
        if (last && pose.time <= last.time) return;
        this.#poses.push(isJump ? { ...pose, jump: true } : pose);
    }

    /** Leaves out poses in the middle of a rest. */
    #withoutRests() {
        return this.#poses.filter((pose, index, all) => {
            const [before, after] = [all[index - 1], all[index + 1]];
            return !before || !after || pose.jump || after.jump || !isSame(before, pose) || !isSame(pose, after);
        });
    }
}

const round = (value, digits) => Number(value.toFixed(digits));

function isSame(a, b) {
    const moved = Math.max(...a.focus.map((value, axis) => Math.abs(value - b.focus[axis])),
        Math.abs(a.distance - b.distance));
    return moved <= smallest * a.distance && Math.abs(a.azimuth - b.azimuth) <= smallest
        && Math.abs(a.elevation - b.elevation) <= smallest;
}

/** Offers a path to the user as a file. */
export function savePath(path, documentOfPage = document) {
    const text = JSON.stringify(path, null, 1);
    const link = documentOfPage.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = `${path.name}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
