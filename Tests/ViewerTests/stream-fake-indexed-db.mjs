// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Just enough IndexedDB for the tests of ChunkDatabase: array and string keys, requests that answer later, transactions
// that write all or nothing.

const settled = (request, act) => {
    queueMicrotask(() => {
        try {
            request.result = act();
            request.onsuccess?.();
        } catch (error) {
            request.error = error;
            request.onerror?.();
        }
    });
    return request;
};

/** As indexedDB.cmp: numbers before strings before arrays, which compare item by item. */
function compare(a, b) {
    const rank = (key) => ['number', 'string', 'object'].indexOf(typeof key);
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b);
    for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
        const order = compare(a[place], b[place]);
        if (order !== 0) return order;
    }
    return a.length - b.length;
}

export class FakeKeyRange {
    constructor(lower, upper) { Object.assign(this, { lower, upper }); }

    static bound(lower, upper) { return new FakeKeyRange(lower, upper); }

    includes(key) { return compare(key, this.lower) >= 0 && compare(key, this.upper) <= 0; }
}

class FakeStore {
    constructor(records, keyPath, note) { Object.assign(this, { records, keyPath, note }); }

    #entries(query) {
        const matches = ([key]) => (query instanceof FakeKeyRange ? query.includes(key) : compare(key, query) === 0);
        return this.records.filter((entry) => query === undefined || matches(entry)).sort(([a], [b]) => compare(a, b));
    }

    get(key) { return settled({}, () => structuredClone(this.#entries(key)[0]?.[1])); }
    getAll() { return settled({}, () => structuredClone(this.#entries().map(([, value]) => value))); }
    getAllKeys(query) { return settled({}, () => this.#entries(query).map(([key]) => key)); }

    delete(query) {
        this.note(() => {
            for (const entry of this.#entries(query)) this.records.splice(this.records.indexOf(entry), 1);
        });
    }

    put(value, key = value[this.keyPath]) {
        const copy = structuredClone(value);
        this.delete(key);
        this.note(() => this.records.push([key, copy]));
    }
}

export class FakeIndexedDB {
    #stores = new Map();
    failure = null;

    open() {
        const isNew = this.#stores.size === 0;
        const request = {};
        return settled(request, () => {
            const database = {
                createObjectStore: (name, { keyPath } = {}) => this.#stores.set(name, { records: [], keyPath }),
                transaction: () => this.#transaction(),
                close() {},
            };
            request.result = database;
            if (isNew) request.onupgradeneeded();
            return database;
        });
    }

    #transaction() {
        const changes = [];
        const transaction = {
            objectStore: (name) => {
                const { records, keyPath } = this.#stores.get(name);
                return new FakeStore(records, keyPath, (change) => changes.push(change));
            },
        };
        setImmediate(() => {
            if (this.failure) {
                transaction.error = this.failure;
                transaction.onabort?.();
                return;
            }
            changes.forEach((change) => change());
            transaction.oncomplete?.();
        });
        return transaction;
    }
}
