// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { WebGLUnavailableError } from './webgl-unavailable-error.js';

const softwareRenderers = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** Whether a renderer of this name draws on processors. */
export const isSoftwareRenderer = (renderer) => softwareRenderers.test(renderer);

/** A WebGL2 context with what it can do, looked up once. After a context loss a new one is made for the same canvas. */
export class GraphicsContext {
    /**
     * @param {HTMLCanvasElement | OffscreenCanvas} canvas
     * @throws {WebGLUnavailableError}
     */
    constructor(canvas) {
        const gl = canvas.getContext('webgl2', {
            alpha: true, antialias: false, depth: false, stencil: false, premultipliedAlpha: true,
            preserveDrawingBuffer: false, powerPreference: 'high-performance',
        });
        if (!gl) throw new WebGLUnavailableError();
        this.gl = gl;
        this.multiDraw = gl.getExtension('WEBGL_multi_draw');
        this.parallelCompile = gl.getExtension('KHR_parallel_shader_compile');
        this.clipControl = gl.getExtension('EXT_clip_control');
        this.anisotropy = gl.getExtension('EXT_texture_filter_anisotropic');
        this.capabilities = this.#describe();
    }

    /** Whether depth runs from 1 at the near plane to 0 far away, in floating point, which loses no precision. */
    get isReversed() {
        return this.clipControl !== null;
    }

    #describe() {
        const gl = this.gl;
        const names = gl.getExtension('WEBGL_debug_renderer_info');
        const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER) ?? '');
        const samples = gl.getInternalformatParameter(gl.RENDERBUFFER, gl.DEPTH_COMPONENT32F, gl.SAMPLES);
        return Object.freeze({
            version: 2,
            renderer,
            vendor: String(gl.getParameter(names ? names.UNMASKED_VENDOR_WEBGL : gl.VENDOR) ?? ''),
            isSoftware: isSoftwareRenderer(renderer),
            multiDraw: this.multiDraw !== null,
            parallelCompile: this.parallelCompile !== null,
            reversedDepth: this.clipControl !== null,
            maximumTextureSize: gl.getParameter(gl.MAX_TEXTURE_SIZE),
            maximumAnisotropy: this.anisotropy ? gl.getParameter(this.anisotropy.MAX_TEXTURE_MAX_ANISOTROPY_EXT) : 1,
            maximumSamples: samples?.length ? Math.max(...samples) : 0,
        });
    }
}
