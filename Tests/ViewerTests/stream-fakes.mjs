// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands in for the browser and the server in the tests of streaming: a clock moved by hand, sockets whose other
// end is the test, a database in memory, a core that only keeps books, a pool without threads.

import assert from 'node:assert/strict';

import { ChunkDecoder } from '../../Sources/Viewer/web/decode/chunk-decoder.js';
import * as wire from '../../Sources/Viewer/web/wire/messages.generated.js';

// Whoever asks by GET why a socket ended hears nothing: tests have no network.
globalThis.fetch = async () => { throw new TypeError('There is no network here.'); };

/** Lets everything that is ready run, without time passing. */
export const settle = async () => {
    for (let round = 0; round < 20; round += 1) await new Promise((resolve) => { setImmediate(resolve); });
};

/** Time in milliseconds that passes when the test says so. */
export class FakeClock {
    #now = 1000;
    #next = 1;
    #timers = new Map();

    now = () => this.#now;

    setTimeout = (callback, delay = 0) => {
        this.#timers.set(this.#next, { at: this.#now + Math.max(delay, 0), callback });
        this.#next += 1;
        return this.#next - 1;
    };

    clearTimeout = (timer) => this.#timers.delete(timer);

    get timerCount() { return this.#timers.size; }

    /** Lets time pass and runs what is due, in order. */
    advance(milliseconds) {
        const end = this.#now + milliseconds;
        for (;;) {
            const [timer, entry] = [...this.#timers].reduce(
                (first, next) => (first[1] === null || next[1].at < first[1].at ? next : first), [0, null]);
            if (entry === null || entry.at > end) break;
            this.#timers.delete(timer);
            this.#now = Math.max(this.#now, entry.at);
            entry.callback();
        }
        this.#now = end;
    }

    /** As `advance`, in steps between which promises settle. */
    async pass(milliseconds, step = 10) {
        for (let passed = 0; passed < milliseconds; passed += step) {
            this.advance(Math.min(step, milliseconds - passed));
            await settle();
        }
    }
}

/** A WebSocket whose server is the test. */
export class FakeSocket {
    sent = [];
    closed = null;

    constructor(url) {
        this.url = new URL(url);
    }

    send(bytes) {
        assert.equal(this.closed, null, 'sent after closing');
        this.sent.push(wire.decodeClientMessage(Uint8Array.from(bytes)));
    }

    close(code, reason) { this.closed = { code, reason }; }

    /** The server accepts, and sends its Welcome. */
    accept(welcome) {
        this.onopen?.();
        if (welcome) this.receive({ type: 'welcome', json: welcome });
    }

    /** A message of the server. */
    receive(message) {
        const bytes = wire.encodeServerMessage(message);
        this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) });
    }

    /** The server, or the network, ends the connection. */
    end(code, reason = '') {
        this.onclose?.({ code, reason });
    }

    ofType(type) { return this.sent.filter((message) => message.type === type); }
    types(...left) { return this.sent.map(({ type }) => type).filter((type) => !left.includes(type)); }
}

/** Opens FakeSockets and keeps them. */
export function fakeNetwork() {
    const sockets = [];
    const openSocket = (url) => {
        sockets.push(new FakeSocket(url));
        return sockets.at(-1);
    };
    return { sockets, openSocket, get socket() { return sockets.at(-1); } };
}

/** As ChunkDatabase, in memory. */
export class MemoryDatabase {
    records = new Map();
    contentRecords = new Map();
    failure = null;
    writeCount = 0;

    async contents() { return structuredClone([...this.contentRecords.values()]); }

    async chunks(contentHash) {
        this.#mayFail();
        return [...this.records.keys()].map((key) => JSON.parse(key)).filter(([hash]) => hash === contentHash)
            .map(([, chunk, byteCount]) => [chunk, byteCount]);
    }

    async read(...key) {
        this.#mayFail();
        return this.records.get(JSON.stringify(key));
    }

    async write(content, added, removed) {
        this.#mayFail();
        this.writeCount += 1;
        const key = (chunk, byteCount) => JSON.stringify([content.contentHash, chunk, byteCount]);
        for (const [chunk, byteCount] of removed) this.records.delete(key(chunk, byteCount));
        for (const [chunk, byteCount, record] of added) {
            this.records.set(key(chunk, byteCount), structuredClone(record));
        }
        this.contentRecords.set(content.contentHash, structuredClone(content));
    }

    async removeContent(contentHash) {
        for (const key of [...this.records.keys()]) if (JSON.parse(key)[0] === contentHash) this.records.delete(key);
        this.contentRecords.delete(contentHash);
    }

    close() {}

    #mayFail() {
        if (this.failure) throw this.failure;
    }
}

/** As DecodePool, without threads. */
export class InlinePool {
    #decoder = new ChunkDecoder({ createBitmap: async (blob) => ({ byteCount: blob.size, close() {} }) });
    isPaused = false;
    bytesPerSecond = 123456;
    queuedCount = 0;
    queuedByteCount = 0;
    decoded = [];
    isClosed = false;

    constructor(dracoModule) {
        if (dracoModule) this.#decoder.setDraco(dracoModule);
    }

    addGeometry(geometry, facts) { this.#decoder.setGeometries([[geometry, facts]]); }

    async decode(kind, bytes) {
        this.queuedCount += 1;
        this.queuedByteCount += bytes.length;
        this.decoded.push(bytes);
        try {
            return await this.#decoder.decode(kind, new Uint8Array(bytes));
        } finally {
            this.queuedCount -= 1;
            this.queuedByteCount -= bytes.length;
        }
    }

    close() { this.isClosed = true; }
}

/** As Core: draws whatever is resident, one draw for each node. */
export class FakeCore {
    nodes = new Map();
    geometries = [];
    sectors = [];
    limits = null;
    toEvict = [];
    selections = [];
    thresholdPixels = 1;
    isThresholdMoving = false;
    failure = null;

    reset() {
        this.nodes.clear();
        this.geometries = [];
        this.sectors = [];
    }

    setLimits(gpuByteCount, triangleCount) { this.limits = { gpuByteCount, triangleCount }; }

    addGeometry(message) {
        this.#mayFail();
        this.geometries.push(wire.decodeServerMessage(message));
    }

    addSector(header, table) {
        this.#mayFail();
        this.sectors.push({ header: Uint8Array.from(header), table });
    }

    addNode(header, chunk, gpuByteCount) {
        this.#mayFail();
        const node = new DataView(header.buffer, header.byteOffset).getUint32(4, true);
        this.nodes.set(node, { chunk, gpuByteCount });
    }

    removeChunk(chunk) {
        for (const [node, entry] of [...this.nodes]) if (entry.chunk === chunk) this.nodes.delete(node);
    }

    select(view, thresholdPixels, wantsInstances) {
        if (this.refusesViews) return null;
        this.selections.push({ view, thresholdPixels, wantsInstances });
        const draws = Uint32Array.from([...this.nodes.keys()].flatMap((node) => [node, 0, 3, 0, 1, 0]));
        return {
            draws, drawCount: draws.length / 6, visible: Uint32Array.of(0),
            instances: wantsInstances ? new Float32Array(16) : null, instanceCount: 1, reference: [0, 0, 0],
            statistics: {
                triangleCount: this.nodes.size, thresholdPixels: Math.max(this.thresholdPixels, thresholdPixels),
                isThresholdMoving: this.isThresholdMoving,
            },
        };
    }

    evict() {
        const chunks = Uint32Array.from(this.toEvict);
        for (const chunk of chunks) this.removeChunk(chunk);
        this.toEvict = [];
        return chunks;
    }

    #mayFail() {
        if (this.failure) throw this.failure;
    }
}

export const perspective = {
    eye: [0, 0, 5], orientation: [0, 0, 0, 1], projection: 'perspective', scale: 0.5, width: 800, height: 600,
};
