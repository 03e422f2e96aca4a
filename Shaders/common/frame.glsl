// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What is the same for everything in a frame. Written by render/frame-block.js and Rendering/Drawing/FrameBlock.swift,
// which flips y for Vulkan and may draw a part of the picture only. The includer defines FRAME_LAYOUT where std140 is not enough.

#ifndef FRAME_LAYOUT
#define FRAME_LAYOUT layout(std140)
#endif

FRAME_LAYOUT uniform Frame {
    vec4 viewRight;      // rows of the rotation from world to view; w: eye − reference, metres
    vec4 viewUp;
    vec4 viewBack;
    vec4 projection;     // x, y: scale; z, w: shift of the middle in clip space, times w
    vec4 depth;          // clip z = x · view z + y, clip w = z · view z + w
    vec4 studio;         // x, y: heading of the camera; z: 1 if orthographic; w: Vulkan: pixels left of what is drawn
    vec4 backgroundTop;  // encoded sRGB
    vec4 backgroundBottom;
    vec4 viewport;       // x, y: size in pixels; z: depth of the background in clip space; w: Vulkan: pixels above
#ifdef FRAME_HAS_CLIP_PLANES
    vec4 clipPlanes[6];  // normal in world axes; w: metres in front of the plane that the eye is
#endif
} frame;
