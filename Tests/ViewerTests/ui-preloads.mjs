// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The list of modules that the page asks for at once, so that they need not be discovered import by import.
//
//     node Tests/ViewerTests/ui-preloads.mjs --write      brings index.html up to date

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../Sources/Viewer/web/', import.meta.url));
const page = join(web, 'index.html');
const importForm = /(?:^|\s)(?:import|export)\s[^'"]*?from\s+'(\.[^']+)'|import\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g;

/** Modules reachable from main.js, as paths in the viewer's folder: those of a page of its own after what all need. */
export function reachableModules() {
    const found = [];
    const visit = (file) => {
        if (found.includes(file) || !existsSync(file)) return;
        found.push(file);
        for (const [, ...names] of readFileSync(file, 'utf8').matchAll(importForm)) {
            visit(join(dirname(file), names.find(Boolean)));
        }
    };
    visit(join(web, 'main.js'));
    return found.slice(1).map((file) => relative(web, file));
}

/** The modules that index.html preloads. */
export function preloadedModules() {
    return [...readFileSync(page, 'utf8').matchAll(/rel="modulepreload" href="viewer\/([^"]+)"/g)].map(([, name]) => name);
}

function writePreloads() {
    const others = readFileSync(page, 'utf8').split('\n').filter((line) => !line.includes('modulepreload'));
    const at = others.findIndex((line) => line.includes('type="module"')) + 1;
    const lines = reachableModules().map((name) => `    <link rel="modulepreload" href="viewer/${name}">`);
    writeFileSync(page, others.toSpliced(at, 0, ...lines).join('\n'));
}

if (process.argv.includes('--write')) writePreloads();
