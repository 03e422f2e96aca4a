// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Texels across every table; `mesh.vert.glsl` has the same number. */
export const tableWidth = 1024;

const kinds = {
    int4: { components: 4, Values: Int32Array, internal: 'RGBA32I', format: 'RGBA_INTEGER', type: 'INT' },
    uint1: { components: 1, Values: Uint32Array, internal: 'R32UI', format: 'RED_INTEGER', type: 'UNSIGNED_INT' },
    float4: { components: 4, Values: Float32Array, internal: 'RGBA32F', format: 'RGBA', type: 'FLOAT' },
};

/** An array that shaders read: a texture of 1024 texels across that grows by doubling. */
export class DataTable {
    #gl;
    #kind;
    #rows = 0;

    /** @param {'int4' | 'uint1' | 'float4'} kind */
    constructor(gl, kind) {
        this.#gl = gl;
        this.#kind = kinds[kind];
        this.texture = gl.createTexture();
        this.#resize(1);
    }

    get byteCount() {
        return this.#rows * tableWidth * this.#kind.components * 4;
    }

    /**
     * Makes room for `texelCount` texels. What was there is lost if it has to grow.
     * @returns {boolean} whether it grew
     */
    reserve(texelCount) {
        const rows = Math.ceil(texelCount / tableWidth);
        if (rows <= this.#rows) return false;
        this.#resize(2 ** Math.ceil(Math.log2(rows)));
        return true;
    }

    /**
     * Writes texels `first …` from `values`, by default from the same place there; there must be room.
     * @param {Int32Array | Uint32Array | Float32Array} values
     * @param {number} [from] texel in `values`
     */
    write(values, first, texelCount, from = first) {
        const gl = this.#gl;
        const { components } = this.#kind;
        gl.bindTexture(gl.TEXTURE_2D, this.texture);
        const end = first + texelCount;
        // Whole rows at once where possible, and the ragged first and last row.
        while (first < end) {
            const column = first % tableWidth;
            const isWhole = column === 0 && end - first >= tableWidth;
            const height = isWhole ? Math.floor((end - first) / tableWidth) : 1;
            const width = isWhole ? tableWidth : Math.min(tableWidth - column, end - first);
            gl.texSubImage2D(
                gl.TEXTURE_2D, 0, column, Math.floor(first / tableWidth), width, height, gl[this.#kind.format],
                gl[this.#kind.type], values, from * components);
            first += width * height;
            from += width * height;
        }
    }

    dispose() {
        this.#gl.deleteTexture(this.texture);
    }

    #resize(rows) {
        const gl = this.#gl;
        const { internal, format, type } = this.#kind;
        this.#rows = rows;
        gl.bindTexture(gl.TEXTURE_2D, this.texture);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl[internal], tableWidth, rows, 0, gl[format], gl[type], null);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LEVEL, 0);
    }
}
