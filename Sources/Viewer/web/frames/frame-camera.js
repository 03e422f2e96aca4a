// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { add, dot, rotate, scale, subtract } from '../camera/vector.js';

/**
 * The camera of a view object or of a Frame message, made for projecting many points: `axes` in the world, the tangent of
 * half the field of view or half the height, and the picture's shape. Clip space is -1 … 1, y up; depth is metres along
 * the view.
 */
export class FrameCamera {
    eye;
    orientation;
    isOrthographic;
    scale;
    aspect;
    right;
    up;
    back;

    constructor({ eye, orientation, projection, scale: size, width, height }) {
        this.eye = eye;
        const length = Math.hypot(...orientation) || 1;
        this.orientation = Array.from(orientation, (value) => value / length);
        // View objects have the projection's name, messages its number.
        this.isOrthographic = projection === 'orthographic' || projection === 1;
        this.scale = size;
        this.aspect = width / height;
        this.right = rotate(this.orientation, [1, 0, 0]);
        this.up = rotate(this.orientation, [0, 1, 0]);
        this.back = rotate(this.orientation, [0, 0, 1]);
    }

    /** [x, y, depth] of a world point; in perspective, what is not in front has no place: x and y are not finite. */
    project(point) {
        const offset = subtract(point, this.eye);
        const depth = -dot(offset, this.back);
        const half = this.#halfHeight(depth);
        if (!(half > 0)) return [NaN, NaN, depth];
        return [dot(offset, this.right) / (half * this.aspect), dot(offset, this.up) / half, depth];
    }

    /** The world point at a place and depth. */
    unproject(x, y, depth) {
        const half = this.#halfHeight(depth);
        const across = add(scale(this.right, x * half * this.aspect), scale(this.up, y * half));
        return add(add(this.eye, across), scale(this.back, -depth));
    }

    /** Whether both show the same, to the precision that messages have. */
    isSame(other) {
        const reach = 1e-9 * Math.max(...Array.from(this.eye, Math.abs), 1e-3);
        return this.isOrthographic === other.isOrthographic
            && Math.abs(this.scale / other.scale - 1) < 1e-6
            && Math.abs(this.aspect / other.aspect - 1) < 2e-3
            && this.eye.every((value, axis) => Math.abs(value - other.eye[axis]) <= reach)
            && this.orientation.every((value, axis) => Math.abs(value - other.orientation[axis]) < 2e-7);
    }

    #halfHeight(depth) {
        return this.isOrthographic ? this.scale : this.scale * depth;
    }
}
