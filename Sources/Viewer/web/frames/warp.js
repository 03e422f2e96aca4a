// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

//
// How the newest frame is shown from a camera that has gone on: as a whole by one affine map (exact for a roll, good for
// a pan and a zoom), and, where the frame has a depth grid, each of its cells by one of its own on top of that. A plain
// canvas can do both. What the frame does not show stays open: background.

import { dot, subtract } from '../camera/vector.js';
import { AffineFit, scaling } from './affine.js';

/** Cells whose depths differ by more than this many cell heights are of different surfaces. */
const steepest = 4;
const sphereSteps = 9;

/**
 * The affine map of a frame as a whole, from its pixels to the canvas's.
 *
 * @param {Reprojection} reprojection from the frame to the canvas
 * @param {Iterable<[number, number, number]>} points of the frame: pixel and depth
 * @param {object} fallback what to do without points
 */
export function fitFrame(reprojection, points, fallback) {
    const fit = new AffineFit();
    for (const [x, y, depth] of points) {
        if (reprojection.map(x, y, depth)) fit.add(x, y, reprojection.x, reprojection.y);
    }
    return fit.solve(fallback);
}

/** The middles of a grid's cells that show something, [x, y, depth]; `size` is the frame's. */
export function gridPoints(grid, { width, height }) {
    const points = [];
    for (let row = 0; row < grid.rows; row += 1) {
        for (let column = 0; column < grid.columns; column += 1) {
            const depth = grid.depth(column, row);
            if (depth === Infinity) continue;
            points.push([((column + 0.5) * width) / grid.columns, ((row + 0.5) * height) / grid.rows, depth]);
        }
    }
    return points;
}

/**
 * Points of a sphere as a frame sees it, [x, y, depth], spread over the part of the picture that the image covers. Where
 * the sphere is not there, or the eye is inside, points as deep as its middle.
 *
 * @param {FrameCamera} camera
 * @param {{center: number[], radius: number}} sphere
 * @param {{width: number, height: number, left: number, top: number, imageWidth: number, imageHeight: number}} frame
 */
export function spherePoints(camera, sphere, frame) {
    const middle = Math.max(-dot(subtract(sphere.center, camera.eye), camera.back), sphere.radius * 0.1);
    const [hits, plane] = [[], []];
    for (let row = 0; row < sphereSteps; row += 1) {
        for (let column = 0; column < sphereSteps; column += 1) {
            const x = frame.left + ((column + 0.5) * frame.imageWidth) / sphereSteps;
            const y = frame.top + ((row + 0.5) * frame.imageHeight) / sphereSteps;
            const depth = sphereDepth(camera, sphere, (2 * x) / frame.width - 1, 1 - (2 * y) / frame.height, middle);
            if (depth !== null) hits.push([x, y, depth]);
            plane.push([x, y, middle]);
        }
    }
    return hits.length >= 4 ? hits : plane;
}

/** Depth at which the line of sight through a place in clip space enters a sphere, or null. */
function sphereDepth(camera, { center, radius }, x, y, middle) {
    // Two points of the line: depth grows evenly along it.
    const [near, far] = [camera.unproject(x, y, 0), camera.unproject(x, y, middle)];
    const direction = subtract(far, near);
    const offset = subtract(near, center);
    const [a, b] = [dot(direction, direction), dot(direction, offset)];
    const root = b * b - a * (dot(offset, offset) - radius * radius);
    if (!(root >= 0)) return null;
    const share = (-b - Math.sqrt(root)) / a;
    return share > 0 ? share * middle : null;
}

/**
 * The cells of a frame's grid that show something, with a depth for each corner: the mean of the cells that meet there, as
 * far as they are of one surface. So neighbours fit together, and steps in depth stay steps.
 *
 * @returns {Array<{x: number, y: number, width: number, height: number, depths: number[]}>} in the frame's pixels, cut to
 * what the image covers; depths of top left, top right, bottom left, bottom right
 */
export function gridCells(grid, camera, frame) {
    const [cellWidth, cellHeight] = [frame.width / grid.columns, frame.height / grid.rows];
    const cells = [];
    for (let row = 0; row < grid.rows; row += 1) {
        for (let column = 0; column < grid.columns; column += 1) {
            if (!(grid.depth(column, row) < Infinity)) continue;
            const x = Math.max(column * cellWidth, frame.left);
            const y = Math.max(row * cellHeight, frame.top);
            const width = Math.min((column + 1) * cellWidth, frame.left + frame.imageWidth) - x;
            const height = Math.min((row + 1) * cellHeight, frame.top + frame.imageHeight) - y;
            if (width <= 0 || height <= 0) continue;
            const depths = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([right, down]) =>
                cornerDepth(grid, camera, column, row, right, down));
            cells.push({ x, y, width, height, depths });
        }
    }
    return cells;
}

/** The change of depth from cell to cell up to which both are of one surface, for cells at a depth. */
export const steepestOf = (camera, rows) => (depth) =>
    (steepest * 2 * camera.scale * (camera.isOrthographic ? 1 : depth)) / rows;

function cornerDepth(grid, camera, column, row, right, down) {
    const own = grid.depth(column, row);
    const most = steepestOf(camera, grid.rows);
    let [sum, count] = [0, 0];
    for (const x of [column - 1 + right, column + right]) {
        for (const y of [row - 1 + down, row + down]) {
            const depth = grid.depth(x, y);
            if (!(Math.abs(depth - own) <= most(Math.min(depth, own)))) continue;
            sum += depth;
            count += 1;
        }
    }
    return sum / count;
}

/**
 * The affine map of one cell: the one that fits its corners best. `depth` is how deep the cell then lies; null where it
 * cannot be seen.
 */
export function cellMap(reprojection, { x, y, width, height, depths }) {
    const [left, right] = [x, x + width];
    const [top, bottom] = [y, y + height];
    const [u, v] = [corners[0], corners[1]];
    let depth = 0;
    for (let corner = 0; corner < 4; corner += 1) {
        if (!reprojection.map(corner & 1 ? right : left, corner & 2 ? bottom : top, depths[corner])) return null;
        u[corner] = reprojection.x;
        v[corner] = reprojection.y;
        depth += reprojection.depth / 4;
    }
    const [a, c] = slopes(u, width, height);
    const [b, d] = slopes(v, width, height);
    const [middleX, middleY] = [x + width / 2, y + height / 2];
    const mean = (values) => (values[0] + values[1] + values[2] + values[3]) / 4;
    return { a, b, c, d, e: mean(u) - a * middleX - c * middleY, f: mean(v) - b * middleX - d * middleY, depth };
}

const corners = [new Float64Array(4), new Float64Array(4)];

/** Change to the right and downwards of a value given at the corners of a rectangle. */
const slopes = (values, width, height) => [
    (values[1] + values[3] - values[0] - values[2]) / (2 * width),
    (values[2] + values[3] - values[0] - values[1]) / (2 * height),
];

/** The map of a frame that is shown as it is. */
export const stretched = (frame, canvas) => scaling(canvas.width / frame.width, canvas.height / frame.height);
