// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Integrates the studio of Shaders/common/shading.glsl numerically. `node studio-integration.mjs` prints the constants
// IRRADIANCE_0 … 8 for it; the tests check that the file has them.
//
// The studio's part of the file is simple enough to be read as JavaScript: scalars, dot products, and constants.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = readFileSync(new URL('../../Shaders/common/shading.glsl', import.meta.url), 'utf8');

/** The functions and constants between the studio's two marks. */
export function loadStudio() {
    const section = source.split('// ---- studio: begin')[1].split('// ---- studio: end')[0];
    const names = [...section.matchAll(/^(?:float|const vec3) (\w+)/gm)].map((match) => match[1]);
    const code = section
        .replace(/^.*\n/, '')
        .replace(/const vec3 (\w+) =/g, 'const $1 =')
        .replace(/^float (\w+)\(([^)]*)\) \{/gm, (_, name, list) => `function ${name}(${list.replace(/\w+ (\w+)/g, '$1')}) {`)
        .replace(/float (\w+) =/g, 'const $1 =');
    const prelude = 'const vec3 = (x, y = x, z = x) => ({ x, y, z });'
        + 'const dot = (a, b) => a.x * b.x + a.y * b.y + a.z * b.z; const { sqrt } = Math;';
    return new Function(`${prelude}${code}; return { ${names.join(', ')} };`)();
}

const studio = loadStudio();
const channels = ['x', 'y', 'z'];

/** `studioLight` of the shading file: [r, g, b]. */
export function studioLight(direction, blur) {
    const sky = studio.skyShare(direction.y, blur);
    const zenith = studio.zenithShare(direction.y, blur);
    const shares = [
        [studio.FLOOR_COLOR, 1 - sky], [studio.HORIZON_COLOR, sky * (1 - zenith)], [studio.ZENITH_COLOR, sky * zenith],
        [studio.KEY_COLOR, studio.keyLight(direction, blur)], [studio.FILL_COLOR, studio.fillLight(direction, blur)],
        [studio.RIM_COLOR, studio.rimLight(direction, blur)],
        [studio.OVERHEAD_COLOR, studio.overheadLight(direction, blur)],
    ];
    return channels.map((channel) => shares.reduce((sum, [color, share]) => sum + color[channel] * share, 0));
}

/** Calls `visit(direction, solidAngle)` for `count` directions spread evenly over the sphere. */
export function overSphere(count, visit) {
    for (let i = 0; i < count; i += 1) {
        const y = 1 - (2 * i + 1) / count;
        const radius = Math.sqrt(1 - y * y);
        const angle = i * Math.PI * (3 - Math.sqrt(5));
        visit({ x: radius * Math.cos(angle), y, z: radius * Math.sin(angle) }, (4 * Math.PI) / count);
    }
}

/** The harmonics' polynomials, as `studioDiffuse` has them. */
export const harmonics = [
    () => 1, (n) => n.y, (n) => n.z, (n) => n.x, (n) => n.x * n.y, (n) => n.y * n.z, (n) => 3 * n.z * n.z - 1,
    (n) => n.x * n.z, (n) => n.x * n.x - n.y * n.y,
];
// Squares of the harmonics' norms, times what a cosine lobe leaves of their band.
const weights = [
    0.282095 ** 2, ...Array(3).fill(0.488603 ** 2 * (2 / 3)), ...Array(2).fill(1.092548 ** 2 / 4), 0.315392 ** 2 / 4,
    1.092548 ** 2 / 4, 0.546274 ** 2 / 4,
];

/** Nine [r, g, b]: the studio's light on a white diffuse surface, divided by pi. */
export function integrateIrradiance(count = 400000) {
    const sums = harmonics.map(() => [0, 0, 0]);
    overSphere(count, (direction, solidAngle) => {
        const light = studioLight(direction, 0.006);
        harmonics.forEach((harmonic, i) => {
            const value = harmonic(direction) * solidAngle * weights[i];
            for (let channel = 0; channel < 3; channel += 1) sums[i][channel] += light[channel] * value;
        });
    });
    return sums;
}

/** The constants that the shading file has. */
export function storedIrradiance() {
    return harmonics.map((_, i) => channels.map((channel) => studio[`IRRADIANCE_${i}`][channel]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    integrateIrradiance().forEach((values, i) => {
        console.log(`const vec3 IRRADIANCE_${i} = vec3(${values.map((value) => value.toFixed(4)).join(', ')});`);
    });
}
