// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A vertex of a node, placed by an instance.

layout(location = 0) in highp uvec3 gridPosition;   // relative to the node's origin; two's complement where wide
layout(location = 1) in vec2 octahedral;
layout(location = 2) in vec2 firstCoordinates;
layout(location = 3) in vec2 secondCoordinates;
layout(location = 4) in vec4 vertexColor;            // encoded sRGB, alpha linear

uniform highp isampler2D drawTable;      // two texels for each draw
uniform highp usampler2D visibleTable;   // instance rows, by draw
uniform highp isampler2D instanceTable;  // four texels for each instance row
#ifdef MULTI_DRAW
uniform int firstDraw;
#define DRAW (firstDraw + gl_DrawID)
#else
uniform int draw;
#define DRAW draw
#endif

out vec3 fromEye;        // metres, world axes
out vec3 worldNormal;
out vec4 coordinates;    // first set, second set
out vec4 color;
flat out highp ivec4 identity;   // material's row, tree node, instance row, draw

invariant gl_Position;

#include "placement.glsl"

const int TABLE_WIDTH = 1024;

ivec2 place(int texel) { return ivec2(texel & (TABLE_WIDTH - 1), texel >> 10); }

void main() {
    int drawNumber = DRAW;
    ivec4 drawOrigin = texelFetch(drawTable, place(2 * drawNumber), 0);      // origin, first visible
    ivec4 drawFacts = texelFetch(drawTable, place(2 * drawNumber + 1), 0);   // grid step, material
    int row = int(texelFetch(visibleTable, place(drawOrigin.w + gl_InstanceID), 0).x);
    ivec4 first = texelFetch(instanceTable, place(4 * row), 0);
    ivec4 second = texelFetch(instanceTable, place(4 * row + 1), 0);
    ivec4 third = texelFetch(instanceTable, place(4 * row + 2), 0);
    ivec4 cell = texelFetch(instanceTable, place(4 * row + 3), 0);

    Placement placement = Placement(
        mat3(intBitsToFloat(first.xyz), intBitsToFloat(second.xyz), intBitsToFloat(third.xyz)),
        intBitsToFloat(ivec3(first.w, second.w, third.w)), drawOrigin.xyz - cell.xyz, intBitsToFloat(drawFacts.x));
    fromEye = placedFromEye(placement, ivec3(gridPosition));
    gl_Position = clipPosition(fromEye);
    worldNormal = placedNormal(placement.axes, octahedral);
    coordinates = vec4(firstCoordinates, secondCoordinates);
    color = vec4(decodedSrgb(vertexColor.rgb), vertexColor.a);
    identity = ivec4(drawFacts.y, cell.w, row, drawNumber);
}
