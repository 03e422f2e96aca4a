// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The frame worker: FrameEngine with the browser's parts. Messages in: { call, values }, methods of FrameEngine, the first
// one `start` with the options. Messages out: { name, event }; the first one is `ready` { canDecode }.

import { FrameEngine } from './frame-engine.js';
import { hasBitmaps } from './image-decoding.js';

const emit = (name, event, transfers) => self.postMessage({ name, event }, transfers);

let engine = null;

self.onmessage = ({ data: { call, values } }) => {
    if (call === 'start') engine = new FrameEngine(values[0], { emit });
    engine[call](...(call === 'start' ? [] : values));
    if (call === 'close') self.close();
};

emit('ready', { canDecode: hasBitmaps() && typeof WebSocket === 'function' }, []);
