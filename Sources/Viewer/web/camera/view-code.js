// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A camera state as text for an address: `p,1.25,0.4,-3,45,20,12.5` = projection (p or o), focus, azimuth and elevation
// in degrees, distance. Focus and distance carry as many decimals as a ten-thousandth of the distance needs, so a link
// shows the same picture at any scale and stays short enough to read.

const form = /^[po](,-?\d{1,13}(\.\d{1,12})?){6}$/;
const degrees = 180 / Math.PI;

/** The text of a camera state. */
export function encodeViewCode({ focus, azimuth, elevation, distance, isOrthographic }) {
    const decimals = Math.min(Math.max(Math.ceil(4 - Math.log10(distance)), 0), 12);
    const lengths = focus.map((value) => decimal(value, decimals));
    const angles = [azimuth, elevation].map((angle) => decimal(angle * degrees, 2));
    return [isOrthographic ? 'o' : 'p', ...lengths, ...angles, decimal(distance, decimals)].join(',');
}

/** The camera state that a text stands for, or null if it is not one. */
export function decodeViewCode(text) {
    if (typeof text !== 'string' || text.length > 200 || !form.test(text)) return null;
    const [projection, ...rest] = text.split(',');
    const [x, y, z, azimuth, elevation, distance] = rest.map(Number);
    const isSound = Math.max(Math.abs(x), Math.abs(y), Math.abs(z), distance) < 1e12 && distance > 0
        && Math.abs(azimuth) <= 360 && Math.abs(elevation) <= 90;
    if (!isSound) return null;
    return {
        focus: [x, y, z], azimuth: azimuth / degrees, elevation: elevation / degrees, distance,
        isOrthographic: projection === 'o',
    };
}

/** The camera state in an address's fragment (`#view=…`), or null. */
export function viewFromHash(hash) {
    const match = /(?:^#?|&)view=([^&]*)/.exec(hash ?? '');
    if (!match) return null;
    try {
        return decodeViewCode(decodeURIComponent(match[1]));
    } catch {
        return null;
    }
}

/** The fragment of a camera state. */
export const hashOfView = (state) => `#view=${encodeViewCode(state)}`;

function decimal(value, decimals) {
    const text = value.toFixed(decimals);
    const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
    return short === '-0' ? '0' : short;
}
