// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeViewCode, encodeViewCode, hashOfView, viewFromHash } from '../../Sources/Viewer/web/camera/view-code.js';
import { sampleCamera, seededNumbers } from './camera-samples.mjs';

test('a view survives its code to a ten-thousandth of the distance', () => {
    const random = seededNumbers(21);
    for (let round = 0; round < 500; round += 1) {
        const { state } = sampleCamera(random);
        const again = decodeViewCode(encodeViewCode(state));
        assert.ok(again, encodeViewCode(state));
        const tolerance = state.distance * 1.1e-4;
        state.focus.forEach((value, axis) => assert.ok(Math.abs(again.focus[axis] - value) <= tolerance));
        assert.ok(Math.abs(again.distance - state.distance) <= tolerance);
        assert.ok(Math.abs(again.azimuth - state.azimuth) < 1e-3);
        assert.ok(Math.abs(again.elevation - state.elevation) < 1e-3);
        assert.equal(again.isOrthographic, state.isOrthographic);
    }
});

test('codes are short and keep what matters at any scale', () => {
    const state = { focus: [1.25, 0.4, -3], azimuth: Math.PI / 4, elevation: Math.PI / 9, distance: 12.5, isOrthographic: false };
    assert.equal(encodeViewCode(state), 'p,1.25,0.4,-3,45,20,12.5');
    assert.equal(encodeViewCode({ ...state, focus: [412345.678, 100, -0], distance: 20000 }), 'p,412346,100,0,45,20,20000');
    assert.equal(hashOfView(state), '#view=p,1.25,0.4,-3,45,20,12.5');
});

test('fragments are read with and without company', () => {
    assert.equal(viewFromHash('#view=p,1,2,3,4,5,6').distance, 6);
    assert.equal(viewFromHash('#a=b&view=o,1,2,3,4,5,6&c').isOrthographic, true);
    assert.equal(viewFromHash('#view=p%2C1%2C2%2C3%2C4%2C5%2C6').distance, 6);
    for (const hash of ['', undefined, null, '#', '#view', '#view=', '#view=%', '#review=p,1,2,3,4,5,6']) {
        assert.equal(viewFromHash(hash), null);
    }
});

test('what is no view is refused', () => {
    const bad = [
        'p', 'p,1,2,3,4,5', 'p,1,2,3,4,5,6,7', 'x,1,2,3,4,5,6', 'p,1,2,3,4,5,0', 'p,1,2,3,4,5,-6', 'p,NaN,2,3,4,5,6',
        'p,1e9,2,3,4,5,6', 'p,,2,3,4,5,6', 'p,1,2,3,400,5,6', 'p,1,2,3,4,91,6', 'p, 1,2,3,4,5,6', `p,1,2,3,4,5,${'9'.repeat(99)}`,
        'p,0x10,2,3,4,5,6', 'p,1,2,3,4,5,6\n', 'p,.5,2,3,4,5,6', '__proto__', {}, 7,
    ];
    for (const code of bad) assert.equal(decodeViewCode(code), null, String(code));
});

test('damaged codes are refused or give a sound view', () => {
    const random = seededNumbers(22);
    const letters = 'po,.-0123456789e% Nx#&';
    for (let round = 0; round < 5000; round += 1) {
        const code = [...encodeViewCode(sampleCamera(random).state)];
        for (let change = 0; change < 1 + random() * 3; change += 1) {
            const at = Math.floor(random() * code.length);
            code.splice(at, Math.floor(random() * 3), letters[Math.floor(random() * letters.length)]);
        }
        const view = decodeViewCode(code.join(''));
        if (!view) continue;
        const numbers = [...view.focus, view.azimuth, view.elevation, view.distance];
        assert.ok(numbers.every((value) => Number.isFinite(value) && Math.abs(value) < 1e12));
        assert.ok(view.distance > 0);
    }
});
