// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Fingers nearer to each other than this (CSS pixels) do not zoom: their distance is mostly noise. */
const nearestFingers = 12;

/** Where two fingers are: their middle, distance and direction. Points are { x, y } in CSS pixels, y down. */
export function pinchOf(first, second) {
    const [dx, dy] = [second.x - first.x, second.y - first.y];
    return {
        x: (first.x + second.x) / 2,
        y: (first.y + second.y) / 2,
        distance: Math.max(Math.hypot(dx, dy), nearestFingers),
        angle: Math.atan2(-dy, dx),
    };
}

/** What two fingers did: factor for all distances (below 1 comes closer) and counterclockwise twist in radians. */
export function pinchChange(before, after) {
    let twist = after.angle - before.angle;
    if (twist > Math.PI) twist -= 2 * Math.PI;
    if (twist < -Math.PI) twist += 2 * Math.PI;
    return { factor: before.distance / after.distance, twist };
}
