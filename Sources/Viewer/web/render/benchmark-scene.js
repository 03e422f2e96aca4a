// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Work for a GPU that can be dosed: triangles that cover next to nothing, and pixels that cost about what ours do.

/** Vertices along a side of the grid, few enough for indices of 16 bits: 100,352 triangles. */
const side = 225;
const cells = side - 1;
export const gridTriangleCount = 2 * cells * cells;

/** Pixels along a side of the canvas. */
export const canvasSide = 512;
const tinySide = 64;

/** As our vertices: 12 bytes, a placement by a matrix, an unfolded normal. */
const gridVertex = `#version 300 es
precision highp float;
layout(location = 0) in uvec4 gridPosition;
layout(location = 1) in vec2 octahedral;
uniform mat4 clipFromGrid;
out vec3 normal;
void main() {
    vec3 n = vec3(octahedral, 1.0 - abs(octahedral.x) - abs(octahedral.y));
    if (n.z < 0.0) n.xy = (1.0 - abs(n.yx)) * vec2(n.x < 0.0 ? -1.0 : 1.0, n.y < 0.0 ? -1.0 : 1.0);
    normal = normalize(mat3(clipFromGrid) * n);
    gl_Position = clipFromGrid * vec4(vec3(gridPosition.xyz), 1.0) + vec4(0.001 * float(gl_InstanceID % 16));
    gl_Position.w = 1.0;
}`;

const plainFragment = `#version 300 es
precision mediump float;
in vec3 normal;
out vec4 pixel;
void main() { pixel = vec4(0.004 * normal, 1.0); }`;

const fillVertex = `#version 300 es
precision highp float;
out vec2 place;
flat out float layer;
void main() {
    place = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    layer = float(gl_InstanceID % 64);
    gl_Position = vec4(place, 0.0, 1.0);
}`;

/** Weighs what Shaders/common/shading.glsl weighs for a plain opaque surface: six soft boxes, harmonics, lamp, tone. */
const fillFragment = `#version 300 es
precision highp float;
in vec2 place;
flat in float layer;
out vec4 pixel;
float edge(float offset, float width) { return offset / sqrt(offset * offset + width * width); }
float box(vec3 d, vec3 right, vec3 up, vec3 center, float halfWidth, float halfHeight, float blur) {
    float depth = dot(d, center);
    if (depth <= 0.001) return 0.0;
    float u = dot(d, right) / depth;
    float v = dot(d, up) / depth;
    float width = blur * (1.0 + 0.5 * (u * u + v * v));
    return 0.25 * (edge(u + halfWidth, width) - edge(u - halfWidth, width))
        * (edge(v + halfHeight, width) - edge(v - halfHeight, width));
}
void main() {
    vec3 n = normalize(vec3(place, 0.6 + 0.01 * layer));
    vec3 viewer = normalize(vec3(0.2 * place.yx, 1.0));
    float roughness = 0.2 + 0.1 * fract(3.0 * place.x + layer);
    float facing = clamp(dot(n, viewer), 0.02, 1.0);
    vec3 d = reflect(-viewer, n);
    float blur = 1.5 * roughness * roughness;
    vec3 light = mix(vec3(0.13), mix(vec3(0.27), vec3(0.16), 0.5 + 0.5 * edge(d.y - 0.45, 0.35 + blur)),
        0.5 + 0.5 * edge(d.y + 0.02, 0.1 + blur));
    light += vec3(4.0, 3.9, 3.7) * box(d, vec3(0.76, 0.0, 0.65), vec3(0.36, 0.84, -0.42), vec3(-0.54, 0.55, 0.63), 0.42, 0.34, blur);
    light += vec3(0.9, 0.9, 1.0) * box(d, vec3(0.37, 0.0, -0.93), vec3(-0.16, 0.99, -0.06), vec3(0.92, 0.17, 0.37), 0.3, 0.75, blur);
    light += vec3(2.1, 2.1, 2.2) * (box(d, vec3(-0.81, 0.0, -0.58), vec3(-0.17, 0.96, 0.24), vec3(0.56, 0.29, -0.78), 0.13, 0.7, blur)
        + box(d, vec3(-0.66, 0.0, 0.75), vec3(0.22, 0.96, 0.23), vec3(-0.72, 0.29, -0.63), 0.11, 0.7, blur));
    light += vec3(0.6) * (box(d, vec3(1.0, 0.0, 0.0), vec3(0.0, -0.24, -0.97), vec3(0.0, 0.97, -0.24), 0.75, 0.18, blur)
        + box(d, vec3(1.0, 0.0, 0.0), vec3(0.0, 0.27, -0.96), vec3(0.0, 0.96, 0.27), 0.75, 0.13, blur));
    vec3 diffuse = vec3(0.5) + vec3(0.33) * n.y + vec3(0.1) * n.z - vec3(0.09) * n.x - vec3(0.14) * (n.x * n.y)
        + vec3(0.13) * (n.y * n.z) + vec3(0.006) * (3.0 * n.z * n.z - 1.0) - vec3(0.13) * (n.x * n.z)
        + vec3(0.026) * (n.x * n.x - n.y * n.y);
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a = min(r.x * r.x, exp2(-9.28 * facing)) * r.x + r.y;
    vec2 factors = vec2(-1.04, 1.04) * a + r.zw;
    vec3 single = vec3(0.04, 0.05, 0.06) * factors.x + vec3(factors.y);
    float missing = 1.0 - (factors.x + factors.y);
    vec3 average = mix(vec3(0.04, 0.05, 0.06), vec3(1.0), 1.0 / 21.0);
    vec3 reflected = single + single * average / (vec3(1.0) - average * missing) * missing;
    light = mix(light, diffuse.zxy, smoothstep(0.25, 0.9, roughness));
    float horizon = clamp(1.0 + dot(d, n), 0.0, 1.0);
    light *= horizon * horizon;
    float a2 = roughness * roughness;
    float bottom = facing * facing * (a2 - 1.0) + 1.0;
    float lamp = a2 / (3.14 * bottom * bottom) * 0.5 / max(2.0 * facing * sqrt(facing * facing * (1.0 - a2) + a2), 1e-4);
    float hidden = clamp(pow(facing + 0.9, exp2(-16.0 * roughness - 1.0)) - 0.1, 0.0, 1.0);
    vec3 color = vec3(0.6, 0.5, 0.4) * (vec3(1.0) - reflected) * diffuse + reflected * light * hidden + vec3(0.003 * lamp);
    float mirror = max(reflected.r, max(reflected.g, reflected.b)) * smoothstep(0.45, 0.15, roughness);
    color /= max(1.0 - 0.1 * (1.0 - mirror), 1e-3);
    float peak = max(color.r, max(color.g, color.b));
    float newPeak = 1.0 - 0.0576 / (peak + 0.24 - 0.76);
    color = mix(color, mix(color * (newPeak / peak), vec3(newPeak), 0.1), step(0.76, peak));
    color = mix(12.92 * color, 1.055 * pow(max(color, vec3(0.0)), vec3(1.0 / 2.4)) - 0.055, step(vec3(0.0031308), color));
    color += vec3(fract(52.98 * fract(dot(gl_FragCoord.xy, vec2(0.0671, 0.0058)))) / 255.0);
    pixel = vec4(0.01 * color, 1.0);
}`;

/** Draws as much as it is told to on a context's own picture of `canvasSide` × `canvasSide`. */
export class BenchmarkScene {
    #gl;
    #parallel;
    #grid;
    #fill;
    #vertices;

    /** @param {GraphicsContext} context */
    constructor({ gl, parallelCompile }) {
        this.#gl = gl;
        this.#parallel = parallelCompile;
        this.#grid = this.#program(gridVertex, plainFragment);
        this.#fill = this.#program(fillVertex, fillFragment);
    }

    /** Whether asking for the programs does not wait for a compiler. */
    get isCompiled() {
        const parallel = this.#parallel;
        return !parallel || [this.#grid, this.#fill].every((program) =>
            this.#gl.getProgramParameter(program, parallel.COMPLETION_STATUS_KHR));
    }

    /** Loads the grid; false where this GPU cannot run the programs. */
    prepare() {
        const gl = this.#gl;
        if (![this.#grid, this.#fill].every((program) => gl.getProgramParameter(program, gl.LINK_STATUS))) return false;
        this.#vertices = gl.createVertexArray();
        gl.bindVertexArray(this.#vertices);
        gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
        gl.bufferData(gl.ARRAY_BUFFER, gridVertices(), gl.STATIC_DRAW);
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
        gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, gridIndices(), gl.STATIC_DRAW);
        gl.enableVertexAttribArray(0);
        gl.vertexAttribIPointer(0, 4, gl.UNSIGNED_SHORT, 12, 0);
        gl.enableVertexAttribArray(1);
        gl.vertexAttribPointer(1, 2, gl.SHORT, true, 12, 8);
        gl.useProgram(this.#grid);
        const scale = 2 / cells;
        gl.uniformMatrix4fv(gl.getUniformLocation(this.#grid, 'clipFromGrid'), false,
            [scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, 0.001, 0, -1, -1, 0, 1]);
        // Blending keeps GPUs that draw in tiles from leaving out what is covered.
        gl.enable(gl.BLEND);
        gl.blendFunc(gl.ONE, gl.ONE);
        return true;
    }

    /** Draws about this many triangles in one call, into very few pixels. Returns how many. */
    drawTriangles(count) {
        const gl = this.#gl;
        gl.useProgram(this.#grid);
        gl.viewport(0, 0, tinySide, tinySide);
        const inInstance = Math.min(count, gridTriangleCount);
        const instanceCount = Math.ceil(count / gridTriangleCount);
        gl.drawElementsInstanced(gl.TRIANGLES, 3 * inInstance, gl.UNSIGNED_SHORT, 0, instanceCount);
        return inInstance * instanceCount;
    }

    /** Draws about this many pixels in one call. Returns how many. */
    drawPixels(count) {
        const gl = this.#gl;
        const wide = Math.max(1, Math.min(Math.round(Math.sqrt(count)), canvasSide));
        const layerCount = Math.max(1, Math.round(count / wide ** 2));
        gl.useProgram(this.#fill);
        gl.viewport(0, 0, wide, wide);
        gl.drawArraysInstanced(gl.TRIANGLES, 0, 3, layerCount);
        return wide ** 2 * layerCount;
    }

    #program(vertexText, fragmentText) {
        const gl = this.#gl;
        const program = gl.createProgram();
        for (const [type, text] of [[gl.VERTEX_SHADER, vertexText], [gl.FRAGMENT_SHADER, fragmentText]]) {
            const shader = gl.createShader(type);
            gl.shaderSource(shader, text);
            gl.compileShader(shader);
            gl.attachShader(program, shader);
        }
        gl.linkProgram(program);
        return program;
    }
}

/** Position (u16 × 4) and octahedral normal (i16 × 2): 12 bytes a vertex. */
function gridVertices() {
    const words = new Uint16Array(6 * side * side);
    for (let vertex = 0; vertex < side * side; vertex += 1) {
        const column = vertex % side;
        const row = (vertex - column) / side;
        words[6 * vertex] = column;
        words[6 * vertex + 1] = row;
        words[6 * vertex + 2] = (column * 7 + row * 13) % 32;
        words[6 * vertex + 4] = (column * 97) & 0x3fff;
        words[6 * vertex + 5] = (row * 89) & 0x3fff;
    }
    return words;
}

function gridIndices() {
    const indices = new Uint16Array(3 * gridTriangleCount);
    let at = 0;
    for (let row = 0; row < cells; row += 1) {
        for (let corner = row * side; corner < row * side + cells; corner += 1) {
            indices[at] = corner;
            indices[at + 1] = indices[at + 3] = corner + 1;
            indices[at + 2] = indices[at + 5] = corner + side;
            indices[at + 4] = corner + side + 1;
            at += 6;
        }
    }
    return indices;
}
