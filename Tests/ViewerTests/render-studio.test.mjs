// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The studio's constants are the integrals of its formulas.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    harmonics, integrateIrradiance, overSphere, storedIrradiance, studioLight,
} from './studio-integration.mjs';

const directions = [[0, 0, 1], [-0.5, 0.5, 0.7], [-1, 0, 0], [1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, -1]]
    .map(([x, y, z]) => {
        const length = Math.hypot(x, y, z);
        return { x: x / length, y: y / length, z: z / length };
    });
const dot = (a, b) => a.x * b.x + a.y * b.y + a.z * b.z;

function storedDiffuse(normal) {
    return [0, 1, 2].map((channel) => (
        storedIrradiance().reduce((sum, values, i) => sum + values[channel] * harmonics[i](normal), 0)));
}

test('the shading file has the harmonics that integrating its studio gives', () => {
    const stored = storedIrradiance();
    integrateIrradiance(200000).forEach((values, i) => {
        values.forEach((value, channel) => {
            assert.ok(Math.abs(value - stored[i][channel]) < 1e-3, `IRRADIANCE_${i}: ${value}, ${stored[i][channel]}`);
        });
    });
});

test('the harmonics are within a tenth of the true light on a diffuse surface', () => {
    for (const normal of directions) {
        const sums = [0, 0, 0];
        overSphere(40000, (direction, solidAngle) => {
            const share = (Math.max(0, dot(direction, normal)) * solidAngle) / Math.PI;
            studioLight(direction, 0.006).forEach((value, channel) => { sums[channel] += value * share; });
        });
        storedDiffuse(normal).forEach((value, channel) => {
            assert.ok(Math.abs(value / sums[channel] - 1) < 0.1, `${JSON.stringify(normal)}: ${value}, ${sums[channel]}`);
        });
    }
});

test('blurred soft boxes are close to what a GGX lobe gathers', () => {
    for (const normal of directions) {
        for (const roughness of [0.2, 0.35]) {
            const alpha2 = roughness ** 4;
            let [sum, weights] = [0, 0];
            overSphere(60000, (direction, solidAngle) => {
                const cosine = dot(direction, normal);
                if (cosine <= 0) return;
                const cosHalf2 = (1 + cosine) / 2;
                const weight = (cosine * solidAngle) / (cosHalf2 * (alpha2 - 1) + 1) ** 2;
                sum += studioLight(direction, 0.006)[1] * weight;
                weights += weight;
            });
            const ours = studioLight(normal, 1.5 * roughness * roughness)[1];
            assert.ok(Math.abs(ours / (sum / weights) - 1) < 0.25, `${JSON.stringify(normal)} ${roughness}`);
        }
    }
});

test('no direction is dark', () => {
    overSphere(2000, (direction) => {
        assert.ok(Math.min(...storedDiffuse(direction)) > 0.1);
        assert.ok(Math.min(...studioLight(direction, 0.006)) > 0.1);
    });
});
