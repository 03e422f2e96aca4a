// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// From pointers, wheel and keys to the camera. What is under the cursor is asked of the renderer, which answers some
// frames later; until then an estimate or the depth of the focus stands in, and when the answer comes the gesture goes on
// around the exact point. Both lie on the same ray, so nothing jumps.

import { Inertia } from './inertia.js';
import { KeyMotion } from './key-motion.js';
import { pinchChange, pinchOf } from './pinch.js';
import { Transition } from './transition.js';
import { clamp } from './vector.js';

/** Radians that a drag across the shorter side of the picture turns by. */
const turnPerSide = 1.6 * Math.PI;
const wheelZoomPerPixel = 0.0016;
const pinchZoomPerPixel = 0.01;
const wheelSmoothingSeconds = 0.045;
const doubleTapSeconds = 0.32;
const twistToStart = 0.14;
/** Per second that a key is held. */
const keyTurn = 1.6;
const keyPan = 1.1;
const keyZoom = 1.5;

/**
 * Turntable and walk controls over an element.
 *
 * `pick(x, y)` takes CSS pixels from the element's top left and resolves to a world point or null; `estimate(x, y)` gives
 * at once what is known of it, or null. `onChange()` is called whenever a frame is wanted; the owner then calls
 * `update(seconds)` once per frame.
 */
export class OrbitControls {
    #element;
    #camera;
    #pick;
    #estimate;
    #onChange;
    #isMotionReduced;
    #abort = new AbortController();
    #pointers = new Map();
    #gesture = null;
    #lastTap = null;
    #wheel = null;
    #pendingZoom = 0;
    #transition = null;
    #inertia = new Inertia();
    #keys = new KeyMotion();
    #mode = 'orbit';
    #attention = [0, 0];
    #isCenterAsked = false;
    /** Multiplies walking speed; the wheel changes it. */
    #pace = 1;

    constructor(element, camera, {
        pick, estimate = () => null, onChange, isMotionReduced = () => false, keyTarget = element,
    } = {}) {
        this.#element = element;
        this.#camera = camera;
        this.#pick = pick ?? (async () => null);
        this.#estimate = estimate;
        this.#onChange = onChange ?? (() => {});
        this.#isMotionReduced = isMotionReduced;
        this.#listen(element, keyTarget);
    }

    /** 'orbit' or 'walk'. */
    get mode() {
        return this.#mode;
    }

    set mode(mode) {
        if (mode === this.#mode) return;
        this.stop();
        this.#mode = mode;
        if (mode === 'walk') this.#camera.state = this.#camera.projected(false);
        this.#askCenter();
        this.#onChange();
    }

    /** Whether a hand is on the camera or it is still moving. */
    get isActive() {
        return this.#pointers.size > 0 || this.#isAnimating;
    }

    /** Where the user's attention is, clip space. */
    get attention() {
        return this.isActive ? this.#attention : [0, 0];
    }

    get #isAnimating() {
        return this.#transition !== null || this.#pendingZoom !== 0 || this.#inertia.isRunning || this.#keys.isActive;
    }

    /** Flies to a camera state; at once where motion is to be reduced. Any input interrupts it. */
    flyTo(state) {
        this.stop();
        this.#camera.state = this.#camera.projected(state.isOrthographic);
        this.#transition = new Transition(this.#camera.state, state, this.#isMotionReduced() ? 0 : undefined);
        this.#onChange();
    }

    /** Turns around the focus by radians, as another control (a view cube) asks. */
    turn(azimuth, elevation) {
        this.stop();
        this.#camera.orbit(azimuth, elevation);
        this.#onChange();
    }

    /** Ends every movement where it is. */
    stop() {
        this.#transition = null;
        this.#pendingZoom = 0;
        this.#inertia.stop();
        this.#keys.stop();
    }

    /** Moves the camera by what `seconds` of held keys, wheel and flight ask for; true while more is to come. */
    update(seconds) {
        const step = clamp(seconds, 0, 0.1);
        if (this.#transition) this.#followTransition(seconds);
        this.#followWheel(step);
        if (this.#inertia.isRunning) this.#camera.orbit(...this.#inertia.advance(step), this.#gesture?.pivot ?? undefined);
        if (this.#keys.isActive) this.#followKeys(step);
        return this.#isAnimating;
    }

    /** Flies towards what is at a place of the element (CSS pixels). */
    async focusAt(x, y) {
        const near = this.#estimate(x, y);
        const distance = near && this.#distanceTowards(near);
        if (near) this.flyTo({ ...this.#camera.state, focus: near, distance });
        const flight = this.#transition;
        const point = await this.#pickedAt(x, y);
        // A flight to the estimate is led to the exact point, unless it is over or something else has begun.
        if (!point || (near && (flight === null || this.#transition !== flight))) return near !== null;
        this.flyTo({ ...this.#camera.state, focus: point, distance: distance ?? this.#distanceTowards(point) });
        return true;
    }

    /** Lets go of the element and its listeners. */
    dispose() {
        this.stop();
        this.#abort.abort();
    }

    #listen(element, keyTarget) {
        const { signal } = this.#abort;
        const on = (target, name, handler) => target.addEventListener(name, handler, { signal });
        on(element, 'pointerdown', (event) => this.#pointerDown(event));
        on(element, 'pointermove', (event) => this.#pointerMove(event));
        on(element, 'pointerup', (event) => this.#pointerUp(event));
        on(element, 'pointercancel', (event) => this.#pointerUp(event));
        on(element, 'contextmenu', (event) => event.preventDefault());
        element.addEventListener('wheel', (event) => this.#wheelTurn(event), { signal, passive: false });
        on(keyTarget, 'keydown', (event) => this.#keyDown(event));
        on(keyTarget, 'keyup', (event) => this.#keyUp(event));
        if (globalThis.window) on(window, 'blur', () => this.#keys.stop());
    }

    #pointerDown(event) {
        if (this.#pointers.size >= 2) return;
        this.#element.setPointerCapture?.(event.pointerId);
        this.#element.focus?.({ preventScroll: true });
        this.stop();
        this.#pointers.set(event.pointerId, { ...this.#place(event), travelled: 0, button: event.button });
        this.#startGesture(event);
        this.#onChange();
    }

    #pointerMove(event) {
        const pointer = this.#pointers.get(event.pointerId);
        if (!pointer) return;
        const place = this.#place(event);
        const change = { x: place.x - pointer.x, y: place.y - pointer.y };
        const before = [...this.#pointers.values()].map(({ x, y }) => ({ x, y }));
        Object.assign(pointer, place, { travelled: pointer.travelled + Math.hypot(change.x, change.y) });
        this.#attention = this.#clip(place);
        if (this.#gesture?.kind === 'pinch') this.#pinchMoved(before);
        else this.#dragged(change, place, event);
        this.#onChange();
    }

    #pointerUp(event) {
        const pointer = this.#pointers.get(event.pointerId);
        if (!pointer) return;
        this.#pointers.delete(event.pointerId);
        if (this.#pointers.size > 0) return this.#startGesture(event);
        if (this.#gesture?.kind === 'orbit' && !this.#isMotionReduced()) this.#inertia.release(event.timeStamp / 1000);
        else this.#inertia.stop();
        if (event.type === 'pointerup') this.#tapped(event, pointer);
        this.#onChange();
        return undefined;
    }

    #startGesture(event) {
        const places = [...this.#pointers.values()];
        const isPinch = places.length === 2;
        const center = isPinch ? pinchOf(...places) : places[0];
        const gesture = { kind: isPinch ? 'pinch' : this.#dragKind(places[0].button, event), pivot: null, twist: 0 };
        this.#gesture = gesture;
        gesture.depth = this.#camera.state.distance;
        if (gesture.kind !== 'look') this.#anchor(gesture, center);
    }

    #dragKind(button, event) {
        if (button === 1 || button === 2 || event.shiftKey) return 'pan';
        return this.#mode === 'walk' ? 'look' : 'orbit';
    }

    /** Half as far from a point as the camera is now. */
    #distanceTowards(point) {
        const { isOrthographic, distance } = this.#camera.state;
        const depth = isOrthographic ? distance : Math.max(this.#camera.project(point).depth, 0);
        return Math.max(depth * 0.5, this.#camera.minimumDistance);
    }

    /** Asks for the point under a place and lets the gesture go on around it, if it is still the same gesture. */
    async #anchor(gesture, { x, y }) {
        this.#anchorAt(gesture, this.#estimate(x, y));
        this.#anchorAt(gesture, await this.#pickedAt(x, y));
    }

    #anchorAt(gesture, point) {
        if (!point || this.#gesture !== gesture) return;
        const { depth } = this.#camera.project(point);
        this.#camera.refocus(point);
        Object.assign(gesture, { pivot: point, depth });
    }

    #dragged(change, place, event) {
        const gesture = this.#gesture;
        const { width, height } = this.#size();
        const turn = turnPerSide / Math.min(width, height);
        const [azimuth, elevation] = [-change.x * turn, change.y * turn];
        if (gesture.kind === 'look') {
            this.#camera.look(-azimuth * 0.5, -elevation * 0.5);
        } else if (gesture.kind === 'pan') {
            const from = this.#clip({ x: place.x - change.x, y: place.y - change.y });
            this.#camera.pan(from, this.#clip(place), this.#panDepth(gesture));
        } else {
            this.#camera.orbit(azimuth, elevation, gesture.pivot ?? undefined);
            this.#inertia.add(event.timeStamp / 1000, azimuth, elevation);
        }
    }

    #pinchMoved(before) {
        const gesture = this.#gesture;
        const from = pinchOf(...before);
        const to = pinchOf(...this.#pointers.values());
        const { factor, twist } = pinchChange(from, to);
        this.#camera.pan(this.#clip(from), this.#clip(to), this.#panDepth(gesture));
        const depth = this.#panDepth(gesture);
        const anchor = this.#camera.unproject(...this.#clip(to), depth);
        this.#camera.zoom(factor, anchor);
        gesture.depth = depth * factor;
        gesture.twist += twist;
        // Only what lies across the line of sight can follow the fingers: all of a turn seen from above, none from the side.
        const share = Math.sin(this.#camera.state.elevation);
        if (Math.abs(gesture.twist) > twistToStart) this.#camera.orbit(-twist * share, 0, anchor);
    }

    #panDepth(gesture) {
        return this.#camera.state.isOrthographic ? this.#camera.state.distance : Math.max(gesture.depth, 1e-9);
    }

    #tapped(event, pointer) {
        const now = event.timeStamp / 1000;
        const isTap = pointer.travelled < (event.pointerType === 'mouse' ? 4 : 12) && pointer.button === 0;
        const last = this.#lastTap;
        this.#lastTap = isTap ? { x: pointer.x, y: pointer.y, seconds: now } : null;
        if (!isTap || !last || now - last.seconds > doubleTapSeconds) return;
        if (Math.hypot(pointer.x - last.x, pointer.y - last.y) > 24) return;
        this.#lastTap = null;
        this.focusAt(pointer.x, pointer.y);
    }

    #wheelTurn(event) {
        event.preventDefault();
        const place = this.#place(event);
        const pixels = clamp(event.deltaY * [1, 32, 400][event.deltaMode ?? 0], -400, 400);
        const amount = pixels * (event.ctrlKey ? pinchZoomPerPixel : wheelZoomPerPixel);
        this.#transition = null;
        this.#inertia.stop();
        this.#attention = this.#clip(place);
        if (this.#mode === 'walk') this.#pace = clamp(this.#pace * Math.exp(-amount), 0.1, 10);
        else this.#zoomAt(place, amount, event.timeStamp / 1000);
        this.#onChange();
    }

    #zoomAt(place, amount, seconds) {
        const wheel = this.#wheel;
        const isSame = wheel && seconds - wheel.seconds < 0.4 && Math.hypot(place.x - wheel.x, place.y - wheel.y) < 4;
        if (isSame) wheel.seconds = seconds;
        else this.#startWheel(place, seconds);
        this.#pendingZoom += amount;
    }

    async #startWheel(place, seconds) {
        const fallbackDepth = Math.max(this.#camera.state.distance, this.#camera.bounds.diagonal * 0.01);
        const wheel = { ...place, seconds, anchor: this.#camera.unproject(...this.#clip(place), fallbackDepth) };
        this.#wheel = wheel;
        this.#anchorWheel(wheel, this.#estimate(place.x, place.y));
        this.#anchorWheel(wheel, await this.#pickedAt(place.x, place.y));
    }

    #anchorWheel(wheel, point) {
        if (!point || this.#wheel !== wheel) return;
        // The camera may have come closer since: the point is what counts, its ray is the same.
        wheel.anchor = point;
        this.#camera.refocus(point);
    }

    #followWheel(seconds) {
        if (this.#pendingZoom === 0) return;
        const share = this.#isMotionReduced() ? 1 : 1 - Math.exp(-seconds / wheelSmoothingSeconds);
        const isLast = Math.abs(this.#pendingZoom) < 0.002;
        const amount = isLast ? this.#pendingZoom : this.#pendingZoom * share;
        this.#pendingZoom = isLast ? 0 : this.#pendingZoom - amount;
        this.#camera.zoom(Math.exp(amount), this.#wheel?.anchor);
    }

    #followTransition(seconds) {
        // The projection may be changed on the way.
        const { isOrthographic } = this.#camera.state;
        this.#camera.state = { ...this.#transition.advance(seconds), isOrthographic };
        if (this.#transition.isDone) this.#transition = null;
    }

    #keyDown(event) {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
        if (event.key === 'Shift') this.#keys.setFast(true);
        if (!this.#keys.press(event.code, { isShift: event.shiftKey, mode: this.#mode })) return;
        event.preventDefault();
        this.#transition = null;
        this.#inertia.stop();
        this.#onChange();
    }

    #keyUp(event) {
        if (event.key === 'Shift') this.#keys.setFast(false);
        this.#keys.release(event.code);
    }

    #followKeys(seconds) {
        const { moves, isFast } = this.#keys.advance(seconds);
        const camera = this.#camera;
        const { azimuth = 0, elevation = 0, panX = 0, panY = 0, zoom = 0, right = 0, up = 0, forward = 0 } = moves;
        if (azimuth || elevation) {
            if (this.#mode === 'walk') camera.look(azimuth * keyTurn, elevation * keyTurn);
            else camera.orbit(azimuth * keyTurn, elevation * keyTurn);
        }
        if (panX || panY) camera.pan([panX * keyPan, panY * keyPan], [0, 0]);
        if (zoom) camera.zoom(Math.exp(-zoom * keyZoom));
        if (right || up || forward) this.#walk(right, up, forward, isFast ? 4 : 1);
    }

    /** Speed follows the distance to what is ahead, so that rooms are crossed slowly and plains quickly. */
    #walk(right, up, forward, factor) {
        const { diagonal } = this.#camera.bounds;
        const speed = clamp(this.#camera.state.distance * 0.6, diagonal * 0.004, diagonal * 0.12) * this.#pace * factor;
        this.#camera.move(right * speed, 0, forward * speed);
        this.#camera.rise(up * speed);
        this.#askCenter();
    }

    async #askCenter() {
        if (this.#isCenterAsked) return;
        this.#isCenterAsked = true;
        const { width, height } = this.#size();
        const point = await this.#pickedAt(width / 2, height / 2);
        this.#isCenterAsked = false;
        if (point && this.#pointers.size === 0 && !this.#transition) this.#camera.refocus(point);
    }

    async #pickedAt(x, y) {
        try {
            return await this.#pick(x, y);
        } catch {
            return null;
        }
    }

    #size() {
        const { width, height } = this.#element.getBoundingClientRect();
        return { width: Math.max(width, 1), height: Math.max(height, 1) };
    }

    #place(event) {
        const { left, top } = this.#element.getBoundingClientRect();
        return { x: event.clientX - left, y: event.clientY - top };
    }

    #clip({ x, y }) {
        const { width, height } = this.#size();
        return [(x / width) * 2 - 1, 1 - (y / height) * 2];
    }
}

/** Whether keys go into a field and are not for the camera. */
export function isTyping(target) {
    return Boolean(target?.isContentEditable) || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target?.tagName);
}
