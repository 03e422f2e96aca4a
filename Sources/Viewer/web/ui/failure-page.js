// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { element, icon } from './dom.js';
import { describeFailure } from './failures.js';

/**
 * A page for what went wrong. `handlers` are { retry, reload, clientPath, back, token(value) }; actions without
 * a handler are left out. A failure that asks for a token gets a field for it.
 */
export function failurePage(failure, handlers) {
    const { title, text, reason, steps, actions, asksForToken } = describeFailure(failure);
    return element('section', { class: 'notice-page', role: 'alert', 'aria-labelledby': 'failure-title' },
        element('div', { class: 'notice-card' },
            element('div', { class: 'notice-icon' }, icon('warning')),
            element('h1', { id: 'failure-title', text: title }),
            element('p', { text }),
            reason && element('p', { class: 'notice-reason', text: reason }),
            steps.length > 0 && element('ol', {}, steps.map((step) => element('li', { text: step }))),
            asksForToken && tokenForm(handlers.token),
            buttonRow(actions, handlers)));
}

/** A field for the access token; `onToken` is given what was entered. */
export function tokenForm(onToken) {
    const input = element('input', {
        id: 'token', name: 'token', type: 'password', autocomplete: 'off', required: true, class: 'field',
        spellcheck: 'false', autocapitalize: 'none',
    });
    const submit = (event) => {
        event.preventDefault();
        if (input.value.trim()) onToken(input.value.trim());
    };
    return element('form', { class: 'token-form', submit },
        element('label', { for: 'token', text: 'Token' }),
        element('div', { class: 'field-row' }, input,
            element('button', { class: 'button primary', type: 'submit', text: 'Continue' })));
}

function buttonRow(actions, handlers) {
    const buttons = actions.map((action) => actionButton(action, handlers[action])).filter(Boolean);
    return buttons.length > 0 && element('div', { class: 'button-row' }, buttons);
}

function actionButton(action, handler) {
    if (!handler) return null;
    const [label, name, kind] = {
        retry: ['Try again', 'retry', 'primary'], reload: ['Reload', 'retry', 'primary'], back: ['All models', 'back', ''],
        clientPath: ['Draw on this device', 'cube', ''],
    }[action];
    return element('button', { type: 'button', class: `button ${kind}`, click: handler }, icon(name), label);
}
