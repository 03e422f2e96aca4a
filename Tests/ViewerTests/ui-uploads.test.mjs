// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerError } from '../../Sources/Viewer/web/ui/server-api.js';
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
    const queue = new UploadQueue(api, {
        onChange: ({ id, state }) => states.set(id, [...(states.get(id) ?? []), state].filter((s, i, all) => s !== all[i - 1])),
        onDone: (item) => done.push(item.model),
    });
    return { api, done, states, queue };
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
