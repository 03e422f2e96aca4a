// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The pixel in the whole picture, from its lower left corner, also where only a part of the picture is drawn.

#define PICTURE_PIXEL \
    vec2(gl_FragCoord.x + frame.studio.w, frame.viewport.y - (gl_FragCoord.y + frame.viewport.w))
