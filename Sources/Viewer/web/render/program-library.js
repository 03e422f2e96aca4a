// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { likeness, slots, variantBits, variantNames } from './material-slots.js';

/** Texture units of the tables; the slots' textures follow. */
export const units = Object.freeze({ draws: 0, visible: 1, instances: 2, materials: 3, firstSlot: 4, uploads: 31 });

const samplers = [
    ['drawTable', units.draws], ['visibleTable', units.visible], ['instanceTable', units.instances],
    ['materialTable', units.materials],
    ...slots.map(({ name }, slot) => [samplerName(name), units.firstSlot + slot]),
];

// BASE_COLOR_TEXTURE → baseColorTexture
function samplerName(name) {
    return name.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

/** How long a picture may wait for a program rather than show something plain. */
const patienceMilliseconds = 1000;

/** Names of the files that `ProgramLibrary` is made from. */
export const shaderFiles = [
    'shading.glsl', 'frame.glsl', 'placement.glsl', 'surface.glsl', 'background.glsl', 'mesh.vert.glsl',
    'mesh.frag.glsl', 'pick.frag.glsl', 'background.vert.glsl', 'background.frag.glsl',
];

/** Fetches the shader texts: an object by file name. */
export async function fetchShaders(root) {
    const texts = await Promise.all(shaderFiles.map(async (name) => {
        const response = await fetch(new URL(name, root));
        if (!response.ok) throw new Error(`The shader ${response.url} could not be loaded: ${response.status}.`);
        return [name, await response.text()];
    }));
    return Object.fromEntries(texts);
}

/** The complete text of a shader: as `#define NAME` for what is wanted, and as `HAS_NAME` for whether it is. */
export function shaderSource(texts, name, defines, usesMultiDraw) {
    const isVertex = name.includes('.vert.');
    const lines = ['#version 300 es'];
    if (isVertex && usesMultiDraw) lines.push('#extension GL_ANGLE_multi_draw : require', '#define MULTI_DRAW');
    lines.push('precision highp float;', 'precision highp int;', ...defines.map((define) => `#define ${define}`));
    if (!isVertex) {
        lines.push(...Object.keys(variantBits).map((bit) => `const bool HAS_${bit} = ${defines.includes(bit)};`));
    }
    const text = texts[name].replace(/^#include "(.+)"$/gm, (_, included) => texts[included]);
    return [...lines, texts['frame.glsl'], texts['shading.glsl'], text].join('\n');
}

/**
 * Programs by material variant, made when they are first wanted. Compiling does not block where the browser can do it
 * aside; until a program is ready, `mesh` gives the one that the material had, or the one of the others that does most of
 * the same, or a simple one that shows the same shape in the material's plain colours, as if its textures had not arrived
 * (uniform `standIn`).
 */
export class ProgramLibrary {
    #gl;
    #context;
    #texts;
    #programs = new Map();
    #pending = new Set();
    #simple;

    /**
     * @param {GraphicsContext} context
     * @param {Record<string, string>} texts from `fetchShaders`
     */
    constructor(context, texts) {
        this.#context = context;
        this.#gl = context.gl;
        this.#texts = texts;
        this.#simple = this.#start('mesh.vert.glsl', 'mesh.frag.glsl', ['PLAIN_COORDINATES', 'STAND_IN']);
        this.background = this.#start('background.vert.glsl', 'background.frag.glsl', []);
        this.#programs.set(variantBits.PLAIN_COORDINATES, this.#simple);
        for (const program of [this.#simple, this.background]) this.#finish(program);
    }

    /** Whether programs are being made, and have not been for so long that something else should be drawn. */
    isAwaited(now) {
        for (const { startedAt } of this.#pending) if (now - startedAt < patienceMilliseconds) return true;
        return false;
    }

    /** Programs that are still being made. */
    get pendingCount() {
        return this.#pending.size;
    }

    /** Begins to make the program for a variant. */
    prepare(variant) {
        if (!this.#programs.has(variant)) this.#request(variant);
    }

    /**
     * The program for a variant, or a stand-in: for what is blended, nothing, because it would hide what is behind it.
     * @param {number} variant
     * @param {number|null} [before] the variant that showed the same until now
     * @returns {{handle: WebGLProgram, draw: WebGLUniformLocation, standIn: WebGLUniformLocation | null} | null}
     */
    mesh(variant, before = null) {
        const program = this.#programs.get(variant) ?? this.#request(variant);
        if (program.isReady) return program;
        const other = this.#readyOne(before) ?? this.#likest(variant);
        if (other) return other;
        return (variant & variantBits.BLEND) !== 0 && !program.hasFailed ? null : this.#simple;
    }

    /** The program that writes identities instead of colours; made at the first use. */
    get pick() {
        if (!this.#programs.has('pick')) {
            const program = this.#start('mesh.vert.glsl', 'pick.frag.glsl', []);
            this.#finish(program);
            this.#programs.set('pick', program);
        }
        return this.#programs.get('pick');
    }

    /** Once per frame: takes over what has become ready. */
    poll() {
        const parallel = this.#context.parallelCompile;
        for (const program of this.#pending) {
            if (parallel && !this.#gl.getProgramParameter(program.handle, parallel.COMPLETION_STATUS_KHR)) continue;
            this.#pending.delete(program);
            this.#finish(program);
            // Without parallel compiling the driver may make us wait: one a frame is enough.
            if (!parallel) return;
        }
    }

    #readyOne(variant) {
        const program = this.#programs.get(variant);
        return program?.isReady ? program : null;
    }

    /** Of the programs that are ready, the one that does most of what a variant wants and nothing else; or null. */
    #likest(variant) {
        let [best, most] = [null, 0];
        for (const [other, program] of this.#programs) {
            if (!program.isReady || program === this.#simple || other === 'pick') continue;
            const like = likeness(other, variant);
            if (like > most) [best, most] = [program, like];
        }
        return best;
    }

    #request(variant) {
        const program = this.#start('mesh.vert.glsl', 'mesh.frag.glsl', variantNames(variant));
        this.#programs.set(variant, program);
        this.#pending.add(program);
        return program;
    }

    #start(vertexName, fragmentName, defines) {
        const gl = this.#gl;
        const handle = gl.createProgram();
        const usesMultiDraw = this.#context.multiDraw !== null && vertexName === 'mesh.vert.glsl';
        const shaders = [[gl.VERTEX_SHADER, vertexName], [gl.FRAGMENT_SHADER, fragmentName]].map(([type, name]) => {
            const shader = gl.createShader(type);
            gl.shaderSource(shader, shaderSource(this.#texts, name, defines, usesMultiDraw));
            gl.compileShader(shader);
            gl.attachShader(handle, shader);
            return shader;
        });
        gl.linkProgram(handle);
        return {
            handle, shaders, name: `${fragmentName} ${defines.join(' ')}`, startedAt: performance.now(), isReady: false,
            hasFailed: false, usesTextures: false,
        };
    }

    #finish(program) {
        const gl = this.#gl;
        const { handle, shaders } = program;
        if (gl.getProgramParameter(handle, gl.LINK_STATUS)) {
            this.#prepare(program);
        } else if (!gl.isContextLost()) {
            program.hasFailed = true;
            const logs = [gl.getProgramInfoLog(handle), ...shaders.map((shader) => gl.getShaderInfoLog(shader))];
            console.error(`The shader ${program.name} failed:`, logs.filter(Boolean).join('\n'));
        }
        for (const shader of shaders) gl.deleteShader(shader);
        program.shaders = [];
    }

    #prepare(program) {
        const gl = this.#gl;
        const { handle } = program;
        gl.useProgram(handle);
        for (const [name, unit] of samplers) {
            const location = gl.getUniformLocation(handle, name);
            if (!location) continue;
            gl.uniform1i(location, unit);
            program.usesTextures ||= unit >= units.firstSlot;
        }
        const block = gl.getUniformBlockIndex(handle, 'Frame');
        if (block !== gl.INVALID_INDEX) gl.uniformBlockBinding(handle, block, 0);
        program.standIn = gl.getUniformLocation(handle, 'standIn');
        program.draw = gl.getUniformLocation(handle, this.#context.multiDraw ? 'firstDraw' : 'draw');
        program.isReady = true;
    }
}
