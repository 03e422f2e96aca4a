// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// What a page needs of the client path and a page of the server's pictures alone does not, loaded together.

export { ClientPath } from './client-path.js';

/** The module that measures this device, or null where it cannot be loaded. */
export const loadProbe = () => import('./device-probe.js').catch(() => null);
