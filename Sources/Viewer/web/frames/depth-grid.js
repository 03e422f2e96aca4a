// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { VarintReader } from './varint-reader.js';

/** The nearest depth of each cell of a frame, in metres along its view; Infinity where only background is. */
export class DepthGrid {
    columns;
    rows;
    depths;

    /** `depths`: row by row from the top. */
    constructor(columns, rows, depths) {
        this.columns = columns;
        this.rows = rows;
        this.depths = depths;
    }

    /**
     * The grid of a Frame message, or null if it has none.
     *
     * @throws {WireError} if its codes are not as PROTOCOL.md says, or its range is none
     */
    static of({ depthColumns, depthRows, depthNear, depthFar, depthCodes, projection }) {
        const reader = new VarintReader(depthCodes, 'Frame', 'depthCodes');
        const codes = readCodes(reader, depthColumns, depthRows);
        if (codes.length === 0) return null;
        if (!(depthNear > 0 && depthFar >= depthNear)) throw reader.error('depthNear … depthFar is no range');
        const isPerspective = projection === 0;
        const depths = Float64Array.from(codes, (code) => {
            if (code === 0) return Infinity;
            const share = (code - 1) / 65534;
            if (isPerspective) return 1 / ((1 - share) / depthFar + share / depthNear);
            return depthFar + share * (depthNear - depthFar);
        });
        return new DepthGrid(depthColumns, depthRows, depths);
    }

    /** Of a cell; Infinity outside. */
    depth(column, row) {
        if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return Infinity;
        return this.depths[row * this.columns + column];
    }

    /** Of the cell at a place in clip space (-1 … 1, y up); Infinity outside. */
    depthAt(x, y) {
        return this.depth(Math.floor((x + 1) * 0.5 * this.columns), Math.floor((1 - y) * 0.5 * this.rows));
    }
}

/**
 * The grid with the depth at the middle of each cell in place of the nearest: a sloping surface is nearest at a cell's edge,
 * half a cell's slope in front of its middle. The slope is the neighbours'; steps in depth, larger than `steepest(depth)`
 * metres from cell to cell, are none.
 */
export function centeredGrid(grid, steepest) {
    const { columns, rows } = grid;
    const depths = Float64Array.from({ length: columns * rows }, (_, cell) => {
        const [column, row] = [cell % columns, Math.floor(cell / columns)];
        const own = grid.depth(column, row);
        if (own === Infinity) return own;
        const across = slope(grid.depth(column - 1, row), own, grid.depth(column + 1, row), steepest(own));
        const down = slope(grid.depth(column, row - 1), own, grid.depth(column, row + 1), steepest(own));
        return own + (across + down) / 2;
    });
    return new DepthGrid(columns, rows, depths);
}

/** Change of depth from cell to cell, without its sign, from the neighbours that are of the same surface. */
function slope(before, own, after, most) {
    const changes = [own - before, after - own].filter((change) => Math.abs(change) <= most);
    return changes.length > 0 ? Math.abs(changes.reduce((sum, change) => sum + change, 0)) / changes.length : 0;
}

/** Undoes the differences of PROTOCOL.md's depth grids. */
function readCodes(reader, columns, rows) {
    const codes = new Uint16Array(columns * rows);
    let sameCount = 0;
    for (let cell = 0; cell < codes.length; cell += 1) {
        const isFirst = cell % columns === 0;
        const before = isFirst ? (cell === 0 ? 0 : codes[cell - columns]) : codes[cell - 1];
        if (sameCount > 0) {
            sameCount -= 1;
            codes[cell] = before;
            continue;
        }
        const zigzag = reader.next();
        if (zigzag > 0xffff) throw reader.error('a difference has more than 16 bits');
        codes[cell] = before + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
        if (zigzag !== 0) continue;
        sameCount = reader.next();
        if (sameCount > codes.length - cell - 1) throw reader.error('a run goes past the last cell');
    }
    if (!reader.isAtEnd) throw reader.error('bytes follow the last cell');
    return codes;
}
