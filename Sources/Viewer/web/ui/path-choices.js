// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { sentence } from './path-words.js';

const choices = [
    ['auto', 'Automatic', 'Whoever serves best at the moment'],
    ['client', 'This device', 'It receives the model and draws it'],
    ['server', 'The server', 'It draws and sends pictures'],
    ['hybrid', 'Both', 'This device while moving, the server at rest'],
];

/** Where the server does not say why. */
const usualObstacles = {
    client: 'Not possible: this server or this browser does not allow it.',
    server: 'Not possible: this server draws no pictures.',
};

/**
 * What somebody may choose: [{ wish, label, note, isChecked, isDisabled }]. `note` explains the choice, or why it cannot be
 * made.
 *
 * `allowed` lists names of paths (none: all are); `obstacles` { client, server, hybrid } says why a path is not possible.
 * Where nothing is negotiated, `path` is fixed.
 */
export function pathChoices({ path, wish = 'auto', allowed, obstacles = {}, isNegotiated = true }) {
    const isAllowed = (name) => !Array.isArray(allowed) || allowed.includes(name);
    const checked = isNegotiated ? wish : path;
    return choices.map(([name, label, note]) => {
        const isPossible = name === 'auto' || isAllowed(name);
        const isChecked = name === checked;
        // A fixed path is explained once, for all.
        if (!isNegotiated) return { wish: name, label, note: '', isChecked, isDisabled: !isChecked };
        return { wish: name, label, note: isPossible ? note : obstacleOf(name, obstacles, isAllowed), isChecked, isDisabled: !isPossible };
    });
}

function obstacleOf(name, obstacles, isAllowed) {
    const own = obstacles[name];
    if (own) return sentence(own);
    const cause = ['client', 'server'].find((part) => !isAllowed(part) && (part === name || name === 'hybrid'));
    if (!cause) return 'Not possible here.';
    return obstacles[cause] ? sentence(obstacles[cause]) : usualObstacles[cause];
}
