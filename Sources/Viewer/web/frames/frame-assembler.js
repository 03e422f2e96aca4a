// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { WireError } from '../wire/wire-error.js';

/** Frames whose parts may be on their way at the same time, and bytes that one may have. */
const mostOpenFrames = 8;
const mostByteCount = 64 << 20;

/**
 * Puts the payloads of frames together from their parts. Pure: times are given, in milliseconds.
 *
 * What a server must not send is a WireError: parts without a frame, out of order or too many, frames that go back, images
 * that do not fit their picture.
 */
export class FrameAssembler {
    #open = new Map();
    #newest = 0;

    /** Frames whose parts have not all come. */
    get openCount() {
        return this.#open.size;
    }

    /**
     * Takes a Frame message.
     *
     * @returns {?{header: object, bytes: Uint8Array, gapMilliseconds: number}} the frame, if it has no parts
     */
    begin(header, now) {
        const { frame, byteCount } = header;
        if (frame <= this.#newest) throw new WireError('Frame', 'frame', `${frame} after ${this.#newest}`);
        checkPlace(header);
        if (byteCount > mostByteCount) throw new WireError('Frame', 'byteCount', `${byteCount} is too large`);
        if (this.#open.size >= mostOpenFrames) throw new WireError('Frame', 'frame', 'too many are open');
        this.#newest = frame;
        if (byteCount === 0) return { header, bytes: new Uint8Array(0), gapMilliseconds: 0 };
        this.#open.set(frame, { header, bytes: null, filled: 0, began: now });
        return null;
    }

    /**
     * Takes a FramePart message.
     *
     * @returns {?{header: object, bytes: Uint8Array, gapMilliseconds: number}} the frame, if this was its last part
     */
    add({ frame, offset, payload }, now) {
        const entry = this.#open.get(frame);
        if (!entry) throw new WireError('FramePart', 'frame', `${frame} is not open`);
        const { header, filled } = entry;
        if (offset !== filled) throw new WireError('FramePart', 'offset', `${offset}, not ${filled}`);
        if (payload.length === 0 || payload.length > header.byteCount - filled) {
            throw new WireError('FramePart', 'payload', `${payload.length} bytes do not fit the frame`);
        }
        // A payload in one part is used where it is; its message's memory is nobody else's.
        if (payload.length === header.byteCount) entry.bytes = payload;
        else {
            entry.bytes ??= new Uint8Array(header.byteCount);
            entry.bytes.set(payload, filled);
        }
        entry.filled += payload.length;
        if (entry.filled < header.byteCount) return null;
        this.#open.delete(frame);
        return { header, bytes: entry.bytes, gapMilliseconds: now - entry.began };
    }

    /** Takes a FrameCancelled message; false if the frame was complete already. */
    cancel({ frame }) {
        if (frame > this.#newest) throw new WireError('FrameCancelled', 'frame', `${frame} was never begun`);
        return this.#open.delete(frame);
    }
}

function checkPlace({ width, height, left, top, imageWidth, imageHeight, byteCount }) {
    if (width === 0 || height === 0) throw new WireError('Frame', 'width', 'the picture has no pixels');
    if (byteCount === 0) return;
    const isInside = imageWidth > 0 && imageHeight > 0 && left + imageWidth <= width && top + imageHeight <= height;
    if (!isInside) throw new WireError('Frame', 'left', 'the image is not inside the picture');
}
