// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import {
    formatBytes, formatCount, formatDuration, formatMilliseconds, formatPixels, formatRate, formatShare,
} from './format.js';

const kinds = ['moving', 'still', 'refined still', 'lossless still'];
const codecs = ['JPEG', 'PNG'];
const warps = { grid: 'by depth', affine: 'as a whole', none: 'not' };

/** A status of the server path as [[name, value]]; `stream` and `frame` are ServerPath's. */
export function frameStatsRows(status) {
    const { stream = {}, latencyMilliseconds: latency = {} } = status;
    const frame = status.frame ?? {};
    const { renderMicroseconds, encodeMicroseconds, waitMicroseconds } = frame;
    const counts = `${formatCount(status.shownFrameCount)} of ${formatCount(stream.receivedFrameCount)} received`;
    const size = `${frame.width ?? '–'} × ${frame.height ?? '–'}`;
    const server = [['draw', renderMicroseconds], ['code', encodeMicroseconds], ['wait', waitMicroseconds]];
    const first = [formatBytes(status.firstPictureBytes ?? NaN), milliseconds(status.firstPictureMilliseconds)];
    return [
        ['Shown', `${rateText(status.framesPerSecond)}, ${counts}`],
        ['Skipped', formatCount(status.skippedFrameCount)],
        ['Latency', `${milliseconds(latency.p50)} usually, ${milliseconds(latency.p95)} at worst (p95)`],
        ['Link', `${formatRate(stream.bandwidth)}, ${formatDuration(stream.roundTripSeconds)}`],
        ['Received', formatBytes(stream.receivedByteCount)],
        ['Picture', pictureText(frame)],
        ['Coding', `${codecs[frame.codec] ?? '–'} quality ${formatCount(frame.quality)}, ${formatBytes(frame.byteCount)}`],
        ['Size', `${size}, ${formatShare(frame.pictureScale)} of ${status.width} × ${status.height}`],
        ['Server', server.map(([name, value]) => `${name} ${milliseconds(value / 1000)}`).join(', ')],
        ['Decoding', `${milliseconds(frame.decodeMicroseconds / 1000)}, ${status.isInWorker ? 'in a worker' : 'on the page'}`],
        ['Presenting', `${milliseconds(status.frameMilliseconds)}, follows the camera ${warps[status.warp] ?? '–'}`],
        ['Triangles', `${formatCount(frame.triangleCount)} drawn`],
        ['Error', `at most ${formatPixels(frame.thresholdPixels)}`],
        ['First picture', first.join(', ')],
    ];
}

const milliseconds = (value) => formatMilliseconds(value ?? NaN);
const rateText = (rate) => (rate > 0 ? `${Math.round(rate)} per second` : 'at rest');
const pictureText = ({ frame, kind }) => (frame === undefined ? '–' : `${kinds[kind] ?? '–'}, number ${frame}`);
