// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { PathMenu } from './path-menu.js';
import { PathNote } from './path-note.js';
import { PathReport, obstaclesOf } from './path-report.js';

/** Everything of a page that says who draws: the menu to choose, the note when that changes, and the server's account of it. */
export class PathDisplay {
    /** What this page's program cannot do, as sentences by path. */
    #obstacles;
    menu;
    note = new PathNote();
    report;

    /**
     * @param {object} options
     * @param {(wish: string) => void} options.onChoose
     * @param {() => Promise<object|null>} options.load the server's account
     * @param {boolean} options.canDraw whether this page may draw itself
     */
    constructor({ onChoose, load, canDraw }) {
        this.#obstacles = canDraw ? {} : { client: 'This page draws nothing itself.', hybrid: 'This page draws nothing itself.' };
        this.report = new PathReport(load, {
            onChange: (report) => this.menu.update({ obstacles: { ...obstaclesOf(report), ...this.#obstacles } }),
        });
        this.menu = new PathMenu({ onChoose, onOpen: () => this.report.ask() });
        this.menu.update({ obstacles: this.#obstacles });
    }

    /** Takes Viewer's `path` event; `isNegotiated`: there is something to choose. */
    update({ path, target, wish, reason, code, allowed, isSwitching }, isNegotiated) {
        this.menu.update({ path, target: isSwitching ? target : null, wish, reason, allowed, isNegotiated });
        // How it begins is no change: the server's picture is there first, whoever draws afterwards.
        if (code && !isSwitching && path) this.note.update({ path, reason });
    }

    /** Another start: what was said before is forgotten. */
    reset() {
        this.note.reset();
        this.report.stop();
    }
}
