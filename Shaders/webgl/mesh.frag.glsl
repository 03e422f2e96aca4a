// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A visible point of a surface. The names of render/material-slots.js that are defined say what this program does;
// textures that it does not read are not declared, because 16 are the limit.

in vec3 fromEye;
in vec3 worldNormal;
in vec4 coordinates;
in vec4 color;
flat in highp ivec4 identity;

layout(location = 0) out vec4 pixel;

uniform highp sampler2D materialTable;

const int MATERIAL_TEXELS = 64;

vec4 materialTexel(int number) {
    int texel = identity.x * MATERIAL_TEXELS + number;
    return texelFetch(materialTable, ivec2(texel & 1023, texel >> 10), 0);
}

#ifdef STAND_IN
// For materials whose own program is not ready: 1 where it will read base colour, metallic-roughness, emission from
// textures. The values are those of textures that have not arrived (render/texture-store.js).
uniform vec3 standIn;
const vec4 MISSING_BASE_COLOR = vec4(0.305, 0.305, 0.305, 1.0);
const vec4 MISSING_METALLIC_ROUGHNESS = vec4(1.0, 0.745, 0.0, 1.0);
const vec4 MISSING_EMISSION = vec4(0.0, 0.0, 0.0, 1.0);
#define BASE_COLOR_TEXEL mix(vec4(1.0), MISSING_BASE_COLOR, standIn.x)
#define METALLIC_ROUGHNESS_TEXEL mix(vec4(1.0), MISSING_METALLIC_ROUGHNESS, standIn.y)
#define EMISSIVE_TEXEL mix(vec4(1.0), MISSING_EMISSION, standIn.z)
#endif

#ifdef BASE_COLOR_TEXTURE
uniform sampler2D baseColorTexture;
#define BASE_COLOR_TEXEL SAMPLED(baseColorTexture, 0)
#elif !defined(STAND_IN)
#define BASE_COLOR_TEXEL vec4(1.0)
#endif
#ifdef METALLIC_ROUGHNESS_TEXTURE
uniform sampler2D metallicRoughnessTexture;
#define METALLIC_ROUGHNESS_TEXEL SAMPLED(metallicRoughnessTexture, 1)
#elif !defined(STAND_IN)
#define METALLIC_ROUGHNESS_TEXEL vec4(1.0)
#endif
#ifdef NORMAL_TEXTURE
uniform sampler2D normalTexture;
#define NORMAL_TEXEL SAMPLED(normalTexture, 2)
#else
#define NORMAL_TEXEL vec4(1.0)
#endif
#ifdef OCCLUSION_TEXTURE
uniform sampler2D occlusionTexture;
#define OCCLUSION_TEXEL SAMPLED(occlusionTexture, 3)
#else
#define OCCLUSION_TEXEL vec4(1.0)
#endif
#ifdef EMISSIVE_TEXTURE
uniform sampler2D emissiveTexture;
#define EMISSIVE_TEXEL SAMPLED(emissiveTexture, 4)
#elif !defined(STAND_IN)
#define EMISSIVE_TEXEL vec4(1.0)
#endif
#ifdef TRANSMISSION_TEXTURE
uniform sampler2D transmissionTexture;
#define TRANSMISSION_TEXEL SAMPLED(transmissionTexture, 5)
#else
#define TRANSMISSION_TEXEL vec4(1.0)
#endif
#ifdef SHEEN_COLOR_TEXTURE
uniform sampler2D sheenColorTexture;
#define SHEEN_COLOR_TEXEL SAMPLED(sheenColorTexture, 6)
#else
#define SHEEN_COLOR_TEXEL vec4(1.0)
#endif
#ifdef SHEEN_ROUGHNESS_TEXTURE
uniform sampler2D sheenRoughnessTexture;
#define SHEEN_ROUGHNESS_TEXEL SAMPLED(sheenRoughnessTexture, 7)
#else
#define SHEEN_ROUGHNESS_TEXEL vec4(1.0)
#endif
#ifdef CLEARCOAT_TEXTURE
uniform sampler2D clearcoatTexture;
#define CLEARCOAT_TEXEL SAMPLED(clearcoatTexture, 8)
#else
#define CLEARCOAT_TEXEL vec4(1.0)
#endif
#ifdef CLEARCOAT_ROUGHNESS_TEXTURE
uniform sampler2D clearcoatRoughnessTexture;
#define CLEARCOAT_ROUGHNESS_TEXEL SAMPLED(clearcoatRoughnessTexture, 9)
#else
#define CLEARCOAT_ROUGHNESS_TEXEL vec4(1.0)
#endif
#ifdef CLEARCOAT_NORMAL_TEXTURE
uniform sampler2D clearcoatNormalTexture;
#define CLEARCOAT_NORMAL_TEXEL SAMPLED(clearcoatNormalTexture, 10)
#else
#define CLEARCOAT_NORMAL_TEXEL vec4(1.0)
#endif
#ifdef SPECULAR_TEXTURE
uniform sampler2D specularTexture;
#define SPECULAR_TEXEL SAMPLED(specularTexture, 11)
#else
#define SPECULAR_TEXEL vec4(1.0)
#endif
#ifdef SPECULAR_COLOR_TEXTURE
uniform sampler2D specularColorTexture;
#define SPECULAR_COLOR_TEXEL SAMPLED(specularColorTexture, 12)
#else
#define SPECULAR_COLOR_TEXEL vec4(1.0)
#endif

#define UPWARD(value) dFdy(value)
#define PIXEL gl_FragCoord.xy
#include "surface.glsl"

void main() {
    pixel = shownPixel();
}
