// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What the pages are made of.

import { existsSync, readFileSync } from 'node:fs';
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
