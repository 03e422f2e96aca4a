// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Rounds of looking up the depth where the line of sight meets the frame's surface; it is found within a few. */
const rounds = 4;

/**
 * The point of a frame's surface, as its depth grid knows it, that `camera` sees at a place in clip space; null where the
 * frame shows background. It lies on the camera's line of sight.
 *
 * @param {DepthGrid} grid
 * @param {FrameCamera} frameCamera
 * @param {FrameCamera} camera the newest one
 * @param {number} startDepth of the camera's view, where the search begins
 */
export function pointAt(grid, frameCamera, camera, [x, y], startDepth) {
    let depth = startDepth;
    for (let round = 0; round < rounds; round += 1) {
        const [frameX, frameY] = frameCamera.project(camera.unproject(x, y, depth));
        const found = nearestDepth(grid, frameX, frameY);
        if (found === null) return null;
        depth = camera.project(frameCamera.unproject(frameX, frameY, found))[2];
        if (!(depth > 0)) return null;
    }
    return camera.unproject(x, y, depth);
}

/** Of the cell at a place, or the nearest of its neighbours where it is empty: edges go through cells. */
function nearestDepth(grid, x, y) {
    const own = grid.depthAt(x, y);
    if (own < Infinity) return own;
    const [width, height] = [2 / grid.columns, 2 / grid.rows];
    let nearest = Infinity;
    for (const dx of [-width, 0, width]) {
        for (const dy of [-height, 0, height]) nearest = Math.min(nearest, grid.depthAt(x + dx, y + dy));
    }
    return nearest < Infinity ? nearest : null;
}
