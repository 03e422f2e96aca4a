// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Finishes with a request's result, or its error. */
const result = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
});

/** Finishes when a transaction has been committed. */
const committed = (transaction) => new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('It was aborted.', 'AbortError'));
});

const databaseName = 'vantage-chunks';
const version = 1;

/**
 * Chunks in the browser's IndexedDB, by [content hash, chunk, size in bytes], so that a list of the keys says what is
 * there and how much it takes; and a record for each content: { contentHash, modelKey, byteCount, usedAt }.
 */
export class ChunkDatabase {
    #database;

    constructor(database) {
        this.#database = database;
    }

    /**
     * @param {IDBFactory} factory
     * @returns {Promise<ChunkDatabase>}
     * @throws what IndexedDB throws, for one in a private window for example
     */
    static async open(factory) {
        const request = factory.open(databaseName, version);
        request.onupgradeneeded = () => {
            request.result.createObjectStore('chunks');
            request.result.createObjectStore('contents', { keyPath: 'contentHash' });
        };
        const database = await result(request);
        // A page with a newer version of the viewer may change the layout.
        database.onversionchange = () => database.close();
        return new ChunkDatabase(database);
    }

    /** All records of contents. */
    contents() {
        return result(this.#database.transaction('contents').objectStore('contents').getAll());
    }

    /** [chunk, size] of each chunk of a content. */
    async chunks(contentHash) {
        const store = this.#database.transaction('chunks').objectStore('chunks');
        const keys = await result(store.getAllKeys(this.#all(contentHash)));
        return keys.map(([, chunk, byteCount]) => [chunk, byteCount]);
    }

    /** A chunk's record, or undefined. */
    read(contentHash, chunk, byteCount) {
        const store = this.#database.transaction('chunks').objectStore('chunks');
        return result(store.get([contentHash, chunk, byteCount]));
    }

    /**
     * Writes all or nothing.
     *
     * @param {object} content the content's record
     * @param {Array<[number, number, object]>} added chunk, size, record
     * @param {Array<[number, number]>} removed chunk, size
     */
    write(content, added, removed) {
        const transaction = this.#database.transaction(['chunks', 'contents'], 'readwrite', { durability: 'relaxed' });
        const chunks = transaction.objectStore('chunks');
        for (const [chunk, byteCount] of removed) chunks.delete([content.contentHash, chunk, byteCount]);
        for (const [chunk, byteCount, record] of added) chunks.put(record, [content.contentHash, chunk, byteCount]);
        transaction.objectStore('contents').put(content);
        return committed(transaction);
    }

    /** Removes a content and all its chunks. */
    removeContent(contentHash) {
        const transaction = this.#database.transaction(['chunks', 'contents'], 'readwrite', { durability: 'relaxed' });
        transaction.objectStore('chunks').delete(this.#all(contentHash));
        transaction.objectStore('contents').delete(contentHash);
        return committed(transaction);
    }

    close() {
        this.#database.close();
    }

    /** An array sorts after all numbers, as keys go. */
    #all(contentHash) {
        return IDBKeyRange.bound([contentHash], [contentHash, []]);
    }
}
