// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Milliseconds per frame for copying to the GPU while somebody watches, and at a time while nobody does. */
const uploadMilliseconds = 2;
const hiddenUploadMilliseconds = 20;

/**
 * Takes what a stream delivers to a renderer, in the stream's order and a little per frame, and keeps how long that takes.
 *
 * Of draw lists only the newest counts; instance tables, which come only when they changed, are never lost with an older
 * list. `onWork()` asks for a frame.
 */
export class StreamFeed {
    #stream;
    #renderer = null;
    #meter;
    #onWork;
    /** Events from before there was a renderer, as calls. */
    #early = [];
    #draw = null;
    #isChanged = false;
    #endings;

    constructor(stream, meter, onWork) {
        this.#stream = stream;
        this.#meter = meter;
        this.#onWork = onWork;
        this.#endings = [
            this.#take('material', (event) => this.#renderer.setMaterial(event)),
            this.#take('mesh', (event) => this.#renderer.addMesh(event)),
            this.#take('texture', (event) => this.#renderer.addTexture(event)),
            this.#take('draw', (event) => this.#keepDraw(event)),
            this.#take('drop', (event) => this.#drop(event)),
        ];
    }

    /** The stream may start before the renderer is ready: what came until now is handed over. */
    attach(renderer) {
        this.#renderer = renderer;
        const early = this.#early;
        this.#early = [];
        for (const take of early) take();
    }

    /** Whether something waits to be copied to the GPU. */
    get hasPendingUploads() {
        return this.#early.length > 0 || (this.#renderer?.statistics.waitingCount ?? 0) > 0;
    }

    /** Does a frame's share of the work; true if the picture is another than before. */
    frame() {
        if (!this.#renderer) return false;
        this.#meter.measure(this.#draw ? 'upload and draw list' : 'upload', () => {
            this.#upload(uploadMilliseconds);
            this.#flushDraw();
        });
        const isChanged = this.#isChanged;
        this.#isChanged = false;
        return isChanged;
    }

    /** Works on while the page is hidden and gets no frames, so that nothing piles up. */
    hiddenFrame() {
        if (!this.#renderer) return;
        this.#upload(hiddenUploadMilliseconds);
        this.#flushDraw();
    }

    /** Takes no more events. */
    dispose() {
        for (const end of this.#endings) end?.();
    }

    #take(name, handler) {
        const take = (event) => {
            this.#meter.measure(name, () => handler(event));
            this.#isChanged = this.#isChanged || name !== 'mesh';
            this.#onWork();
        };
        return this.#stream.on(name, (event) => (this.#renderer ? take(event) : this.#early.push(() => take(event))));
    }

    #upload(milliseconds) {
        // Textures change the picture by themselves; meshes do with the next draw list.
        if (this.hasPendingUploads) this.#isChanged = true;
        const nodes = this.#renderer.upload(milliseconds);
        if (nodes.length > 0) this.#stream.uploaded(nodes);
    }

    #keepDraw(event) {
        const instances = event.instances ?? this.#draw?.instances ?? null;
        const instanceCount = event.instances ? event.instanceCount : this.#draw?.instanceCount ?? event.instanceCount;
        this.#draw = { ...event, instances, instanceCount };
    }

    /** What is dropped is in no list after the one that came before: that one has to be in place first. */
    #drop(event) {
        this.#flushDraw();
        this.#renderer.drop(event);
    }

    #flushDraw() {
        if (!this.#draw) return;
        this.#renderer.setDraw(this.#draw);
        this.#draw = null;
    }
}
