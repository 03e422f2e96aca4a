// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What a viewer is made of, loaded when it is needed: the start page shows without renderer and stream.

import { fileAddress, serverRoot } from '../addresses.js';
import { quickFacts } from '../paths/device-facts.js';
import { streamAddress } from './stream-address.js';

/** The renderer on a canvas. `options.createRenderer(canvas)` may make another. */
export async function makeRenderer(options, canvas) {
    if (options.createRenderer) return options.createRenderer(canvas);
    const { Renderer } = await import('../render/renderer.js');
    return Renderer.create(canvas, { shaderRoot: fileAddress('shaders/') });
}

/**
 * The stream of `target` { model, session, token } for a picture of `viewport` [width, height] physical pixels.
 * `options.createStream(streamOptions)` may make another.
 */
export async function makeStream(options, target, viewport) {
    const { limits, thresholdPixels = 1, store = true } = options;
    const url = streamAddress(options.server ?? serverRoot);
    const hello = { ...quickFacts(), limits };
    const streamOptions = { ...target, url, limits, thresholdPixels, store, hello, viewport };
    if (options.createStream) return options.createStream(streamOptions);
    const { Stream } = await import('../stream/stream.js');
    return new Stream(streamOptions);
}
