// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { serverRoot } from '../addresses.js';
import { isTyping } from '../camera/orbit-controls.js';
import { hashOfView, viewFromHash } from '../camera/view-code.js';
import { Viewer } from '../viewer.js';
import { copyText } from './clipboard.js';
import { CameraRecording } from './camera-recording.js';
import { ConnectionBanner } from './connection-banner.js';
import { addressOptions, deviceLimits } from './device-limits.js';
import { element, iconButton } from './dom.js';
import { failurePage } from './failure-page.js';
import { HelpOverlay } from './help-overlay.js';
import { ModelTree } from './model-tree.js';
import { PartLabel } from './part-label.js';
import { PathDisplay } from './path-display.js';
import { ServerAPI } from './server-api.js';
import { shortcutAction } from './shortcuts.js';
import { StatsPanel } from './stats-panel.js';
import { Toolbar } from './toolbar.js';
import { ViewCube } from './view-cube.js';

const hashMilliseconds = 250;
/** A model that is replaced comes by itself. */
const noticesForPeople = new Set([
    'draining', 'damagedChunk', 'limit', 'decodingUnavailable', 'rendererLost', 'rendererBack',
    'undecodableFrame', 'pathRefused',
]);
const radiansPerCubePixel = 0.012;

/** The viewer with everything around it: toolbar, cube, statistics, help, connection and failures. */
export class ViewerPage {
    #token;
    #theme;
    #parts;
    #target;
    #viewer = null;
    #toolbar;
    #stats;
    #help = new HelpOverlay();
    #label = new PartLabel((x, y) => this.#identify(x, y));
    #tree = null;
    #api;
    #recording = new CameraRecording((text) => this.#banner.showText(text, 4));
    #paths;
    #banner;
    #cube;
    #stage = element('div', { class: 'stage' });
    #name = element('h1', { class: 'model-name' });
    #progress = element('div', { class: 'progress-line', 'aria-hidden': 'true' });
    #status = element('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
    #failure = null;
    /** Of the model that was shown last. */
    #contentHash = null;
    /** The last status. */
    #connection = null;
    #shownPath = null;
    #hashTimer = 0;
    node;

    /** `target` is { model, session }; `parts` are further options of Viewer. */
    constructor({ target, token, theme, back, parts = {} }) {
        this.#target = target;
        this.#token = token;
        this.#theme = theme;
        this.#parts = parts;
        this.#api = new ServerAPI(parts.server ?? serverRoot, () => token.value);
        this.#paths = new PathDisplay({
            onChoose: (wish) => this.#viewer.choosePath(wish), load: () => this.#loadPath(),
            canDraw: parts.can?.includes('client') ?? true,
        });
        this.#banner = new ConnectionBanner({ onReconnect: () => this.#viewer.reconnect() });
        this.#cube = new ViewCube({
            onDirection: (direction) => this.#viewer.lookFrom(direction), onDrag: (dx, dy) => this.#turn(dx, dy),
        });
        this.#toolbar = new Toolbar(this.#actions(), theme, { path: this.#paths.menu.node });
        this.back = back;
        this.node = element('div', { class: 'viewer' },
            this.#stage, this.#progress,
            element('header', { class: 'viewer-title panel' }, iconButton('back', 'All models', back), this.#name),
            this.#toolbar.node, this.#cube.node, this.#banner.node, this.#paths.note.node, this.#label.node, this.#help.node,
            this.#status);
        document.addEventListener('keydown', (event) => this.#key(event));
        document.addEventListener('fullscreenchange', () => this.#update());
        window.addEventListener('hashchange', () => this.#followHash());
        theme.onChange(() => this.#showTheme());
        this.#name.textContent = target.model ?? '';
    }

    /** The viewer that is shown. */
    get viewer() {
        return this.#viewer;
    }

    /** Starts the viewer; the page has to be in the document, so that the picture's size is known. */
    start() {
        const { thresholdPixels, store, warp, ...limits } = addressOptions(new URLSearchParams(location.search));
        this.#viewer = new Viewer(this.#stage, {
            ...this.#parts, thresholdPixels, store, warp, limits: { ...deviceLimits(navigator), ...limits },
            keyTarget: document, initialState: viewFromHash(location.hash),
        });
        this.#viewer.canvas.setAttribute('aria-label', 'The model. Arrow keys turn it; the question mark lists all controls.');
        this.#viewer.canvas.setAttribute('role', 'application');
        this.#label.watch(this.#viewer.canvas);
        this.#stats?.node.remove();
        this.#stats = new StatsPanel(this.#viewer, { onClose: () => this.#toggleStats(), report: this.#paths.report });
        this.node.append(this.#stats.node);
        this.#listen();
        this.#showTheme();
        this.#update();
        this.#setRefining(true);
        this.#viewer.load({ ...this.#target, token: this.#token.value });
        this.#focusCanvas();
    }

    /** Keys steer the camera at once. Nobody has come here by keyboard yet, so nothing shows where the focus is. */
    #focusCanvas() {
        const { canvas } = this.#viewer;
        canvas.classList.add('is-focused-first');
        canvas.addEventListener('blur', () => canvas.classList.remove('is-focused-first'), { once: true });
        canvas.focus({ preventScroll: true });
    }

    /** The part at a place of the canvas: { name, path }, or null. */
    async #identify(x, y) {
        const found = await this.#viewer.identify(x, y);
        return found && !found.name && this.#tree ? this.#tree.describe(found.treeNode).catch(() => null) : found;
    }

    /** The server's account of who draws; null before it can be asked. */
    async #loadPath() {
        const { welcome } = this.#viewer ?? {};
        return welcome?.isNegotiated ? this.#api.viewerPath(welcome.viewer) : null;
    }

    #restart() {
        this.#paths.reset();
        this.#recording.cancel();
        this.#failure?.remove();
        this.#failure = null;
        this.node.classList.remove('has-failed');
        this.#viewer.dispose();
        this.start();
    }

    #listen() {
        const viewer = this.#viewer;
        viewer.on('welcome', ({ model }) => this.#greet(model));
        viewer.on('status', (status) => this.#showConnection(status));
        viewer.on('stills', (facts) => this.#showStills(facts));
        viewer.on('failure', (failure) => this.#fail(failure));
        viewer.on('notice', (notice) => this.#notice(notice));
        viewer.on('lost', () => this.#banner.showText('The graphics driver took the picture away. Restoring it…'));
        viewer.on('restored', () => this.#banner.hide());
        viewer.on('path', (event) => this.#showPath(event));
        viewer.on('settled', () => this.#setRefining(false));
        viewer.on('frame', ({ view }) => this.#cube.follow(view.orientation));
        viewer.on('moving', () => {
            this.#label.hide();
            this.#setRefining(true);
        });
        viewer.on('rest', ({ state }) => this.#noteView(state));
        viewer.on('mode', () => this.#update());
    }

    #actions() {
        return {
            home: () => this.#viewer.home(),
            fit: () => this.#viewer.fit(),
            view: (name) => this.#viewer.standardView(name),
            projection: () => this.#viewer.toggleProjection(),
            walk: () => this.#viewer.toggleWalk(),
            share: () => this.#share(),
            snapshot: () => this.#savePicture(),
            stats: () => this.#toggleStats(),
            fullscreen: () => toggleFullscreen(this.node),
            help: () => this.#help.toggle(),
            path: () => this.#paths.menu.toggle(),
            record: () => this.#recording.toggle(this.#viewer, this.#name.textContent),
        };
    }

    #greet(model) {
        const isOther = this.#contentHash !== null && model?.contentHash !== this.#contentHash;
        this.#contentHash = model?.contentHash ?? null;
        if (isOther) this.#banner.showText('The model has changed on the server. This is its new version.', 8);
        this.#name.textContent = model?.name ?? this.#target.model ?? '';
        this.#tree = model?.id ? new ModelTree(() => this.#api.tree(model.id)) : null;
        document.title = `${this.#name.textContent} – Vantage`;
        this.#status.textContent = `${this.#name.textContent} is shown.`;
    }

    #showConnection(status) {
        this.#connection = status;
        this.#banner.showStatus(status, this.#viewer.canReconnect);
        this.#showStills(this.#viewer.status.stills);
    }

    #showStills(facts) {
        this.#banner.stills = facts;
        // Nothing but the camera moves while the server that draws is away: what is seen is old.
        const { path, shownFrameCount = 0 } = this.#viewer.status;
        const isAway = path === 'server' && shownFrameCount > 0 && this.#connection?.state === 'reconnecting';
        this.node.classList.toggle('is-stale', isAway && !(facts?.isActive && facts.isShown));
    }

    /** Another path has taken over from one that failed. */
    #showPath(event) {
        const { path, isSwitching } = event;
        this.#paths.update(event, this.#viewer.welcome?.isNegotiated ?? false);
        if (!isSwitching && path !== this.#shownPath && this.#shownPath !== null) this.#banner.hide();
        this.#shownPath = path;
    }

    #notice({ code, message }) {
        if (noticesForPeople.has(code)) this.#banner.showText(message, 8);
        else if (code !== 'modelReplaced') console.warn(message);
    }

    #fail(failure) {
        if (this.#failure) return;
        this.#banner.hide();
        this.#setRefining(false);
        this.#stats.isShown = false;
        this.node.classList.add('has-failed');
        this.#failure = failurePage(failure, {
            retry: () => this.#restart(), reload: () => location.reload(), back: this.back,
            token: (value) => this.#useToken(value),
            clientPath: () => location.assign(addressOfClientPath()),
        });
        this.node.append(this.#failure);
        this.#failure.querySelector('input, button')?.focus();
    }

    #useToken(value) {
        this.#token.value = value;
        this.#restart();
    }

    #update() {
        this.#toolbar.update({
            isOrthographic: this.#viewer.camera.state.isOrthographic,
            isWalking: this.#viewer.controls.mode === 'walk',
            areStatsShown: this.#stats.isShown,
            isFullscreen: Boolean(document.fullscreenElement),
        });
        this.node.classList.toggle('is-walking', this.#viewer.controls.mode === 'walk');
    }

    #toggleStats() {
        this.#stats.isShown = !this.#stats.isShown;
        this.#update();
    }

    #setRefining(isRefining) {
        this.#progress.classList.toggle('is-shown', isRefining);
    }

    #turn(dx, dy) {
        this.#viewer.controls.turn(-dx * radiansPerCubePixel, dy * radiansPerCubePixel);
    }

    #showTheme() {
        if (this.#viewer) this.#viewer.theme = this.#theme.isDark ? 'dark' : 'light';
    }

    #key(event) {
        if (event.defaultPrevented || isTyping(event.target) || this.#failure || this.#help.isOpen) return;
        const action = shortcutAction(event, this.#viewer.controls.mode === 'walk');
        if (!action || event.repeat) return;
        event.preventDefault();
        const actions = this.#actions();
        if (action === 'escape') this.#escape();
        else if (actions[action]) actions[action]();
        else this.#viewer.standardView(action);
    }

    #escape() {
        if (!this.#label.node.hidden) this.#label.hide();
        else if (this.#viewer.controls.mode === 'walk') this.#viewer.toggleWalk();
        else if (this.#stats.isShown) this.#toggleStats();
    }

    #noteView(state) {
        clearTimeout(this.#hashTimer);
        this.#hashTimer = setTimeout(() => history.replaceState(history.state, '', hashOfView(state)), hashMilliseconds);
    }

    /** Somebody edited the address or followed a link within the page. */
    #followHash() {
        const state = viewFromHash(location.hash);
        if (state) this.#viewer.setView(state, { isAnimated: true });
    }

    async #share() {
        const address = new URL(location.href);
        address.hash = hashOfView(this.#viewer.camera.state);
        history.replaceState(history.state, '', address.hash);
        const isCopied = await copyText(address.href);
        this.#banner.showText(isCopied ? 'Link to this view copied.' : 'Copy the link from the address bar.', 3);
    }

    async #savePicture() {
        try {
            const link = element('a', { href: URL.createObjectURL(await this.#viewer.snapshot()) });
            link.download = `${this.#name.textContent || 'model'}.png`;
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
        } catch (error) {
            this.#banner.showText(error.message, 5);
        }
    }
}

function toggleFullscreen(node) {
    const change = document.fullscreenElement ? document.exitFullscreen() : node.requestFullscreen();
    change.catch(() => {});
}

/** This address with this device drawing. */
function addressOfClientPath() {
    const address = new URL(location.href);
    // The thin page draws nothing itself.
    address.pathname = address.pathname.replace(/thin(\.html)?$/, '');
    address.searchParams.set('path', 'client');
    return address.href;
}
