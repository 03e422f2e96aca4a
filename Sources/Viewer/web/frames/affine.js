// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Affine maps of the plane as a canvas takes them: { a, b, c, d, e, f }, x' = a x + c y + e, y' = b x + d y + f.
 */

/** The map that scales alone. */
export const scaling = (x, y) => ({ a: x, b: 0, c: 0, d: y, e: 0, f: 0 });

/**
 * Finds the affine map that fits pairs of points best, by least squares.
 *
 * Points are added one by one. Where they do not determine a map (fewer than three, or all on a line), the map scales as
 * `fallback` does and moves their middle to where it belongs; without points it is `fallback`.
 */
export class AffineFit {
    #count = 0;
    #sums = new Float64Array(11);

    add(x, y, u, v) {
        const sums = this.#sums;
        this.#count += 1;
        sums[0] += x;
        sums[1] += y;
        sums[2] += u;
        sums[3] += v;
        sums[4] += x * x;
        sums[5] += x * y;
        sums[6] += y * y;
        sums[7] += x * u;
        sums[8] += y * u;
        sums[9] += x * v;
        sums[10] += y * v;
    }

    solve(fallback) {
        const count = this.#count;
        if (count === 0) return fallback;
        const [x, y, u, v] = Array.from(this.#sums.subarray(0, 4), (sum) => sum / count);
        const [sxx, sxy, syy, sxu, syu, sxv, syv] = Array.from(this.#sums.subarray(4), (sum) => sum / count);
        const [xx, xy, yy] = [sxx - x * x, sxy - x * y, syy - y * y];
        const [xu, yu, xv, yv] = [sxu - x * u, syu - y * u, sxv - x * v, syv - y * v];
        const determinant = xx * yy - xy * xy;
        // Pixels: a spread below one of them, or nearly a line, says nothing about turning and scaling.
        const isDetermined = determinant > 1e-6 * Math.max(xx, yy, 1) ** 2;
        const { a, b, c, d } = isDetermined
            ? {
                a: (xu * yy - yu * xy) / determinant, c: (yu * xx - xu * xy) / determinant,
                b: (xv * yy - yv * xy) / determinant, d: (yv * xx - xv * xy) / determinant,
            }
            : fallback;
        return { a, b, c, d, e: u - a * x - c * y, f: v - b * x - d * y };
    }
}
