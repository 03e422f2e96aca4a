// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { centeredGrid } from './depth-grid.js';
import { FrameCamera } from './frame-camera.js';
import { closePicture } from './image-decoding.js';
import { gridCells, gridPoints, spherePoints, steepestOf } from './warp.js';

/**
 * What a whole frame shows, with what later frames changed of it: an image, where it goes in the drawn picture, and the
 * camera that it shows. Derived facts for warping are made when they are asked for.
 */
export class Picture {
    header;
    camera;
    /** Depths at the middles of cells, or null. */
    grid;
    #image;
    #place;
    #cells = null;
    #points = null;
    #sphere = null;

    /**
     * `image` belongs to the picture from now on; null: nothing but background. `grid` is the message's DepthGrid or null.
     */
    constructor(header, image, grid) {
        this.header = header;
        this.camera = new FrameCamera(header);
        this.grid = this.#centered(grid);
        this.#image = image;
        const { width, height, left, top, imageWidth, imageHeight } = header;
        this.#place = { width, height, left, top, imageWidth, imageHeight };
    }

    get image() {
        return this.#image;
    }

    /** Size of the drawn picture and the part that the image covers: the header's fields from `width` to `imageHeight`. */
    get place() {
        return this.#place;
    }

    /** Cells for warping; empty without a grid. */
    get cells() {
        this.#cells ??= this.grid ? gridCells(this.grid, this.camera, this.#place) : [];
        return this.#cells;
    }

    /** Points [x, y, depth] for warping as a whole: the grid's, or of a sphere { center, radius } around the model. */
    points(sphere) {
        if (this.#points === null || this.#sphere !== sphere) {
            this.#points = this.grid ? gridPoints(this.grid, this.#place) : spherePoints(this.camera, sphere, this.#place);
            this.#sphere = sphere;
        }
        return this.#points;
    }

    /** A point in the middle of what is seen. */
    pivot(sphere) {
        const points = this.points(sphere);
        if (points.length === 0) return sphere.center;
        const [x, y, depth] = [0, 1, 2].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
        const { width, height } = this.#place;
        return this.camera.unproject((2 * x) / width - 1, 1 - (2 * y) / height, depth);
    }

    /** Takes a frame that changes only a rectangle; `image` may be null (nothing changed) and is closed here. */
    change(header, image, grid) {
        if (image) this.#patch(header, image);
        this.header = header;
        if (grid === null) return;
        this.grid = this.#centered(grid);
        this.#cells = null;
        this.#points = null;
    }

    close() {
        closePicture(this.#image);
        this.#image = null;
    }

    #centered(grid) {
        return grid && centeredGrid(grid, steepestOf(this.camera, grid.rows));
    }

    #patch({ width, left, top, imageWidth, imageHeight }, image) {
        const place = this.#place;
        const layer = Object.assign(document.createElement('canvas'), { width: place.width, height: place.height });
        const context = layer.getContext('2d');
        if (this.#image) context.drawImage(this.#image, place.left, place.top);
        // A change drawn with another number of pixels goes to the same place.
        const scale = place.width / width;
        context.drawImage(image, left * scale, top * scale, imageWidth * scale, imageHeight * scale);
        closePicture(image);
        closePicture(this.#image);
        this.#image = layer;
        this.#place = { ...place, left: 0, top: 0, imageWidth: place.width, imageHeight: place.height };
        this.#cells = null;
    }
}
