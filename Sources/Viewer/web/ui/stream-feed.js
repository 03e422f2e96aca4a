// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Milliseconds per frame for copying to the GPU while somebody watches, and at a time while nobody does. */
const uploadMilliseconds = 2;
const hiddenUploadMilliseconds = 20;

/**
 * Takes what a stream delivers to a renderer, in the stream's order and a little per frame, and keeps how long that takes.
 *
 * Of draw lists only the newest counts; instance tables, which come only when they changed, are never lost with an older
 * list. `onWork()` asks for a frame. Textures count as pending by the renderer's `hasPendingUploads`.
 */
export class StreamFeed {
    #stream;
    #renderer;
    #meter;
    #onWork;
    #draw = null;
    #isChanged = false;
    #endings;

    constructor(stream, renderer, meter, onWork) {
        this.#stream = stream;
        this.#renderer = renderer;
        this.#meter = meter;
        this.#onWork = onWork;
        this.#endings = [
            this.#take('material', (event) => renderer.setMaterial(event)),
            this.#take('mesh', (event) => renderer.addMesh(event)),
            this.#take('texture', (event) => renderer.addTexture(event)),
            this.#take('draw', (event) => this.#keepDraw(event)),
            this.#take('drop', (event) => this.#drop(event)),
        ];
    }

    /** Whether something waits to be copied to the GPU. */
    get hasPendingUploads() {
        return Boolean(this.#renderer.hasPendingUploads);
    }

    /** Does a frame's share of the work; true if the picture is another than before. */
    frame() {
        this.#meter.measure('frame', () => {
            this.#upload(uploadMilliseconds);
            this.#flushDraw();
        });
        const isChanged = this.#isChanged;
        this.#isChanged = false;
        return isChanged;
    }

    /** Works on while the page is hidden and gets no frames, so that nothing piles up. */
    hiddenFrame() {
        this.#upload(hiddenUploadMilliseconds);
        this.#flushDraw();
    }

    /** Takes no more events. */
    dispose() {
        for (const end of this.#endings) end?.();
    }

    #take(name, handler) {
        return this.#stream.on(name, (event) => {
            this.#meter.measure(name, () => handler(event));
            this.#isChanged = this.#isChanged || name !== 'mesh';
            this.#onWork();
        });
    }

    #upload(milliseconds) {
        const nodes = this.#renderer.upload(milliseconds);
        if (nodes.length > 0) {
            this.#stream.uploaded(nodes);
            this.#isChanged = true;
        }
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
