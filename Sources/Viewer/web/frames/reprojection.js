// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { dot, subtract } from '../camera/vector.js';

/**
 * Where a pixel of one picture lies in another, given its depth. Results are in `x`, `y` (pixels from the top left) and
 * `depth`; none is finite where the point is not in front of the other camera. Made for thousands of points: nothing is
 * allocated.
 */
export class Reprojection {
    x = NaN;
    y = NaN;
    depth = NaN;
    #from;
    #to;
    #fromSize;
    #toSize;
    #rows;

    /** Cameras are FrameCameras; sizes are { width, height } in pixels. */
    constructor(from, fromSize, to, toSize) {
        this.#from = from;
        this.#to = to;
        this.#fromSize = fromSize;
        this.#toSize = toSize;
        const offset = subtract(from.eye, to.eye);
        this.#rows = [to.right, to.up, to.back].map((axis) =>
            Float64Array.of(dot(axis, from.right), dot(axis, from.up), -dot(axis, from.back), dot(axis, offset)));
    }

    /** Takes a pixel's place and its depth in metres; true if it has a place in the other picture. */
    map(x, y, depth) {
        const half = this.#from.isOrthographic ? this.#from.scale : this.#from.scale * depth;
        const across = ((2 * x) / this.#fromSize.width - 1) * half * this.#from.aspect;
        const upward = (1 - (2 * y) / this.#fromSize.height) * half;
        const [right, up, back] = this.#rows;
        this.depth = -(back[0] * across + back[1] * upward + back[2] * depth + back[3]);
        const halfThere = this.#to.isOrthographic ? this.#to.scale : this.#to.scale * this.depth;
        if (!(halfThere > 0)) {
            this.x = NaN;
            this.y = NaN;
            return false;
        }
        const clipX = (right[0] * across + right[1] * upward + right[2] * depth + right[3]) / (halfThere * this.#to.aspect);
        const clipY = (up[0] * across + up[1] * upward + up[2] * depth + up[3]) / halfThere;
        this.x = (clipX + 1) * 0.5 * this.#toSize.width;
        this.y = (1 - clipY) * 0.5 * this.#toSize.height;
        return true;
    }
}
