#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// One triangle over the whole picture, behind everything.
#extension GL_GOOGLE_include_directive : require

#define FRAME_LAYOUT layout(set = 0, binding = 0, std140)
#include "frame.glsl"
#include "shading.glsl"

layout(location = 0) out float height;   // 0 at the bottom, 1 at the top

void main() {
    vec2 corner = vec2(gl_VertexIndex == 1 ? 3.0 : -1.0, gl_VertexIndex == 2 ? 3.0 : -1.0);
    height = 0.5 - 0.5 * corner.y;
    gl_Position = vec4(corner, frame.viewport.z, 1.0);
}
