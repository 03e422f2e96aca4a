// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { conjugate, dot, rotate, subtract } from '../camera/vector.js';

const sides = [
    { normal: [1, 0, 0], corners: [1, 3, 7, 5] }, { normal: [-1, 0, 0], corners: [0, 4, 6, 2] },
    { normal: [0, 1, 0], corners: [2, 6, 7, 3] }, { normal: [0, -1, 0], corners: [0, 1, 5, 4] },
    { normal: [0, 0, 1], corners: [4, 5, 7, 6] }, { normal: [0, 0, -1], corners: [0, 2, 3, 1] },
];

/** Draws boxes on a plain 2D canvas, farthest first, and picks them by rays. */
export class FakeRenderer {
    static async create(canvas, play) {
        if (play !== 'webgl') return new FakeRenderer(canvas);
        const error = new Error('The browser gave no WebGL 2 context.');
        error.name = 'WebGLUnavailableError';
        throw error;
    }

    #context;
    #waiting = [];
    #boxes = new Map();
    #isDark = false;
    #view = null;
    capabilities = { version: 'fake', isSoftware: true };

    constructor(canvas) {
        this.canvas = canvas;
        this.#context = canvas.getContext('2d');
    }

    get gpuByteCount() {
        return this.#boxes.size * 200_000;
    }

    get statistics() {
        return { waitingCount: this.#waiting.length, compilingCount: 0 };
    }

    set theme(theme) {
        this.#isDark = theme === 'dark';
    }

    setMaterial() {}

    addTexture() {}

    setDraw() {}

    drop() {}

    dispose() {}

    addMesh(event) {
        this.#waiting.push(event);
    }

    upload() {
        const some = this.#waiting.splice(0, 2);
        for (const { node, box } of some) this.#boxes.set(node, box);
        return new Uint32Array(some.map(({ node }) => node));
    }

    resize(width, height) {
        this.canvas.width = width;
        this.canvas.height = height;
    }

    /** The nearest point of a box on the ray through a pixel. */
    async pick(x, y) {
        const view = this.#view;
        if (!view) return null;
        const place = [(x / view.width) * 2 - 1, 1 - (y / view.height) * 2];
        const { origin, direction } = rayOf(view, place);
        let nearest = Infinity;
        for (const box of this.#boxes.values()) nearest = Math.min(nearest, hitDistance(box, origin, direction));
        return nearest < Infinity ? { position: origin.map((value, axis) => value + direction[axis] * nearest) } : null;
    }

    render(view) {
        const start = performance.now();
        const context = this.#context;
        this.#view = view;
        const gradient = context.createLinearGradient(0, 0, 0, view.height);
        gradient.addColorStop(0, this.#isDark ? '#23282b' : '#f7f8f8');
        gradient.addColorStop(1, this.#isDark ? '#121415' : '#dfe3e5');
        context.fillStyle = gradient;
        context.fillRect(0, 0, view.width, view.height);
        const toCamera = conjugate(view.orientation);
        const faces = [...this.#boxes.values()].flatMap((box) => facesOf(box, view, toCamera));
        faces.sort((a, b) => b.depth - a.depth);
        for (const face of faces) this.#drawFace(face);
        return { drawCallCount: this.#boxes.size, triangleCount: this.#boxes.size * 12, milliseconds: performance.now() - start };
    }

    #drawFace({ points, light }) {
        const context = this.#context;
        context.beginPath();
        for (const [x, y] of points) context.lineTo(x, y);
        context.closePath();
        context.fillStyle = `hsl(205 ${this.#isDark ? 14 : 12}% ${light}%)`;
        context.strokeStyle = context.fillStyle;
        context.fill();
        context.stroke();
    }
}

function facesOf(box, view, toCamera) {
    const corners = Array.from({ length: 8 }, (_, number) => {
        const point = [0, 1, 2].map((axis) => ((number >> axis) & 1 ? box.maximum : box.minimum)[axis]);
        return rotate(toCamera, subtract(point, view.eye));
    });
    return sides.flatMap(({ normal, corners: indices }) => {
        const places = indices.map((index) => corners[index]);
        const isBehind = places.some((place) => place[2] > -0.01);
        const middle = places.reduce((sum, place) => sum.map((value, axis) => value + place[axis] / 4), [0, 0, 0]);
        const facing = rotate(toCamera, normal);
        const isAway = view.projection === 'perspective' ? dot(facing, middle) >= 0 : facing[2] <= 0;
        if (isBehind || isAway) return [];
        const light = 34 + 34 * Math.max(dot(facing, [0.35, 0.75, 0.56]), 0);
        return [{ points: places.map((place) => pixelOf(place, view)), depth: Math.hypot(...middle), light }];
    });
}

function pixelOf([x, y, z], view) {
    const half = view.scale * (view.projection === 'perspective' ? -z : 1);
    const pixels = view.height / 2 / half;
    return [view.width / 2 + x * pixels, view.height / 2 - y * pixels];
}

function rayOf(view, [x, y]) {
    const aspect = view.width / view.height;
    const across = [x * view.scale * aspect, y * view.scale];
    if (view.projection === 'perspective') {
        return { origin: view.eye, direction: rotate(view.orientation, [...across, -1]) };
    }
    const offset = rotate(view.orientation, [...across, 0]);
    return { origin: view.eye.map((value, axis) => value + offset[axis]), direction: rotate(view.orientation, [0, 0, -1]) };
}

function hitDistance({ minimum, maximum }, origin, direction) {
    let [near, far] = [0, Infinity];
    for (let axis = 0; axis < 3; axis += 1) {
        const [a, b] = [minimum, maximum].map((side) => (side[axis] - origin[axis]) / direction[axis]);
        near = Math.max(near, Math.min(a, b));
        far = Math.min(far, Math.max(a, b));
    }
    return near <= far ? near : Infinity;
}
