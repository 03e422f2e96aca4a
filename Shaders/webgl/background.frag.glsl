// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A quiet gradient behind the model, lightest a little above the middle.

in float height;

layout(location = 0) out vec4 pixel;

void main() {
    vec3 color = mix(frame.backgroundBottom.rgb, frame.backgroundTop.rgb, smoothstep(0.0, 1.0, height));
    float aside = gl_FragCoord.x / frame.viewport.x - 0.5;
    color *= 1.0 - 0.10 * aside * aside;
    pixel = vec4(color + dither(gl_FragCoord.xy), 1.0);
}
