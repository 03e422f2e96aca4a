#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What of a picture the CPU wants to know without reading it back: the rectangle that the model covers, and the nearest
// depth in each cell of a grid. The buffer begins as ~0, ~0, 0, 0 and zeros.

layout(local_size_x = 8, local_size_y = 8) in;

layout(set = 0, binding = 0, rgba8) uniform readonly image2D picture;
layout(set = 0, binding = 1) uniform sampler2D depth;
layout(set = 0, binding = 2, std430) buffer Summary {
    uint left;
    uint top;
    uint right;    // one past the last column
    uint bottom;
    uint cells[];  // bits of the largest, which is the nearest, depth
};
layout(push_constant) uniform Size {
    ivec2 size;
    ivec2 cellCounts;
} push;

void main() {
    ivec2 place = ivec2(gl_GlobalInvocationID.xy);
    if (any(greaterThanEqual(place, push.size))) return;
    if (imageLoad(picture, place).a > 0.0) {
        atomicMin(left, uint(place.x));
        atomicMin(top, uint(place.y));
        atomicMax(right, uint(place.x) + 1u);
        atomicMax(bottom, uint(place.y) + 1u);
    }
    if (push.cellCounts.x == 0) return;
    float nearest = texelFetch(depth, place, 0).r;
    if (nearest <= 0.0) return;
    ivec2 cell = place * push.cellCounts / push.size;
    // Positive floats are ordered as their bits are.
    atomicMax(cells[cell.y * push.cellCounts.x + cell.x], floatBitsToUint(nearest));
}
