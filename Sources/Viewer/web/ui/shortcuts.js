// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { standardViews } from '../camera/standard-views.js';

const actions = new Map([
    ['f', 'fit'], ['h', 'home'], ['o', 'projection'], ['g', 'walk'], ['s', 'stats'], ['i', 'stats'], ['p', 'path'], ['r', 'record'],
    ['?', 'help'], ['Escape', 'escape'], ...standardViews.map(({ key, name }) => [key, name]),
]);

/**
 * The action of a key, or null: 'fit', 'home', 'projection', 'walk', 'stats', 'path', 'record', 'help', 'escape' or a standard
 * view's name.
 *
 * Keys with Ctrl, Alt or Meta belong to the browser. While walking, S goes back, as it does in every game; I shows the
 * statistics in both modes.
 */
export function shortcutAction({ key, ctrlKey, altKey, metaKey }, isWalking) {
    if (ctrlKey || altKey || metaKey) return null;
    const letter = key.length === 1 ? key.toLowerCase() : key;
    if (letter === 's' && isWalking) return null;
    return actions.get(letter) ?? null;
}
