// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The numbers of `frame.glsl`: camera, depth and background. Pure functions; a view is {eye, orientation, projection,
// scale, width, height} as everywhere.

/** Bytes of the uniform block. */
export const frameByteCount = 9 * 16;

/** Columns of the camera's rotation in the world: right, up, back. */
export function cameraAxes([x, y, z, w]) {
    const length = Math.hypot(x, y, z, w) || 1;
    [x, y, z, w] = [x / length, y / length, z / length, w / length];
    return {
        right: [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
        up: [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
        back: [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
    };
}

/** Where the camera heads on the ground: the (x, z) of its right side. Straight rolls fall back to a fixed heading. */
export function heading({ right }) {
    const length = Math.hypot(right[0], right[2]);
    return length > 1e-3 ? [right[0] / length, right[2] / length] : [1, 0];
}

/**
 * Clip z and w from view z: `[a, b, c, d]` of `z = a · view z + b, w = c · view z + d`.
 *
 * A perspective has no far plane. Reversed floating-point depth has the same relative precision everywhere, so its near
 * plane can be all but at the eye; ordinary depth needs it as far away as nothing is in front of it.
 *
 * @param {{minimum: number[], maximum: number[]}} bounds of everything that can be drawn, world space
 */
export function depthMapping(view, axes, bounds, isReversed) {
    const { nearest, farthest, distance, diagonal } = extent(view, axes, bounds);
    if (view.projection === 'orthographic') {
        // Everything is kept, also behind the eye: an orthographic camera has no place.
        const margin = 0.01 * (farthest - nearest) + 1e-6;
        const [near, far] = [nearest - margin, farthest + margin];
        const length = far - near;
        return isReversed ? [1 / length, far / length, 0, 1] : [-2 / length, -(far + near) / length, 0, 1];
    }
    const near = isReversed ? 1e-5 * diagonal : Math.max(0.5 * distance, 1e-3 * diagonal);
    return isReversed ? [0, near, -1, 0] : [-1, -2 * near, -1, 0];
}

// How far along the view the box begins and ends, how far the eye is from it, and how large it is.
function extent({ eye }, { back }, { minimum, maximum }) {
    let [nearest, farthest] = [Infinity, -Infinity];
    for (let corner = 0; corner < 8; corner += 1) {
        let along = 0;
        for (let axis = 0; axis < 3; axis += 1) {
            const place = (corner >> axis) & 1 ? maximum[axis] : minimum[axis];
            along -= (place - eye[axis]) * back[axis];
        }
        nearest = Math.min(nearest, along);
        farthest = Math.max(farthest, along);
    }
    const outside = eye.map((place, axis) => Math.max(minimum[axis] - place, 0, place - maximum[axis]));
    const diagonal = Math.max(Math.hypot(...maximum.map((place, axis) => place - minimum[axis])), 1e-9);
    return { nearest, farthest, distance: Math.hypot(...outside), diagonal };
}

/** Scale of x and y into clip space. */
export function projectionScale({ scale, width, height }) {
    return [height / (width * scale), 1 / scale];
}

/**
 * Fills the block.
 * @param {Float32Array} out 36 values
 * @param {object} frame {view, reference, bounds, isReversed, top, bottom, region}: `region`, for picking, is the part
 *   of the picture to fill the target with: {x, y, width, height} in pixels from the lower left corner
 */
export function writeFrame(out, { view, reference, bounds, isReversed, top, bottom, region }) {
    const axes = cameraAxes(view.orientation);
    const offset = view.eye.map((place, axis) => place - reference[axis]);
    const [sx, sy] = projectionScale(view);
    const { x, y, width, height } = region ?? { x: 0, y: 0, width: view.width, height: view.height };
    const [zoomX, zoomY] = [view.width / width, view.height / height];
    const centerX = (2 * x + width) / view.width - 1;
    const centerY = (2 * y + height) / view.height - 1;
    out.set([...axes.right, offset[0], ...axes.up, offset[1], ...axes.back, offset[2]], 0);
    out.set([sx * zoomX, sy * zoomY, -centerX * zoomX, -centerY * zoomY], 12);
    out.set(depthMapping(view, axes, bounds, isReversed), 16);
    out.set([...heading(axes), view.projection === 'orthographic' ? 1 : 0, 0], 20);
    out.set([...top, 1, ...bottom, 1, view.width, view.height, isReversed ? 0 : 1, 0], 24);
}
