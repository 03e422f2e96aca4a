// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, in words for the person in front of it: what it is, what they can do, and which buttons help.

import { CloseCode } from '../wire/messages.generated.js';

const descriptions = {
    [CloseCode.malformed]: {
        title: 'Viewer and server do not understand each other',
        text: 'This usually means that the page is older or newer than the server. Reload it.',
        actions: ['reload', 'back'],
    },
    [CloseCode.tokenRequired]: {
        title: 'This server asks for a token', asksForToken: true, actions: ['back'],
        text: 'Enter the access token that you were given. It is kept until this tab is closed.',
    },
    [CloseCode.forbidden]: {
        title: 'This server does not show the model here', actions: ['retry', 'back'],
        text: 'Its rules allow no way of drawing that this browser could use.',
    },
    [CloseCode.notFound]: {
        title: 'There is no such model', actions: ['back'],
        text: 'It may have been removed, renamed, or not imported yet. The list of models shows what there is.',
    },
    [CloseCode.silent]: {
        title: 'The connection fell silent', actions: ['retry', 'back'],
        text: 'The server heard nothing for too long.',
    },
    [CloseCode.ended]: {
        title: 'The session has ended', actions: ['back'],
        text: 'You can open the model again from the list.',
    },
    [CloseCode.tooLarge]: {
        title: 'A message was too large for the server', actions: ['reload', 'back'],
        text: 'Reload the page.',
    },
    [CloseCode.damagedModel]: {
        title: 'This model is damaged', actions: ['back'],
        text: 'Its archive on the server cannot be read. Import the original file again.',
    },
    [CloseCode.versionRefused]: {
        title: 'Viewer and server have different versions', actions: ['reload', 'back'],
        text: 'Reload the page to get the viewer that fits this server.',
    },
    [CloseCode.flooding]: {
        title: 'The server slowed this viewer down', actions: ['retry', 'back'],
        text: 'It sent too much at once.',
    },
    [CloseCode.failed]: {
        title: 'The server failed', actions: ['retry', 'back'],
        text: 'Its log says why. Trying again may help.',
    },
    [CloseCode.full]: {
        title: 'The server is full', actions: ['retry', 'back'],
        text: 'It cannot take another viewer now.',
    },
    webgl: {
        title: 'This browser cannot draw 3D here', actions: ['reload', 'back'],
        text: 'It does not offer WebGL 2 at the moment, and the server cannot draw the model instead.',
        steps: [
            'Turn on hardware (graphics) acceleration in the browser’s settings and restart it.',
            'Update the browser and the graphics driver.',
            'Or open this address in a current Chrome, Edge, Firefox or Safari.',
        ],
    },
    wasm: {
        title: 'This browser has WebAssembly turned off', actions: ['reload', 'back'],
        text: 'Models are unpacked with it, and the server cannot draw the model instead.',
        steps: [
            'If a security mode (such as Lockdown Mode) is on, allow this site.',
            'Or open this address in another current browser.',
        ],
    },
    websocket: {
        title: 'This browser cannot keep a connection open', actions: ['reload', 'back'],
        text: 'Vantage streams over WebSocket, which this browser does not have or has turned off.',
        steps: [
            'Allow WebSocket connections to this site in the browser’s or the network’s security settings.',
            'Or open this address in another current browser.',
        ],
    },
    [CloseCode.noRenderer]: {
        title: 'This server cannot draw pictures now', actions: ['retry', 'clientPath', 'back'],
        text: 'Its graphics device is missing or failed. Browsers with WebGL 2 can draw the model themselves.',
    },
    noServerPath: {
        title: 'This server draws no pictures', actions: ['retry', 'clientPath', 'back'],
        text: 'It is older than this page. Browsers with WebGL 2 can draw the model themselves.',
    },
    start: {
        title: 'The viewer could not start', actions: ['reload', 'back'],
        text: 'A part of it could not be loaded. Reload the page; if that does not help, update the server.',
    },
    unreachable: {
        title: 'The server does not answer', actions: ['retry', 'back'],
        text: 'It may be restarting, or this device has lost its network.',
    },
};
const unknown = { title: 'The connection failed', text: 'The server closed it.', actions: ['retry', 'back'] };

/**
 * { title, text, reason, steps, actions, asksForToken } of a failure { code, message }; `reason` is the server's or the
 * browser's own sentence, `actions` are of 'retry', 'reload', 'clientPath' and 'back'.
 */
export function describeFailure({ code, message = '' }) {
    // Codes in words that are not listed are of parts that could not be loaded or run.
    const fallback = typeof code === 'string' ? descriptions.start : unknown;
    const { steps = [], asksForToken = false, ...rest } = descriptions[code] ?? fallback;
    return { ...rest, steps, asksForToken, reason: message };
}
