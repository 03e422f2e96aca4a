// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The probe's worker: told { knownRenderers, budgetMilliseconds } once, it answers { name, value } as `probeGraphics` tells
// them, and at last `end` with whether there is a WebGL 2 here.

import { canvasSide } from '../render/benchmark-scene.js';
import { makePause, probeGraphics } from '../render/graphics-probe.js';

/** Nobody waits for this thread: what is late is for the next visit. */
const patience = 2;

const now = () => performance.now();

self.onmessage = async ({ data: { knownRenderers, budgetMilliseconds } }) => {
    const { pause } = makePause();
    const hasGraphics = await probeGraphics(new OffscreenCanvas(canvasSide, canvasSide), {
        now, pause, deadline: now() + patience * budgetMilliseconds,
        isKnown: ({ renderer }) => knownRenderers.includes(renderer),
        tell: (name, value) => self.postMessage({ name, value }),
    });
    self.postMessage({ name: 'end', value: hasGraphics });
};
