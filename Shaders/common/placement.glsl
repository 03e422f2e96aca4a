// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a vertex of a node stands when an instance places it. Positions stay integers until the camera's cell is
// subtracted, so that a place that two nodes share becomes the same bits in both, and the same in every program that
// includes this file.

struct Placement {
    mat3 axes;
    vec3 translation;   // metres from the reference
    ivec3 base;         // the node's origin, relative to the camera's cell, grid steps
    float gridStep;     // metres
};

// Metres from the eye, world axes.
vec3 placedFromEye(Placement p, ivec3 gridPosition) {
    vec3 world = p.axes * (vec3(p.base + gridPosition) * p.gridStep) + p.translation;
    return world - vec3(frame.viewRight.w, frame.viewUp.w, frame.viewBack.w);
}

vec4 clipPosition(vec3 fromEye) {
    vec3 view = vec3(
        dot(frame.viewRight.xyz, fromEye), dot(frame.viewUp.xyz, fromEye), dot(frame.viewBack.xyz, fromEye));
    float w = frame.depth.z * view.z + frame.depth.w;
    return vec4(
        view.xy * frame.projection.xy + frame.projection.zw * w, frame.depth.x * view.z + frame.depth.y, w);
}

// Cofactors transform normals under any transform; mirroring turns them around, which is taken back.
vec3 placedNormal(mat3 axes, vec2 octahedral) {
    vec3 crossed = cross(axes[1], axes[2]);
    float side = dot(axes[0], crossed) < 0.0 ? -1.0 : 1.0;
    vec3 n = octahedralNormal(octahedral);
    return side * (crossed * n.x + cross(axes[2], axes[0]) * n.y + cross(axes[0], axes[1]) * n.z);
}
