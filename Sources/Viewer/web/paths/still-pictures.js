// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { serverRoot } from '../addresses.js';
import { encodeViewCode } from '../camera/view-code.js';
import { FrameCamera } from '../frames/frame-camera.js';
import { sizeOfPicture } from '../frames/image-decoding.js';
import { FramePresenter } from '../frames/frame-presenter.js';
import { StillPoller } from '../frames/still-poller.js';
import { StillSource } from '../frames/still-source.js';
import { backgroundColors } from '../render/background-colors.js';
import { realClock } from '../stream/connection.js';
import { FrameKind } from '../wire/messages.generated.js';
import { addLayer } from './layers.js';

/** A stream that is back has so long to show what the last picture shows. */
const patienceMilliseconds = 4000;

/**
 * Single pictures that the server draws, by HTTP, over the pictures of a render path: what is seen while no stream can be
 * had. Needs neither WebGL nor WebAssembly, and no WebSocket.
 *
 * While the camera moves, small pictures follow it as fast as they come, and the last one is bent to the newest camera;
 * at rest comes one in full. Where this device still draws by itself, it does so while the camera moves.
 */
export class StillPictures {
    #canvas;
    #presenter;
    #source;
    #poller;
    #onFacts;
    #onChange;
    #background = 'light';
    #isActive = false;
    /** Whether the camera is where it belongs: somebody has said where the model is. */
    #isPlaced = false;
    /** Whether there is a picture, and whether it is seen now. */
    #isShown = false;
    #isSeen = false;
    #trouble = null;
    #count = 0;
    /** What was asked for last, { view, isMoving }, and which view the last full picture shows. */
    #asked = null;
    #shownView = null;
    #drawnView = null;
    /** Whether what was drawn last is on its way from one picture to another: the one that ends a fade is drawn too. */
    #isHalfFaded = false;
    #abort = new AbortController();
    #leaveTimer = 0;

    /**
     * @param {object} owner
     * @param {HTMLElement} owner.element holds the pictures
     * @param {object} owner.target { model, session, token }
     * @param {URL|string} [owner.server]
     * @param {(model: object) => void} owner.onFacts told what the model is, once
     * @param {() => void} owner.onChange a frame is wanted, or `facts` has changed
     */
    constructor({ element, target, server, onFacts, onChange }) {
        this.#canvas = addLayer(element, 'stills');
        this.#show(false);
        this.#presenter = new FramePresenter(this.#canvas, backgroundColors('light'));
        this.#source = new StillSource(server ?? serverRoot, target);
        this.#onFacts = onFacts;
        this.#onChange = onChange;
        this.#poller = new StillPoller({
            load: (request, signal) => this.#source.picture(request, signal), clock: realClock,
            onPicture: (request, picture) => this.#take(request, picture), onTrouble: (error) => this.#note(error),
        });
    }

    /** The canvas with the picture. */
    get picture() {
        return this.#canvas;
    }

    /** Whether a picture covers what the path shows. */
    get isShown() {
        return this.#isShown && this.#isSeen;
    }

    /** For Viewer's `status` and `stills` event: `message` is why no picture comes, or ''; `isRefused`: for long. */
    get facts() {
        const { message = '', isRefusal = false } = this.#trouble ?? {};
        return { isActive: this.#isActive, isShown: this.#isShown, count: this.#count, message, isRefused: isRefusal };
    }

    /** 'light', 'dark' or { top, bottom }. */
    set theme(theme) {
        this.#presenter.colors = backgroundColors(theme);
        this.#background = theme === 'dark' ? 'dark' : 'light';
        this.#asked = null;
        this.#drawnView = null;
    }

    /** Pictures are bent as if all of the model were as deep as its middle: it then stays where it is while it turns. */
    set bounds({ center }) {
        this.#presenter.sphere = { center, radius: 0 };
    }

    /** There is no stream: pictures are asked for from now on. `isPlaced`: whether the camera is where it belongs. */
    start(isPlaced) {
        clearTimeout(this.#leaveTimer);
        if (this.#isActive) return;
        this.#isActive = true;
        this.#isPlaced = isPlaced;
        this.#asked = null;
        if (!isPlaced) this.#loadFacts();
        this.#onChange();
    }

    /** No more pictures are asked for; the last one stays until there is a better one, or `leave`. */
    pause() {
        this.#isActive = false;
        this.#trouble = null;
        this.#poller.stop();
    }

    /** The stream is back: it soon shows what the last picture shows. */
    leave() {
        this.pause();
        clearTimeout(this.#leaveTimer);
        if (this.#isShown) this.#leaveTimer = setTimeout(() => this.hide(), patienceMilliseconds);
    }

    /** The path's picture is seen again, unless there is still no stream. */
    hide() {
        if (this.#isActive) return;
        clearTimeout(this.#leaveTimer);
        this.#isShown = false;
        this.#show(false);
        this.#shownView = null;
        this.#onChange();
    }

    /** Whether there is nothing more to come of this view. */
    isShowing(view) {
        return this.#isActive && isSameView(this.#shownView, view) && !this.#presenter.hasNews && !this.#isHalfFaded;
    }

    /**
     * Does a display frame's work. `state` is the camera's; `isFollowed`: this device draws by itself what moves.
     *
     * @returns {boolean} whether another frame is wanted
     */
    frame(view, state, isMoving, isFollowed) {
        if (this.#isActive && this.#isPlaced) this.#ask(view, state, isMoving, isFollowed);
        this.#show(this.#isShown && !(isFollowed && isMoving));
        if (!this.#isShown) return false;
        const isOld = !isSameView(this.#drawnView, view) || this.#presenter.hasNews || this.#isHalfFaded;
        if (isOld) this.draw(view);
        return this.#isHalfFaded;
    }

    /** Draws now. */
    draw(view) {
        const { width, height } = view;
        if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
        this.#presenter.draw(view);
        this.#drawnView = view;
        this.#isHalfFaded = this.#presenter.isFading;
    }

    dispose() {
        clearTimeout(this.#leaveTimer);
        this.#abort.abort();
        this.#poller.stop();
        this.#presenter.dispose();
        this.#canvas.remove();
    }

    #show(isSeen) {
        this.#isSeen = isSeen;
        this.#canvas.style.visibility = isSeen ? 'visible' : 'hidden';
    }

    #ask(view, state, isMoving, isFollowed) {
        if (isMoving && isFollowed) {
            this.#poller.stop();
            this.#asked = null;
            return;
        }
        if (this.#asked?.isMoving === isMoving && isSameView(this.#asked.view, view)) return;
        this.#asked = { view, isMoving };
        this.#poller.want({ view, isMoving, code: encodeViewCode(state), background: this.#background });
    }

    #take({ view, isMoving }, picture) {
        const { width, height } = sizeOfPicture(picture);
        this.#count += 1;
        const header = {
            ...view, frame: this.#count, view: 0, thresholdPixels: 1, isWhole: true, width, height, left: 0, top: 0,
            imageWidth: width, imageHeight: height, kind: isMoving ? FrameKind.moving : FrameKind.still,
        };
        this.#presenter.take({ header, picture, grid: null });
        this.#isShown = true;
        this.#shownView = isMoving ? null : view;
        this.#onChange();
    }

    #note(error) {
        const [before, after] = [this.#trouble?.message, error?.message];
        this.#trouble = error;
        if (before !== after) this.#onChange();
    }

    /** Without a stream nobody has said where the model is. */
    async #loadFacts() {
        try {
            const facts = await this.#source.facts(this.#abort.signal);
            this.#isPlaced = true;
            this.#onFacts(facts);
        } catch (error) {
            // The next attempt to connect asks again.
            if (this.#abort.signal.aborted) return;
            this.pause();
            this.#note(error);
        }
    }
}

const isSameView = (a, b) => a !== null && a.width === b.width && a.height === b.height
    && new FrameCamera(a).isSame(new FrameCamera(b));
