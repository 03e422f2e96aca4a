// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A quiet gradient behind the model.

in float height;

layout(location = 0) out vec4 pixel;

#include "background.glsl"

void main() {
    pixel = vec4(backgroundColor(height, gl_FragCoord.xy), 1.0);
}
