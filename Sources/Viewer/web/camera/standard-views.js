// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const quarter = Math.PI / 2;

/** Azimuth and elevation (radians) of the side that fresh viewers and thumbnails show; the server's homeDirection. */
export const homeAngles = Object.freeze({
    azimuth: Math.PI / 4,
    elevation: Math.atan2(0.48, Math.hypot(0.62, 0.62)),
});

/** The six sides in the order of their keys 1 … 6; y is up and the front faces +z. */
export const standardViews = Object.freeze([
    { name: 'front', label: 'Front', key: '1', azimuth: 0, elevation: 0 },
    { name: 'back', label: 'Back', key: '2', azimuth: Math.PI, elevation: 0 },
    { name: 'left', label: 'Left', key: '3', azimuth: -quarter, elevation: 0 },
    { name: 'right', label: 'Right', key: '4', azimuth: quarter, elevation: 0 },
    { name: 'top', label: 'Top', key: '5', azimuth: 0, elevation: quarter },
    { name: 'bottom', label: 'Bottom', key: '6', azimuth: 0, elevation: -quarter },
]);

/**
 * Angles of an eye in the direction [x, y, z] from what it looks at. Straight up and down leave the azimuth open; the
 * nearest quarter turn to `azimuth` is taken, so that the picture stays level.
 */
export function anglesTowards([x, y, z], azimuth = 0) {
    const across = Math.hypot(x, z);
    if (across < 1e-9) return { azimuth: Math.round(azimuth / quarter) * quarter, elevation: Math.sign(y) * quarter };
    return { azimuth: Math.atan2(x, z), elevation: Math.atan2(y, across) };
}
