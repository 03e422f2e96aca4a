// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A quiet gradient behind the model, lightest a little above the middle. `height` is 0 at the bottom of the picture
// and 1 at its top; `pixel` counts from the lower left corner.

vec3 backgroundColor(float height, vec2 pixel) {
    vec3 color = mix(frame.backgroundBottom.rgb, frame.backgroundTop.rgb, smoothstep(0.0, 1.0, height));
    float aside = pixel.x / frame.viewport.x - 0.5;
    return color * (1.0 - 0.10 * aside * aside) + dither(pixel);
}
