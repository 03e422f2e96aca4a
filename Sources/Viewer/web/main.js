// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { startApplication } from './ui/application.js';

startApplication({
    root: document.getElementById('page'),
    server: new URL('../', import.meta.url),
});
