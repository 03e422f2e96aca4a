// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { PageToken } from './page-token.js';
import { ServerAPI } from './server-api.js';
import { StartPage } from './start-page.js';
import { Theme } from './theme.js';
import { ViewerPage } from './viewer-page.js';

/**
 * Shows what the address asks for inside `root`: a model (`?model=`), a session (`?session=`), or the list of models.
 *
 * `server` is the base URL of the server; `parts` may replace the viewer's stream and renderer (see Viewer's options).
 * Sets `window.vantage` to { viewer, status } for tests and embedders.
 */
export function startApplication({ root, server, parts }) {
    const address = new URL(location.href);
    const token = new PageToken();
    const theme = new Theme();
    const model = address.searchParams.get('model') ?? undefined;
    const session = address.searchParams.get('session') ?? undefined;
    if (model || session) {
        const back = () => location.assign(startAddress());
        const page = new ViewerPage({ target: { model, session }, token, theme, back, parts: { server, ...parts } });
        root.replaceChildren(page.node);
        expose(() => page.viewer);
        page.start();
        return;
    }
    const api = new ServerAPI(server, () => token.value);
    const open = (id) => location.assign(`?model=${encodeURIComponent(id)}`);
    const page = new StartPage({ api, token, theme, open });
    root.replaceChildren(page.node);
    expose(() => null);
}

/** The list's address: this one without model and view. */
function startAddress() {
    const address = new URL(location.href);
    address.search = '';
    address.hash = '';
    return address.href;
}

function expose(viewer) {
    window.vantage = {
        get viewer() {
            return viewer();
        },
        get status() {
            return viewer()?.status ?? { state: 'start' };
        },
    };
}
