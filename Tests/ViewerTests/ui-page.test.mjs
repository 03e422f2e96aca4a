// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { pages, reachableModules, textOf } from './ui-modules.mjs';

const web = new URL('../../Sources/Viewer/web/', import.meta.url);
const names = Object.keys(pages);
/** A module without its comments. */
const codeOf = (name) => textOf(name).replace(/\/\*[^]*?\*\/|\/\/.*/g, '');

for (const name of names) {
    test(`${name} has no code or style of its own, so that a strict policy can forbid it`, () => {
        const page = textOf(name);
        assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|javascript:/);
        for (const [, attributes, content] of page.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
            assert.match(attributes, /src="viewer\//);
            assert.equal(content.trim(), '');
        }
    });

    test(`every address in ${name} is relative, so that a prefix works`, () => {
        for (const [, address] of textOf(name).matchAll(/(?:src|href)="([^"]+)"/g)) {
            assert.doesNotMatch(address, /^(?:\/|[a-z]+:)/);
        }
    });
}

test('no module of the pages is left unused', () => {
    const modules = ['camera', 'frames', 'paths', 'ui'].flatMap((folder) =>
        readdirSync(fileURLToPath(new URL(folder, web))).map((name) => `${folder}/${name}`));
    const reachable = names.flatMap(reachableModules);
    assert.deepEqual(modules.filter((name) => !reachable.includes(name)), ['frames/frame-worker.js', 'paths/probe-worker.js']);
});

test('the build puts together what pages and workers begin with, and only there is it known where they are', () => {
    const script = readFileSync(new URL('../../tools/build-viewer-app', import.meta.url), 'utf8');
    const begun = script.match(/"\$web"\/\{[^}]+\}/g).flatMap((list) => list.slice(8, -1).split(',')).toSorted();
    const files = readdirSync(web, { recursive: true }).filter((name) => name.endsWith('.js'));
    const workers = files.flatMap((name) => [...textOf(name).matchAll(/workerAddress\('([^']+)\.js'\)/g)].map(([, path]) => path));
    assert.deepEqual(begun, ['main', 'thin', ...workers].toSorted());
    assert.deepEqual(files.filter((name) => codeOf(name).includes('import.meta')), ['addresses.js']);
});

test('every style sheet is in the pages\'', () => {
    const named = [...textOf('page.css').matchAll(/@import "styles\/([^"]+)";/g)].map(([, name]) => name);
    assert.deepEqual(named.toSorted(), readdirSync(new URL('styles/', web)).toSorted());
});

test('both pages differ in nothing but their modules', () => {
    const common = (name) => textOf(name).replace(/.*type="module".*|.*modulepreload.*\n/g, '');
    assert.equal(common('thin.html'), common('index.html'));
});

test('the thin page loads nothing that draws with WebGL or runs WebAssembly', () => {
    for (const name of ['thin.js', ...reachableModules('thin.html')]) {
        assert.doesNotMatch(codeOf(name), /getContext\('webgl|\bWebAssembly\.\w|\.wasm\b/, name);
    }
});

test('the thin page loads nothing that browsers of 2021 do not have', () => {
    const newer = [
        /\.(?:at|findLast|findLastIndex|toSorted|toSpliced|toReversed|with|replaceAll)\(/, /\bstructuredClone\b/,
        /\bObject\.(?:hasOwn|groupBy)\b/, /\bDecompressionStream\b/, /#\w+ in /, /\bstatic \{/, /^await /m,
        /\bPromise\.(?:any|withResolvers)\b/, /\bOffscreenCanvas\b/, /\bArray\.fromAsync\b/,
    ];
    for (const name of ['thin.js', 'frames/frame-worker.js', ...reachableModules('thin.html')]) {
        for (const form of newer) assert.doesNotMatch(codeOf(name), form, name);
    }
    for (const name of readdirSync(new URL('styles/', web))) {
        assert.doesNotMatch(textOf(`styles/${name}`), /:has\(|@container|@layer|&/, name);
    }
});
