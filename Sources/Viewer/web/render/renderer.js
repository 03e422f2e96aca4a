// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { fileAddress } from '../addresses.js';
import { backgroundColors } from './background-colors.js';
import { DataTable } from './data-table.js';
import { DrawList } from './draw-list.js';
import { frameByteCount, writeFrame } from './frame-block.js';
import { FrameWatch } from './frame-watch.js';
import { GraphicsContext } from './graphics-context.js';
import { MaterialStore } from './material-store.js';
import { MeshStore } from './mesh-store.js';
import { Painter } from './painter.js';
import { Picker } from './picker.js';
import { ProgramLibrary, fetchShaders, units } from './program-library.js';
import { RenderTarget } from './render-target.js';
import { TextureStore } from './texture-store.js';
import { UploadQueue } from './upload-queue.js';

export { WebGLUnavailableError } from './webgl-unavailable-error.js';

const noNodes = new Uint32Array(0);

/**
 * Draws a model with WebGL2: takes a stream's events, puts meshes and textures on the GPU within a budget per frame,
 * and draws the list that the stream selected.
 *
 * When the GPU takes the context away, everything but the materials is forgotten and `onLost` is called; after
 * `onRestored` the owner sends meshes, textures and a draw list again. Until then every method does nothing.
 */
export class Renderer {
    #canvas;
    #shaders;
    #context;
    #textures = new TextureStore();
    #materials = new MaterialStore(this.#textures);
    #queue = new UploadQueue();
    #list = new DrawList();
    #meshes;
    #tables;
    #programs;
    #painter;
    #target;
    #picker;
    #block;
    #blockValues = new Float32Array(frameByteCount / 4);
    #reference = [0, 0, 0];
    #measuredBounds = null;
    #view = null;
    #background = backgroundColors('light');
    #dropped = new Set();
    #watch = new FrameWatch();
    #isLost = false;
    #isDisposed = false;
    #hasOverflowed = false;
    #listeners = new AbortController();

    /** Called when the context is lost. */
    onLost = () => {};
    /** Called when it is back and empty. */
    onRestored = () => {};
    /** Everything that can be drawn, {minimum, maximum} in metres; without it, it is measured from what is drawn. */
    bounds = null;

    /**
     * @param {HTMLCanvasElement} canvas
     * @param {{shaderRoot?: URL | string}} [options] where the shaders are served
     * @throws {WebGLUnavailableError}
     */
    static async create(canvas, { shaderRoot = fileAddress('shaders/') } = {}) {
        const shaders = await fetchShaders(new URL(shaderRoot, globalThis.location?.href));
        return new Renderer(canvas, { shaders });
    }

    /**
     * @param {HTMLCanvasElement} canvas
     * @param {{shaders: Record<string, string>}} options texts by file name, as `create` fetches them
     * @throws {WebGLUnavailableError}
     */
    constructor(canvas, { shaders }) {
        this.#canvas = canvas;
        this.#shaders = shaders;
        this.#build();
        const { signal } = this.#listeners;
        canvas.addEventListener('webglcontextlost', (event) => this.#lose(event), { signal });
        canvas.addEventListener('webglcontextrestored', () => this.#restore(), { signal });
    }

    /** What the GPU is and can; `isSoftware` says that it is none. */
    get capabilities() {
        return this.#context.capabilities;
    }

    /** Bytes allocated on the GPU: pages, textures, tables, and the picture's buffers. */
    get gpuByteCount() {
        return this.statistics.gpuByteCount;
    }

    get statistics() {
        const { pageByteCount, usedByteCount, meshCount } = this.#meshes;
        const tableByteCount = Object.values(this.#tables).reduce((sum, table) => sum + table.byteCount, 0)
            + this.#materials.byteCount;
        const [textureByteCount, targetByteCount] = [this.#textures.byteCount, this.#target.byteCount];
        return {
            pageByteCount, meshByteCount: usedByteCount, meshCount, textureByteCount, tableByteCount, targetByteCount,
            gpuByteCount: pageByteCount + textureByteCount + tableByteCount + targetByteCount,
            waitingCount: this.#waitingCount, compilingCount: this.#programs.pendingCount,
            drawCount: this.#list.drawCount, hasOverflowed: this.#hasOverflowed,
        };
    }

    get #waitingCount() {
        return this.#queue.waitingCount + this.#meshes.waitingCount;
    }

    get isLost() {
        return this.#isLost;
    }

    /** @param {'light' | 'dark' | {top: string, bottom: string}} theme colours as `#rrggbb` */
    set theme(theme) {
        this.#background = backgroundColors(theme);
    }

    /** Physical pixels. */
    resize(width, height) {
        this.#canvas.width = Math.max(1, Math.round(width));
        this.#canvas.height = Math.max(1, Math.round(height));
    }

    /** @param {object} event a material event */
    setMaterial(event) {
        this.#materials.set(event);
        // Its program is compiled while its meshes are on their way.
        if (!this.#isLost) this.#programs.prepare(this.#materials.get(event.material).variant);
    }

    /** Queues a mesh event; `upload` puts it on the GPU. */
    addMesh(event) {
        if (this.#isLost) return;
        this.#dropped.delete(event.node);
        this.#queue.addMesh(event);
    }

    /** Queues a texture event. */
    addTexture(event) {
        if (!this.#isLost) this.#queue.addTexture(event);
    }

    /**
     * Puts queued things on the GPU until the time is over. A mesh in new memory can be drawn when the driver has had it,
     * and none is told of, for a moment, while programs of new materials are being made.
     * @returns {Uint32Array} nodes that can be drawn from now on
     */
    upload(budgetMilliseconds) {
        if (this.#isLost || this.#waitingCount === 0) return noNodes;
        if (!this.#meshes.settle()) this.#hasOverflowed = true;
        this.#queue.run(budgetMilliseconds, (event) => this.#meshes.add(event), this.#textures);
        this.#programs.poll();
        // What is seen is not replaced by what would be drawn plainly for a moment.
        if (this.#list.triangleCount > 0 && this.#programs.isAwaited(performance.now())) return noNodes;
        return Uint32Array.from(this.#meshes.takeUploaded());
    }

    /** @param {object} event a draw event; its arrays belong to the renderer from now on */
    setDraw(event) {
        if (this.#isLost) return;
        this.#list.build(event, this.#meshes, this.#materials);
        this.#reference = event.reference;
        const { draws, visible, instances } = this.#tables;
        visible.reserve(event.visible.length);
        visible.write(event.visible, 0, event.visible.length);
        if (event.instances) {
            const words = new Int32Array(event.instances.buffer, event.instances.byteOffset, event.instances.length);
            instances.reserve(4 * event.instanceCount);
            instances.write(words, 0, 4 * event.instanceCount);
        }
        draws.reserve(2 * this.#list.drawCount);
        draws.write(this.#list.table, 0, 2 * this.#list.drawCount);
        if (!this.bounds) this.#measuredBounds = this.#measure(event);
        this.#removeDropped();
    }

    /** @param {object} event a drop event; what the current list still draws goes with the next list */
    drop({ nodes, textures }) {
        if (this.#isLost) return;
        for (const node of nodes) {
            this.#queue.dropMesh(node);
            this.#dropped.add(node);
        }
        this.#removeDropped();
        for (const { texture, level } of textures ?? []) {
            this.#queue.dropTexture(texture, level);
            this.#textures.remove(texture, level);
        }
    }

    /**
     * Draws the current list.
     * @param {object} view its width and height are the canvas's
     * @param {{isMoving?: boolean}} [pace] while moving, edges are left rough where there is no GPU
     * @returns {{drawCallCount: number, triangleCount: number, milliseconds: number}} the CPU's time
     */
    render(view, { isMoving = false } = {}) {
        const start = performance.now();
        if (this.#isLost) return { drawCallCount: 0, triangleCount: 0, milliseconds: 0 };
        const gl = this.#context.gl;
        this.#view = { ...view, width: this.#canvas.width, height: this.#canvas.height };
        this.#programs.poll();
        this.#sortBlended(view.eye);
        writeFrame(this.#blockValues, this.#frame());
        gl.bindBuffer(gl.UNIFORM_BUFFER, this.#block);
        gl.bufferSubData(gl.UNIFORM_BUFFER, 0, this.#blockValues);
        gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.#block);
        this.#target.bind(this.#view.width, this.#view.height, !(isMoving && this.capabilities.isSoftware));
        const drawCallCount = this.#painter.drawPicture(this.#list, this.#tables);
        this.#target.show();
        this.#watch.begin(gl, start);
        const triangleCount = this.#list.triangleCount;
        return { drawCallCount, triangleCount, milliseconds: performance.now() - start };
    }

    /** Whether the GPU still works on what it was given. A picture more would only queue up and show later. */
    get isBusy() {
        return !this.#isLost && (this.#watch.isBusy || this.#meshes.isBusy);
    }

    /** How long the GPU took for its last picture, as far as frames can tell. */
    get gpuMilliseconds() {
        return this.#watch.milliseconds;
    }

    /**
     * What is at a place of the picture last rendered, or within two pixels of it.
     * @param {number} x physical pixels from the left
     * @param {number} y from the top
     * @returns {Promise<{treeNode: number, instance: number, depth: number, position: number[]} | null>} `depth` in
     *   metres along the view; null for the background
     */
    async pick(x, y) {
        if (this.#isLost || !this.#view || this.#list.drawCount === 0) return null;
        this.#picker ??= new Picker(this.#context.gl);
        return this.#picker.pick(x, y, this.#frame(), () => {
            this.#painter.drawIdentities(this.#list, this.#tables);
        });
    }

    /** Metres along the view at a place of the picture, or null. */
    async depthAt(x, y) {
        return (await this.pick(x, y))?.depth ?? null;
    }

    /** Gives the GPU's memory back. The canvas cannot be drawn on again. */
    dispose() {
        if (this.#isDisposed) return;
        this.#isDisposed = true;
        this.#listeners.abort();
        this.#queue.clear();
        this.#meshes.dispose();
        this.#isLost = true;
        this.#context.gl.getExtension('WEBGL_lose_context')?.loseContext();
    }

    #build() {
        this.#context = new GraphicsContext(this.#canvas);
        const gl = this.#context.gl;
        gl.activeTexture(gl.TEXTURE0 + units.uploads);
        this.#meshes = new MeshStore(gl);
        this.#tables = {
            draws: new DataTable(gl, 'int4'), visible: new DataTable(gl, 'uint1'), instances: new DataTable(gl, 'int4'),
        };
        this.#textures.attach(this.#context);
        this.#materials.attach(gl);
        this.#programs = new ProgramLibrary(this.#context, this.#shaders);
        this.#painter = new Painter(this.#context, this.#programs, this.#textures, this.#materials);
        this.#target = new RenderTarget(this.#context);
        this.#picker = null;
        this.#list = new DrawList();
        this.#block = gl.createBuffer();
        gl.bindBuffer(gl.UNIFORM_BUFFER, this.#block);
        gl.bufferData(gl.UNIFORM_BUFFER, frameByteCount, gl.DYNAMIC_DRAW);
    }

    #lose(event) {
        event.preventDefault();
        this.#isLost = true;
        this.#queue.clear();
        this.#dropped.clear();
        this.onLost();
    }

    #restore() {
        if (this.#isDisposed) return;
        this.#build();
        this.#isLost = false;
        this.onRestored();
    }

    #removeDropped() {
        for (const node of this.#dropped) {
            if (this.#meshes.get(node)?.drawnIn === this.#list.generation) continue;
            this.#dropped.delete(node);
            this.#meshes.remove(node);
        }
    }

    #measure(event) {
        const box = this.#list.measureBounds(event, this.#meshes);
        if (!box) return null;
        const toWorld = (corner) => corner.map((place, axis) => place + this.#reference[axis]);
        return { minimum: toWorld(box.minimum), maximum: toWorld(box.maximum) };
    }

    #frame() {
        return {
            view: this.#view, reference: this.#reference, isReversed: this.#context.isReversed,
            bounds: this.bounds ?? this.#measuredBounds ?? { minimum: [-1, -1, -1], maximum: [1, 1, 1] },
            top: channels(this.#background.top), bottom: channels(this.#background.bottom),
        };
    }

    #sortBlended(eye) {
        if (!this.#list.sortBlended(eye.map((place, axis) => place - this.#reference[axis]))) return;
        const first = 2 * this.#list.opaqueCount;
        this.#tables.draws.write(this.#list.table, first, 2 * this.#list.drawCount - first);
    }
}

// '#rrggbb' as three numbers of 0 … 1.
function channels(color) {
    return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
}
