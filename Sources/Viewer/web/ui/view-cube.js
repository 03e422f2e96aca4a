// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A small cube that turns with the camera. Each face is a grid of nine: its middle, its four edges and its four corners;
// what is clicked is where the camera goes. It repeats what menu and keys offer, so it is hidden from screen readers.

import { element } from './dom.js';
import { conjugate, cross, rotate } from '../camera/vector.js';

/** Faces by the axes that run to the right and up on them, as seen from outside. */
const faces = [
    { name: 'front', label: 'Front', right: [1, 0, 0], up: [0, 1, 0] },
    { name: 'back', label: 'Back', right: [-1, 0, 0], up: [0, 1, 0] },
    { name: 'left', label: 'Left', right: [0, 0, 1], up: [0, 1, 0] },
    { name: 'right', label: 'Right', right: [0, 0, -1], up: [0, 1, 0] },
    { name: 'top', label: 'Top', right: [1, 0, 0], up: [0, 0, -1] },
    { name: 'bottom', label: 'Bottom', right: [1, 0, 0], up: [0, 0, 1] },
];
const dragThreshold = 4;

/** `onDirection([x, y, z])`: a place was clicked; `onDrag(dx, dy)`: it was dragged by CSS pixels. */
export class ViewCube {
    #body;
    #onDirection;
    #onDrag;
    #press = null;
    node;

    constructor({ onDirection, onDrag }) {
        this.#onDirection = onDirection;
        this.#onDrag = onDrag;
        this.#body = element('div', { class: 'view-cube-body' }, faces.map((face) => this.#face(face)));
        this.node = element('div', {
            class: 'view-cube', 'aria-hidden': 'true',
            pointerdown: (event) => this.#pointerDown(event), pointermove: (event) => this.#pointerMove(event),
            pointerup: (event) => this.#pointerUp(event), pointercancel: () => (this.#press = null),
            pointerover: (event) => this.#light(event.target.dataset.direction),
            pointerleave: () => this.#light(undefined),
        }, this.#body);
    }

    /** Turns the cube as a camera of this orientation (camera to world) sees the world. */
    follow(orientation) {
        const toCamera = conjugate(orientation);
        const columns = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => rotate(toCamera, axis));
        // CSS has y down: both sides of the rotation are mirrored.
        const signs = [1, -1, 1];
        const cells = columns.flatMap((column, c) => [...column.map((value, r) => value * signs[c] * signs[r]), 0]);
        this.#body.style.transform = `matrix3d(${[...cells, 0, 0, 0, 1].map((cell) => cell.toFixed(5)).join(',')})`;
    }

    #face({ name, label, right, up }) {
        const outward = cross(right, up);
        const cells = [];
        for (const row of [1, 0, -1]) {
            for (const column of [-1, 0, 1]) {
                const direction = outward.map((value, axis) => value + right[axis] * column + up[axis] * row);
                const isMiddle = row === 0 && column === 0;
                cells.push(element('div', {
                    class: isMiddle ? 'view-cube-middle' : 'view-cube-rim', 'data-direction': direction.join(' '),
                    text: isMiddle ? label : '',
                }));
            }
        }
        return element('div', { class: `view-cube-face view-cube-${name}` }, cells);
    }

    /** An edge is on two faces and a corner on three: all of them light up. */
    #light(direction) {
        for (const cell of this.#body.querySelectorAll('[data-direction]')) {
            cell.classList.toggle('is-lit', direction !== undefined && cell.dataset.direction === direction);
        }
    }

    #pointerDown(event) {
        event.preventDefault();
        this.node.setPointerCapture(event.pointerId);
        this.#press = { x: event.clientX, y: event.clientY, direction: event.target.dataset.direction, isDrag: false };
    }

    #pointerMove(event) {
        const press = this.#press;
        if (!press) return;
        const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
        if (!press.isDrag && Math.hypot(dx, dy) < dragThreshold) return;
        Object.assign(press, { x: event.clientX, y: event.clientY, isDrag: true });
        this.#onDrag(dx, dy);
    }

    #pointerUp() {
        const press = this.#press;
        this.#press = null;
        if (press?.direction && !press.isDrag) this.#onDirection(press.direction.split(' ').map(Number));
    }
}
