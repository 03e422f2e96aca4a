// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { followImportEvents } from '../../Sources/Viewer/web/ui/import-events.js';
import { errorOfAnswer, ServerError } from '../../Sources/Viewer/web/ui/server-error.js';
import { uploadText } from '../../Sources/Viewer/web/ui/upload-list.js';
import { UploadQueue } from '../../Sources/Viewer/web/ui/upload-queue.js';
import { uploadProblem } from '../../Sources/Viewer/web/ui/upload-rules.js';

const file = (name, content = 'x') => new File([content], name);

/** A server whose answers the test gives. */
class FakeAPI {
    uploads = [];
    imports = [];
    ended = [];

    async cancelImport(id) {
        this.ended.push(id);
    }

    upload(sent, { onProgress, signal }) {
        return new Promise((resolve, reject) => {
            this.uploads.push({ name: sent.name, onProgress, resolve, reject });
            signal.addEventListener('abort', () => reject(new ServerError('cancelled', 'Cancelled.')));
        });
    }

    followImport(answer, onProgress) {
        return new Promise((resolve, reject) => this.imports.push({ id: answer.import, onProgress, resolve, reject }));
    }
}

function setUp() {
    const api = new FakeAPI();
    const done = [];
    const states = new Map();
    const waits = [];
    const queue = new UploadQueue(api, {
        wait: (milliseconds, signal) => new Promise((resolve) => {
            waits.push({ milliseconds, resolve });
            signal.addEventListener('abort', resolve);
        }),
        onChange: ({ id, state }) => states.set(id, [...(states.get(id) ?? []), state].filter((s, i, all) => s !== all[i - 1])),
        onDone: (item) => done.push(item.model),
    });
    return { api, done, states, queue, waits };
}

/** Lets everything that waits for nothing but promises and file reads go on. */
async function turn() {
    for (let step = 0; step < 10; step += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

test('a file is sent, imported and opened', async () => {
    const { api, done, states, queue } = setUp();
    queue.add([file('engine.glb')]);
    await turn();
    api.uploads[0].onProgress(0.5);
    assert.equal(queue.items[0].fraction, 0.5);
    api.uploads[0].resolve({ import: 'i1', events: 'e' });
    await turn();
    api.imports[0].onProgress({ phase: 'welding', fraction: 0.3 });
    assert.deepEqual([queue.items[0].phase, queue.items[0].fraction], ['welding', 0.3]);
    assert.equal(queue.canCancel(queue.items[0]), true);
    api.imports[0].onProgress({ state: 'queued', phase: '', fraction: 0 });
    assert.equal(queue.items[0].phase, 'waiting for the server');
    api.imports[0].onProgress({ phase: 'welding', fraction: NaN });
    assert.equal(queue.items[0].fraction, 0);
    api.imports[0].resolve('engine');
    await turn();
    assert.deepEqual(done, ['engine']);
    assert.deepEqual(states.get(1), ['waiting', 'uploading', 'importing', 'done']);
    assert.equal(queue.isBusy, false);
});

test('a file that the server has already needs no import', async () => {
    const { api, done, queue } = setUp();
    queue.add([file('engine.glb')]);
    await turn();
    api.uploads[0].resolve({ model: 'engine' });
    await turn();
    assert.deepEqual(done, ['engine']);
    assert.equal(api.imports.length, 0);
});

test('one file is sent at a time, the next while the last is imported', async () => {
    const { api, queue } = setUp();
    queue.add([file('a.glb'), file('b.ply'), file('c.stl')]);
    await turn();
    assert.deepEqual(api.uploads.map(({ name }) => name), ['a.glb']);
    api.uploads[0].resolve({ import: 'i1' });
    await turn();
    assert.deepEqual(api.uploads.map(({ name }) => name), ['a.glb', 'b.ply']);
    assert.deepEqual(queue.items.map(({ state }) => state), ['importing', 'uploading', 'waiting']);
    queue.add([file('d.obj')]);
    api.uploads[1].reject(new ServerError('unreachable', 'Gone.'));
    await turn();
    assert.equal(queue.items[1].state, 'failed');
    assert.equal(api.uploads.length, 3);
});

test('waiting and sending files can be taken back; the queue goes on', async () => {
    const { api, queue, states } = setUp();
    queue.add([file('a.glb'), file('b.glb'), file('c.glb')]);
    await turn();
    queue.cancel(queue.items[1]);
    queue.cancel(queue.items[0]);
    await turn();
    assert.deepEqual(queue.items.map(({ state }) => state), ['cancelled', 'cancelled', 'uploading']);
    assert.deepEqual(api.uploads.map(({ name }) => name), ['a.glb', 'c.glb']);
    queue.remove(queue.items[2]);
    await turn();
    assert.equal(queue.items.length, 2);
    assert.equal(queue.isBusy, false);
    assert.deepEqual(states.get(2), ['waiting', 'cancelled']);
});

test('an import that is taken back is ended on the server', async () => {
    const { api, done, queue } = setUp();
    queue.add([file('a.glb')]);
    await turn();
    api.uploads[0].resolve({ import: 'i1' });
    await turn();
    queue.cancel(queue.items[0]);
    api.imports[0].onProgress({ state: 'importing', phase: 'welding', fraction: 0.5 });
    api.imports[0].reject(new ServerError('ended', 'The import was cancelled.'));
    await turn();
    assert.deepEqual(api.ended, ['i1']);
    assert.equal(queue.items[0].state, 'cancelled');
    assert.deepEqual(done, []);
});

test('a failed file can be sent again, a refused one cannot', async () => {
    const { api, queue } = setUp();
    queue.add([file('a.glb'), file('notes.txt')]);
    await turn();
    api.uploads[0].resolve({ import: 'i1' });
    await turn();
    api.imports[0].reject(new ServerError('notAMesh', 'It is cut off.'));
    await turn();
    const [failed, refused] = queue.items;
    assert.deepEqual([failed.state, failed.message, failed.canRetry], ['failed', 'It is cut off.', true]);
    assert.deepEqual([refused.state, refused.canRetry], ['failed', false]);
    queue.retry(refused);
    queue.retry(failed);
    await turn();
    assert.equal(failed.state, 'uploading');
    assert.equal(api.uploads.length, 2);
});

test('a server without room for another file is obeyed: its reason is shown, and the file is sent when it says', async () => {
    const { api, queue, waits } = setUp();
    queue.add([file('a.glb'), file('b.glb')]);
    await turn();
    api.uploads[0].reject(new ServerError('full', 'Too many imports wait.', 503, 30));
    await turn();
    const [first, second] = queue.items;
    assert.deepEqual([first.state, second.state, waits[0].milliseconds], ['waiting', 'waiting', 30_000]);
    assert.equal(uploadText(first), 'Waiting · Too many imports wait.');
    waits[0].resolve();
    await turn();
    assert.deepEqual(api.uploads.map(({ name }) => name), ['a.glb', 'a.glb']);
    assert.deepEqual([first.state, first.message], ['uploading', '']);
    api.uploads[1].reject(new ServerError('full', 'Too many imports wait.', 503, 30));
    await turn();
    queue.cancel(first);
    await turn();
    assert.equal(api.uploads[2].name, 'b.glb');
});

test('an import whose server is away keeps how far it was', async () => {
    const { api, queue } = setUp();
    queue.add([file('a.glb')]);
    await turn();
    api.uploads[0].resolve({ import: 'i1' });
    await turn();
    api.imports[0].onProgress({ state: 'importing', phase: 'welding', fraction: 0.4 });
    api.imports[0].onProgress({ state: 'away' });
    const [item] = queue.items;
    assert.deepEqual([item.state, item.fraction], ['importing', 0.4]);
    assert.match(uploadText(item), /^The server does not answer, waiting for it · 40/);
    assert.equal(queue.canCancel(item), true);
});

/** A stream of events whose server the test is. */
class FakeEvents {
    readyState = 1;

    close() { this.readyState = 2; }

    tell(status) { this.onmessage({ data: JSON.stringify(status) }); }

    /** The browser connects again, or has given up. */
    fail(readyState) {
        this.readyState = readyState;
        this.onerror();
    }
}

function follow(answers = []) {
    const [sources, told, waits] = [[], [], []];
    const cancel = new AbortController();
    const result = followImportEvents({
        open: () => sources[sources.push(new FakeEvents()) - 1],
        ask: async () => {
            const answer = answers.shift();
            if (answer instanceof Error) throw answer;
            return answer;
        },
        wait: async (milliseconds) => { waits.push(milliseconds); },
    }, (progress) => told.push(progress.state), cancel.signal);
    result.catch(() => {});
    return { sources, told, waits, result, cancel };
}

const away = new ServerError('unreachable', 'Gone.');

test('an import is followed to its model, or to why it failed', async () => {
    const good = follow();
    good.sources[0].tell({ state: 'importing', phase: 'welding', fraction: 0.1 });
    good.sources[0].onmessage({ data: 'nonsense' });
    good.sources[0].tell({ state: 'done', model: 'engine' });
    assert.equal(await good.result, 'engine');
    assert.equal(good.sources[0].readyState, 2);
    const bad = follow();
    bad.sources[0].tell({ state: 'failed', error: { code: 'malformed', message: 'It is cut off.' } });
    await assert.rejects(bad.result, { code: 'malformed', message: 'It is cut off.' });
});

test('an import goes on over a server that is restarted behind a proxy', async () => {
    const { sources, told, waits, result } = follow([away, new ServerError('draining', 'Stopping.', 503, 1), { state: 'importing' }]);
    sources[0].tell({ state: 'importing', phase: 'welding', fraction: 0.5 });
    sources[0].fail(0);
    assert.deepEqual(told, ['importing', 'away'], 'the browser connects again by itself');
    assert.equal(sources.length, 1);
    for (let attempt = 0; attempt < 3; attempt += 1) {
        sources.at(-1).fail(2);
        await turn();
    }
    assert.equal(sources.length, 4);
    assert.deepEqual(waits, [500, 1000, 2000]);
    sources.at(-1).tell({ state: 'done', model: 'engine' });
    assert.equal(await result, 'engine');
});

test('an import that ended meanwhile, or that nobody knows, is not waited for', async () => {
    const ended = follow([{ state: 'done', model: 'engine' }]);
    ended.sources[0].fail(2);
    assert.equal(await ended.result, 'engine');
    const unknown = follow([new ServerError('importNotFound', 'There is no such import.', 404)]);
    unknown.sources[0].fail(2);
    await assert.rejects(unknown.result, { code: 'importNotFound' });
});

test('following ends when it is cancelled', async () => {
    const { sources, result, cancel } = follow([{ state: 'importing' }]);
    cancel.abort();
    await assert.rejects(result, { code: 'cancelled' });
    assert.equal(sources[0].readyState, 2);
});

test('an answer\'s error has the server\'s words, and when to come back', () => {
    const full = errorOfAnswer(503, { error: { code: 'full', message: 'Wait.' } }, '30');
    assert.deepEqual([full.code, full.message, full.status, full.retrySeconds], ['full', 'Wait.', 503, 30]);
    assert.deepEqual([errorOfAnswer(502, null, null).code, errorOfAnswer(502, null, null).retrySeconds], ['unreachable', 0]);
    assert.equal(errorOfAnswer(401, null, null).code, 'tokenRequired');
    assert.match(errorOfAnswer(500, null, null).message, /500/);
});

test('a server that takes no files is not sent any, and that is said', async () => {
    const { api, queue } = setUp();
    queue.isOpen = false;
    queue.add([file('a.glb')]);
    await turn();
    assert.equal(api.uploads.length, 0);
    assert.deepEqual([queue.items[0].state, queue.items[0].canRetry], ['failed', false]);
    assert.match(queue.items[0].message, /takes no files/);
});

test('files that cannot be imported are refused before they are sent', async () => {
    assert.equal(await uploadProblem(file('a.GLB')), null);
    assert.equal(await uploadProblem(file('a.vantage')), null);
    assert.match(await uploadProblem(file('a.step')), /cannot read/);
    assert.match(await uploadProblem(file('glb')), /cannot read/);
    assert.match(await uploadProblem(file('a.stl', '')), /empty/);
    assert.match(await uploadProblem(file('a.stl', 'xxxx'), 3), /4 B; this server takes 3 B/);
});

test('a .gltf has to hold everything', async () => {
    const gltf = (value) => uploadProblem(file('a.gltf', JSON.stringify(value)));
    assert.equal(await gltf({ buffers: [{ uri: 'data:;base64,AA' }], images: [{ bufferView: 0 }] }), null);
    assert.equal(await gltf({}), null);
    assert.match(await gltf({ buffers: [{ uri: 'engine.bin' }] }), /engine\.bin.*\.glb/);
    assert.match(await gltf({ images: [{ uri: 'x'.repeat(90) }] }), /…/);
    assert.match(await uploadProblem(file('a.gltf', '{')), /not valid/);
    for (const odd of [null, [], 7, { buffers: 7 }, { buffers: [null, 3] }]) assert.equal(await gltf(odd), null);
});
