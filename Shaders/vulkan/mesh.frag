#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A visible point of a surface. The constants have the numbers of the bits in MaterialFeatures.swift, which are those
// of render/material-slots.js.
#extension GL_GOOGLE_include_directive : require

#define FRAME_LAYOUT layout(set = 0, binding = 0, std140)
#include "frame.glsl"
#include "shading.glsl"

layout(constant_id = 0) const bool HAS_BASE_COLOR_TEXTURE = false;
layout(constant_id = 1) const bool HAS_METALLIC_ROUGHNESS_TEXTURE = false;
layout(constant_id = 2) const bool HAS_NORMAL_TEXTURE = false;
layout(constant_id = 3) const bool HAS_OCCLUSION_TEXTURE = false;
layout(constant_id = 4) const bool HAS_EMISSIVE_TEXTURE = false;
layout(constant_id = 5) const bool HAS_TRANSMISSION_TEXTURE = false;
layout(constant_id = 6) const bool HAS_SHEEN_COLOR_TEXTURE = false;
layout(constant_id = 7) const bool HAS_SHEEN_ROUGHNESS_TEXTURE = false;
layout(constant_id = 8) const bool HAS_CLEARCOAT_TEXTURE = false;
layout(constant_id = 9) const bool HAS_CLEARCOAT_ROUGHNESS_TEXTURE = false;
layout(constant_id = 10) const bool HAS_CLEARCOAT_NORMAL_TEXTURE = false;
layout(constant_id = 11) const bool HAS_SPECULAR_TEXTURE = false;
layout(constant_id = 12) const bool HAS_SPECULAR_COLOR_TEXTURE = false;
layout(constant_id = 13) const bool HAS_SHEEN = false;
layout(constant_id = 14) const bool HAS_CLEARCOAT = false;
layout(constant_id = 15) const bool HAS_SPECULAR = false;
layout(constant_id = 16) const bool HAS_TRANSMISSION = false;
layout(constant_id = 17) const bool HAS_MASK = false;
layout(constant_id = 18) const bool HAS_BLEND = false;
layout(constant_id = 19) const bool HAS_UNLIT = false;
layout(constant_id = 20) const bool HAS_PLAIN_COORDINATES = false;

layout(location = 0) in vec3 fromEye;
layout(location = 1) in vec3 worldNormal;
layout(location = 2) in vec4 coordinates;
layout(location = 3) in vec4 color;
layout(location = 4) flat in ivec2 identity;   // material's row, tree node

layout(location = 0) out vec4 pixel;

layout(set = 0, binding = 2, std430) readonly buffer Materials { vec4 materialTexels[]; };
layout(set = 1, binding = 0) uniform sampler2D textures[13];

const int MATERIAL_TEXELS = 64;

vec4 materialTexel(int number) { return materialTexels[identity.x * MATERIAL_TEXELS + number]; }

#define BASE_COLOR_TEXEL (HAS_BASE_COLOR_TEXTURE ? SAMPLED(textures[0], 0) : vec4(1.0))
#define METALLIC_ROUGHNESS_TEXEL (HAS_METALLIC_ROUGHNESS_TEXTURE ? SAMPLED(textures[1], 1) : vec4(1.0))
#define NORMAL_TEXEL (HAS_NORMAL_TEXTURE ? SAMPLED(textures[2], 2) : vec4(1.0))
#define OCCLUSION_TEXEL (HAS_OCCLUSION_TEXTURE ? SAMPLED(textures[3], 3) : vec4(1.0))
#define EMISSIVE_TEXEL (HAS_EMISSIVE_TEXTURE ? SAMPLED(textures[4], 4) : vec4(1.0))
#define TRANSMISSION_TEXEL (HAS_TRANSMISSION_TEXTURE ? SAMPLED(textures[5], 5) : vec4(1.0))
#define SHEEN_COLOR_TEXEL (HAS_SHEEN_COLOR_TEXTURE ? SAMPLED(textures[6], 6) : vec4(1.0))
#define SHEEN_ROUGHNESS_TEXEL (HAS_SHEEN_ROUGHNESS_TEXTURE ? SAMPLED(textures[7], 7) : vec4(1.0))
#define CLEARCOAT_TEXEL (HAS_CLEARCOAT_TEXTURE ? SAMPLED(textures[8], 8) : vec4(1.0))
#define CLEARCOAT_ROUGHNESS_TEXEL (HAS_CLEARCOAT_ROUGHNESS_TEXTURE ? SAMPLED(textures[9], 9) : vec4(1.0))
#define CLEARCOAT_NORMAL_TEXEL (HAS_CLEARCOAT_NORMAL_TEXTURE ? SAMPLED(textures[10], 10) : vec4(1.0))
#define SPECULAR_TEXEL (HAS_SPECULAR_TEXTURE ? SAMPLED(textures[11], 11) : vec4(1.0))
#define SPECULAR_COLOR_TEXEL (HAS_SPECULAR_COLOR_TEXTURE ? SAMPLED(textures[12], 12) : vec4(1.0))

#define UPWARD(value) (-dFdy(value))
#include "picture-pixel.glsl"
#define PIXEL PICTURE_PIXEL
#include "surface.glsl"

void main() {
    pixel = shownPixel();
}
