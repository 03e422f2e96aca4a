// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const themes = {
    light: { top: '#f1f4f7', bottom: '#ccd4dd' },
    dark: { top: '#4a525c', bottom: '#1f2329' },
};

/** The background of a theme: 'light', 'dark' or the colours themselves, { top, bottom } as `#rrggbb`. */
export const backgroundColors = (theme) => themes[theme] ?? theme;
