// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { encodeHint, encodeHoldings, HoldingKind } from '../wire/messages.generated.js';

import { BudgetSender } from './budget-sender.js';
import { ChunkIntake } from './chunk-intake.js';
import { rangesOf } from './chunk-ranges.js';
import { ChunkReports } from './chunk-reports.js';
import { Connection, realClock } from './connection.js';
import { GeometryIntake } from './geometry-intake.js';
import { Selector } from './selector.js';
import { StreamMeter } from './stream-meter.js';
import { isView, ViewSender } from './view-sender.js';

const statisticsMilliseconds = 250;
// Connecting does not wait longer for the store to say what it has.
const storeMilliseconds = 200;

/**
 * What the stream worker does, without the worker: everything between the connection and the page but drawing.
 *
 * The page gets events by `emit(name, event, transfers)`, named as class Stream's; `mesh` carries an array of them.
 * What the page says comes in by the methods. One thread; nothing blocks.
 */
export class StreamEngine {
    #options;
    #core;
    #pool;
    #store;
    #clock;
    #emit;
    #meter;
    #connection;
    #views;
    #view = null;
    /** Of the newest view, as its owner counts; draw lists carry it. */
    #viewNumber = 0;
    #isDrawing = true;
    #intake;
    #geometries;
    #selector;
    #reports;
    #modelKey;
    #storeReady = Promise.resolve();
    #hint = null;
    #budgets;
    #drawnTriangleCount = 0;
    #settled = null;
    #isViewBad = false;
    #isClosed = false;
    #toldHash = null;
    #ticker = null;

    /**
     * @param {object} options url, model, session, token, limits, thresholdPixels, hello, viewport: as of class Stream
     * @param {object} parts `core` (Core), `pool` (DecodePool), `store` (ChunkStore), `emit`; `connect(observer)`, which
     *     gives { connection, views } where others use the connection too; and what tests replace: `clock`,
     *     `openSocket`, `random`
     */
    constructor(options, { core, pool, store, emit, clock: realTime = realClock, connect, openSocket, random }) {
        this.#options = { thresholdPixels: 1, ...options };
        this.#meter = new StreamMeter(realTime);
        this.#clock = {
            ...realTime, setTimeout: (task, delay) => realTime.setTimeout(() => this.#meter.measure(task), delay),
        };
        this.#core = core;
        this.#pool = pool;
        this.#store = store;
        this.#emit = emit;
        this.#modelKey = `${options.url} ${options.session ?? ''} ${options.model ?? ''}`;
        this.#connect(connect ?? ((observer) => this.#connectAlone(observer, openSocket, random)));
        this.#select();
    }

    #connectAlone(observer, openSocket, random) {
        const clock = this.#clock;
        const { url, model, session, token, viewport, hello } = this.#options;
        const connection = new Connection({
            url, model, session, token, viewport, hello, clock, openSocket, random, observer,
        });
        return { connection, views: new ViewSender(connection, clock) };
    }

    #connect(connect) {
        const clock = this.#clock;
        const { connection, views } = connect(this.#observer());
        this.#connection = connection;
        this.#views = views;
        this.#budgets = new BudgetSender(this.#connection);
        this.#reports = new ChunkReports({
            clock, send: (bytes) => this.#connection.send(bytes), isStored: (chunk) => this.#store.has(chunk),
        });
    }

    #select() {
        this.#selector = new Selector({
            core: this.#core, clock: this.#clock, thresholdPixels: this.#options.thresholdPixels,
            draw: (event) => this.#draw(event), evict: (chunks) => this.#intake.evict(chunks),
            refuse: () => this.#tellBadView(),
        });
        this.#intake = new ChunkIntake({
            core: this.#core, pool: this.#pool, store: this.#store, meter: this.#meter, emit: this.#emit,
            changed: () => this.#changed(), evicted: (chunk) => this.#reports.evicted(chunk),
            lost: (chunk) => this.#reports.lost(chunk),
        });
        this.#geometries = new GeometryIntake({ core: this.#core, pool: this.#pool, emit: this.#emit });
        this.#intake.setLimits(this.#options.limits);
        this.#views.threshold = this.#options.thresholdPixels;
    }

    /** Connects, with what the store has of the model. */
    async start() {
        this.#tick();
        const known = this.#store.lastContent(this.#modelKey).then(async (hash) => {
            // Once the server has said which content it shows, that one counts.
            if (hash !== null && this.#connection.contentHash === null) await this.#store.use(hash, this.#modelKey);
            return hash;
        });
        const patience = new Promise((resolve) => { this.#clock.setTimeout(() => resolve(null), storeMilliseconds); });
        const hash = await Promise.race([known, patience]);
        const hasChunks = hash !== null && this.#store.chunkCount > 0;
        if (!this.#isClosed) this.#connection.open(hasChunks ? hash : null);
    }

    // The page's messages.

    /**
     * @param {object} view as the contract's
     * @param {object} motion isMoving, velocity, angularVelocity, focus
     * @param {number} [number] comes back in the statistics of draw lists that are for this view, as `viewNumber`
     */
    setView(view, motion, number = 0) {
        if (!isView(view)) {
            this.#tellBadView();
            return;
        }
        this.#isViewBad = false;
        this.#settled = null;
        this.#view = view;
        this.#viewNumber = number;
        if (this.#isDrawing) this.#selector.view = view;
        this.#views.setView(view, motion);
    }

    /** Whether somebody wants draw lists. Without them nothing is selected, and what arrives is kept. */
    setDrawing(isDrawing) {
        if (isDrawing === this.#isDrawing) return;
        this.#isDrawing = isDrawing;
        if (!isDrawing) this.#selector.stop();
        else if (this.#view !== null) this.#selector.view = this.#view;
    }

    /** Gives up what is on the GPU, and tells the server. */
    evictAll() {
        this.#emit('draw', emptyDraw(), []);
        this.#intake.evictAll();
        this.#settled = null;
        this.#selector.wantInstances();
    }

    uploaded(nodes) {
        this.#intake.uploaded(nodes);
    }

    setLimits(limits) {
        this.#options.limits = { ...this.#options.limits, ...limits };
        this.#intake.setLimits(this.#options.limits);
        this.#sendBudget();
    }

    setThreshold(pixels) {
        if (!(pixels > 0)) return;
        this.#settled = null;
        this.#selector.thresholdPixels = pixels;
        this.#views.threshold = this.#selector.usedThreshold;
    }

    hint(weight, treeNodes) {
        this.#hint = encodeHint({ weight: Math.min(Math.max(weight, 1), 10), treeNodes });
        this.#connection.send(this.#hint);
    }

    /** The graphics context was lost and is there again. */
    restore() {
        this.#settled = null;
        this.#geometries.restore();
        this.#selector.wantInstances();
        return this.#intake.restore();
    }

    reconnect() {
        this.#connection.open();
    }

    async close() {
        this.#isClosed = true;
        this.#clock.clearTimeout(this.#ticker);
        this.#connection.close();
        this.#selector.stop();
        this.#views.stop();
        this.#reports.restart();
        this.#pool.close();
        await this.#store.close();
    }

    // The connection's observer.

    #observer() {
        return {
            status: (event) => this.#tellStatus(event),
            message: (message, bytes) => this.#meter.measure(() => this.#receive(message, bytes)),
            replaced: () => this.#replace(),
            ready: () => this.#begin(),
            holdings: (hash) => (
                { resident: rangesOf(this.#intake.resident.chunks), stored: this.#storedRanges(hash) }),
            backlog: () => ({ byteCount: this.#pool.queuedByteCount, bytesPerSecond: this.#pool.bytesPerSecond }),
        };
    }

    #tellStatus(event) {
        if (event.state !== 'open') this.#toldHash = null;
        this.#emit('status', event, []);
    }

    #begin() {
        this.#settled = null;
        this.#budgets.restart();
        this.#reports.restart();
        this.#views.restart();
        if (this.#hint !== null) this.#connection.send(this.#hint);
        this.#sendBudget();
    }

    #receive(message, bytes) {
        this.#meter.received(bytes.length);
        switch (message.type) {
        case 'welcome': this.#welcome(message.json); break;
        case 'material': this.#geometries.receiveMaterial(message); break;
        case 'geometry': this.#receiveGeometry(message, bytes); break;
        case 'chunk':
            this.#meter.receivedChunkCount += 1;
            if (message.kind === 1) this.#meter.firstMeshByteCount ??= this.#meter.receivedByteCount;
            this.#intake.receive(message.chunk, message.kind, message.payload);
            break;
        case 'recall':
            this.#meter.recalledChunkCount += 1;
            this.#intake.recall(message.chunk, this.#storeReady);
            break;
        case 'settled':
            this.#settled = message;
            this.#tellSettled();
            break;
        case 'notice': this.#emit('notice', message.json, []); break;
        default:
        }
    }

    #welcome(welcome) {
        const hash = welcome.model?.contentHash ?? null;
        this.#storeReady = this.#store.use(hash, this.#modelKey);
        this.#storeReady.then(() => this.#tellStored(hash));
        this.#emit('welcome', welcome, []);
    }

    /** Ranges of the stored chunks of a content, if the store knows it already; they count as told. */
    #storedRanges(hash) {
        if (this.#store.contentHash !== hash || this.#store.chunkCount === 0) return [];
        this.#toldHash = hash;
        return rangesOf(this.#store.chunks);
    }

    /** Tells a server that did not wait for it what is stored. */
    #tellStored(hash) {
        if (this.#toldHash === hash || this.#store.contentHash !== hash || this.#store.chunkCount === 0) return;
        const message = encodeHoldings({ kind: HoldingKind.stored, ranges: rangesOf(this.#store.chunks) });
        if (this.#connection.send(message)) this.#toldHash = hash;
    }

    #receiveGeometry(message, bytes) {
        try {
            this.#geometries.receiveGeometry(message, bytes);
        } catch (error) {
            this.#notify('damagedGeometry', `Geometry ${message.geometry}: ${error.message}`);
        }
        this.#changed();
    }

    /** The server has another content: nothing of the old one is left. */
    #replace() {
        const { nodes, textures } = this.#intake.clear();
        const boxes = this.#geometries.clear();
        this.#core.reset();
        this.#intake.setLimits(this.#options.limits);
        this.#emit('draw', emptyDraw(), []);
        this.#emit('drop', { nodes: Uint32Array.from([...boxes, ...nodes]), textures }, []);
        this.#selector.wantInstances();
    }

    // Selection and its results.

    #changed() {
        this.#selector?.invalidate();
        this.#tellSettled();
    }

    #draw(event) {
        this.#drawnTriangleCount = event.statistics.triangleCount;
        this.#views.threshold = this.#selector.usedThreshold;
        event.statistics.viewNumber = this.#viewNumber;
        event.statistics.firstMeshByteCount = this.#meter.firstMeshByteCount;
        // Boxes stand for parts among others. Alone, for the moment before the first mesh, they would only flash.
        if (event.statistics.residentNodeCount === 0) [event.draws, event.drawCount] = [new Uint32Array(0), 0];
        const transfers = [event.draws.buffer, event.visible.buffer];
        if (event.instances) transfers.push(event.instances.buffer);
        this.#emit('draw', event, transfers);
        this.#tellSettled();
    }

    #tellBadView() {
        if (this.#isViewBad) return;
        this.#isViewBad = true;
        this.#notify('badView', 'The camera has values that are no view.');
    }

    /**
     * Settled is told when it can be seen: everything that was sent for the newest view is on the GPU and selected. What the
     * server sends in advance may delay it, and must not swallow it.
     */
    #tellSettled() {
        const settled = this.#settled;
        if (!this.#isDrawing || settled === null || settled.view !== this.#views.sequence) return;
        if (!this.#intake.isIdle || this.#selector.isDirty) return;
        this.#settled = null;
        this.#emit('settled', { view: settled.view, thresholdPixels: settled.thresholdPixels }, []);
    }

    // Reports.

    #tick() {
        this.#ticker = this.#clock.setTimeout(() => this.#tick(), statisticsMilliseconds);
        this.#sendBudget();
        this.#tellSettled();
        this.#emit('statistics', this.#statistics(), []);
    }

    #statistics() {
        const { resident } = this.#intake;
        const { receivedByteCount, receivedChunkCount, recalledChunkCount, damagedChunkCount, bandwidth } = this.#meter;
        return {
            receivedByteCount, receivedChunkCount, recalledChunkCount, damagedChunkCount, bandwidth,
            roundTripSeconds: this.#connection.roundTripSeconds, queuedDecodeCount: this.#pool.queuedCount,
            queuedDecodeByteCount: this.#pool.queuedByteCount, decodeBytesPerSecond: this.#pool.bytesPerSecond,
            residentChunkCount: resident.chunkCount, residentNodeCount: resident.nodeCount,
            gpuByteCount: this.#intake.gpuByteCount, textureByteCount: this.#intake.textureByteCount,
            waitingUploadByteCount: resident.pendingByteCount, storedByteCount: this.#store.byteCount,
            thresholdPixels: this.#selector.usedThreshold, ...this.#meter.takeTasks(),
        };
    }

    #sendBudget() {
        this.#budgets.send(this.#options.limits, this.#intake.gpuByteCount, this.#drawnTriangleCount);
    }

    #notify(code, message) {
        this.#emit('notice', { code, message }, []);
    }
}

/** A draw list without anything. */
function emptyDraw() {
    return {
        draws: new Uint32Array(0), drawCount: 0, visible: new Uint32Array(0), instances: new Float32Array(0),
        instanceCount: 0, reference: [0, 0, 0], statistics: {},
    };
}
