// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Cameras and numbers for the camera's tests, the same in every run.

import { Bounds } from '../../Sources/Viewer/web/camera/bounds.js';
import { Camera } from '../../Sources/Viewer/web/camera/camera.js';

/** Numbers in 0 … 1 from a seed (Mulberry32). */
export function seededNumbers(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let bits = Math.imul(state ^ (state >>> 15), state | 1);
        bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
        return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
    };
}

/** A camera somewhere in front of a box of any size and place, looking from any side. */
export function sampleCamera(random, { isOrthographic = random() < 0.5 } = {}) {
    const size = 10 ** (random() * 8 - 4);
    const place = () => (random() - 0.5) * size * 1e3;
    const minimum = [place(), place(), place()];
    const camera = new Camera();
    camera.bounds = new Bounds(minimum, minimum.map((value) => value + size * (0.1 + random())));
    camera.aspect = 0.4 + random() * 2.5;
    const angles = { azimuth: (random() - 0.5) * 2 * Math.PI, elevation: (random() - 0.5) * Math.PI };
    camera.state = { ...camera.fitted(camera.bounds, angles), isOrthographic };
    return camera;
}
