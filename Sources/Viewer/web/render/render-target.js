// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const wantedSamples = 4;

/**
 * Where frames are drawn before they go to the canvas: colour with four samples and, unlike a canvas's own, a depth
 * buffer in floating point.
 */
export class RenderTarget {
    #gl;
    #maximumSamples;
    #samples = 0;
    #framebuffer;
    #color;
    #depth;
    #width = 0;
    #height = 0;

    /** @param {GraphicsContext} context */
    constructor({ gl, capabilities }) {
        this.#gl = gl;
        this.#maximumSamples = Math.min(wantedSamples, capabilities.maximumSamples);
        this.#framebuffer = gl.createFramebuffer();
        this.#color = gl.createRenderbuffer();
        this.#depth = gl.createRenderbuffer();
    }

    get byteCount() {
        return this.#width * this.#height * 8 * Math.max(1, this.#samples);
    }

    /**
     * Makes it the target of what is drawn next.
     * @param {number} width pixels
     * @param {number} height pixels
     * @param {boolean} isSmooth whether edges are antialiased
     */
    bind(width, height, isSmooth) {
        const gl = this.#gl;
        const samples = isSmooth ? this.#maximumSamples : 0;
        if (width !== this.#width || height !== this.#height || samples !== this.#samples) {
            this.#resize(width, height, samples);
        }
        gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
        gl.viewport(0, 0, width, height);
    }

    /** Brings the finished picture to the canvas. */
    show() {
        const gl = this.#gl;
        const [width, height] = [this.#width, this.#height];
        gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#framebuffer);
        gl.invalidateFramebuffer(gl.READ_FRAMEBUFFER, [gl.DEPTH_ATTACHMENT]);
        gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
        gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
        gl.invalidateFramebuffer(gl.READ_FRAMEBUFFER, [gl.COLOR_ATTACHMENT0]);
        gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    }

    #resize(width, height, samples) {
        const gl = this.#gl;
        [this.#width, this.#height, this.#samples] = [width, height, samples];
        gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
        const attach = (buffer, format, attachment) => {
            gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
            gl.renderbufferStorageMultisample(gl.RENDERBUFFER, this.#samples, format, width, height);
            gl.framebufferRenderbuffer(gl.FRAMEBUFFER, attachment, gl.RENDERBUFFER, buffer);
        };
        attach(this.#color, gl.RGBA8, gl.COLOR_ATTACHMENT0);
        attach(this.#depth, gl.DEPTH_COMPONENT32F, gl.DEPTH_ATTACHMENT);
        gl.bindRenderbuffer(gl.RENDERBUFFER, null);
    }
}
