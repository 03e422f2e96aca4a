// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { serverRoot } from './addresses.js';
import { startApplication } from './ui/application.js';

const root = document.getElementById('page');

startApplication({ root, server: serverRoot }).catch((error) => {
    console.error(error);
    root.textContent = 'The page could not be loaded completely. Reload it.';
});
