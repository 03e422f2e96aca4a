// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { preloadedModules, reachableModules } from './ui-preloads.mjs';

const web = new URL('../../Sources/Viewer/web/', import.meta.url);
const read = (name) => readFileSync(new URL(name, web), 'utf8');

test('the page asks for every module at once', () => {
    const hint = 'run: node Tests/ViewerTests/ui-preloads.mjs --write';
    assert.deepEqual(preloadedModules().toSorted(), reachableModules().toSorted(), hint);
});

test('no module of the page is left unused', () => {
    const modules = ['camera', 'ui'].flatMap((folder) =>
        readdirSync(fileURLToPath(new URL(folder, web))).map((name) => `${folder}/${name}`));
    const reachable = reachableModules();
    assert.deepEqual(modules.filter((name) => !reachable.includes(name)), []);
});

test('the page has no code or style of its own, so that a strict policy can forbid it', () => {
    const page = read('index.html');
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|javascript:/);
    for (const [, attributes, content] of page.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
        assert.match(attributes, /src="viewer\//);
        assert.equal(content.trim(), '');
    }
});

test('every address in the page is relative, so that a prefix works', () => {
    for (const [, address] of read('index.html').matchAll(/(?:src|href)="([^"]+)"/g)) {
        assert.doesNotMatch(address, /^(?:\/|[a-z]+:)/);
    }
});
