// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { icon, iconButton } from './dom.js';

const labels = { system: 'Look: as the system', light: 'Look: light', dark: 'Look: dark' };

/** A button that goes through system, light and dark. */
export function themeButton(theme) {
    const button = iconButton(theme.choice, labels[theme.choice], () => theme.advance());
    theme.onChange(() => {
        button.replaceChildren(icon(theme.choice));
        button.setAttribute('aria-label', labels[theme.choice]);
        button.title = labels[theme.choice];
    });
    return button;
}
