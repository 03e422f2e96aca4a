// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A vertex of a node, placed by an instance. With CLIPS, only what is in front of all planes is drawn.

#define FRAME_HAS_CLIP_PLANES
#define FRAME_LAYOUT layout(set = 0, binding = 0, std140)
#include "frame.glsl"
#include "shading.glsl"

layout(location = 0) in uvec3 gridPosition;   // relative to the node's origin; two's complement where wide
layout(location = 1) in vec2 octahedral;
layout(location = 2) in vec2 firstCoordinates;
layout(location = 3) in vec2 secondCoordinates;
layout(location = 4) in vec4 vertexColor;     // encoded sRGB, alpha linear

// Written by Rendering/Drawing/PlacementTable.swift: one for each instance of each draw.
struct StoredPlacement {
    vec4 first;    // column of the matrix and a part of the translation
    vec4 second;
    vec4 third;
    ivec4 base;    // and the tree node
    ivec4 facts;   // bits of the grid step, material's row
};
layout(set = 0, binding = 1, std430) readonly buffer Placements { StoredPlacement placements[]; };

layout(location = 0) out vec3 fromEye;        // metres, world axes
layout(location = 1) out vec3 worldNormal;
layout(location = 2) out vec4 coordinates;    // first set, second set
layout(location = 3) out vec4 color;
layout(location = 4) flat out ivec2 identity;

invariant gl_Position;
#ifdef CLIPS
out float gl_ClipDistance[6];
#endif

#include "placement.glsl"

// Puts a vertex where rasterizers round it to, a 256th of a pixel (VkPhysicalDeviceLimits.subPixelPrecisionBits). A part
// of a picture, whose numbers are rounded differently on the way there, then has the very pixels of the whole.
vec4 onRasterGrid(vec4 clip) {
    vec2 steps = frame.viewport.xy * 128.0;
    vec2 place = clip.xy / clip.w * steps;
    // Behind the eye there are no pixels; far outside, floats cannot tell such steps.
    bool isFar = clip.w <= 0.0 || any(greaterThan(abs(place), vec2(4194304.0)));
    return isFar ? clip : vec4(roundEven(place) / steps * clip.w, clip.zw);
}

void main() {
    StoredPlacement stored = placements[gl_InstanceIndex];
    Placement placement = Placement(
        mat3(stored.first.xyz, stored.second.xyz, stored.third.xyz),
        vec3(stored.first.w, stored.second.w, stored.third.w), stored.base.xyz, intBitsToFloat(stored.facts.x));
    fromEye = placedFromEye(placement, ivec3(gridPosition));
    gl_Position = onRasterGrid(clipPosition(fromEye));
#ifdef CLIPS
    for (int i = 0; i < 6; i += 1) {
        gl_ClipDistance[i] = dot(frame.clipPlanes[i].xyz, fromEye) + frame.clipPlanes[i].w;
    }
#endif
    worldNormal = placedNormal(placement.axes, octahedral);
    coordinates = vec4(firstCoordinates, secondCoordinates);
    color = vec4(decodedSrgb(vertexColor.rgb), vertexColor.a);
    identity = ivec2(stored.facts.y, stored.base.w);
}
