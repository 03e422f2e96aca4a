// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Names of a model's parts, asked of the server once, when somebody wants to know one. */
export class ModelTree {
    #load;
    #tree = null;

    /** `load()` resolves to the server's { names, parents }. */
    constructor(load) {
        this.#load = load;
    }

    /** { name, path } of a tree node, `path` being the names from the root; null if there is no such node. */
    async describe(node) {
        // What failed is tried again with the next question.
        this.#tree ??= this.#load().catch((error) => {
            this.#tree = null;
            throw error;
        });
        const { names, parents } = await this.#tree;
        if (!(node >= 0 && node < names.length)) return null;
        const path = [];
        for (let at = node; at >= 0 && path.length < names.length; at = parents[at]) path.unshift(names[at]);
        return { name: names[node], path };
    }
}
