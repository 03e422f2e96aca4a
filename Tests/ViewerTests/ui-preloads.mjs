// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The lists of modules that the pages ask for at once, so that they need not be discovered import by import.
//
//     node Tests/ViewerTests/ui-preloads.mjs --write      brings the pages up to date

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../Sources/Viewer/web/', import.meta.url));
const importForm = /(?:^|\s)(?:import|export)\s[^'"]*?from\s+'(\.[^']+)'|import\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g;

/** Pages with their entry modules, and what each does not start with: what is behind imports that it comes to later or never. */
export const pages = {
    'index.html': { entry: 'main.js', except: [] },
    'thin.html': { entry: 'thin.js', except: ['paths/negotiated-path.js', 'paths/client-path.js', 'paths/device-probe.js'] },
};

/** The text of a file of the viewer. */
export const textOf = (path) => readFileSync(join(web, path), 'utf8');

/** Modules reachable from a page's entry, as paths in the viewer's folder: those of a view of its own after what all need. */
export function reachableModules(page) {
    const { entry, except } = pages[page];
    const found = [];
    const visit = (module) => {
        if (found.includes(module) || except.includes(module) || !existsSync(join(web, module))) return;
        found.push(module);
        for (const [, ...names] of textOf(module).matchAll(importForm)) {
            visit(join(dirname(module), names.find(Boolean)));
        }
    };
    visit(entry);
    return found.slice(1);
}

/** The modules that a page preloads. */
export function preloadedModules(page) {
    return [...textOf(page).matchAll(/rel="modulepreload" href="viewer\/([^"]+)"/g)].map(([, name]) => name);
}

function writePreloads(page) {
    const others = textOf(page).split('\n').filter((line) => !line.includes('modulepreload'));
    const at = others.findIndex((line) => line.includes('type="module"')) + 1;
    const lines = reachableModules(page).map((name) => `    <link rel="modulepreload" href="viewer/${name}">`);
    writeFileSync(join(web, page), others.toSpliced(at, 0, ...lines).join('\n'));
}

if (process.argv.includes('--write')) Object.keys(pages).forEach(writePreloads);
