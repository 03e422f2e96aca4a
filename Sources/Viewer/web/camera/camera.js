// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A turntable camera: the eye stands `distance` from a focus point, at an azimuth around the vertical and an elevation
// above the horizon, and never rolls. Two angles instead of a matrix mean that it cannot flip, drift or degenerate, also
// when it looks straight down. `distance` gives the size of an orthographic picture too (half height = tangent ×
// distance), so that switching the projection keeps the size of whatever is at the focus.

import { Bounds } from './bounds.js';
import {
    add, clamp, dot, isFinitePoint, length, rotate, scale, subtract, wrapAngle,
} from './vector.js';

/** tan(0.6 / 2): as previews, thumbnails and the server's home view (StreamCore, ViewState.defaultTangent). */
export const defaultTangent = 0.30934;
/** Share that a fitted model leaves free around itself. */
const fitMargin = 1.06;
const steepest = Math.PI / 2;

/**
 * The viewer's camera: pure arithmetic in double precision.
 *
 * `state` is a plain value `{ focus: [x, y, z], azimuth, elevation, distance, isOrthographic }`, metres and radians: the
 * direction from focus to eye is (sin az · cos el, sin el, cos az · cos el). Whatever would leave a number that is not
 * finite is ignored as a whole; distances and places are kept within what the scene's size allows.
 */
export class Camera {
    #state = { focus: [0, 0, 0], azimuth: Math.PI / 4, elevation: 0.5, distance: 4, isOrthographic: false };
    #bounds = new Bounds();
    /** Width ÷ height of the picture. */
    aspect = 16 / 9;

    get state() {
        return this.#state;
    }

    set state(state) {
        this.#apply(state);
    }

    get bounds() {
        return this.#bounds;
    }

    /** The scene's box; sets the limits of distance and place, does not move the camera otherwise. */
    set bounds(bounds) {
        this.#bounds = bounds;
        this.#apply(this.#state);
    }

    /** Unit quaternion from camera to world. */
    get orientation() {
        return orientationOf(this.#state);
    }

    /** Where the eye is, in perspective; orthographic pictures are taken from further back, see `view`. */
    get eye() {
        return add(this.#state.focus, scale(this.axes.back, this.#state.distance));
    }

    /** Unit vectors in the world: right, up and back (away from what is seen). */
    get axes() {
        return axesOf(this.#state);
    }

    /** The view object that streams and renderers take, for a picture of `width` × `height` physical pixels. */
    view(width, height) {
        const { isOrthographic, distance, focus } = this.#state;
        const reach = isOrthographic ? Math.max(distance, this.#clearance()) : distance;
        return {
            eye: add(focus, scale(this.axes.back, reach)),
            orientation: this.orientation,
            projection: isOrthographic ? 'orthographic' : 'perspective',
            scale: isOrthographic ? defaultTangent * distance : defaultTangent,
            width,
            height,
        };
    }

    /**
     * Takes the place and direction of a view object; roll is dropped, the focus is `distance` away (metres; by default
     * as far as the middle of the scene). False, and nothing changed, if the view is not one.
     */
    setView(view, distance) {
        if (!view || !isFinitePoint(view.eye) || !isOrientation(view.orientation) || !(view.scale > 0)) return false;
        const back = rotate(view.orientation, [0, 0, 1]);
        const isOrthographic = view.projection === 'orthographic';
        const depth = distance ?? Math.max(dot(subtract(view.eye, this.#bounds.center), back), this.minimumDistance);
        const focus = subtract(view.eye, scale(back, depth));
        return this.#apply({
            focus, ...anglesOf(view.orientation), isOrthographic,
            distance: isOrthographic ? view.scale / defaultTangent : depth * (view.scale / defaultTangent),
        });
    }

    /** Turns around `pivot` (default: the focus); radians. */
    orbit(azimuth, elevation, pivot = this.#state.focus) {
        const turned = this.#turned(azimuth, elevation);
        const before = this.axes;
        const after = axesOf(turned);
        const offset = subtract(this.#state.focus, pivot);
        const local = [dot(offset, before.right), dot(offset, before.up), dot(offset, before.back)];
        turned.focus = add(pivot, fromAxes(after, local));
        this.#apply(turned);
    }

    /** Turns the eye where it stands; radians. */
    look(azimuth, elevation) {
        const turned = this.#turned(azimuth, elevation);
        turned.focus = subtract(this.eye, scale(axesOf(turned).back, this.#state.distance));
        this.#apply(turned);
    }

    /** Moves so that what is `depth` metres away at `from` comes to `to`; both in clip space (-1 … 1, y up). */
    pan(from, to, depth = this.#state.distance) {
        const half = this.#halfHeightAt(depth);
        const { right, up } = this.axes;
        const across = scale(right, (from[0] - to[0]) * half * this.aspect);
        this.#apply({ ...this.#state, focus: add(this.#state.focus, add(across, scale(up, (from[1] - to[1]) * half))) });
    }

    /** Moves metres to the right, up and forward. */
    move(right, up, forward) {
        const shift = fromAxes(this.axes, [right, up, -forward]);
        this.#apply({ ...this.#state, focus: add(this.#state.focus, shift) });
    }

    /** Moves metres straight up in the world. */
    rise(up) {
        this.#apply({ ...this.#state, focus: add(this.#state.focus, [0, up, 0]) });
    }

    /** Scales all distances to `anchor` by `factor` (below 1 comes closer): the anchor stays where it is in the picture. */
    zoom(factor, anchor = this.#state.focus) {
        if (!(factor > 0) || !isFinitePoint(anchor)) return;
        const { focus, distance } = this.#state;
        const allowed = clamp(distance * factor, this.minimumDistance, this.maximumDistance);
        const ratio = allowed / distance;
        const moved = add(anchor, scale(subtract(focus, anchor), ratio));
        this.#apply({ ...this.#state, focus: moved, distance: allowed });
    }

    /** Puts the focus as deep into the picture as `point` is, without changing the picture. */
    refocus(point) {
        if (!isFinitePoint(point)) return;
        const { back } = this.axes;
        const { focus, distance, isOrthographic } = this.#state;
        const shift = dot(subtract(point, focus), back);
        const next = clamp(distance - shift, this.minimumDistance, this.maximumDistance);
        const moved = isOrthographic ? shift : distance - next;
        this.#apply({ ...this.#state, focus: add(focus, scale(back, moved)), distance: isOrthographic ? distance : next });
    }

    /** The state that shows all of `bounds` from the present direction, or from `angles`. */
    fitted(bounds = this.#bounds, angles = this.#state) {
        const state = { ...this.#state, azimuth: angles.azimuth, elevation: angles.elevation, focus: bounds.center };
        const axes = axesOf(state);
        let distance = this.minimumDistance;
        for (const corner of bounds.corners) {
            const offset = subtract(corner, bounds.center);
            const half = Math.max(Math.abs(dot(offset, axes.right)) / this.aspect, Math.abs(dot(offset, axes.up)));
            const nearer = state.isOrthographic ? 0 : dot(offset, axes.back);
            distance = Math.max(distance, (half / defaultTangent) * fitMargin + nearer);
        }
        return { ...state, distance };
    }

    /** The state with the other projection; what is at the focus keeps its size. */
    projected(isOrthographic) {
        return { ...this.#state, isOrthographic };
    }

    /** Where a world point is in the picture: clip space x and y, and its depth in metres (negative: behind the eye). */
    project(point) {
        const axes = this.axes;
        const offset = subtract(point, this.eye);
        const depth = -dot(offset, axes.back);
        const half = this.#halfHeightAt(depth);
        return { x: dot(offset, axes.right) / (half * this.aspect), y: dot(offset, axes.up) / half, depth };
    }

    /** The world point `depth` metres deep at a place in clip space. */
    unproject(x, y, depth = this.#state.distance) {
        const half = this.#halfHeightAt(depth);
        return add(this.eye, fromAxes(this.axes, [x * half * this.aspect, y * half, -depth]));
    }

    get minimumDistance() {
        return this.#bounds.diagonal * 1e-6;
    }

    get maximumDistance() {
        return this.#bounds.diagonal * 100;
    }

    #halfHeightAt(depth) {
        return defaultTangent * (this.#state.isOrthographic ? this.#state.distance : depth);
    }

    #turned(azimuth, elevation) {
        const state = this.#state;
        return {
            ...state,
            azimuth: wrapAngle(state.azimuth + azimuth),
            elevation: clamp(state.elevation + elevation, -steepest, steepest),
        };
    }

    /** How far back from the focus the whole scene is in front. */
    #clearance() {
        const toCenter = dot(subtract(this.#bounds.center, this.#state.focus), this.axes.back);
        return toCenter + this.#bounds.diagonal * 0.55;
    }

    /** Makes `state` the camera's, within limits; false if it holds something that is not a number. */
    #apply({ focus, azimuth, elevation, distance, isOrthographic }) {
        if (!isFinitePoint(focus) || ![azimuth, elevation, distance].every(Number.isFinite)) return false;
        const { center } = this.#bounds;
        const offset = subtract(focus, center);
        const excess = length(offset) / this.maximumDistance;
        this.#state = Object.freeze({
            focus: excess > 1 ? add(center, scale(offset, 1 / excess)) : [...focus],
            azimuth: wrapAngle(azimuth),
            elevation: clamp(elevation, -steepest, steepest),
            distance: clamp(distance, this.minimumDistance, this.maximumDistance),
            isOrthographic: Boolean(isOrthographic),
        });
        return true;
    }
}

/** Azimuth and elevation of a unit quaternion from camera to world; its roll is dropped. */
export function anglesOf(orientation) {
    const back = rotate(orientation, [0, 0, 1]);
    const elevation = Math.asin(clamp(back[1], -1, 1));
    if (Math.hypot(back[0], back[2]) > 1e-6) return { azimuth: Math.atan2(back[0], back[2]), elevation };
    const right = rotate(orientation, [1, 0, 0]);
    return { azimuth: Math.atan2(-right[2], right[0]), elevation };
}

function orientationOf({ azimuth, elevation }) {
    const [sy, cy] = [Math.sin(azimuth / 2), Math.cos(azimuth / 2)];
    const [sx, cx] = [Math.sin(-elevation / 2), Math.cos(-elevation / 2)];
    return [cy * sx, sy * cx, -sy * sx, cy * cx];
}

function axesOf({ azimuth, elevation }) {
    const [sa, ca] = [Math.sin(azimuth), Math.cos(azimuth)];
    const [se, ce] = [Math.sin(elevation), Math.cos(elevation)];
    return { right: [ca, 0, -sa], up: [-sa * se, ce, -ca * se], back: [sa * ce, se, ca * ce] };
}

function fromAxes({ right, up, back }, [x, y, z]) {
    return add(add(scale(right, x), scale(up, y)), scale(back, z));
}

function isOrientation(orientation) {
    if (!Array.isArray(orientation) || orientation.length !== 4 || !orientation.every(Number.isFinite)) return false;
    return Math.abs(Math.hypot(...orientation) - 1) < 0.01;
}
