// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { startApplication } from '../ui/application.js';
import { FakeRenderer } from './fake-renderer.js';
import { FakeStream } from './fake-stream.js';

const play = new URLSearchParams(location.search).get('play') ?? '';

startApplication({
    root: document.getElementById('page'),
    server: new URL('../../', import.meta.url),
    parts: {
        createRenderer: (canvas) => FakeRenderer.create(canvas, play),
        createStream: (options) => new FakeStream(options, play),
    },
});
