// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { iconPaths } from './icons.js';

/**
 * Makes an element. In `properties`, functions are listeners by event name, `text` is the content, `true` sets an
 * attribute without a value, and `false`, `null` and `undefined` leave one out. Children are nodes, strings or lists of them; empty ones
 * are left out.
 */
export function element(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) setProperty(node, name, value);
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
}

/** An icon of ours, drawn in the colour of the text around it; for decoration only. */
export function icon(name) {
    const space = 'http://www.w3.org/2000/svg';
    const node = document.createElementNS(space, 'svg');
    const attributes = { viewBox: '0 0 20 20', width: 20, height: 20, class: 'icon', 'aria-hidden': 'true' };
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', iconPaths[name]);
    node.append(path);
    return node;
}

/** A button that shows an icon only; `label` is its name and tooltip, `key` the shortcut the tooltip adds. */
export function iconButton(name, label, onClick, { key, ...properties } = {}) {
    const title = key ? `${label} (${key})` : label;
    const all = { type: 'button', class: 'icon-button', 'aria-label': label, title, click: onClick, ...properties };
    return element('button', all, icon(name));
}

/** Exchanges what a node holds. */
export const fill = (node, ...children) => node.replaceChildren(...children.flat().filter(Boolean));

function setProperty(node, name, value) {
    if (value === null || value === undefined || value === false) return;
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (name === 'text') node.textContent = value;
    else node.setAttribute(name, value === true ? '' : value);
}
