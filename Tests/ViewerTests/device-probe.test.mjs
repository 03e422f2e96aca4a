// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { browserFacts, quickFacts, rememberSpeed } from '../../Sources/Viewer/web/paths/device-facts.js';
import { probeDevice } from '../../Sources/Viewer/web/paths/device-probe.js';
import { gridTriangleCount } from '../../Sources/Viewer/web/render/benchmark-scene.js';
import { isSoftwareRenderer } from '../../Sources/Viewer/web/render/graphics-context.js';
import { WorkGrowth } from '../../Sources/Viewer/web/render/work-growth.js';

const day = 24 * 3600 * 1000;
const laptop = { userAgent: 'Browser/1', hardwareConcurrency: 8, deviceMemory: 16, maxTouchPoints: 0 };
const storageKey = 'vantage-device';

function fakeStorage(items = {}) {
    return {
        items,
        getItem: (name) => items[name] ?? null,
        setItem: (name, value) => { items[name] = value; },
    };
}

const brokenStorage = {
    getItem: () => { throw new Error('forbidden'); },
    setItem: () => { throw new Error('full'); },
};

/**
 * A GPU with a clock of its own that only moves when somebody asks for a fence: `trianglesPerSecond`, `pixelsPerSecond`,
 * and what each fence takes at least.
 */
function fakeGraphics({
    trianglesPerSecond = 4e8, pixelsPerSecond = 2e9, fenceMilliseconds = 1.2, renderer = 'Fast GPU', links = true,
    warmUpMilliseconds = 40, isLostAfter = Infinity,
} = {}) {
    const state = { clock: 0, busyUntil: 0, draws: [], isGivenBack: false, contexts: 0, viewport: 0, fences: 0, kinds: new Set() };
    const work = (kind, amount, rate) => {
        const warmUp = state.kinds.has(kind) ? 0 : warmUpMilliseconds;
        state.kinds.add(kind);
        state.draws.push({ kind, amount });
        state.busyUntil = Math.max(state.busyUntil, state.clock) + warmUp + (1000 * amount) / rate;
    };
    const answers = {
        getExtension: (name) => ({
            WEBGL_lose_context: { loseContext: () => { state.isGivenBack = true; } },
            WEBGL_debug_renderer_info: { UNMASKED_RENDERER_WEBGL: 'renderer', UNMASKED_VENDOR_WEBGL: 'vendor' },
            WEBGL_multi_draw: {},
        }[name] ?? null),
        getParameter: (name) => ({ renderer, vendor: 'Maker', MAX_TEXTURE_SIZE: 16384 }[name] ?? 16),
        getInternalformatParameter: () => [4],
        getProgramParameter: () => links,
        isContextLost: () => state.fences > isLostAfter,
        viewport: (x, y, width) => { state.viewport = width; },
        drawElementsInstanced: (mode, count, type, offset, instances) =>
            work('triangles', (count / 3) * instances, trianglesPerSecond),
        drawArraysInstanced: (mode, first, count, layers) => work('pixels', state.viewport ** 2 * layers, pixelsPerSecond),
        fenceSync: () => {
            state.fences += 1;
            return { at: Math.max(state.busyUntil, state.clock + fenceMilliseconds) };
        },
        clientWaitSync: (fence) => {
            state.clock += 0.25;
            return state.clock >= fence.at ? 'ALREADY_SIGNALED' : 'TIMEOUT_EXPIRED';
        },
    };
    const gl = new Proxy({}, {
        get: (_, name) => (/^[A-Z0-9_]+$/.test(name) ? name : answers[name] ?? (() => ({}))),
    });
    const createCanvas = () => {
        state.contexts += 1;
        return { getContext: () => gl };
    };
    return { state, createCanvas, now: () => state.clock };
}

const probe = (graphics, options = {}) => probeDevice({
    storage: fakeStorage(), navigator: laptop, devicePixelRatio: 2, createCanvas: graphics.createCanvas, now: graphics.now,
    budgetMilliseconds: 5000, ...options,
});

const isNear = (value, expected, share = 0.2) => Math.abs(value / expected - 1) <= share;

test('work grows until a round is long enough, and the first one does not count', () => {
    const growth = new WorkGrowth({ first: 1000, most: 1e9 });
    growth.add(500);
    assert.equal(growth.rate, null);
    assert.equal(growth.work, 1000);
    growth.add(0.01);
    assert.equal(growth.work, 8000);
    assert.equal(growth.isDone, false);
    growth.add(2);
    assert.equal(growth.work, 24_000);
    assert.equal(growth.rate, 4e6);
    growth.add(6);
    assert.equal(growth.rate, 4e6);
    assert.equal(growth.work, 48_000);
    growth.add(10);
    assert.ok(growth.isDone);
    assert.equal(growth.rate, 4.8e6);
});

test('a long round is the last one', () => {
    const growth = new WorkGrowth({ first: 1000, most: 1e9 });
    growth.add(1);
    growth.add(400);
    assert.ok(growth.isDone);
    assert.equal(growth.rate, 2500);
});

test('work that cannot grow any more is measured as it is', () => {
    const growth = new WorkGrowth({ first: 1000, most: 4000 });
    for (const milliseconds of [1, 0, 0]) growth.add(milliseconds);
    assert.equal(growth.work, 4000);
    assert.equal(growth.isDone, false);
    growth.add(0);
    assert.ok(growth.isDone);
    assert.ok(Number.isFinite(growth.rate));
});

for (const [name, trianglesPerSecond, pixelsPerSecond] of [
    ['slow', 4e6, 3e7], ['usual', 4e8, 2e9], ['fast', 6e9, 4e10],
]) {
    test(`a ${name} GPU is measured, in short rounds`, async () => {
        const graphics = fakeGraphics({ trianglesPerSecond, pixelsPerSecond });
        const { webgl, speed, isCached } = await probe(graphics);
        assert.ok(isNear(speed.trianglesPerSecond, trianglesPerSecond), `${speed.trianglesPerSecond} triangles`);
        assert.ok(isNear(speed.pixelsPerSecond, pixelsPerSecond), `${speed.pixelsPerSecond} pixels`);
        assert.deepEqual(webgl, {
            version: 2, renderer: 'Fast GPU', vendor: 'Maker', isSoftware: false, multiDraw: true, maximumTextureSize: 16384,
        });
        assert.equal(isCached, false);
        assert.ok(graphics.state.isGivenBack);
        for (const { kind, amount } of graphics.state.draws) {
            const seconds = amount / (kind === 'triangles' ? trianglesPerSecond : pixelsPerSecond);
            assert.ok(seconds < 0.02, `${kind}: ${seconds * 1000} ms`);
        }
    });
}

test('more triangles than the grid has are whole grids', async () => {
    const graphics = fakeGraphics({ trianglesPerSecond: 6e9 });
    await probe(graphics);
    const large = graphics.state.draws.filter(({ kind, amount }) => kind === 'triangles' && amount > gridTriangleCount);
    assert.ok(large.length > 0);
    for (const { amount } of large) assert.equal(amount % gridTriangleCount, 0);
});

test('what there is no time for is missing', async () => {
    const graphics = fakeGraphics({ trianglesPerSecond: 2e4, pixelsPerSecond: 1e5 });
    const { webgl, speed } = await probe(graphics, { budgetMilliseconds: 250 });
    assert.equal(webgl.renderer, 'Fast GPU');
    assert.deepEqual(speed, {});
    assert.ok(graphics.state.isGivenBack);
});

test('software is recognized and gets little time', async () => {
    assert.ok(isSoftwareRenderer('Google SwiftShader'));
    assert.ok(isSoftwareRenderer('llvmpipe (LLVM 15.0.7, 256 bits)'));
    assert.ok(!isSoftwareRenderer('ANGLE (NVIDIA, NVIDIA GeForce RTX 3060)'));
    const graphics = fakeGraphics({ renderer: 'llvmpipe', trianglesPerSecond: 1e6, pixelsPerSecond: 1e3 });
    const { webgl, speed } = await probe(graphics);
    assert.ok(webgl.isSoftware);
    assert.ok(isNear(speed.trianglesPerSecond, 1e6));
    assert.equal(speed.pixelsPerSecond, undefined);
    assert.ok(graphics.state.clock < 300);
});

test('no WebGL 2 is null; programs that do not link and a lost context leave the speed unknown', async () => {
    const none = await probe({ createCanvas: () => ({ getContext: () => null }), now: () => 0 });
    assert.equal(none.webgl, null);
    assert.deepEqual(none.speed, {});
    assert.deepEqual((await probe(fakeGraphics({ links: false }))).speed, {});
    const lost = fakeGraphics({ isLostAfter: 4 });
    assert.deepEqual((await probe(lost)).speed, {});
});

test('a canvas that cannot be made leaves the graphics unknown', async (context) => {
    context.mock.method(console, 'warn', () => {});
    const facts = await probe({ createCanvas: () => { throw new Error('none'); }, now: () => 0 });
    assert.equal('webgl' in facts, false);
    assert.equal(facts.cores, 8);
});

test('a known GPU is not measured again until its facts are old', async () => {
    const storage = fakeStorage();
    let now = 100 * day;
    const options = { storage, today: () => now };
    const first = await probe(fakeGraphics(), options);
    const again = fakeGraphics();
    const second = await probe(again, options);
    assert.equal(second.isCached, true);
    assert.deepEqual(second.speed, first.speed);
    assert.deepEqual(again.state.draws, []);
    assert.ok(again.state.isGivenBack);
    now += 29 * day;
    assert.equal((await probe(fakeGraphics(), options)).isCached, true);
    now += 2 * day;
    assert.equal((await probe(fakeGraphics(), options)).isCached, false);
});

test('another GPU, browser or pixel ratio is measured anew, and the first is still known', async () => {
    const storage = fakeStorage();
    await probe(fakeGraphics(), { storage });
    const others = [
        [fakeGraphics({ renderer: 'Other GPU' }), {}], [fakeGraphics(), { navigator: { ...laptop, userAgent: 'Browser/2' } }],
        [fakeGraphics(), { devicePixelRatio: 1 }],
    ];
    for (const [graphics, options] of others) {
        assert.equal((await probe(graphics, { storage, ...options })).isCached, false);
    }
    assert.equal((await probe(fakeGraphics(), { storage })).isCached, true);
});

test('the storage holds few entries', async () => {
    const storage = fakeStorage();
    for (let number = 0; number < 12; number += 1) await probe(fakeGraphics({ renderer: `GPU ${number}` }), { storage });
    assert.equal(JSON.parse(storage.items[storageKey]).entries.length, 8);
    assert.equal((await probe(fakeGraphics({ renderer: 'GPU 11' }), { storage })).isCached, true);
    assert.equal((await probe(fakeGraphics({ renderer: 'GPU 0' }), { storage })).isCached, false);
});

test('whatever the storage holds or does, there are facts', async () => {
    const texts = [
        'x', 'null', '[]', '{}', '{"version":1}', '{"version":1,"entries":{}}', '{"version":1,"entries":[null]}',
        '{"version":1,"entries":[{"userAgent":"Browser/1","devicePixelRatio":2,"savedAt":1e300,"webgl":7}]}',
        '{"version":2,"entries":[]}',
    ];
    const storages = [null, brokenStorage, ...texts.map((text) => fakeStorage({ [storageKey]: text }))];
    for (const storage of storages) {
        const quick = quickFacts({ storage, navigator: laptop, devicePixelRatio: 2, hasWebGL: true });
        assert.equal(quick.cores, 8);
        assert.equal('speed' in quick, false);
        assert.equal('webgl' in quick, false);
        const facts = await probe(fakeGraphics(), { storage });
        assert.ok(facts.speed.trianglesPerSecond > 0);
    }
});

test('stored speeds that make no sense are left out', () => {
    const entry = {
        userAgent: 'Browser/1', devicePixelRatio: 2, savedAt: Date.now() - day, webgl: { renderer: 'GPU' },
        speed: { trianglesPerSecond: -5, pixelsPerSecond: 'fast', imagePixelsPerSecond: 12.6, other: 4 },
    };
    const storage = fakeStorage({ [storageKey]: JSON.stringify({ version: 1, entries: [entry] }) });
    const { speed } = quickFacts({ storage, navigator: laptop, devicePixelRatio: 2, hasWebGL: true });
    assert.deepEqual(speed, { imagePixelsPerSecond: 13 });
});

test('quick facts know what was measured before', async () => {
    const storage = fakeStorage();
    const surroundings = { navigator: laptop, devicePixelRatio: 2 };
    rememberSpeed(storage, { imagePixelsPerSecond: 5e7 }, surroundings);
    rememberSpeed(storage, { dracoBytesPerSecond: 2e7, trianglesPerSecond: undefined }, surroundings);
    const before = quickFacts({ storage, ...surroundings, hasWebGL: true });
    assert.deepEqual(before.speed, { imagePixelsPerSecond: 5e7, dracoBytesPerSecond: 2e7 });
    const { webgl, speed } = await probe(fakeGraphics(), { storage });
    assert.equal(speed.imagePixelsPerSecond, 5e7);
    const after = quickFacts({ storage, ...surroundings, hasWebGL: true });
    assert.deepEqual(after.webgl, webgl);
    assert.deepEqual(after.speed, speed);
    assert.equal(quickFacts({ storage, ...surroundings, hasWebGL: false }).webgl, null);
});

test('what the browser says becomes fields of Hello, and what it does not say is left out', () => {
    assert.deepEqual(browserFacts({ ...laptop, connection: { saveData: true } }, 1.5), {
        client: 'vantage-viewer', memoryGiB: 16, cores: 8, devicePixelRatio: 1.5, isMobile: false, savesData: true,
    });
    assert.deepEqual(browserFacts({ userAgent: 'iPhone' }, undefined), {
        client: 'vantage-viewer', isMobile: true, savesData: false,
    });
    // A small desktop computer has the limits of phones and is none.
    assert.equal(browserFacts({ ...laptop, deviceMemory: 1 }, 1).isMobile, false);
});

test('a probe can be cancelled, before and while it runs', async () => {
    await assert.rejects(probe(fakeGraphics(), { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const graphics = fakeGraphics({ trianglesPerSecond: 1e3 });
    const abort = new AbortController();
    const running = probe({ ...graphics, now: () => 0 }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(running, { name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(graphics.state.isGivenBack);
});

test('what comes late is told, and known at the next visit', async () => {
    const storage = fakeStorage();
    const graphics = fakeGraphics({ fenceMilliseconds: 100 });
    const late = new Promise((resolve) => {
        // The clock stands still, so that only the caller's patience ends.
        probe({ ...graphics, now: () => graphics.state.clock / 1000 }, { storage, budgetMilliseconds: 30, onLate: resolve });
    });
    const { webgl } = await late;
    assert.equal(webgl.renderer, 'Fast GPU');
    assert.equal(quickFacts({ storage, navigator: laptop, devicePixelRatio: 2, hasWebGL: true }).webgl.renderer, 'Fast GPU');
});
