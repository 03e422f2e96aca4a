// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What lies at a pixel: tree node, instance row, distance along the view as float bits, and 1 for "something".

in vec3 fromEye;
in vec3 worldNormal;
in vec4 coordinates;
in vec4 color;
flat in highp ivec4 identity;

layout(location = 0) out highp uvec4 found;

void main() {
    float distance = -dot(frame.viewBack.xyz, fromEye);
    found = uvec4(uint(identity.y), uint(identity.z), floatBitsToUint(distance), 1u);
}
