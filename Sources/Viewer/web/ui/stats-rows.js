// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import {
    formatBytes, formatCount, formatDuration, formatMilliseconds, formatPixels, formatRate, formatShare,
} from './format.js';
import { frameStatsRows } from './frame-stats-rows.js';
import { pathRows } from './path-rows.js';

/**
 * A viewer's status as [[name, value]], in the order in which the stats panel shows it. `report`: what the server says of
 * who draws (ServerAPI.viewerPath), or null.
 */
export const statsRows = (status, report = null) =>
    [...pathRows(status, report), ...(status.path === 'server' ? frameStatsRows(status) : chunkStatsRows(status))];

function chunkStatsRows(status) {
    const { stream = {}, draw = {}, limits = {} } = status;
    const rate = status.framesPerSecond > 0 ? `${Math.round(status.framesPerSecond)} per second` : 'at rest';
    return [
        ['Frames', `${rate}, ${formatMilliseconds(status.frameMilliseconds)}`],
        ['Triangles', `${formatCount(status.triangles)} drawn, ${formatCount(draw.residentTriangleCount)} resident`],
        ['Draw calls', formatCount(status.drawCalls)],
        ['Chunks', `${formatCount(stream.residentChunkCount)} resident, ${formatCount(stream.receivedChunkCount)} received`],
        ['Received', formatBytes(stream.receivedByteCount)],
        ['To decode', formatCount(stream.queuedDecodeCount)],
        ['Link', `${formatRate(stream.bandwidth)}, ${formatDuration(stream.roundTripSeconds)}`],
        ['Error', errorText(status, draw)],
        ['GPU memory', gpuText(status.gpuByteCount, limits.gpuByteCount)],
        ['Picture', `${status.width} × ${status.height}`],
        ['First picture', `${formatBytes(status.firstPictureBytes ?? NaN)}, ${formatMilliseconds(status.firstPictureMilliseconds ?? NaN)}`],
        ['Longest task', `${formatMilliseconds(status.longestStreamingTaskMilliseconds)}, limit 4 ms`],
    ];
}

/** The panel's content as text for a report. */
export function statsText(status, address, report = null) {
    const rows = statsRows(status, report);
    const width = Math.max(...rows.map(([name]) => name.length)) + 2;
    const tasks = (status.streamingTasks ?? []).map(({ limit, count }) =>
        `${Number.isFinite(limit) ? `≤ ${limit} ms` : 'more'}: ${count}`).join(', ');
    const lines = [...rows, ['Tasks', tasks], ['Longest was', status.longestStreamingTaskName || 'none'], ['State', status.state], ['Address', address]];
    return lines.map(([name, value]) => name.padEnd(width) + value).join('\n');
}

function errorText(status, draw) {
    const used = draw.thresholdPixels ?? status.thresholdPixels;
    const wanted = `${formatPixels(status.thresholdPixels)} wanted`;
    // Of what is missing only coarser versions are known: their error is an upper bound that the settled state beats.
    if (status.settled) return used > status.thresholdPixels * 1.01 ? `${formatPixels(used)} by limits, ${wanted}` : `at most ${formatPixels(used)}`;
    return `at most ${formatPixels(draw.errorPixels)} now, ${wanted}`;
}

function gpuText(count, limit) {
    return limit > 0 ? `${formatBytes(count)} of ${formatBytes(limit)} (${formatShare(count / limit)})` : formatBytes(count);
}
