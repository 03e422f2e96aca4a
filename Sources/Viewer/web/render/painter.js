// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { missingTextures, slots } from './material-slots.js';
import { units } from './program-library.js';

const unknownState = { program: null, vertexArray: null, group: -1, culls: null, isMirrored: null };

/** Issues the draw calls of a list, changing as little state between them as its order allows. */
export class Painter {
    #context;
    #gl;
    #programs;
    #textures;
    #materials;
    #list = null;
    #bound = { ...unknownState };
    #farDepth;

    /**
     * @param {GraphicsContext} context
     * @param {ProgramLibrary} programs
     * @param {TextureStore} textures
     * @param {MaterialStore} materials
     */
    constructor(context, programs, textures, materials) {
        this.#context = context;
        this.#gl = context.gl;
        this.#programs = programs;
        this.#textures = textures;
        this.#materials = materials;
        this.#farDepth = new Float32Array([context.isReversed ? 0 : 1]);
        this.#setConstantState();
    }

    /**
     * Draws everything into the bound framebuffer.
     * @param {DrawList} list
     * @param {{draws: DataTable, visible: DataTable, instances: DataTable}} tables
     * @returns {number} draw calls
     */
    drawPicture(list, tables) {
        const gl = this.#gl;
        gl.clearBufferfv(gl.DEPTH, 0, this.#farDepth);
        this.#begin(list, tables);
        let calls = 0;
        for (const batch of list.batches) calls += this.#drawBatch(batch, this.#programOf(batch.entry));
        this.#drawBackground();
        gl.enable(gl.BLEND);
        gl.depthMask(false);
        for (const batch of list.blendedBatches) calls += this.#drawBlended(batch);
        gl.depthMask(true);
        gl.disable(gl.BLEND);
        this.#end();
        return calls + 1;
    }

    /** The same with the pick program, into an integer framebuffer. */
    drawIdentities(list, tables) {
        const program = this.#programs.pick;
        this.#begin(list, tables);
        for (const batch of list.batches) this.#drawBatch(batch, program);
        for (const batch of list.blendedBatches) this.#drawBatch(batch, program);
        this.#end();
    }

    #setConstantState() {
        const gl = this.#gl;
        const { clipControl } = this.#context;
        if (clipControl) clipControl.clipControlEXT(clipControl.LOWER_LEFT_EXT, clipControl.ZERO_TO_ONE_EXT);
        gl.depthFunc(this.#context.isReversed ? gl.GREATER : gl.LESS);
        gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
        gl.disable(gl.DITHER);
        // What vertices without coordinates or colours have.
        gl.vertexAttrib4f(2, 0, 0, 0, 0);
        gl.vertexAttrib4f(3, 0, 0, 0, 0);
        gl.vertexAttrib4f(4, 1, 1, 1, 1);
    }

    #programOf({ variant, before }) {
        return this.#programs.mesh(variant, before);
    }

    #drawBlended(batch) {
        const program = this.#programOf(batch.entry);
        if (!program) return 0;
        if (!batch.entry.isDoubleSided) return this.#drawBatch(batch, program);
        const gl = this.#gl;
        return this.#drawBatch(batch, program, gl.FRONT) + this.#drawBatch(batch, program, gl.BACK);
    }

    // Fills what nothing covers, before blended surfaces go over it.
    #drawBackground() {
        const gl = this.#gl;
        gl.depthFunc(this.#context.isReversed ? gl.GEQUAL : gl.LEQUAL);
        gl.disable(gl.CULL_FACE);
        gl.bindVertexArray(null);
        gl.useProgram(this.#programs.background.handle);
        gl.drawArrays(gl.TRIANGLES, 0, 3);
        gl.depthFunc(this.#context.isReversed ? gl.GREATER : gl.LESS);
        this.#forget();
    }

    #begin(list, { draws, visible, instances }) {
        const gl = this.#gl;
        this.#list = list;
        gl.enable(gl.DEPTH_TEST);
        const bind = (unit, texture) => {
            gl.activeTexture(gl.TEXTURE0 + unit);
            gl.bindTexture(gl.TEXTURE_2D, texture);
        };
        bind(units.draws, draws.texture);
        bind(units.visible, visible.texture);
        bind(units.instances, instances.texture);
        bind(units.materials, this.#materials.texture);
        this.#forget();
    }

    #end() {
        const gl = this.#gl;
        gl.bindVertexArray(null);
        gl.activeTexture(gl.TEXTURE0 + units.uploads);
    }

    #forget() {
        this.#bound = { ...unknownState };
    }

    /**
     * Draws a batch; sets only the state that differs from the batch before.
     * @param {number} [culled] side not to draw; by default the back of what is not double-sided
     */
    #drawBatch(batch, program, culled) {
        const gl = this.#gl;
        const bound = this.#bound;
        const { page, entry, isMirrored } = batch;
        if (bound.program !== program) gl.useProgram(program.handle);
        if (program.standIn && (bound.program !== program || bound.group !== entry.group)) {
            gl.uniform3fv(program.standIn, missingTextures(entry.variant));
        }
        if (bound.vertexArray !== page.vertexArray) gl.bindVertexArray(page.vertexArray);
        if (bound.group !== entry.group && program.usesTextures) this.#bindTextures(entry);
        const culls = culled ?? (entry.isDoubleSided ? gl.NONE : gl.BACK);
        if (bound.culls !== culls) {
            if (culls === gl.NONE) gl.disable(gl.CULL_FACE); else gl.enable(gl.CULL_FACE);
            if (culls !== gl.NONE) gl.cullFace(culls);
        }
        if (bound.isMirrored !== isMirrored) gl.frontFace(isMirrored ? gl.CW : gl.CCW);
        Object.assign(bound, { program, vertexArray: page.vertexArray, group: entry.group, culls, isMirrored });
        return this.#issue(batch, program);
    }

    #bindTextures({ textures }) {
        for (let slot = 0; slot < slots.length; slot += 1) {
            if (textures[slot] < 0) continue;
            this.#textures.bind(units.firstSlot + slot, textures[slot], slots[slot].missing);
        }
    }

    #issue({ page, first, count }, program) {
        const gl = this.#gl;
        const { multiDraw } = this.#context;
        const { counts, offsets, instanceCounts } = this.#list;
        if (multiDraw) {
            gl.uniform1i(program.draw, first);
            multiDraw.multiDrawElementsInstancedWEBGL(
                gl.TRIANGLES, counts, first, page.indexType, offsets, first, instanceCounts, first, count);
            return 1;
        }
        for (let row = first; row < first + count; row += 1) {
            gl.uniform1i(program.draw, row);
            gl.drawElementsInstanced(gl.TRIANGLES, counts[row], page.indexType, offsets[row], instanceCounts[row]);
        }
        return count;
    }
}
