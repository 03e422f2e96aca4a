// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// ?archive=/path/of.vantage &level=0 (finest) &proxies=1 &skip=0 (texture levels) &theme=light &yaw= &pitch= (degrees)
// &zoom=1 &projection=perspective &without=NAME,… (WebGL extensions to hide) &lose=1 (lose and restore the context
// once). Sets window.__status; window.harness changes the view.

import { Renderer } from '../../../Sources/Viewer/web/render/renderer.js';
import { loadArchive, materialEvents, sceneOf, textureEvents } from './archive-scene.js';

const parameters = new URLSearchParams(location.search);
const number = (name, fallback) => Number(parameters.get(name) ?? fallback);
const status = { done: false, error: null };
window.__status = status;

/** A view from a direction in degrees that shows the whole box at zoom 1. */
function viewOf({ minimum, maximum }, { yaw, pitch, zoom, projection }, canvas, center) {
    const [a, b] = [(yaw * Math.PI) / 360, (-pitch * Math.PI) / 360];
    const turn = [Math.cos(a) * Math.sin(b), Math.sin(a) * Math.cos(b), -Math.sin(a) * Math.sin(b), Math.cos(a) * Math.cos(b)];
    const [p, q] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
    const back = [Math.sin(p) * Math.cos(q), Math.sin(q), Math.cos(p) * Math.cos(q)];
    const right = [Math.cos(p), 0, -Math.sin(p)];
    const up = [back[1] * right[2] - back[2] * right[1], back[2] * right[0] - back[0] * right[2],
        back[0] * right[1] - back[1] * right[0]];
    const middle = center ?? minimum.map((corner, axis) => (corner + maximum[axis]) / 2);
    const tangent = 0.30934;
    const aspect = canvas.width / canvas.height;
    let [distance, half] = [0, 0];
    for (let corner = 0; corner < 8; corner += 1) {
        const place = minimum.map((low, axis) => ((corner >> axis) & 1 ? maximum[axis] : low) - (minimum[axis] + maximum[axis]) / 2);
        const along = (axis) => place.reduce((sum, value, i) => sum + value * axis[i], 0);
        const across = Math.max(Math.abs(along(right)) / aspect, Math.abs(along(up)));
        distance = Math.max(distance, across / tangent + along(back));
        half = Math.max(half, across);
    }
    distance *= 1.06 / zoom;
    const isFlat = projection === 'orthographic';
    return {
        eye: middle.map((place, axis) => place + back[axis] * distance), orientation: turn,
        projection: projection ?? 'perspective', scale: isFlat ? (half * 1.06) / zoom : tangent, width: canvas.width,
        height: canvas.height,
    };
}

async function uploadAll(renderer) {
    const times = [];
    while (renderer.statistics.waitingCount > 0) {
        const start = performance.now();
        renderer.upload(2);
        times.push(performance.now() - start);
        await new Promise((resolve) => { requestAnimationFrame(resolve); });
    }
    return { calls: times.length, longest: Math.max(0, ...times) };
}

async function settlePrograms(renderer, view) {
    renderer.render(view);
    for (let i = 0; i < 2000 && renderer.statistics.compilingCount > 0; i += 1) {
        await new Promise((resolve) => { setTimeout(resolve, 10); });
        renderer.render(view);
    }
}

function hideExtensions(names) {
    const { getExtension } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.getExtension = function find(name) {
        return names.includes(name) ? null : getExtension.call(this, name);
    };
}

// Takes the context away and gives it back; everything is sent again when the renderer says that it is empty.
async function loseContext(renderer, canvas, replay) {
    const gl = canvas.getContext('webgl2');
    const extension = gl.getExtension('WEBGL_lose_context');
    const lost = new Promise((resolve) => { renderer.onLost = resolve; });
    const restored = new Promise((resolve) => { renderer.onRestored = resolve; });
    extension.loseContext();
    await lost;
    renderer.upload(2);
    renderer.render({ eye: [0, 0, 0], orientation: [0, 0, 0, 1], projection: 'perspective', scale: 1, width: 1, height: 1 });
    if (await renderer.pick(5, 5)) throw new Error('a pick while the context was lost found something');
    // The browser restores only after the event is over.
    await new Promise((resolve) => { setTimeout(resolve, 0); });
    extension.restoreContext();
    await restored;
    await replay();
}

async function start() {
    hideExtensions((parameters.get('without') ?? '').split(','));
    const canvas = document.getElementById('picture');
    const marks = [['start', performance.now()]];
    const mark = (name) => marks.push([name, performance.now()]);
    const renderer = await Renderer.create(canvas);
    const ratio = window.devicePixelRatio;
    renderer.resize(canvas.clientWidth * ratio, canvas.clientHeight * ratio);
    renderer.theme = parameters.get('theme') ?? 'light';
    mark('created');
    const archive = await loadArchive(parameters.get('archive'));
    renderer.bounds = { minimum: archive.minimum, maximum: archive.maximum };
    materialEvents(archive).forEach((event) => renderer.setMaterial(event));
    const { meshes, draw } = await sceneOf(archive, number('level', 0), parameters.has('proxies'));
    mark('decoded');
    const send = async () => {
        meshes.forEach((event) => renderer.addMesh(event));
        for await (const event of textureEvents(archive, number('skip', 0))) renderer.addTexture(event);
        mark('images');
        status.upload = await uploadAll(renderer);
        mark('uploaded');
        renderer.setDraw(draw);
    };
    await send();
    if (parameters.has('lose')) await loseContext(renderer, canvas, send);
    const camera = { yaw: number('yaw', 45), pitch: number('pitch', 28.7), zoom: number('zoom', 1), projection: parameters.get('projection') ?? undefined };
    const show = async (change = {}) => {
        Object.assign(camera, change);
        const view = viewOf(archive, camera, canvas, camera.center);
        await settlePrograms(renderer, view);
        return { view, ...renderer.render(view) };
    };
    window.harness = { renderer, archive, show, draw, meshes };
    const { view, ...frame } = await show();
    mark('programs');
    const gl = canvas.getContext('webgl2');
    const pixel = new Uint8Array(4);
    const timeFrame = () => {
        const begin = performance.now();
        renderer.render(view);
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
        return performance.now() - begin;
    };
    status.frameMilliseconds = Math.min(...Array.from({ length: 3 }, timeFrame));
    status.milliseconds = Object.fromEntries(marks.slice(1).map(([name, time], i) => [name, Math.round(time - marks[i][1])]));
    Object.assign(status, { frame, statistics: renderer.statistics, capabilities: renderer.capabilities, glError: gl.getError() });
    const middle = [canvas.width / 2, canvas.height / 2];
    status.pick = await renderer.pick(...middle);
    renderer.render(view);
    status.glError ||= gl.getError();
    status.done = true;
}

start().catch((error) => { status.error = `${error.message}\n${error.stack}`; });
