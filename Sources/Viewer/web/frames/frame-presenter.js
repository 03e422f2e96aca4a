// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { BackgroundPainter } from './background-painter.js';
import { DepthGrid } from './depth-grid.js';
import { FrameCamera } from './frame-camera.js';
import { closePicture } from './image-decoding.js';
import { Picture } from './picture.js';
import { Reprojection } from './reprojection.js';
import { cellMap, fitFrame, stretched } from './warp.js';
import { limitedCamera } from './warp-limit.js';

/** In which a refined still takes the place of the picture before. */
const fadeMilliseconds = 100;
/** Added around each cell of the warp, pixels of the frame: neighbours then leave no gap. */
const overlap = 1;

/**
 * Shows frames on a plain 2D canvas: the background, the newest frame where the newest camera sees it, and a soft change
 * when a picture at rest becomes better. Times are milliseconds.
 *
 * `take` gives it a frame, `draw` presents: each frame is told about exactly once, as shown or as skipped.
 */
export class FramePresenter {
    #context;
    #background;
    #sphere = { center: [0, 0, 0], radius: 1 };
    #now;
    #current = null;
    #pending = null;
    #previous = null;
    #fadeEnd = -Infinity;
    /** Events of frames that were taken and not yet presented. */
    #waiting = [];
    /** 'grid', 'affine' or 'none': how a frame follows the camera. */
    warp = 'affine';

    /** `colors` are the background's, { top, bottom }. */
    constructor(canvas, colors, now = () => performance.now()) {
        this.#context = canvas.getContext('2d', { alpha: false });
        this.#background = new BackgroundPainter(colors);
        this.#now = now;
    }

    set colors(colors) {
        this.#background.colors = colors;
    }

    /** Around everything that can be seen, { center, radius }: how deep a frame without a depth grid is taken to be. */
    set sphere(sphere) {
        this.#sphere = sphere;
    }

    /** The Picture that is shown, or null. */
    get picture() {
        return this.#current;
    }

    get isFading() {
        return this.#now() < this.#fadeEnd;
    }

    /** Whether `draw` would show another frame. */
    get hasNews() {
        return this.#waiting.length > 0;
    }

    /**
     * Takes a frame event.
     *
     * @returns {object[]} events of frames that will not be shown, because of this one
     */
    take(event) {
        const { header, picture } = event;
        const grid = event.grid && new DepthGrid(event.grid.columns, event.grid.rows, event.grid.depths);
        if (header.isWhole) {
            const next = new Picture(header, picture, grid);
            this.#pending?.close();
            this.#pending = next;
            const skipped = this.#waiting;
            this.#waiting = [event];
            return skipped;
        }
        const base = this.#pending ?? this.#current;
        if (base === null) {
            closePicture(picture);
            return [event];
        }
        base.change(header, picture, grid);
        this.#waiting.push(event);
        return [];
    }

    /**
     * Presents what was taken, from the camera of `view`.
     *
     * @returns {object[]} events of the frames that are seen now for the first time
     */
    draw(view) {
        this.#exchange();
        const context = this.#context;
        context.setTransform(1, 0, 0, 1, 0, 0);
        this.#background.paint(context);
        const camera = new FrameCamera(view);
        const left = this.#fadeEnd - this.#now();
        if (left > 0) {
            this.#paint(this.#previous, camera);
            context.globalAlpha = 1 - left / fadeMilliseconds;
        } else {
            this.#endFade();
        }
        this.#paint(this.#current, camera);
        context.globalAlpha = 1;
        const shown = this.#waiting;
        this.#waiting = [];
        return shown;
    }

    /**
     * Shows a Picture that no frame has brought.
     *
     * @returns {object[]} events of frames that will not be shown, because of this one
     */
    replace(picture) {
        const skipped = this.#waiting;
        this.reset();
        this.#pending = picture;
        this.#exchange();
        return skipped;
    }

    /** The picture stays; frames that wait are forgotten. */
    reset() {
        this.#pending?.close();
        this.#pending = null;
        this.#waiting = [];
    }

    dispose() {
        this.reset();
        this.#endFade();
        this.#current?.close();
        this.#current = null;
    }

    /** Makes the newest frame the one that is shown. */
    #exchange() {
        if (this.#pending === null) return;
        this.#endFade();
        const isSoft = this.#current !== null && this.#pending.header.kind > 0;
        if (isSoft) {
            this.#previous = this.#current;
            this.#fadeEnd = this.#now() + fadeMilliseconds;
        } else {
            this.#current?.close();
        }
        this.#current = this.#pending;
        this.#pending = null;
    }

    #endFade() {
        this.#previous?.close();
        this.#previous = null;
        this.#fadeEnd = -Infinity;
    }

    #paint(picture, camera) {
        if (!picture?.image) return;
        const { place } = picture;
        const context = this.#context;
        const target = this.warp === 'none' || picture.camera.isSame(camera)
            ? null : limitedCamera(picture.camera, camera, picture.pivot(this.#sphere));
        if (target === null) {
            this.#drawImage(picture, stretched(place, context.canvas));
            return;
        }
        const reprojection = new Reprojection(picture.camera, place, target, context.canvas);
        const fallback = stretched(place, context.canvas);
        this.#drawImage(picture, fitFrame(reprojection, picture.points(this.#sphere), fallback));
        if (this.warp === 'grid') this.#drawCells(picture, reprojection);
    }

    #drawImage({ image, place }, { a, b, c, d, e, f }) {
        this.#context.setTransform(a, b, c, d, e, f);
        this.#context.drawImage(image, place.left, place.top, place.imageWidth, place.imageHeight);
    }

    /** The nearest last. */
    #drawCells(picture, reprojection) {
        const { image, place } = picture;
        const maps = [];
        for (const cell of picture.cells) {
            const map = cellMap(reprojection, cell);
            if (map) maps.push([cell, map]);
        }
        maps.sort((one, other) => other[1].depth - one[1].depth);
        for (const [cell, { a, b, c, d, e, f }] of maps) {
            const x = Math.max(cell.x - overlap, place.left);
            const y = Math.max(cell.y - overlap, place.top);
            const width = Math.min(cell.x + cell.width + overlap, place.left + place.imageWidth) - x;
            const height = Math.min(cell.y + cell.height + overlap, place.top + place.imageHeight) - y;
            this.#context.setTransform(a, b, c, d, e, f);
            this.#context.drawImage(image, x - place.left, y - place.top, width, height, x, y, width, height);
        }
    }
}
