// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, iconButton } from './dom.js';

/** Columns of sections of [keys, meaning]. */
const columns = [
    [
        ['Mouse', [
            ['Drag', 'Turn around the point under the cursor'],
            ['Right drag', 'Move (or drag with Shift)'],
            ['Wheel', 'Zoom to the cursor'],
            ['Click', 'Name a part'],
            ['Double click', 'Go to a point'],
        ]],
        ['Touch', [
            ['One finger', 'Turn'],
            ['Two fingers', 'Move, zoom and turn; go on while walking'],
            ['Tap', 'Name a part'],
            ['Double tap', 'Go to a point'],
        ]],
        ['While walking', [
            ['W A S D', 'Go forward, left, back, right'],
            ['Q E', 'Down and up'],
            ['Shift', 'Faster'],
            ['Drag, arrows', 'Look around'],
            ['Wheel', 'Change the pace'],
        ]],
    ],
    [
        ['Keys', [
            ['Arrows', 'Turn; with Shift, move'],
            ['+ −', 'Zoom'],
            ['F', 'Fit the model'],
            ['H', 'Home view'],
            ['1 2', 'Front, back'],
            ['3 4', 'Left, right'],
            ['5 6', 'Top, bottom'],
            ['O', 'Perspective or orthographic'],
            ['G', 'Walk or turn'],
            ['S', 'Statistics'],
            ['I', 'Statistics, also while walking'],
            ['P', 'Who draws: this device or the server'],
            ['R', 'Record the camera, for the benchmark'],
            ['?', 'This help'],
            ['Esc', 'Close, or stop walking'],
        ]],
    ],
];

/** What mouse, fingers and keys do. */
export class HelpOverlay {
    node;

    constructor() {
        const close = iconButton('close', 'Close', () => this.#close());
        this.node = element('dialog', { class: 'help', 'aria-labelledby': 'help-title', click: (event) => this.#click(event) },
            element('div', { class: 'help-body' },
                element('header', { class: 'panel-header' }, element('h2', { id: 'help-title', text: 'Controls' }), close),
                element('div', { class: 'help-columns' },
                    columns.map((sections) => element('div', {}, sections.map(sectionNode))))));
    }

    get isOpen() {
        return this.node.hasAttribute('open');
    }

    toggle() {
        if (this.isOpen) this.#close();
        else if (this.node.showModal) this.node.showModal();
        else this.node.setAttribute('open', '');
    }

    /** A click beside the text closes it. */
    #click(event) {
        if (event.target === this.node) this.#close();
    }

    /** Browsers from before 2022 may have no dialogs. */
    #close() {
        if (this.node.close) this.node.close();
        else this.node.removeAttribute('open');
    }
}

function sectionNode([title, rows]) {
    return element('section', { class: `help-${title.split(' ')[0].toLowerCase()}` },
        element('h3', { text: title }),
        element('dl', {}, rows.map(([keys, meaning]) => [element('dt', { text: keys }), element('dd', { text: meaning })])));
}
