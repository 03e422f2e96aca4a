// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// From a visible point and its material to a pixel. What a material has is said by constants HAS_..., named as in
// render/material-slots.js, so that a program holds only what it needs.
//
// The includer declares those constants, `fromEye`, `worldNormal`, `coordinates`, `color` and `materialTexel`, and
// defines for each slot its texel (SAMPLED, or white where there is no texture), UPWARD (how a value changes to the
// pixel above) and PIXEL (the place in the picture from its lower left corner).

const int FIRST_SLOT = 8;

vec2 slotCoordinates(int slot) {
    if (HAS_PLAIN_COORDINATES) return coordinates.xy;
    vec4 axes = materialTexel(FIRST_SLOT + 2 * slot);
    vec4 rest = materialTexel(FIRST_SLOT + 2 * slot + 1);   // offset; set and role; scale
    vec2 uv = (int(rest.z) & 1) == 1 ? coordinates.zw : coordinates.xy;
    return axes.xy * uv.x + axes.zw * uv.y + rest.xy;
}

// A texture that serves as colour and as data is stored one way and converted here for the other.
vec4 inRole(int slot, vec4 texel) {
    if (HAS_PLAIN_COORDINATES) return texel;
    int role = int(materialTexel(FIRST_SLOT + 2 * slot + 1).z) >> 1;
    if (role == 1) return vec4(decodedSrgb(texel.rgb), texel.a);
    return role == 2 ? vec4(encodedSrgb(texel.rgb), texel.a) : texel;
}
#define SAMPLED(map, slot) inRole(slot, texture(map, slotCoordinates(slot)))

// The normal that a texel of a normal map stands for; `normal` faces the viewer.
vec3 mappedNormal(vec3 texel, float scale, vec3 normal, vec2 uv) {
    vec3 bump = texel * 2.0 - 1.0;
    mat3 tangents = tangentFrame(normal, dFdx(fromEye), UPWARD(fromEye), dFdx(uv), UPWARD(uv));
    return normalize(tangents * vec3(bump.xy * scale, max(bump.z, 0.001)));
}

Surface surfaceOf(vec4 base, vec3 plainNormal) {
    vec4 factors = materialTexel(1);    // metallic, roughness, occlusion strength, normal scale
    vec4 emission = materialTexel(2);   // and the alpha cutoff
    vec4 layers = materialTexel(3);     // F0 of a dielectric, transmission, specular, clearcoat
    vec4 metallicRoughness = METALLIC_ROUGHNESS_TEXEL;
    Surface s;
    s.baseColor = base.rgb;
    s.alpha = HAS_BLEND ? base.a : 1.0;
    s.metallic = factors.x * metallicRoughness.b;
    s.roughness = factors.y * metallicRoughness.g;
    s.occlusion = HAS_OCCLUSION_TEXTURE ? mix(1.0, OCCLUSION_TEXEL.r, factors.z) : 1.0;
    s.emission = emission.rgb * EMISSIVE_TEXEL.rgb;
    s.plainNormal = plainNormal;
    s.normal = plainNormal;
    if (HAS_NORMAL_TEXTURE) {
        s.normal = mappedNormal(NORMAL_TEXEL.xyz, factors.w, plainNormal, slotCoordinates(2));
    }
    s.dielectricF0 = layers.x;
    s.specularFactor = 1.0;
    s.specularColor = vec3(1.0);
    if (HAS_SPECULAR) {
        s.specularFactor = layers.z * SPECULAR_TEXEL.a;
        s.specularColor = materialTexel(4).rgb * SPECULAR_COLOR_TEXEL.rgb;
    }
    s.sheenColor = vec3(0.0);
    s.sheenRoughness = 0.0;
    if (HAS_SHEEN) {
        vec4 sheen = materialTexel(5);
        s.sheenColor = sheen.rgb * SHEEN_COLOR_TEXEL.rgb;
        s.sheenRoughness = sheen.w * SHEEN_ROUGHNESS_TEXEL.a;
    }
    s.clearcoat = 0.0;
    s.clearcoatRoughness = 0.0;
    s.clearcoatNormal = plainNormal;
    if (HAS_CLEARCOAT) {
        s.clearcoat = layers.w * CLEARCOAT_TEXEL.r;
        s.clearcoatRoughness = materialTexel(4).w * CLEARCOAT_ROUGHNESS_TEXEL.g;
        if (HAS_CLEARCOAT_NORMAL_TEXTURE) {
            s.clearcoatNormal = mappedNormal(
                CLEARCOAT_NORMAL_TEXEL.xyz, materialTexel(6).x, plainNormal, slotCoordinates(10));
        }
    }
    s.transmission = HAS_TRANSMISSION ? layers.y * TRANSMISSION_TEXEL.r : 0.0;
    return s;
}

// Encoded light in `rgb` and in `a` how much of what is behind is hidden, not multiplied.
vec4 lightTowardsViewer(vec4 base) {
    if (HAS_UNLIT) return vec4(encodedSrgb(base.rgb), base.a);
    vec3 normal = normalize(worldNormal) * (gl_FrontFacing ? 1.0 : -1.0);
    Surface s = surfaceOf(base, normal);
    s.roughness = filteredRoughness(s.roughness, dFdx(s.normal), UPWARD(s.normal));
    if (HAS_CLEARCOAT) {
        s.clearcoatRoughness = filteredRoughness(
            s.clearcoatRoughness, dFdx(s.clearcoatNormal), UPWARD(s.clearcoatNormal));
    }
    vec3 toViewer = frame.studio.z > 0.5 ? frame.viewBack.xyz : -normalize(fromEye);
    vec2 heading = frame.studio.xy;
    s.normal = toStudio(s.normal, heading);
    s.plainNormal = toStudio(s.plainNormal, heading);
    s.clearcoatNormal = toStudio(s.clearcoatNormal, heading);
    vec4 light = shade(s, toStudio(toViewer, heading));
    return vec4(encodedSrgb(toneMapped(light.rgb)) + dither(PIXEL), light.a);
}

// What is written: encoded sRGB, multiplied by alpha.
vec4 shownPixel() {
    vec4 base = materialTexel(0) * color * BASE_COLOR_TEXEL;
    if (HAS_MASK) {
        if (base.a < materialTexel(2).w) discard;
    }
    vec4 shown = lightTowardsViewer(base);
    return HAS_BLEND ? vec4(shown.rgb, 1.0) * clamp(shown.a, 0.0, 1.0) : vec4(shown.rgb, 1.0);
}
