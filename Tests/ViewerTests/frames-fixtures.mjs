// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Frames for the tests of the server path.

/** A Frame message's fields; `camera` has what differs from an eye 5 m in front of the origin. */
export const frameHeader = (frame, fields = {}) => ({
    type: 'frame', frame, kind: 0, codec: 0, isWhole: true, byteCount: 4, view: 0, eye: [0, 0, 5], orientation: [0, 0, 0, 1],
    projection: 0, scale: 0.3, width: 64, height: 36, left: 0, top: 0, imageWidth: 64, imageHeight: 36, quality: 80,
    renderMicroseconds: 1, encodeMicroseconds: 2, waitMicroseconds: 3, triangleCount: 12, thresholdPixels: 1,
    depthColumns: 0, depthRows: 0, depthNear: 1, depthFar: 1, depthCodes: new Uint8Array(0), ...fields,
});

export const framePart = (frame, offset, ...payload) => ({ type: 'framePart', frame, offset, payload: Uint8Array.from(payload) });
