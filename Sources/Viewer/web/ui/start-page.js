// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { fileAddress } from '../addresses.js';
import { CloseCode } from '../wire/messages.generated.js';
import { element, fill, icon } from './dom.js';
import { takeDroppedFiles } from './dropped-files.js';
import { failurePage } from './failure-page.js';
import { formatQuantity } from './format.js';
import { matchesSearch, modelCard } from './model-card.js';
import { themeButton } from './theme-button.js';
import { UploadList } from './upload-list.js';
import { UploadQueue } from './upload-queue.js';
import { uploadExtensions } from './upload-rules.js';

const refreshMilliseconds = 4000;
const modelsToSearch = 9;

/** The list of models: what there is, and a place to drop more. `open(model)` goes to a model's viewer. */
export class StartPage {
    #api;
    #token;
    #open;
    #queue;
    #uploads;
    #models = null;
    #shownModels = '';
    #failure = null;
    #canUpload = true;
    #timer = 0;
    #abort = new AbortController();
    #endDrop;
    #list = element('div', { class: 'models' });
    #count = element('p', { class: 'muted' });
    #status = element('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
    #search;
    #drop;
    #file;
    #addButton;
    node;

    constructor({ api, token, theme, open }) {
        this.#api = api;
        this.#token = token;
        this.#open = open;
        this.#queue = new UploadQueue(api, {
            onChange: (item) => this.#uploadChanged(item), onDone: (item) => this.#uploadDone(item),
        });
        this.#uploads = new UploadList(this.#queue);
        this.node = this.#layout(theme);
        this.#endDrop = takeDroppedFiles({
            onHover: (isOver) => this.#drop.classList.toggle('is-shown', isOver && this.#canUpload),
            onFiles: (files) => this.#queue.add(files),
        });
        document.addEventListener('visibilitychange', () => this.#refresh(), { signal: this.#abort.signal });
        window.addEventListener('beforeunload', (event) => this.#confirmLeaving(event), { signal: this.#abort.signal });
        this.#showLoading();
        this.#refresh();
    }

    dispose() {
        clearTimeout(this.#timer);
        this.#abort.abort();
        this.#endDrop();
        this.node.remove();
    }

    #layout(theme) {
        this.#file = element('input', {
            type: 'file', multiple: true, accept: uploadExtensions.join(','), class: 'visually-hidden', tabindex: '-1',
            'aria-hidden': 'true', change: () => this.#takeChosen(),
        });
        this.#addButton = element('button', { type: 'button', class: 'button primary', click: () => this.#file.click() },
            icon('upload'), 'Add models');
        const search = element('input', {
            type: 'search', class: 'field', placeholder: 'Search', 'aria-label': 'Search models', input: () => this.#show(),
        });
        this.#search = element('div', { class: 'search', hidden: true }, icon('search'), search);
        this.#drop = element('div', { class: 'drop-veil', 'aria-hidden': 'true' },
            element('div', { class: 'drop-frame' }, icon('upload'), element('p', { text: 'Drop to add' })));
        return element('div', { class: 'start' },
            element('header', { class: 'start-header' },
                element('h1', {}, element('img', { src: fileAddress('favicon.svg').href, alt: '' }), 'Vantage'),
                themeButton(theme)),
            element('main', { class: 'start-main' },
                element('div', { class: 'start-row' },
                    element('div', {}, element('h2', { text: 'Models' }), this.#count), this.#search, this.#addButton),
                this.#uploads.node, this.#list),
            this.#file, this.#status, this.#drop);
    }

    async #refresh() {
        clearTimeout(this.#timer);
        if (document.hidden) return;
        try {
            const { models = [], canUpload = true, uploadByteLimit } = await this.#api.models();
            this.#failure = null;
            this.#models = models;
            this.#canUpload = canUpload;
            this.#queue.isOpen = canUpload;
            this.#queue.byteLimit = uploadByteLimit > 0 ? uploadByteLimit : Infinity;
        } catch (error) {
            this.#failure = error;
        }
        if (this.#abort.signal.aborted) return;
        this.#show();
        if (this.#failure?.code !== 'tokenRequired') this.#timer = setTimeout(() => this.#refresh(), refreshMilliseconds);
    }

    /** Builds only what changed: an unchanged list keeps its pictures, focus and scroll position. */
    #show() {
        const words = this.#search.querySelector('input').value.trim();
        const state = JSON.stringify([this.#models, this.#failure?.code, this.#failure?.message, words, this.#canUpload]);
        if (state === this.#shownModels) return;
        this.#shownModels = state;
        this.#addButton.hidden = !this.#canUpload || this.#failure !== null || !this.#models?.length;
        if (this.#failure) return this.#showFailure();
        this.#search.hidden = this.#models.length < modelsToSearch;
        this.#count.textContent = this.#models.length > 0 ? formatQuantity(this.#models.length, 'model') : '';
        if (this.#models.length === 0) return fill(this.#list, this.#emptyState());
        const found = this.#models.filter((model) => matchesSearch(model, words));
        this.#status.textContent = words ? `${formatQuantity(found.length, 'model')} found` : '';
        if (found.length === 0) return fill(this.#list, element('p', { class: 'muted', text: `No model is called “${words}”.` }));
        return fill(this.#list, element('ul', { class: 'cards' }, found.map((model) => modelCard(model, this.#api))));
    }

    #showLoading() {
        const ghosts = Array.from({ length: 4 }, () => element('li', {}, element('div', { class: 'card ghost' },
            element('div', { class: 'card-picture' }), element('div', { class: 'card-text' }))));
        this.#addButton.hidden = true;
        fill(this.#list, element('ul', { class: 'cards', 'aria-busy': 'true', 'aria-label': 'Loading' }, ghosts));
    }

    #showFailure() {
        const code = this.#failure.code === 'tokenRequired' ? CloseCode.tokenRequired : this.#failure.code;
        this.#count.textContent = '';
        this.#search.hidden = true;
        const message = code === 'unreachable' ? '' : this.#failure.message;
        fill(this.#list, failurePage({ code, message }, { retry: () => this.#retry(), token: (value) => this.#useToken(value) }));
        if (code === CloseCode.tokenRequired) this.#list.querySelector('input')?.focus();
    }

    #retry() {
        this.#shownModels = '';
        this.#showLoading();
        this.#refresh();
    }

    #useToken(value) {
        this.#token.value = value;
        this.#retry();
    }

    #emptyState() {
        const command = element('code', { text: 'vantage serve FILE' });
        if (!this.#canUpload) {
            return element('div', { class: 'empty' }, icon('cube'), element('h3', { text: 'No models yet' }),
                element('p', {}, 'This server takes no uploads. Start it with a file: ', command));
        }
        return element('div', { class: 'empty' }, icon('cube'),
            element('h3', { text: 'No models yet' }),
            element('p', { text: 'Drop a file anywhere on this page: GLB, glTF, OBJ, PLY, STL or a Vantage archive.' }),
            element('button', { type: 'button', class: 'button primary', click: () => this.#file.click() },
                icon('upload'), 'Choose files'),
            element('p', { class: 'muted' }, 'Or start the server with one: ', command));
    }

    #takeChosen() {
        this.#queue.add([...this.#file.files]);
        this.#file.value = '';
    }

    #uploadChanged(item) {
        this.#uploads.update(item);
        if (item.state === 'failed') this.#status.textContent = `${item.name}: ${item.message}`;
    }

    /** A single file opens by itself; of several, each can be opened when the user likes. */
    #uploadDone(item) {
        this.#status.textContent = `${item.name} is ready.`;
        if (this.#queue.items.length === 1) this.#open(item.model);
        else this.#refresh();
    }

    #confirmLeaving(event) {
        if (this.#queue.items.some((item) => item.state === 'uploading' || item.state === 'waiting')) event.preventDefault();
    }
}
