// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { formatBytes, formatCount, formatDuration, formatMilliseconds, formatPixels, formatRate, formatShare } from './format.js';

const kinds = ['moving', 'still', 'refined still', 'lossless still'];
const codecs = ['JPEG', 'PNG'];
const warps = { grid: 'by depth', affine: 'as a whole', none: 'not' };

/** A status of the server path as [[name, value]]; `stream` and `frame` are ServerPath's. */
export function frameStatsRows(status) {
    const { stream = {}, latencyMilliseconds: latency = {} } = status;
    const frame = status.frame ?? {};
    return [
        ['Path', status.reason ? `${status.path}: ${status.reason}` : status.path],
        ['Shown', `${rateText(status.framesPerSecond)}, ${formatCount(status.shownFrameCount)} of ${formatCount(stream.receivedFrameCount)} received`],
        ['Skipped', formatCount(status.skippedFrameCount)],
        ['Latency', `${formatMilliseconds(latency.p50 ?? NaN)} usually, ${formatMilliseconds(latency.p95 ?? NaN)} at worst (p95)`],
        ['Link', `${formatRate(stream.bandwidth)}, ${formatDuration(stream.roundTripSeconds)}`],
        ['Received', formatBytes(stream.receivedByteCount)],
        ['Picture', pictureText(frame)],
        ['Coding', `${codecs[frame.codec] ?? '–'} quality ${formatCount(frame.quality)}, ${formatBytes(frame.byteCount)}`],
        ['Size', `${formatCount(frame.width)} × ${formatCount(frame.height)}, ${formatShare(frame.pictureScale)} of ${status.width} × ${status.height}`],
        ['Server', `draw ${micros(frame.renderMicroseconds)}, code ${micros(frame.encodeMicroseconds)}, wait ${micros(frame.waitMicroseconds)}`],
        ['Decoding', `${micros(frame.decodeMicroseconds)}, ${status.isInWorker ? 'in a worker' : 'on the page'}`],
        ['Presenting', `${formatMilliseconds(status.frameMilliseconds)}, follows the camera ${warps[status.warp] ?? '–'}`],
        ['Triangles', `${formatCount(frame.triangleCount)} drawn`],
        ['Error', `at most ${formatPixels(frame.thresholdPixels)}`],
        ['First picture', `${formatBytes(status.firstPictureBytes ?? NaN)}, ${formatMilliseconds(status.firstPictureMilliseconds ?? NaN)}`],
    ];
}

const rateText = (rate) => (rate > 0 ? `${Math.round(rate)} per second` : 'at rest');
const micros = (value) => formatMilliseconds(value / 1000);
const pictureText = ({ frame, kind }) => (frame === undefined ? '–' : `${kinds[kind] ?? '–'}, number ${frame}`);
