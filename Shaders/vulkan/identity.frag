#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What lies at a pixel: its tree node plus 1; the background stays 0.

layout(location = 4) flat in ivec2 identity;

layout(location = 0) out uint found;

void main() {
    found = uint(identity.y) + 1u;
}
