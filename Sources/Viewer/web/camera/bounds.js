// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { add, isFinitePoint, length, scale, subtract } from './vector.js';

/** An axis-aligned box in world space, metres. What cannot be a box becomes the unit cube around the origin. */
export class Bounds {
    constructor(minimum, maximum) {
        const isBox = isFinitePoint(minimum) && isFinitePoint(maximum) && minimum.every((low, i) => low <= maximum[i]);
        this.minimum = isBox ? [...minimum] : [-0.5, -0.5, -0.5];
        this.maximum = isBox ? [...maximum] : [0.5, 0.5, 0.5];
    }

    get center() {
        return scale(add(this.minimum, this.maximum), 0.5);
    }

    /** Metres; never zero, so that speeds and limits derived from it work for a single point too. */
    get diagonal() {
        return Math.max(length(subtract(this.maximum, this.minimum)), 1e-6);
    }

    /** The eight corners. */
    get corners() {
        return Array.from({ length: 8 }, (_, number) =>
            [0, 1, 2].map((axis) => ((number >> axis) & 1 ? this.maximum[axis] : this.minimum[axis])));
    }
}
