// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { add, dot, scale, subtract } from '../camera/vector.js';
import { FrameCamera } from './frame-camera.js';

/** A frame is shown exactly as from another camera up to this much; beyond, it follows less and less. */
const mostAngle = (12 * Math.PI) / 180;
const mostZoom = Math.log(1.15);
/** How far it follows at last, as a share of the limits above them. */
const give = 0.25;

/**
 * The camera from which a frame is to be shown when `to` is wanted: `to` itself within the limits, otherwise on the way
 * there. It keeps the pivot where `to` sees it, so panning is never held back.
 *
 * @param {FrameCamera} from the frame's
 * @param {FrameCamera} to
 * @param {number[]} pivot a point of what the frame shows
 */
export function limitedCamera(from, to, pivot) {
    if (from.isOrthographic !== to.isOrthographic) return null;
    const [there, here] = [placeOf(pivot, from), placeOf(pivot, to)];
    if (!(there[2] > 0) || !(here[2] > there[2] * 1e-3)) return null;
    const angle = Math.acos(Math.min(Math.max(dot(from.back, to.back), -1), 1));
    const zoom = to.isOrthographic ? to.scale / from.scale : here[2] / there[2];
    const excess = Math.max(angle / mostAngle, Math.abs(Math.log(zoom)) / mostZoom);
    if (excess <= 1) return to;
    const share = (1 + give * (1 - Math.exp((1 - excess) / give))) / excess;
    return between(from, to, pivot, here, zoom, share);
}

function between(from, to, pivot, here, zoom, share) {
    const held = zoom ** (share - 1);
    const camera = new FrameCamera({
        eye: [0, 0, 0], orientation: turned(from.orientation, to.orientation, share),
        projection: to.isOrthographic ? 'orthographic' : 'perspective',
        scale: to.isOrthographic ? to.scale * held : to.scale,
        width: to.aspect, height: 1,
    });
    const depth = to.isOrthographic ? here[2] : here[2] * held;
    const offset = add(
        add(scale(camera.right, here[0] * held), scale(camera.up, here[1] * held)), scale(camera.back, -depth));
    camera.eye = subtract(pivot, offset);
    return camera;
}

/** A point in a camera's own axes: to the right, upwards, and its depth; metres. */
function placeOf(point, camera) {
    const offset = subtract(point, camera.eye);
    return [dot(offset, camera.right), dot(offset, camera.up), -dot(offset, camera.back)];
}

/** A share of the way from one orientation to another, along the shorter arc. */
function turned(from, to, share) {
    const cosine = from.reduce((sum, value, index) => sum + value * to[index], 0);
    const sign = cosine < 0 ? -1 : 1;
    const angle = Math.acos(Math.min(Math.abs(cosine), 1));
    if (angle < 1e-6) return to;
    const [before, after] = [Math.sin((1 - share) * angle), Math.sin(share * angle)];
    return from.map((value, index) => (value * before + sign * to[index] * after) / Math.sin(angle));
}
