// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// From messages to payloads, and which of them is decoded next.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FrameAssembler } from '../../Sources/Viewer/web/frames/frame-assembler.js';
import { FrameQueue } from '../../Sources/Viewer/web/frames/frame-queue.js';
import { WireError } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { frameHeader, framePart } from './frames-fixtures.mjs';

test('a payload in one part is used where it lies, with the time since its header', () => {
    const assembler = new FrameAssembler();
    assert.equal(assembler.begin(frameHeader(1), 100), null);
    const part = framePart(1, 0, 1, 2, 3, 4);
    const { header, bytes, gapMilliseconds } = assembler.add(part, 121.5);
    assert.equal(header.frame, 1);
    assert.equal(bytes, part.payload);
    assert.equal(gapMilliseconds, 21.5);
    assert.equal(assembler.openCount, 0);
});

test('parts of a still make one payload, also with a moving frame in between', () => {
    const assembler = new FrameAssembler();
    assembler.begin(frameHeader(1, { byteCount: 5, kind: 1 }), 0);
    assert.equal(assembler.add(framePart(1, 0, 1, 2), 1), null);
    assembler.begin(frameHeader(2, { byteCount: 1 }), 2);
    assert.deepEqual([...assembler.add(framePart(2, 0, 9), 3).bytes], [9]);
    assert.equal(assembler.add(framePart(1, 2, 3), 4), null);
    assert.deepEqual([...assembler.add(framePart(1, 3, 4, 5), 5).bytes], [1, 2, 3, 4, 5]);
});

test('a frame without a payload is complete at once', () => {
    const whole = new FrameAssembler().begin(frameHeader(3, { byteCount: 0, imageWidth: 0, imageHeight: 0 }), 7);
    assert.equal(whole.bytes.length, 0);
    assert.equal(whole.gapMilliseconds, 0);
});

test('a cancelled frame is forgotten, and no more of it may come', () => {
    const assembler = new FrameAssembler();
    assembler.begin(frameHeader(1), 0);
    assembler.add(framePart(1, 0, 1), 1);
    assert.equal(assembler.cancel({ frame: 1 }), true);
    assert.throws(() => assembler.add(framePart(1, 1, 2), 2), /FramePart\.frame: 1 is not open/);
    assert.equal(assembler.cancel({ frame: 1 }), false);
    assert.throws(() => assembler.cancel({ frame: 2 }), /never begun/);
});

test('what a server must not send is refused by name', () => {
    const refuse = (problem, ...steps) => {
        const assembler = new FrameAssembler();
        const take = () => steps.forEach((step) => (step.type === 'frame' ? assembler.begin(step, 0) : assembler.add(step, 0)));
        assert.throws(take, (error) => error instanceof WireError && problem.test(error.message), String(problem));
    };
    refuse(/Frame\.frame: 1 after 1/, frameHeader(1), frameHeader(1));
    refuse(/Frame\.frame: 0 after 0/, frameHeader(0));
    refuse(/Frame\.frame: 2 after 4/, frameHeader(4), frameHeader(2));
    refuse(/Frame\.left: the image is not inside/, frameHeader(1, { left: 1 }));
    refuse(/Frame\.left: the image is not inside/, frameHeader(1, { imageHeight: 0 }));
    refuse(/Frame\.width: the picture has no pixels/, frameHeader(1, { height: 0 }));
    refuse(/Frame\.byteCount: 4294967295 is too large/, frameHeader(1, { byteCount: 0xffffffff }));
    refuse(/Frame\.frame: too many/, ...Array.from({ length: 9 }, (_, index) => frameHeader(index + 1)));
    refuse(/FramePart\.frame: 2 is not open/, frameHeader(1), framePart(2, 0, 1));
    refuse(/FramePart\.offset: 1, not 0/, frameHeader(1), framePart(1, 1, 1));
    refuse(/FramePart\.offset: 0, not 2/, frameHeader(1), framePart(1, 0, 1, 2), framePart(1, 0, 3));
    refuse(/FramePart\.payload: 5 bytes/, frameHeader(1), framePart(1, 0, 1, 2, 3, 4, 5));
    refuse(/FramePart\.payload: 0 bytes/, frameHeader(1), framePart(1, 0));
    refuse(/FramePart\.frame: 1 is not open/, frameHeader(1), framePart(1, 0, 1, 2, 3, 4), framePart(1, 4, 5));
});

/** A queue of frames in words: 'w' whole, 'd' a change; their numbers are 1, 2, … */
function queueOf(kinds) {
    const queue = new FrameQueue();
    [...kinds].forEach((kind, index) => queue.begin({ frame: index + 1, isWhole: kind === 'w' }));
    return { queue, complete: (...frames) => frames.forEach((frame) => queue.complete(frame, Uint8Array.of(frame))) };
}
const nextOf = (queue) => queue.next()?.header.frame ?? null;

test('whole frames that a newer one overtakes are skipped', () => {
    const { queue, complete } = queueOf('www');
    complete(1, 2, 3);
    assert.deepEqual(queue.takeSkipped(), [1, 2]);
    assert.equal(nextOf(queue), 3);
    assert.equal(nextOf(queue), null);
    assert.deepEqual(queue.takeSkipped(), []);
});

test('changes are never left out, and come in their order', () => {
    const { queue, complete } = queueOf('wddd');
    complete(1, 2, 4);
    assert.equal(nextOf(queue), 1);
    assert.equal(nextOf(queue), 2);
    assert.equal(nextOf(queue), null, 'the third has not come');
    complete(3);
    assert.equal(nextOf(queue), 3);
    assert.equal(nextOf(queue), 4);
    assert.deepEqual(queue.takeSkipped(), []);
});

test('a whole frame makes changes before it needless', () => {
    const { queue, complete } = queueOf('wddw');
    complete(1);
    assert.equal(nextOf(queue), 1);
    complete(2, 4);
    assert.equal(nextOf(queue), 4);
    assert.deepEqual(queue.takeSkipped(), [2]);
    complete(3);
    assert.deepEqual(queue.takeSkipped(), [3], 'it had still been on its way');
    assert.equal(nextOf(queue), null);
});

test('a still that is overtaken while its parts come is never shown after the newer frame', () => {
    const { queue, complete } = queueOf('wwd');
    complete(2);
    assert.equal(nextOf(queue), 2);
    complete(3);
    assert.equal(nextOf(queue), 3);
    complete(1);
    assert.equal(nextOf(queue), null);
    assert.deepEqual(queue.takeSkipped(), [1]);
});

test('a change waits for the whole frame before it, unless that is cancelled', () => {
    const { queue, complete } = queueOf('wd');
    complete(2);
    assert.equal(nextOf(queue), null);
    queue.cancel(1);
    assert.equal(nextOf(queue), 2);
});

test('cancelling or completing what is not there changes nothing', () => {
    const { queue, complete } = queueOf('w');
    complete(9);
    queue.cancel(9);
    complete(1);
    queue.cancel(1);
    assert.equal(nextOf(queue), 1, 'it was complete');
});
