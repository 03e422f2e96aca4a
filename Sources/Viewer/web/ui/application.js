// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { PageToken } from './page-token.js';
import { Theme } from './theme.js';

/**
 * Shows what the address asks for inside `root`: a model (`?model=`), a session (`?session=`), or the list of models.
 *
 * `server` is the base URL of the server; `parts` are further options of Viewer: who draws, or other parts than the usual.
 * `?path=client`, `server` or `hybrid` in the address says who is to draw; otherwise viewer and server decide.
 * Sets `window.vantage` to { viewer, status } for tests and embedders.
 */
export async function startApplication({ root, server, parts }) {
    const address = new URL(location.href);
    const token = new PageToken();
    const theme = new Theme();
    expose(() => null);
    const model = address.searchParams.get('model') ?? undefined;
    const session = address.searchParams.get('session') ?? undefined;
    if (model || session) {
        const { ViewerPage } = await import('./viewer-page.js');
        const back = () => location.assign(startAddress());
        const wish = address.searchParams.get('path');
        const path = ['client', 'server', 'hybrid'].includes(wish) ? wish : 'auto';
        const page = new ViewerPage({ target: { model, session }, token, theme, back, parts: { server, path, ...parts } });
        root.replaceChildren(page.node);
        expose(() => page.viewer);
        page.start();
        return;
    }
    const [{ ServerAPI }, { StartPage }] = await Promise.all([import('./server-api.js'), import('./start-page.js')]);
    const api = new ServerAPI(server, () => token.value);
    const open = (id) => location.assign(`?model=${encodeURIComponent(id)}`);
    const page = new StartPage({ api, token, theme, open });
    root.replaceChildren(page.node);
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
