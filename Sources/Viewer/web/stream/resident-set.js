// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The chunks that the client has, from their arrival on: which nodes they made, which of those are on the GPU, and
 * their compressed bytes, so that everything can be decoded again when the graphics context is lost.
 *
 * A chunk's entry is { chunk, kind, bytes, byteCount, nodes, gpuByteCount, isDecoded, isFromStore }; `bytes` is null
 * where memory for compressed copies ran out. A node of an entry is { node, header, gpuByteCount, isUploaded }.
 */
export class ResidentSet {
    #entries = new Map();
    #entryOfNode = new Map();
    #copies = new Set();  // entries with bytes, the least recently used first
    #copyByteCount = 0;
    #copyByteLimit;
    #uploadedNodeCount = 0;
    #uploadedByteCount = 0;
    #pendingByteCount = 0;

    /** @param {number} copyByteLimit for compressed copies */
    constructor(copyByteLimit) {
        this.#copyByteLimit = copyByteLimit;
    }

    get chunkCount() { return this.#entries.size; }
    get nodeCount() { return this.#uploadedNodeCount; }
    /** Bytes of the meshes on the GPU, and of those decoded that are not there yet. */
    get gpuByteCount() { return this.#uploadedByteCount; }
    get pendingByteCount() { return this.#pendingByteCount; }
    get copyByteCount() { return this.#copyByteCount; }
    get chunks() { return this.#entries.keys(); }
    get entries() { return this.#entries.values(); }

    get(chunk) { return this.#entries.get(chunk); }
    entryOfNode(node) { return this.#entryOfNode.get(node); }

    /** Notes a chunk that arrived, in place of what was there; its bytes are kept. */
    add(chunk, kind, bytes, isFromStore) {
        this.remove(chunk);
        const entry = {
            chunk, kind, bytes, byteCount: bytes.length, nodes: [], gpuByteCount: 0, isDecoded: false, isFromStore,
        };
        this.#entries.set(chunk, entry);
        this.#copies.add(entry);
        this.#copyByteCount += bytes.length;
        return entry;
    }

    /**
     * Notes the meshes of a chunk, which go to the GPU next; again after the context was lost. The entry needs its
     * bytes until then, because the nodes' headers are parts of them.
     */
    decoded(entry, nodes) {
        this.#leaveNodes(entry);
        entry.isDecoded = true;
        entry.nodes = nodes.map(({ headerOffset, headerByteCount, mesh }) => ({
            node: mesh.node, header: entry.bytes.slice(headerOffset, headerOffset + headerByteCount),
            gpuByteCount: mesh.gpuByteCount, isUploaded: false,
        }));
        entry.gpuByteCount = entry.nodes.reduce((sum, { gpuByteCount }) => sum + gpuByteCount, 0);
        this.#pendingByteCount += entry.gpuByteCount;
        for (const { node } of entry.nodes) this.#entryOfNode.set(node, entry);
        this.#trimCopies();
    }

    /**
     * Notes that a node is on the GPU. Returns what the core wants to know of it, { chunk, header, gpuByteCount }, or
     * null if it is not expected: evicted meanwhile, or told twice.
     */
    uploaded(node) {
        const entry = this.#entryOfNode.get(node);
        const record = entry?.nodes.find((candidate) => candidate.node === node);
        if (!record || record.isUploaded || record.header === null) return null;
        const { header, gpuByteCount } = record;
        record.isUploaded = true;
        record.header = null;  // after a lost context it is decoded anew
        this.#uploadedNodeCount += 1;
        this.#uploadedByteCount += gpuByteCount;
        this.#pendingByteCount -= gpuByteCount;
        return { chunk: entry.chunk, header, gpuByteCount };
    }

    /** Forgets an entry's meshes: the graphics context was lost, and they are decoded again. */
    undecode(entry) {
        this.#leaveNodes(entry);
        Object.assign(entry, { nodes: [], gpuByteCount: 0, isDecoded: false });
    }

    /** Gives an entry bytes again that were let go. */
    restoreBytes(entry, bytes) {
        if (entry.bytes !== null) return;
        entry.bytes = bytes;
        this.#copies.add(entry);
        this.#copyByteCount += bytes.length;
    }

    /** Forgets a chunk; returns its entry, or undefined. */
    remove(chunk) {
        const entry = this.#entries.get(chunk);
        if (entry === undefined) return undefined;
        this.#entries.delete(chunk);
        this.#leaveNodes(entry);
        this.#dropCopy(entry);
        return entry;
    }

    clear() {
        for (const chunk of [...this.#entries.keys()]) this.remove(chunk);
    }

    #leaveNodes(entry) {
        for (const { node, gpuByteCount, isUploaded } of entry.nodes) {
            if (this.#entryOfNode.get(node) === entry) this.#entryOfNode.delete(node);
            if (!isUploaded) {
                this.#pendingByteCount -= gpuByteCount;
                continue;
            }
            this.#uploadedNodeCount -= 1;
            this.#uploadedByteCount -= gpuByteCount;
        }
    }

    /** Copies of chunks still being decoded stay: they are needed for their nodes. */
    #trimCopies() {
        if (this.#copyByteCount <= this.#copyByteLimit) return;
        for (const entry of this.#copies) {
            if (this.#copyByteCount <= this.#copyByteLimit) return;
            if (entry.isDecoded) this.#dropCopy(entry);
        }
    }

    #dropCopy(entry) {
        if (!this.#copies.delete(entry)) return;
        this.#copyByteCount -= entry.bytes.length;
        entry.bytes = null;
    }
}
