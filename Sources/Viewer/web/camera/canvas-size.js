// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** More pixels than this are never drawn: a 4K picture. */
const mostPixels = 3840 * 2160;

/** Physical size of a picture of `width` × `height` CSS pixels; `share` of the full resolution, 0 … 1. */
export function physicalSize(width, height, devicePixelRatio, share = 1) {
    const wanted = Math.max(devicePixelRatio || 1, 0.5);
    const most = Math.sqrt(mostPixels / Math.max(width * height, 1));
    const ratio = Math.min(wanted, most) * share;
    const side = (length) => Math.min(Math.max(Math.round(length * ratio), 1), 16384);
    return { width: side(width), height: side(height) };
}
