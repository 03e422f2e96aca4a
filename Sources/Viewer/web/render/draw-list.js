// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const wordsPerDraw = 6;
const mirroredFlag = 1;
const emptyWords = new Uint32Array(0);

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

/**
 * A draw event sorted for drawing: opaque draws in batches that need no state change inside, then blended instances one
 * by one, back to front. Knows no WebGL.
 *
 * Draw `i` has a row of 8 numbers in `table` (origin, first visible instance, grid step's bits, material's row, 0, 0) and
 * its arguments in `counts`, `offsets` (bytes) and `instanceCounts`. A batch is `{ page, entry, isMirrored, first, count }`
 * with the `entry`
 * of one of its materials, which agree in all but their table rows.
 */
export class DrawList {
    batches = [];
    blendedBatches = [];
    drawCount = 0;
    opaqueCount = 0;
    triangleCount = 0;
    table = new Int32Array(0);
    counts = new Int32Array(0);
    offsets = new Int32Array(0);
    instanceCounts = new Int32Array(0);
    /** Counts the lists built; a mesh in the current one has it in `drawnIn`. */
    generation = 0;

    #instances = new Float32Array(0);
    #cells = new Int32Array(0);
    #visible = emptyWords;
    #batchOfDraw = new Int32Array(0);
    #byKey = new Map();
    #blended = [];

    /**
     * @param {object} event a draw event
     * @param {{get: (node: number) => object | undefined}} meshes draws of unknown nodes are left out
     * @param {{get: (material: number) => object}} materials
     */
    build(event, meshes, materials) {
        this.generation += 1;
        if (event.instances) {
            this.#instances = event.instances;
            this.#cells = new Int32Array(event.instances.buffer, event.instances.byteOffset, event.instances.length);
        }
        this.#visible = event.visible;
        this.#blended = [];
        this.triangleCount = 0;
        this.#group(event, meshes, materials);
        this.#place();
        this.#fill(event, meshes, materials);
    }

    /**
     * Orders the blended instances for an eye, given relative to the event's reference.
     * @returns {boolean} whether the table's rows from `opaqueCount` on have changed
     */
    sortBlended(eye) {
        const blended = this.#blended;
        if (blended.length === 0) return false;
        for (const draw of blended) {
            draw.distance = Math.hypot(...draw.center.map((place, axis) => place - eye[axis]));
        }
        blended.sort((a, b) => b.distance - a.distance);
        this.#fillBlended();
        return true;
    }

    /** The box around everything drawn, relative to the reference, or null: for callers who know no better one. */
    measureBounds(event, meshes) {
        const minimum = [Infinity, Infinity, Infinity];
        const maximum = [-Infinity, -Infinity, -Infinity];
        for (let i = 0; i < event.drawCount; i += 1) {
            const [node, , , first, count] = event.draws.subarray(wordsPerDraw * i, wordsPerDraw * (i + 1));
            const mesh = meshes.get(node);
            for (let k = 0; mesh && k < count; k += 1) {
                const { center, radius } = this.#placeSphere(mesh, this.#visible[first + k]);
                for (let axis = 0; axis < 3; axis += 1) {
                    minimum[axis] = Math.min(minimum[axis], center[axis] - radius);
                    maximum[axis] = Math.max(maximum[axis], center[axis] + radius);
                }
            }
        }
        return minimum[0] <= maximum[0] ? { minimum, maximum } : null;
    }

    // Finds the batch of each opaque draw and counts them.
    #group({ draws, drawCount }, meshes, materials) {
        this.#byKey.clear();
        this.batches = [];
        if (this.#batchOfDraw.length < drawCount) this.#batchOfDraw = new Int32Array(drawCount * 2);
        let blendedCount = 0;
        for (let i = 0; i < drawCount; i += 1) {
            const at = wordsPerDraw * i;
            const mesh = meshes.get(draws[at]);
            this.#batchOfDraw[i] = -1;
            if (!mesh) continue;
            const entry = materials.get(draws[at + 5] & 0xffffff);
            if (entry.isBlended) blendedCount += draws[at + 4];
            else this.#batchOfDraw[i] = this.#batchFor(mesh.page, entry, ((draws[at + 5] >>> 24) & mirroredFlag) !== 0);
        }
        this.opaqueCount = this.batches.reduce((sum, batch) => sum + batch.count, 0);
        this.drawCount = this.opaqueCount + blendedCount;
        this.#reserve(this.drawCount);
    }

    #batchFor(page, entry, isMirrored) {
        const key = (page.number * 0x100000 + entry.group) * 2 + (isMirrored ? 1 : 0);
        let number = this.#byKey.get(key);
        if (number === undefined) {
            number = this.batches.length;
            this.#byKey.set(key, number);
            this.batches.push({ page, entry, isMirrored, first: 0, count: 0 });
        }
        this.batches[number].count += 1;
        return number;
    }

    // Gives the batches their places in an order that changes programs and textures least.
    #place() {
        this.ordered = [...this.batches].sort((a, b) => a.entry.variant - b.entry.variant
            || a.entry.group - b.entry.group || a.page.number - b.page.number);
        let first = 0;
        for (const batch of this.ordered) {
            batch.first = first;
            first += batch.count;
            batch.count = 0;
        }
    }

    #fill({ draws, drawCount }, meshes, materials) {
        for (let i = 0; i < drawCount; i += 1) {
            const at = wordsPerDraw * i;
            const mesh = meshes.get(draws[at]);
            if (!mesh) continue;
            mesh.drawnIn = this.generation;
            const [firstIndex, indexCount, firstVisible, instanceCount] = draws.subarray(at + 1, at + 5);
            this.triangleCount += (indexCount / 3) * instanceCount;
            const entry = materials.get(draws[at + 5] & 0xffffff);
            const batch = this.batches[this.#batchOfDraw[i]];
            if (batch) {
                const row = batch.first + batch.count;
                batch.count += 1;
                this.#fillRow(row, mesh, entry, firstIndex, indexCount, firstVisible, instanceCount);
            } else {
                const isMirrored = ((draws[at + 5] >>> 24) & mirroredFlag) !== 0;
                for (let k = 0; k < instanceCount; k += 1) {
                    const { center } = this.#placeSphere(mesh, this.#visible[firstVisible + k]);
                    this.#blended.push({
                        mesh, entry, isMirrored, firstIndex, indexCount, firstVisible: firstVisible + k, center,
                        distance: 0,
                    });
                }
            }
        }
        this.batches = this.ordered;
        this.#fillBlended();
    }

    #fillBlended() {
        this.blendedBatches = [];
        let last = null;
        this.#blended.forEach(({ mesh, entry, isMirrored, firstIndex, indexCount, firstVisible }, number) => {
            const row = this.opaqueCount + number;
            this.#fillRow(row, mesh, entry, firstIndex, indexCount, firstVisible, 1);
            // Both sides of a double-sided surface are drawn one after the other, so it stays alone.
            const joins = last !== null && last.page === mesh.page && last.entry.group === entry.group
                && last.isMirrored === isMirrored && !entry.isDoubleSided;
            if (joins) {
                last.count += 1;
            } else {
                last = { page: mesh.page, entry, isMirrored, first: row, count: 1 };
                this.blendedBatches.push(last);
            }
        });
    }

    #fillRow(row, mesh, entry, firstIndex, indexCount, firstVisible, instanceCount) {
        const table = this.table;
        const at = 8 * row;
        float[0] = mesh.gridStep;
        table[at] = mesh.origin[0];
        table[at + 1] = mesh.origin[1];
        table[at + 2] = mesh.origin[2];
        table[at + 3] = firstVisible;
        table[at + 4] = floatBits[0];
        table[at + 5] = entry.row;
        this.counts[row] = indexCount;
        this.offsets[row] = (mesh.slot.firstIndex + firstIndex) * mesh.page.indexSize;
        this.instanceCounts[row] = instanceCount;
    }

    #reserve(drawCount) {
        if (this.counts.length >= drawCount) return;
        const capacity = 2 ** Math.ceil(Math.log2(drawCount));
        this.table = new Int32Array(8 * capacity);
        this.counts = new Int32Array(capacity);
        this.offsets = new Int32Array(capacity);
        this.instanceCounts = new Int32Array(capacity);
    }

    // A mesh's sphere where an instance puts it, relative to the reference. Radius: upper bound.
    #placeSphere({ center, radius, gridStep }, instance) {
        const at = 16 * instance;
        const m = this.#instances;
        const local = center.map((place, axis) => (place - this.#cells[at + 12 + axis]) * gridStep);
        const placed = [0, 1, 2].map((axis) => m[at + axis] * local[0] + m[at + 4 + axis] * local[1]
            + m[at + 8 + axis] * local[2] + m[at + 3 + 4 * axis]);
        const scale = Math.hypot(...[0, 1, 2, 4, 5, 6, 8, 9, 10].map((component) => m[at + component]));
        return { center: placed, radius: radius * gridStep * scale };
    }
}
