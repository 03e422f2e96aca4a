#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A quiet gradient behind the model. Its alpha is 0, so that alpha says how much of a pixel the model covers.
#extension GL_GOOGLE_include_directive : require

#define FRAME_LAYOUT layout(set = 0, binding = 0, std140)
#include "frame.glsl"
#include "shading.glsl"

layout(location = 0) in float height;

layout(location = 0) out vec4 pixel;

#include "picture-pixel.glsl"
#include "background.glsl"

void main() {
    pixel = vec4(backgroundColor(height, PICTURE_PIXEL), 0.0);
}
