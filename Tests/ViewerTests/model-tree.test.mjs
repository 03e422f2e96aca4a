// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { ModelTree } from '../../Sources/Viewer/web/ui/model-tree.js';

const columns = { names: ['machine', 'motor', 'shaft', 'bench'], parents: [-1, 0, 1, -1] };

test('a part has its name and the names above it, asked for once', async () => {
    let count = 0;
    const tree = new ModelTree(async () => {
        count += 1;
        return columns;
    });
    assert.deepEqual(await tree.describe(2), { name: 'shaft', path: ['machine', 'motor', 'shaft'] });
    assert.deepEqual(await tree.describe(3), { name: 'bench', path: ['bench'] });
    assert.equal(await tree.describe(4), null);
    assert.equal(await tree.describe(-1), null);
    assert.equal(count, 1);
});

test('a circle among parents ends', async () => {
    const tree = new ModelTree(async () => ({ names: ['a', 'b'], parents: [1, 0] }));
    assert.equal((await tree.describe(0)).path.length, 2);
});

test('what failed is asked for again', async () => {
    let count = 0;
    const tree = new ModelTree(async () => {
        count += 1;
        if (count === 1) throw new Error('away');
        return columns;
    });
    await assert.rejects(tree.describe(0), /away/);
    assert.equal((await tree.describe(0)).name, 'machine');
});
