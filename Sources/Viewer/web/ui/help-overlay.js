// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, iconButton } from './dom.js';

const sections = [
    ['Mouse', [
        ['Drag', 'Turn around the point under the cursor'],
        ['Right drag, Shift drag', 'Move'],
        ['Wheel', 'Zoom to the cursor'],
        ['Double click', 'Go to a point'],
    ]],
    ['Touch', [
        ['One finger', 'Turn'],
        ['Two fingers', 'Move, zoom and turn'],
        ['Double tap', 'Go to a point'],
    ]],
    ['Keys', [
        ['← → ↑ ↓', 'Turn'],
        ['Shift + arrows', 'Move'],
        ['+ −', 'Zoom'],
        ['F', 'Fit the model'],
        ['H', 'Home view'],
        ['1 – 6', 'Front, back, left, right, top, bottom'],
        ['O', 'Perspective or orthographic'],
        ['G', 'Walk or turn'],
        ['S, I', 'Statistics'],
        ['?', 'This help'],
        ['Esc', 'Close, or stop walking'],
    ]],
    ['Walking (G)', [
        ['W A S D', 'Go; S goes back, I shows statistics'],
        ['Q E', 'Down and up'],
        ['Shift', 'Faster'],
        ['Drag, arrows', 'Look around'],
        ['Wheel', 'Pace'],
    ]],
];

/** What mouse, fingers and keys do. */
export class HelpOverlay {
    node;

    constructor() {
        const close = iconButton('close', 'Close', () => this.node.close());
        this.node = element('dialog', { class: 'help', 'aria-labelledby': 'help-title', click: (event) => this.#click(event) },
            element('div', { class: 'help-body' },
                element('header', { class: 'panel-header' }, element('h2', { id: 'help-title', text: 'Controls' }), close),
                element('div', { class: 'help-sections' }, sections.map(sectionNode))));
    }

    toggle() {
        if (this.node.open) this.node.close();
        else this.node.showModal();
    }

    /** A click beside the text closes it. */
    #click(event) {
        if (event.target === this.node) this.node.close();
    }
}

function sectionNode([title, rows]) {
    return element('section', {},
        element('h3', { text: title }),
        element('dl', {}, rows.map(([keys, meaning]) => [element('dt', { text: keys }), element('dd', { text: meaning })])));
}
