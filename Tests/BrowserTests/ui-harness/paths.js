// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Everything about who draws, without a viewer: `?state=` client, changing, denied, fixed or note; `&stats` opens the
// statistics. `window.choices` collects what was chosen.

import { ConnectionBanner } from '../ui/connection-banner.js';
import { element } from '../ui/dom.js';
import { PathMenu } from '../ui/path-menu.js';
import { PathNote } from '../ui/path-note.js';
import { PathReport, obstaclesOf } from '../ui/path-report.js';
import { StatsPanel } from '../ui/stats-panel.js';
import { Theme } from '../ui/theme.js';
import { Toolbar } from '../ui/toolbar.js';

const query = new URLSearchParams(location.search);
const name = query.get('state') ?? 'client';
const everything = ['client', 'server', 'hybrid'];
const slow = 'This device’s graphics are slow: 9 frames per second for 1.2 M triangles.';
const states = {
    client: { path: 'client', target: null, wish: 'auto', reason: 'This device draws it well.', code: 'clientFast', allowed: everything },
    changing: { path: 'client', target: 'server', wish: 'auto', reason: slow, code: 'clientSlow', allowed: everything },
    denied: { path: 'client', target: null, wish: 'client', reason: 'You chose it.', code: 'wish', allowed: ['client'] },
    fixed: { path: 'server', target: null, wish: 'server', reason: 'The address asks for it.', code: 'fixed', isNegotiated: false },
};
states.note = states.client;

const state = states[name];
const report = {
    ...state, policy: 'auto',
    costs: {
        client: { firstPictureSeconds: 1.42, usableSeconds: 3.1, framesPerSecond: 9.3, gpuByteCount: 312e6 },
        server: name === 'denied' ? { impossible: 'This server has no renderer: no Vulkan device was found.' }
            : { latencyMilliseconds: 84, framesPerSecond: 24, firstPictureSeconds: 0.31 },
    },
    inputs: {},
    decisions: [
        { number: 1, path: 'client', code: 'clientFast', reason: 'This device draws it well.', secondsAgo: 94 },
        { number: 2, path: 'server', code: 'clientSlow', reason: slow, secondsAgo: 12.3, isEmergency: false },
    ],
};
const viewer = {
    status: {
        state: 'open', ...state, pathTarget: state.target, width: 1280, height: 800, thresholdPixels: 1, framesPerSecond: 9,
        frameMilliseconds: 61, frameCurve: Array.from({ length: 120 }, (_, i) => 18 + 12 * Math.sin(i / 9)), triangles: 1_240_000,
        drawCalls: 82, limits: { gpuByteCount: 512e6 }, gpuByteCount: 211e6, longestStreamingTaskMilliseconds: 2.1,
        facts: { framesPerSecond: 8.6, latencyMilliseconds: name === 'denied' ? undefined : 91, longestTaskMilliseconds: 34 },
        streamingTasks: [{ limit: 1, count: 40 }, { limit: 4, count: 6 }, { limit: Infinity, count: 1 }],
        stream: { bandwidth: 2.4e6, roundTripSeconds: 0.04 },
    },
};

window.choices = [];
const nothing = () => {};
const menu = new PathMenu({
    onChoose: (wish) => {
        window.choices.push(wish);
        menu.update({ wish });
    },
    onOpen: () => menu.update({ obstacles: obstaclesOf(report) }),
});
const note = new PathNote();
const stats = new StatsPanel(viewer, { onClose: nothing, report: new PathReport(async () => report) });
const actions = Object.fromEntries(
    ['home', 'fit', 'view', 'projection', 'walk', 'share', 'snapshot', 'stats', 'fullscreen', 'help'].map((key) => [key, nothing]));
const toolbar = new Toolbar(actions, new Theme(), { path: menu.node });
document.getElementById('page').replaceChildren(
    element('div', { class: 'viewer' }, toolbar.node, new ConnectionBanner().node, note.node, stats.node));
window.pathMenu = menu;
menu.update(state);
note.update(state);
if (name === 'note') setTimeout(() => note.update({ path: 'server', reason: slow }), 200);
if (query.has('stats')) stats.isShown = true;
