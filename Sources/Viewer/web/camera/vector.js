// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Vectors are [x, y, z] and quaternions [x, y, z, w], in double precision; nothing is changed in place.

export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a, factor) => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a) => Math.hypot(a[0], a[1], a[2]);
export const mix = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
export const isFinitePoint = (a) => Array.isArray(a) && a.length === 3 && a.every(Number.isFinite);

export const cross = (a, b) => [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
];

/** Turns `v` by the unit quaternion `q`. */
export function rotate(q, v) {
    const axis = [q[0], q[1], q[2]];
    const t = scale(cross(axis, v), 2);
    return add(add(v, scale(t, q[3])), cross(axis, t));
}

/** The rotation that turns by `b` first, then by `a`. */
export function multiply(a, b) {
    const [ax, ay, az, aw] = a;
    const [bx, by, bz, bw] = b;
    return [
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    ];
}

export const conjugate = (q) => [-q[0], -q[1], -q[2], q[3]];

/** The same angle in (-π, π]. */
export function wrapAngle(angle) {
    const turned = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
    return turned <= -Math.PI ? turned + 2 * Math.PI : turned;
}

export const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
