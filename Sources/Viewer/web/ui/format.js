// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers as people read them. Anything that is not a number becomes a dash.

const missing = '–';
const decimal = [['', 1], ['k', 1e3], ['M', 1e6], ['G', 1e9], ['T', 1e12]];

/** 1234567 → `1.23 M`. */
export const formatCount = (value) => (Number.isFinite(value) ? scaled(Math.round(value), '') : missing);

/** 'n part' or 'n parts'. */
export const formatQuantity = (value, one, many = `${one}s`) => `${formatCount(value)} ${value === 1 ? one : many}`;

/** Bytes in decimal units: 1530000 → `1.53 MB`. */
export const formatBytes = (value) => (Number.isFinite(value) ? scaled(Math.round(value), 'B') : missing);

/** Bytes per second as a link's rate: `19.8 Mbit/s`. */
export const formatRate = (bytesPerSecond) =>
    (Number.isFinite(bytesPerSecond) ? scaled(bytesPerSecond * 8, 'bit/s') : missing);

/** Seconds: `42 ms`, `1.4 s`, `2 min 5 s`. */
export function formatDuration(seconds) {
    if (!Number.isFinite(seconds)) return missing;
    if (seconds < 0.9995) return `${digits(seconds * 1000)} ms`;
    if (seconds < 60) return `${digits(seconds)} s`;
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export const formatMilliseconds = (value) => (Number.isFinite(value) ? `${digits(value)} ms` : missing);

/** Metres in the unit that suits the size: `12.5 mm`, `3.2 m`, `1.4 km`. */
export function formatLength(metres) {
    if (!Number.isFinite(metres)) return missing;
    const size = Math.abs(metres);
    if (size === 0) return '0 m';
    if (size < 1e-3) return `${digits(metres * 1e6)} µm`;
    if (size < 1) return `${digits(metres * 1e3)} mm`;
    return size < 1e3 ? `${digits(metres)} m` : `${digits(metres / 1e3)} km`;
}

/** The size of a box: `1.2 × 0.8 × 3.4 m`, in the unit that suits its longest side; empty if there is no box. */
export function formatSize(minimum, maximum) {
    if (!Array.isArray(minimum) || !Array.isArray(maximum)) return '';
    const sides = [0, 1, 2].map((axis) => maximum[axis] - minimum[axis]);
    if (!sides.every((side) => Number.isFinite(side) && side >= 0)) return '';
    const [unit, size] = [['km', 1e3], ['m', 1], ['mm', 1e-3]].find(([, least]) => Math.max(...sides) >= least)
        ?? ['µm', 1e-6];
    return `${sides.map((side) => digits(side / size)).join(' × ')} ${unit}`;
}

/** Pixels with the digits that matter: `0.84 px`. */
export const formatPixels = (value) => (Number.isFinite(value) ? `${digits(value)} px` : missing);

/** 0 … 1 → `42 %`. */
export const formatShare = (value) => (Number.isFinite(value) ? `${Math.round(value * 100)} %` : missing);

/** Three digits, no needless zeros. */
export function digits(value) {
    const size = Math.abs(value);
    if (size >= 99.95) return String(Math.round(value));
    return String(Number(value.toFixed(size >= 9.995 ? 1 : 2)));
}

function scaled(value, unit) {
    const [prefix, size] = [...decimal].reverse().find(([, least]) => Math.abs(value) >= least * 0.9995) ?? decimal[0];
    const gap = prefix || unit ? ' ' : '';
    return `${digits(value / size)}${gap}${prefix}${unit}`;
}
