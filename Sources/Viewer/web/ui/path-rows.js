// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { formatBytes, formatDuration, formatMilliseconds } from './format.js';
import { clause, pathName } from './path-words.js';

const wishNames = { auto: 'automatic', client: 'this device', server: 'the server', hybrid: 'both' };

/**
 * Who draws, as [[name, value]]: what the viewer's status { path, wish, pathTarget, reason, code, facts } knows, and what the
 * server reports (ServerAPI.viewerPath), which may be null. Rows of which nothing is known are left out.
 */
export function pathRows(status, report = null) {
    const { wish = report?.wish, code = report?.code, facts = {} } = status;
    const target = status.pathTarget ?? report?.target;
    const reason = status.reason || report?.reason;
    const rows = [
        ['Path', pathText(status.path, target, reason)],
        ['Wish', wishNames[wish]],
        ['Decided', decisionText(report?.decisions, code)],
        ['Device would', costText(report?.costs?.client, clientCosts)],
        ['Server would', costText(report?.costs?.server, serverCosts)],
        ['Measured', measuredText(facts)],
    ];
    return rows.filter(([, value]) => value);
}

/** 'this device (changing to the server): this device’s graphics are slow' */
function pathText(path, target, reason) {
    const prepared = target && target !== path ? ` (changing to ${pathName(target)})` : '';
    const why = clause(reason);
    return `${pathName(path)}${prepared}${why ? `: ${why}` : ''}`;
}

/** The latest decision: when, its code, and the ones before it. */
function decisionText(decisions, code) {
    const latest = latestOf(decisions);
    if (!latest) return code || '';
    const name = latest.code ?? code;
    const facts = [
        Number.isFinite(latest.secondsAgo) ? `${formatDuration(wholeSeconds(latest.secondsAgo))} ago` : '', name,
        latest.isEmergency ? 'at once' : '', latest.number > 1 ? `number ${latest.number}` : '',
    ];
    return facts.filter(Boolean).join(', ');
}

const latestOf = (decisions) =>
    (Array.isArray(decisions) ? decisions.reduce((a, b) => (a && a.number > b.number ? a : b), null) : null);
/** Seconds that pass while one looks are not shown in tenths. */
const wholeSeconds = (seconds) => (seconds < 1 ? seconds : Math.round(seconds));

function costText(cost, parts) {
    if (!cost) return '';
    if (cost.impossible) return `not possible: ${clause(cost.impossible)}`;
    return parts(cost).filter(Boolean).join(', ');
}

const clientCosts = ({ firstPictureSeconds, usableSeconds, framesPerSecond, gpuByteCount }) => [
    known(firstPictureSeconds, (value) => `first picture in ${formatDuration(value)}`),
    known(usableSeconds, (value) => `usable in ${formatDuration(value)}`),
    known(framesPerSecond, rate),
    known(gpuByteCount, (value) => `${formatBytes(value)} on the GPU`),
];

const serverCosts = ({ firstPictureSeconds, latencyMilliseconds, framesPerSecond }) => [
    known(firstPictureSeconds, (value) => `first picture in ${formatDuration(value)}`),
    known(latencyMilliseconds, (value) => `answer in ${formatMilliseconds(value)}`),
    known(framesPerSecond, rate),
];

function measuredText({ framesPerSecond, latencyMilliseconds, longestTaskMilliseconds }) {
    const parts = [
        known(framesPerSecond, (value) => `${rate(value)} at worst (p10)`),
        known(latencyMilliseconds, (value) => `answer in ${formatMilliseconds(value)}`),
        known(longestTaskMilliseconds, (value) => `longest task ${formatMilliseconds(value)}`),
    ];
    return parts.filter(Boolean).join(', ');
}

const rate = (value) => `${Math.round(value)} per second`;
const known = (value, text) => (Number.isFinite(value) ? text(value) : '');
