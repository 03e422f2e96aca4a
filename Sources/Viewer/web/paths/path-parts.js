// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** The parts of a negotiated path, in the order of their canvases. */
export const partNames = ['client', 'server'];

/**
 * The ClientPath and the ServerPath of a negotiated path, each made when it is needed, on a canvas of its own and on one
 * stream.
 */
export class PathParts {
    #owner;
    #createServer;
    #loadClient;
    #stream = null;
    #target = null;
    #size = null;
    #sizes = { client: null, server: null };
    #look = {};
    #isClientAsked = false;
    #isDisposed = false;
    client = null;
    server = null;

    /**
     * @param {object} owner
     * @param {Layers} owner.layers
     * @param {object} owner.options Viewer's
     * @param {Function} owner.request
     * @param {number} owner.startedAt milliseconds
     * @param {(part: string, name: string, event: object) => void} owner.take gets the events of both
     * @param {object} modules `createServer(owner)`, and `loadClient()`, a promise of { ClientPath }
     */
    constructor(owner, { createServer, loadClient }) {
        this.#owner = owner;
        this.#createServer = createServer;
        this.#loadClient = loadClient;
    }

    /** Those that are there. */
    get made() { return partNames.map((name) => this[name]).filter(Boolean); }

    /** As of Viewer, for those that are there and those to come. */
    set theme(theme) { this.#setLook('theme', theme); }

    set bounds(bounds) { this.#setLook('bounds', bounds); }

    /** Each canvas gets its size when it is drawn: what nobody sees does not follow. */
    set size(size) { this.#size = size; }

    /** Facts of both for Viewer's `status`, those of `seen` first. */
    statusOf(seen) {
        const status = { client: this.client?.status ?? {}, server: this.server?.status ?? {} };
        const other = seen === 'server' ? 'client' : 'server';
        const first = Object.values(status).filter(({ firstPictureMilliseconds }) => firstPictureMilliseconds)
            .sort((a, b) => a.firstPictureMilliseconds - b.firstPictureMilliseconds)[0];
        return {
            ...status[other], ...status[seen ?? 'client'],
            firstPictureMilliseconds: first?.firstPictureMilliseconds ?? null,
            firstPictureBytes: first?.firstPictureBytes ?? null,
        };
    }

    /** A part whose canvas has the newest size. */
    fitted(name) {
        if (this.#sizes[name] !== this.#size) this[name].resize(this.#size);
        this.#sizes[name] = this.#size;
        return this[name];
    }

    /** Makes the server path; the stream has been asked to connect. */
    start(stream, target) {
        this.#stream = stream;
        this.#target = target;
        const server = this.#createServer(this.#ownerOf('server', { createFrameStream: () => stream.frames }));
        this.#adopt('server', server);
        const fail = ({ message }) => this.#owner.take('server', 'notice', { code: 'start', message });
        server.start(target, this.#size).catch(fail);
    }

    /**
     * Makes the client path, if that has not been done; `prepare(client)` is called before it starts.
     *
     * @throws {Error} with a `code` as of Viewer's `failure`: this device cannot draw
     */
    async startClient(prepare) {
        if (this.#isClientAsked) return;
        this.#isClientAsked = true;
        try {
            const { ClientPath } = await this.#loadClient();
            if (this.#isDisposed) return;
            const client = new ClientPath(this.#ownerOf('client', { createStream: () => this.#stream.openChunks() }));
            if (client.missing) throw Object.assign(new Error(client.missing.message), { code: client.missing.code });
            this.#adopt('client', client);
            prepare(client);
            await client.start(this.#target, this.#size);
        } catch (error) {
            error.code ??= error.name === 'WebGLUnavailableError' ? 'webgl' : 'start';
            throw error;
        }
    }

    dispose() {
        this.#isDisposed = true;
        for (const path of this.made) path.dispose();
        this.#owner.layers.remove();
    }

    #ownerOf(name, options) {
        const { layers, request, startedAt, take } = this.#owner;
        return {
            canvas: layers[name], options: { ...this.#owner.options, ...options }, request, startedAt,
            emit: (event, value) => take(name, event, value),
        };
    }

    #adopt(name, path) {
        this[name] = path;
        this.#sizes[name] = this.#size;
        Object.assign(path, this.#look);
    }

    #setLook(name, value) {
        this.#look[name] = value;
        for (const path of this.made) path[name] = value;
    }
}
