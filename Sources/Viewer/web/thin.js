// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The page of the thin viewer: the server draws. Nothing that it loads needs WebGL, WebAssembly or a browser newer than
// 2021.

import { serverRoot } from './addresses.js';
import { startApplication } from './ui/application.js';

const root = document.getElementById('page');

startApplication({ root, server: serverRoot, parts: { path: 'server', can: ['server'] } }).catch((error) => {
    console.error(error);
    root.textContent = 'The page could not be loaded completely. Reload it.';
});
