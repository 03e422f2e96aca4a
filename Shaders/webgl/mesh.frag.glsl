// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A visible point of a surface: reads the material and its textures, and shades. The names of render/material-slots.js
// that are defined say what this program does.

in vec3 fromEye;
in vec3 worldNormal;
in vec4 coordinates;
in vec4 color;
flat in highp ivec4 identity;

layout(location = 0) out vec4 pixel;

uniform highp sampler2D materialTable;

const int MATERIAL_TEXELS = 64;
const int FIRST_SLOT = 8;

vec4 materialTexel(int number) {
    int texel = identity.x * MATERIAL_TEXELS + number;
    return texelFetch(materialTable, ivec2(texel & 1023, texel >> 10), 0);
}

#ifdef PLAIN_COORDINATES
vec2 slotCoordinates(int slot) { return coordinates.xy; }
vec4 inRole(int slot, vec4 texel) { return texel; }
#else
vec2 slotCoordinates(int slot) {
    vec4 axes = materialTexel(FIRST_SLOT + 2 * slot);
    vec4 rest = materialTexel(FIRST_SLOT + 2 * slot + 1);   // offset; set and role; scale
    vec2 uv = (int(rest.z) & 1) == 1 ? coordinates.zw : coordinates.xy;
    return axes.xy * uv.x + axes.zw * uv.y + rest.xy;
}
// A texture that serves as colour and as data is stored one way and converted here for the other.
vec4 inRole(int slot, vec4 texel) {
    int role = int(materialTexel(FIRST_SLOT + 2 * slot + 1).z) >> 1;
    if (role == 1) return vec4(decodedSrgb(texel.rgb), texel.a);
    return role == 2 ? vec4(encodedSrgb(texel.rgb), texel.a) : texel;
}
#endif
#define SAMPLED(map, slot) inRole(slot, texture(map, slotCoordinates(slot)))

#ifdef BASE_COLOR_TEXTURE
uniform sampler2D baseColorTexture;
#endif
#ifdef METALLIC_ROUGHNESS_TEXTURE
uniform sampler2D metallicRoughnessTexture;
#endif
#ifdef NORMAL_TEXTURE
uniform sampler2D normalTexture;
#endif
#ifdef OCCLUSION_TEXTURE
uniform sampler2D occlusionTexture;
#endif
#ifdef EMISSIVE_TEXTURE
uniform sampler2D emissiveTexture;
#endif
#ifdef TRANSMISSION_TEXTURE
uniform sampler2D transmissionTexture;
#endif
#ifdef SHEEN_COLOR_TEXTURE
uniform sampler2D sheenColorTexture;
#endif
#ifdef SHEEN_ROUGHNESS_TEXTURE
uniform sampler2D sheenRoughnessTexture;
#endif
#ifdef CLEARCOAT_TEXTURE
uniform sampler2D clearcoatTexture;
#endif
#ifdef CLEARCOAT_ROUGHNESS_TEXTURE
uniform sampler2D clearcoatRoughnessTexture;
#endif
#ifdef CLEARCOAT_NORMAL_TEXTURE
uniform sampler2D clearcoatNormalTexture;
#endif
#ifdef SPECULAR_TEXTURE
uniform sampler2D specularTexture;
#endif
#ifdef SPECULAR_COLOR_TEXTURE
uniform sampler2D specularColorTexture;
#endif
// The normal that a texel of a normal map stands for; `normal` faces the viewer.
vec3 mappedNormal(vec3 texel, float scale, vec3 normal, vec2 uv) {
    vec3 bump = texel * 2.0 - 1.0;
    mat3 tangents = tangentFrame(normal, dFdx(fromEye), dFdy(fromEye), dFdx(uv), dFdy(uv));
    return normalize(tangents * vec3(bump.xy * scale, max(bump.z, 0.001)));
}

vec4 baseColor() {
    vec4 result = materialTexel(0) * color;
#ifdef BASE_COLOR_TEXTURE
    result *= SAMPLED(baseColorTexture, 0);
#endif
    return result;
}

Surface surface(vec4 base, vec3 plainNormal) {
    vec4 factors = materialTexel(1);    // metallic, roughness, occlusion strength, normal scale
    vec4 emission = materialTexel(2);   // and the alpha cutoff
    vec4 layers = materialTexel(3);     // F0 of a dielectric, transmission, specular, clearcoat
    Surface s;
    s.baseColor = base.rgb;
    s.alpha = 1.0;
    s.metallic = factors.x;
    s.roughness = factors.y;
    s.occlusion = 1.0;
    s.emission = emission.rgb;
    s.plainNormal = plainNormal;
    s.normal = plainNormal;
    s.dielectricF0 = layers.x;
    s.specularFactor = 1.0;
    s.specularColor = vec3(1.0);
    s.sheenColor = vec3(0.0);
    s.sheenRoughness = 0.0;
    s.clearcoat = 0.0;
    s.clearcoatRoughness = 0.0;
    s.clearcoatNormal = plainNormal;
    s.transmission = 0.0;

#ifdef BLEND
    s.alpha = base.a;
#endif
#ifdef METALLIC_ROUGHNESS_TEXTURE
    vec4 metallicRoughness = SAMPLED(metallicRoughnessTexture, 1);
    s.metallic *= metallicRoughness.b;
    s.roughness *= metallicRoughness.g;
#endif
#ifdef NORMAL_TEXTURE
    s.normal = mappedNormal(SAMPLED(normalTexture, 2).xyz, factors.w, plainNormal, slotCoordinates(2));
#endif
#ifdef OCCLUSION_TEXTURE
    s.occlusion = mix(1.0, SAMPLED(occlusionTexture, 3).r, factors.z);
#endif
#ifdef EMISSIVE_TEXTURE
    s.emission *= SAMPLED(emissiveTexture, 4).rgb;
#endif
#ifdef TRANSMISSION
    s.transmission = layers.y;
#ifdef TRANSMISSION_TEXTURE
    s.transmission *= SAMPLED(transmissionTexture, 5).r;
#endif
#endif
#ifdef SHEEN
    vec4 sheen = materialTexel(5);
    s.sheenColor = sheen.rgb;
    s.sheenRoughness = sheen.w;
#ifdef SHEEN_COLOR_TEXTURE
    s.sheenColor *= SAMPLED(sheenColorTexture, 6).rgb;
#endif
#ifdef SHEEN_ROUGHNESS_TEXTURE
    s.sheenRoughness *= SAMPLED(sheenRoughnessTexture, 7).a;
#endif
#endif
#ifdef CLEARCOAT
    s.clearcoat = layers.w;
    s.clearcoatRoughness = materialTexel(4).w;
#ifdef CLEARCOAT_TEXTURE
    s.clearcoat *= SAMPLED(clearcoatTexture, 8).r;
#endif
#ifdef CLEARCOAT_ROUGHNESS_TEXTURE
    s.clearcoatRoughness *= SAMPLED(clearcoatRoughnessTexture, 9).g;
#endif
#ifdef CLEARCOAT_NORMAL_TEXTURE
    s.clearcoatNormal = mappedNormal(
        SAMPLED(clearcoatNormalTexture, 10).xyz, materialTexel(6).x, plainNormal, slotCoordinates(10));
#endif
#endif
#ifdef SPECULAR
    s.specularFactor = layers.z;
    s.specularColor = materialTexel(4).rgb;
#ifdef SPECULAR_TEXTURE
    s.specularFactor *= SAMPLED(specularTexture, 11).a;
#endif
#ifdef SPECULAR_COLOR_TEXTURE
    s.specularColor *= SAMPLED(specularColorTexture, 12).rgb;
#endif
#endif
    return s;
}

void main() {
    vec4 base = baseColor();
#ifdef MASK
    if (base.a < materialTexel(2).w) discard;
#endif
#ifdef UNLIT
    vec3 shown = encodedSrgb(base.rgb);
    float share = base.a;
#else
    vec3 normal = normalize(worldNormal) * (gl_FrontFacing ? 1.0 : -1.0);
    Surface s = surface(base, normal);
    s.roughness = filteredRoughness(s.roughness, dFdx(s.normal), dFdy(s.normal));
#ifdef CLEARCOAT
    s.clearcoatRoughness = filteredRoughness(s.clearcoatRoughness, dFdx(s.clearcoatNormal), dFdy(s.clearcoatNormal));
#endif
    vec3 toViewer = frame.studio.z > 0.5 ? frame.viewBack.xyz : -normalize(fromEye);

    vec2 heading = frame.studio.xy;
    s.normal = toStudio(s.normal, heading);
    s.plainNormal = toStudio(s.plainNormal, heading);
    s.clearcoatNormal = toStudio(s.clearcoatNormal, heading);
    vec4 light = shade(s, toStudio(toViewer, heading));
    vec3 shown = encodedSrgb(toneMapped(light.rgb)) + dither(gl_FragCoord.xy);
    float share = light.a;
#endif
#ifdef BLEND
    pixel = vec4(shown, 1.0) * clamp(share, 0.0, 1.0);
#else
    pixel = vec4(shown, 1.0);
#endif
}
