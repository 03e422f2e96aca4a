// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backgroundColors, backgroundGradient } from '../../Sources/Viewer/web/render/background-colors.js';

test('what is seen before anything is drawn has the colours that are drawn, on the same curve', () => {
    const stops = ['rgb(0, 100, 255)', 'rgb(31, 100, 215)', 'rgb(100, 100, 128)', 'rgb(169, 100, 40)', 'rgb(200, 100, 0)'];
    assert.equal(backgroundGradient({ top: '#0064ff', bottom: '#c86400' }), `linear-gradient(${stops.join(', ')})`);
    for (const theme of ['light', 'dark']) {
        const { top, bottom } = backgroundColors(theme);
        assert.equal(backgroundGradient(theme), backgroundGradient({ top, bottom }));
    }
});
