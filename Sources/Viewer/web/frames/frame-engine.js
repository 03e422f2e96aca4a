// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Connection, realClock } from '../stream/connection.js';
import { StreamMeter } from '../stream/stream-meter.js';
import { ViewSender, isView } from '../stream/view-sender.js';
import * as wire from '../wire/messages.generated.js';
import { DepthGrid } from './depth-grid.js';
import { FrameAssembler } from './frame-assembler.js';
import { FrameQueue } from './frame-queue.js';
import { IdentityMap } from './identity-map.js';
import { closePicture, decodePicture, sizeOfPicture } from './image-decoding.js';

/** The protocol allows 30 views per second. */
const viewMilliseconds = 34;
const statisticsMilliseconds = 250;
/** Views whose time of input is kept, for the frames that show them. */
const mostInputs = 256;

/**
 * The stream of a model's pictures, drawn by the server: takes frames apart from the connection, puts them together,
 * decodes them one at a time, and tells the server what became of each.
 *
 * Everything it says goes through `emit(name, event, transfers)`:
 * - `status`, `welcome`, `notice`, `settled`, `statistics`: as Stream's
 * - `frame` { header, picture, grid, decodeMicroseconds, inputAt, received, connection }: the next frame to show;
 *   `picture` is null where it has no payload, and whoever takes the event closes it. `grid` has the fields of a DepthGrid,
 *   or is null. `inputAt` is when the input of its view was, as given to `setView`, or null; `received` has the
 *   receivedByteCount and receivedFrameCount so far. The owner answers with `shown`.
 * - `identities` an IdentityMap message · `picked` a Picked message · `replaced`: another content under this name
 *
 * Works on the page or in a worker.
 */
export class FrameEngine {
    #emit;
    #decode;
    #clock;
    #connection;
    #views;
    #meter;
    #assembler = new FrameAssembler();
    #queue = new FrameQueue();
    #isDecoding = false;
    #isAlone;
    #isServerDrawing = false;
    #isVisible = true;
    #isVisibleToServer = true;
    /** When the newest view was made, and those that were sent, by their sequence. */
    #newestInput = null;
    #inputs = new Map();
    /** Counts connections: frames have numbers of their own on each. */
    #number = 0;
    #receivedCount = 0;
    #timer = null;
    #sentStatistics = '';

    /**
     * `options` are Connection's address, hello and the threshold in pixels, and `wish`, what the server is asked for.
     * `connect(observer)` gives { connection, views } where others use the connection too; views then call `viewSent`.
     */
    constructor({ thresholdPixels = 1, ...options }, {
        emit, decode = decodePicture, clock = realClock, connect = null, ...parts
    }) {
        this.#emit = emit;
        this.#decode = decode;
        this.#clock = clock;
        this.#meter = new StreamMeter(clock);
        this.#isAlone = connect === null;
        const { connection, views } = (connect ?? (() => this.#connectAlone(options, parts)))(this);
        this.#connection = connection;
        this.#views = views;
        this.#views.threshold = thresholdPixels;
    }

    #connectAlone({ wish = 'server', ...options }, parts) {
        const clock = this.#clock;
        const connection = new Connection({
            ...options, ...parts, clock, path: 'auto', canResume: false, observer: this,
            negotiation: () => ({ wish, can: ['server'] }),
        });
        const onSend = (sequence) => this.viewSent(sequence);
        return { connection, views: new ViewSender(connection, clock, { shortest: viewMilliseconds, onSend }) };
    }

    start() {
        this.#connection.open();
        if (this.#timer === null) this.#tick();
    }

    /** The camera, at any rate; the newest counts. `at`: when its input was, in milliseconds of the owner's clock. */
    setView(view, motion, at = null) {
        if (!isView(view)) return;
        this.#newestInput = at;
        this.#views.setView(view, motion);
    }

    setThreshold(pixels) {
        this.#views.threshold = pixels;
    }

    /** What the viewer is and can; see Connection. */
    setHello(hello) {
        this.#connection.hello = hello;
    }

    setVisible(isVisible) {
        this.#isVisible = isVisible;
        this.#tellVisibility();
    }

    /** Asks what is at a place (clip space) of a frame; 0: of the newest view. Answered by `picked`, or never. */
    pick(request, frame, place) {
        if (this.#isServerDrawing) this.#connection.send(wire.encodePick({ request, frame, place }));
    }

    /** A frame was presented, or will never be. Latency in microseconds; 0: there was no input. */
    shown({ frame, connection, isSkipped, decodeMicroseconds, latencyMicroseconds }) {
        if (connection !== this.#number) return;
        this.#connection.send(wire.encodeFrameShown({
            frame, isSkipped, decodeMicroseconds: limited(decodeMicroseconds),
            latencyMicroseconds: limited(latencyMicroseconds),
        }));
    }

    reconnect() {
        this.#connection.open();
    }

    close() {
        this.#clock.clearTimeout(this.#timer);
        this.#views.stop();
        this.#reset();
        this.#connection.close();
    }

    // What Connection asks and tells.

    status(event) {
        if (event.state !== 'open') this.#reset();
        this.#emit('status', event, []);
    }

    ready() {
        this.#views.restart();
    }

    replaced() {
        this.#emit('replaced', {}, []);
    }

    holdings() {
        return { resident: [], stored: [] };
    }

    backlog() {
        return { byteCount: 0, bytesPerSecond: 0 };
    }

    /** The newest view is on its way, with this sequence. */
    viewSent(sequence) {
        this.#inputs.set(sequence, this.#newestInput);
        if (this.#inputs.size > mostInputs) this.#inputs.delete(this.#inputs.keys().next().value);
    }

    message(message, bytes) {
        const now = this.#clock.now();
        this.#meter.received(bytes.length);
        switch (message.type) {
        case 'welcome': this.#welcomed(message.json); break;
        case 'frame': this.#begin(message, now); break;
        case 'framePart': this.#received(this.#assembler.add(message, now)); break;
        case 'frameCancelled': if (this.#assembler.cancel(message)) this.#queue.cancel(message.frame); break;
        case 'identityMap': this.#identified(message); break;
        case 'picked': this.#emit('picked', message, []); break;
        case 'notice': this.#emit('notice', message.json, []); break;
        case 'path': this.#answer(message); break;
        case 'settled': break;  // On this path a still says so.
        default: throw new wire.WireError('ServerMessage', 'type', `${message.type} is none of the server path`);
        }
        this.#pump();
    }

    #welcomed(welcome) {
        // With others on the connection, frames may come at any time.
        this.#isServerDrawing = !this.#isAlone || welcome.path === 'server';
        this.#isVisibleToServer = true;
        this.#emit('welcome', welcome, []);
        if (this.#isServerDrawing) this.#tellVisibility();
        else this.#refuse(welcome.reason);
    }

    /** The server would stream chunks, which nobody here can draw. */
    #refuse(reason) {
        this.#connection.close();
        const message = reason || 'The server draws no pictures.';
        this.#emit('status', { state: 'failed', code: 'noServerPath', message, retrySeconds: 0 }, []);
    }

    /** There is one path that can be shown here. */
    #answer({ number, path }) {
        const isShown = path === wire.RenderPath.server;
        const json = isShown ? {} : { reason: 'This viewer shows pictures of the server only.' };
        this.#connection.send(wire.encodePathShown({ number, isShown, json }));
    }

    #tellVisibility() {
        if (!this.#isServerDrawing || this.#isVisible === this.#isVisibleToServer) return;
        const isSent = this.#connection.send(wire.encodeVisibility({ isVisible: this.#isVisible }));
        if (isSent) this.#isVisibleToServer = this.#isVisible;
    }

    #begin(header, now) {
        const whole = this.#assembler.begin(header, now);
        this.#queue.begin(header, DepthGrid.of(header));
        this.#receivedCount += 1;
        this.#received(whole);
    }

    #received(whole) {
        if (!whole) return;
        const { header: { frame }, bytes, gapMilliseconds } = whole;
        this.#connection.send(wire.encodeFrameReceived({ frame, gapMicroseconds: limited(gapMilliseconds * 1000) }));
        this.#queue.complete(frame, bytes);
    }

    #identified(message) {
        IdentityMap.check(message);
        this.#emit('identities', message, []);
    }

    /** Decodes what is next, one at a time: more would only compete for the same processor. */
    async #pump() {
        for (const frame of this.#queue.takeSkipped()) this.#skip(frame, this.#number);
        if (this.#isDecoding) return;
        const next = this.#queue.next();
        if (!next) return;
        this.#isDecoding = true;
        const number = this.#number;
        try {
            await this.#decodeNext(next, number);
        } finally {
            this.#isDecoding = false;
            this.#pump();
        }
    }

    async #decodeNext({ header, grid, bytes }, connection) {
        const began = this.#clock.now();
        let picture = null;
        try {
            picture = bytes.length > 0 ? checked(await this.#decode(bytes, header.codec), header) : null;
        } catch (error) {
            this.#skip(header.frame, connection);
            const message = `A picture of the server could not be decoded: ${error?.message ?? error}`;
            this.#emit('notice', { code: 'undecodableFrame', message }, []);
            return;
        }
        if (connection !== this.#number) {
            closePicture(picture);
            return;
        }
        const decodeMicroseconds = (this.#clock.now() - began) * 1000;
        const inputAt = this.#inputs.get(header.view) ?? null;
        const transfers = isTransferable(picture) ? [picture] : [];
        const received = { receivedByteCount: this.#meter.receivedByteCount, receivedFrameCount: this.#receivedCount };
        const event = { header, picture, grid, decodeMicroseconds, inputAt, received, connection };
        this.#emit('frame', event, transfers);
    }

    #skip(frame, connection) {
        this.shown({ frame, connection, isSkipped: true, decodeMicroseconds: 0, latencyMicroseconds: 0 });
    }

    /** Forgets what belongs to a connection. */
    #reset() {
        this.#number += 1;
        this.#assembler = new FrameAssembler();
        this.#queue = new FrameQueue();
        this.#inputs.clear();
        this.#isServerDrawing = false;
    }

    #tick() {
        const statistics = {
            receivedByteCount: this.#meter.receivedByteCount, bandwidth: this.#meter.bandwidth,
            roundTripSeconds: this.#connection.roundTripSeconds, receivedFrameCount: this.#receivedCount,
            viewSequence: this.#views.sequence,
        };
        const text = JSON.stringify(statistics);
        if (text !== this.#sentStatistics) this.#emit('statistics', statistics, []);
        this.#sentStatistics = text;
        this.#timer = this.#clock.setTimeout(() => this.#tick(), statisticsMilliseconds);
    }
}

function checked(picture, { imageWidth, imageHeight }) {
    const { width, height } = sizeOfPicture(picture);
    if (width === imageWidth && height === imageHeight) return picture;
    closePicture(picture);
    throw new Error(`it has ${width} × ${height} pixels, not ${imageWidth} × ${imageHeight}`);
}

const isTransferable = (picture) => typeof ImageBitmap === 'function' && picture instanceof ImageBitmap;
const limited = (value) => Math.min(Math.max(Math.round(value) || 0, 0), 0xffffffff);
