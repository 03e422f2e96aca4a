// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { physicalSize } from '../../Sources/Viewer/web/camera/canvas-size.js';
import { addressOptions, deviceLimits } from '../../Sources/Viewer/web/ui/device-limits.js';
import { Emitter } from '../../Sources/Viewer/web/ui/emitter.js';
import { describeFailure } from '../../Sources/Viewer/web/ui/failures.js';
import * as format from '../../Sources/Viewer/web/ui/format.js';
import { FrameMeter } from '../../Sources/Viewer/web/ui/frame-meter.js';
import { matchesSearch } from '../../Sources/Viewer/web/ui/model-card.js';
import { shortcutAction } from '../../Sources/Viewer/web/ui/shortcuts.js';
import { statsRows, statsText } from '../../Sources/Viewer/web/ui/stats-rows.js';
import { TaskMeter } from '../../Sources/Viewer/web/ui/task-meter.js';
import { CloseCode } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { uploadText } from '../../Sources/Viewer/web/ui/upload-list.js';

test('numbers read as people write them', () => {
    assert.equal(format.formatCount(0), '0');
    assert.equal(format.formatCount(999), '999');
    assert.equal(format.formatCount(1000), '1 k');
    assert.equal(format.formatCount(999_600), '1 M');
    assert.equal(format.formatCount(1_234_567), '1.23 M');
    assert.equal(format.formatBytes(0), '0 B');
    assert.equal(format.formatBytes(1_530_000), '1.53 MB');
    assert.equal(format.formatBytes(38_400), '38.4 kB');
    assert.equal(format.formatRate(2.5e6), '20 Mbit/s');
    assert.equal(format.formatDuration(0.0415), '41.5 ms');
    assert.equal(format.formatDuration(1.44), '1.44 s');
    assert.equal(format.formatDuration(125), '2 min 5 s');
    assert.equal(format.formatLength(0.0125), '12.5 mm');
    assert.equal(format.formatLength(1400), '1.4 km');
    assert.equal(format.formatSize([0, 0, 0], [1.2, 0.8, 3.4]), '1.2 × 0.8 × 3.4 m');
    assert.equal(format.formatSize([0, 0, 0], [0.2, 0.14, 0.09]), '200 × 140 × 90 mm');
    assert.equal(format.formatQuantity(1, 'part'), '1 part');
    assert.equal(format.formatQuantity(2, 'part'), '2 parts');
});

test('what is not a number becomes a dash or nothing', () => {
    const formats = [
        format.formatCount, format.formatBytes, format.formatRate, format.formatDuration, format.formatLength,
        format.formatPixels, format.formatShare, format.formatMilliseconds,
    ];
    for (const value of [NaN, undefined, null, Infinity]) {
        for (const one of formats) assert.equal(one(value), '–');
    }
    assert.equal(format.formatSize(undefined, [1, 1, 1]), '');
    assert.equal(format.formatSize([0, 0, 0], [-1, 1, 1]), '');
});

test('an event reaches every handler, also after one that throws', (context) => {
    context.mock.method(console, 'error', () => {});
    const emitter = new Emitter();
    const seen = [];
    emitter.on('a', () => { throw new Error('broken'); });
    const end = emitter.on('a', (value) => seen.push(value));
    emitter.emit('a', 1);
    end();
    emitter.emit('a', 2);
    emitter.emit('nobody', 3);
    assert.deepEqual(seen, [1]);
});

test('phones and small devices get the smaller limits', () => {
    const desktop = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130', maxTouchPoints: 0, deviceMemory: 8 };
    assert.equal(deviceLimits(desktop).gpuByteCount, 512e6);
    for (const device of [
        { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)', maxTouchPoints: 5 },
        { userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X) Safari', maxTouchPoints: 5 },
        { ...desktop, userAgentData: { mobile: true } }, { ...desktop, deviceMemory: 2 },
    ]) assert.deepEqual(deviceLimits(device), { gpuByteCount: 160e6, triangleCount: 1.5e6 });
});

test('the address sets limits where it makes sense', () => {
    const read = (text) => addressOptions(new URLSearchParams(text));
    assert.deepEqual(read('gpu=64MB&triangles=200000&threshold=2&store=0'), {
        gpuByteCount: 64e6, triangleCount: 200000, thresholdPixels: 2, store: false,
    });
    assert.deepEqual(read('gpu=8'), { gpuByteCount: 8e6 });
    assert.deepEqual(read('gpu=900kb'), { gpuByteCount: 9e5 });
    for (const text of ['', 'gpu=', 'gpu=-1', 'gpu=x', 'gpu=0', 'triangles=NaN', 'triangles=-5', 'threshold=0', 'gpu=1e999MB']) {
        assert.deepEqual(read(text), {}, text);
    }
    assert.equal(read('threshold=0.00001').thresholdPixels, 0.1);
});

test('every failure says what it is and offers a way on', () => {
    const words = ['webgl', 'wasm', 'websocket', 'noServerPath', 'start', 'unreachable'];
    for (const code of [...Object.values(CloseCode).filter((value) => value >= 4000), ...words, 1, undefined]) {
        const { title, text, actions, reason } = describeFailure({ code, message: 'because' });
        assert.ok(title.length > 5 && text.length > 5 && actions.length > 0, String(code));
        assert.equal(reason, 'because');
    }
    assert.equal(describeFailure({ code: 4401 }).asksForToken, true);
    assert.ok(describeFailure({ code: 'webgl' }).steps.length > 0);
});

test('S shows statistics except while walking, where I does', () => {
    assert.equal(shortcutAction({ key: 's' }, false), 'stats');
    assert.equal(shortcutAction({ key: 'S' }, true), null);
    assert.equal(shortcutAction({ key: 'i' }, true), 'stats');
    assert.equal(shortcutAction({ key: 'p' }, true), 'path');
    assert.equal(shortcutAction({ key: '5' }, false), 'top');
    assert.equal(shortcutAction({ key: '?' }, true), 'help');
    assert.equal(shortcutAction({ key: 's', ctrlKey: true }, false), null);
    assert.equal(shortcutAction({ key: '7' }, false), null);
    assert.equal(shortcutAction({ key: 'constructor' }, false), null);
});

test('the picture has the screen’s pixels up to a limit', () => {
    assert.deepEqual(physicalSize(800, 600, 2), { width: 1600, height: 1200 });
    assert.deepEqual(physicalSize(800, 600, 2, 0.5), { width: 800, height: 600 });
    assert.deepEqual(physicalSize(0, 0, 1), { width: 1, height: 1 });
    const huge = physicalSize(7680, 4320, 2);
    assert.ok(huge.width * huge.height <= 3840 * 2160 * 1.01);
    assert.ok(physicalSize(100, 100, NaN).width > 0);
});

test('tasks are timed, counted by length and told apart', () => {
    let now = 0;
    const meter = new TaskMeter(() => now);
    const run = (name, milliseconds) => meter.measure(name, () => { now += milliseconds; return name; });
    assert.equal(run('mesh', 0.2), 'mesh');
    run('frame', 3);
    run('draw', 0.9);
    assert.throws(() => meter.measure('broken', () => { now += 9; throw new Error('x'); }));
    assert.equal(meter.longest, 9);
    assert.equal(meter.longestName, 'broken');
    assert.deepEqual(meter.histogram.map(({ count }) => count), [1, 0, 1, 0, 1, 0, 1]);
});

test('the frame rate is of the last second and 0 at rest', () => {
    const meter = new FrameMeter();
    assert.equal(meter.rate(0), 0);
    for (let frame = 0; frame <= 120; frame += 1) meter.add(frame / 60, 2);
    assert.ok(Math.abs(meter.rate(2) - 60) < 0.01);
    assert.equal(meter.rate(4), 0);
    assert.equal(meter.curve.length, 120);
});

test('statistics are complete before anything has arrived', () => {
    const status = {
        state: 'connecting', path: 'client', reason: '', framesPerSecond: 0, streamingTasks: [{ limit: 1, count: 2 }, { limit: Infinity, count: 0 }],
        width: 1, height: 1, thresholdPixels: 1, firstPictureBytes: null, firstPictureMilliseconds: null,
    };
    for (const [name, value] of statsRows(status)) {
        assert.ok(name && value, name);
        assert.doesNotMatch(value, /undefined|NaN|null/);
    }
    const text = statsText(status, 'http://example/');
    assert.match(text, /Address +http:\/\/example\//);
    assert.match(text, /≤ 1 ms: 2, more: 0/);
});

test('search takes every word, wherever it stands', () => {
    const model = { id: 'engine-2', name: '2 Cylinder Engine.glb' };
    for (const search of ['', 'engine', 'CYL glb', 'engine-2']) assert.ok(matchesSearch(model, search), search);
    assert.equal(matchesSearch(model, 'engine turbine'), false);
});

test('an upload says what it is doing', () => {
    const item = { byteCount: 2e6, fraction: 0.42, phase: 'building levels', message: '' };
    assert.equal(uploadText({ ...item, state: 'uploading' }), 'Sending 42 % of 2 MB');
    assert.equal(uploadText({ ...item, state: 'importing' }), 'Building levels · 42 %');
    assert.equal(uploadText({ ...item, state: 'importing', phase: '', fraction: 0 }), 'Importing…');
    assert.equal(uploadText({ ...item, state: 'failed', message: 'No.' }), 'No.');
});

test('the server path has statistics of its own, also before the first frame', () => {
    const rows = (status) => Object.fromEntries(statsRows({ path: 'server', width: 960, height: 540, ...status }));
    const empty = rows({});
    assert.equal(empty.Path, 'the server');
    assert.equal(empty.Picture, '–');
    for (const value of Object.values(empty)) assert.doesNotMatch(value, /undefined|NaN|null/);
    const full = rows({
        reason: 'no WebGL', framesPerSecond: 24.6, shownFrameCount: 12, skippedFrameCount: 3, isInWorker: true, warp: 'grid',
        latencyMilliseconds: { p50: 81, p95: 140 }, frameMilliseconds: 3.2, firstPictureBytes: 45_000,
        firstPictureMilliseconds: 310, stream: { receivedFrameCount: 16, receivedByteCount: 8e5, bandwidth: 2.5e6 },
        frame: {
            frame: 15, kind: 0, codec: 0, quality: 70, byteCount: 31_000, width: 480, height: 270, pictureScale: 0.5,
            renderMicroseconds: 9000, encodeMicroseconds: 2000, waitMicroseconds: 500, decodeMicroseconds: 6000,
            triangleCount: 120_000, thresholdPixels: 2.5,
        },
    });
    assert.equal(full.Path, 'the server: no WebGL');
    assert.equal(full.Shown, '25 per second, 12 of 16 received');
    assert.equal(full.Latency, '81 ms usually, 140 ms at worst (p95)');
    assert.equal(full.Coding, 'JPEG quality 70, 31 kB');
    assert.equal(full.Size, '480 × 270, 50 % of 960 × 540');
    assert.equal(full.Server, 'draw 9 ms, code 2 ms, wait 0.5 ms');
    assert.equal(full.Decoding, '6 ms, in a worker');
    assert.equal(full.Error, 'at most 2.5 px');
    assert.match(statsText({ path: 'server', state: 'open' }, 'http://h/'), /Skipped/);
});
