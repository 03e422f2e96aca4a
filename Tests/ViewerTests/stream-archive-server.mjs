// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** A server that sends what is in an archive, when the test says so, through a FakeSocket. */
export class ArchiveServer {
    #archive;
    sequence = 0;

    constructor(archive) {
        this.#archive = archive;
    }

    /** All materials and geometries. */
    geometries(socket) {
        this.#archive.description.materials.forEach((material, number) => {
            socket.receive({ type: 'material', material: number, json: { material, textures: [] } });
        });
        this.#archive.geometries.forEach((record, geometry) => {
            const members = this.#archive.nodes.filter((node) => node.geometry === geometry);
            const low = [0, 1, 2].map((axis) => Math.min(...members.map(({ origin }) => origin[axis])));
            const extent = [0, 1, 2].map((axis) => (
                Math.max(...members.map((node) => node.origin[axis] + node.extent[axis])) - low[axis]));
            socket.receive({
                type: 'geometry', geometry, gridStep: record.step, layout: record.layout,
                coordinateStep: record.coordinateStep, isProxy: record.isProxy, boxOrigin: low, boxExtent: extent,
                materials: record.materials,
            });
        });
    }

    chunk(socket, chunk, payload = this.#archive.chunk(chunk)) {
        this.sequence += 1;
        const { kind } = this.#archive.chunks[chunk];
        socket.receive({ type: 'chunk', sequence: this.sequence, chunk, kind, payload });
    }

    recall(socket, chunk) {
        this.sequence += 1;
        socket.receive({ type: 'recall', sequence: this.sequence, chunk });
    }

    /** Everything, in the archive's order. */
    all(socket) {
        this.geometries(socket);
        this.#archive.chunks.forEach((_, chunk) => this.chunk(socket, chunk));
    }
}
