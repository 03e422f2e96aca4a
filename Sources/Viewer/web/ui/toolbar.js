// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { standardViews } from '../camera/standard-views.js';
import { element, icon, iconButton } from './dom.js';
import { Menu } from './menu.js';
import { themeButton } from './theme-button.js';

/**
 * The viewer's buttons. On narrow screens the less used ones move into a menu.
 *
 * `path`, if given, is the control that says who draws.
 * `actions` are { home, fit, view(name), projection, walk, share, snapshot, stats, fullscreen, help }.
 */
export class Toolbar {
    #actions;
    #theme;
    #buttons = {};
    node;

    constructor(actions, theme, { path } = {}) {
        this.#actions = actions;
        this.#theme = theme;
        const views = this.#button('views', 'cube', 'Views');
        const more = this.#button('more', 'more', 'More', undefined, 'narrow-only');
        this.node = element('div', { class: 'toolbar panel', role: 'group', 'aria-label': 'Viewer' },
            this.#group(
                this.#button('home', 'home', 'Home view', 'H'), this.#button('fit', 'fit', 'Fit the model', 'F'),
                views),
            this.#group(this.#button('projection', 'perspective', 'Orthographic', 'O'), this.#button('walk', 'walk', 'Walk', 'G'), path),
            this.#group(
                this.#button('share', 'share', 'Share this view', undefined, 'wide-only'),
                this.#button('snapshot', 'camera', 'Save a picture', undefined, 'wide-only'),
                this.#button('stats', 'stats', 'Statistics', 'S', 'wide-only')),
            this.#group(
                element('div', { class: 'wide-only' }, themeButton(theme)),
                this.#canBeFullscreen && this.#button('fullscreen', 'fullscreen', 'Full screen', undefined, 'wide-only'),
                this.#button('help', 'help', 'Controls', '?', 'wide-only'),
                more));
        new Menu(views, () => this.#viewItems());
        new Menu(more, () => this.#moreItems());
    }

    /** Shows the viewer's modes. */
    update({ isOrthographic, isWalking, areStatsShown, isFullscreen }) {
        this.#set('projection', isOrthographic ? 'orthographic' : 'perspective', isOrthographic);
        this.#set('walk', 'walk', isWalking);
        this.#set('stats', 'stats', areStatsShown);
        if (this.#buttons.fullscreen) this.#set('fullscreen', isFullscreen ? 'windowed' : 'fullscreen', isFullscreen);
    }

    get #canBeFullscreen() {
        return Boolean(document.fullscreenEnabled);
    }

    #group(...nodes) {
        const isWide = nodes.every((node) => !node || node.classList.contains('wide-only'));
        return element('div', { class: isWide ? 'toolbar-group wide-only' : 'toolbar-group' }, nodes);
    }

    #button(name, iconName, label, key, className = '') {
        const action = this.#actions[name];
        const button = iconButton(iconName, label, action, { key, class: `icon-button ${className}`, 'data-action': name });
        this.#buttons[name] = button;
        return button;
    }

    #set(name, iconName, isPressed) {
        const button = this.#buttons[name];
        button.setAttribute('aria-pressed', String(Boolean(isPressed)));
        button.replaceChildren(icon(iconName));
    }

    #viewItems() {
        return standardViews.map(({ name, label, key }) => ({ label, key, action: () => this.#actions.view(name) }));
    }

    #moreItems() {
        const { share, snapshot, stats, fullscreen, help } = this.#actions;
        const looks = { system: 'Look: as the system', light: 'Look: light', dark: 'Look: dark' };
        return [
            { label: 'Share this view', icon: 'share', action: share },
            { label: 'Save a picture', icon: 'camera', action: snapshot },
            { label: 'Statistics', icon: 'stats', action: stats },
            { label: looks[this.#theme.choice], icon: this.#theme.choice, action: () => this.#theme.advance() },
            ...(this.#canBeFullscreen ? [{ label: 'Full screen', icon: 'fullscreen', action: fullscreen }] : []),
            { label: 'Controls', icon: 'help', action: help },
        ];
    }
}
