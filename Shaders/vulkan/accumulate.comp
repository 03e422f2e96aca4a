#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Adds a pass of a still to its sum, as light; after the last pass the mean takes the place of the pass's picture.
#extension GL_GOOGLE_include_directive : require

#include "shading.glsl"

layout(local_size_x = 8, local_size_y = 8) in;

layout(set = 0, binding = 0, rgba8) uniform image2D picture;
layout(set = 0, binding = 1, rgba32f) uniform image2D sum;
layout(push_constant) uniform Pass {
    ivec2 size;
    int number;
    int count;
} pass;

void main() {
    ivec2 place = ivec2(gl_GlobalInvocationID.xy);
    if (any(greaterThanEqual(place, pass.size))) return;
    vec4 encoded = imageLoad(picture, place);
    vec4 light = vec4(decodedSrgb(encoded.rgb), encoded.a);
    if (pass.number > 0) light += imageLoad(sum, place);
    if (pass.number + 1 < pass.count) {
        imageStore(sum, place, light);
    } else {
        light /= float(pass.count);
        imageStore(picture, place, vec4(encodedSrgb(light.rgb), light.a));
    }
}
