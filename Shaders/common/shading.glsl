// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// How surfaces look, on both paths: functions over plain values, valid as GLSL 450 and as GLSL ES 3.00. The includer
// declares version and precision, samples textures, and encodes the result. All colours and light are linear.
//
// A studio lights the model: a soft dome, a floor and six soft boxes, given by formulas instead of pictures, so that a
// mirror shows crisp windows and nothing has to be loaded. The studio turns with the camera's heading, as if the model
// stood on a turntable; its +z points to the viewer, +x to the right, +y up.
//
// Metals and plastics follow glTF 2.0, appendix B: GGX with height-correlated Smith shadowing and Schlick's Fresnel.
// Sources: Karis, "Physically Based Shading on Mobile" (the environment's integral); Fdez-Agüera, "A Multiple-Scattering
// Microfacet Model for Real-Time Image-based Lighting" (JCGT 2019); Lagarde and de Rousiers, "Moving Frostbite to PBR"
// (specular occlusion); Kaplanyan et al., "Filtering Distributions of Normals" (antialiasing); Ramamoorthi and
// Hanrahan, "An Efficient Representation for Irradiance Environment Maps"; Khronos PBR Neutral (the tone curve).

const float PI = 3.14159265;

// What the includer knows about a visible point. Roughnesses are perceptual; vectors are unit length, in the studio.
struct Surface {
    vec3 baseColor;
    float alpha;
    float metallic;
    float roughness;
    float occlusion;
    vec3 emission;
    vec3 normal;
    vec3 plainNormal;         // without the normal map
    float dielectricF0;       // reflectance of a dielectric seen straight on
    float specularFactor;
    vec3 specularColor;
    vec3 sheenColor;
    float sheenRoughness;
    float clearcoat;
    float clearcoatRoughness;
    vec3 clearcoatNormal;
    float transmission;       // share of the light that passes instead of being scattered
};

// ---- studio: begin. Tests/ViewerTests integrates what is between these lines, so it keeps to simple expressions.

const vec3 FLOOR_COLOR = vec3(0.127, 0.124, 0.121);
const vec3 HORIZON_COLOR = vec3(0.267, 0.273, 0.282);
const vec3 ZENITH_COLOR = vec3(0.155, 0.167, 0.186);
const vec3 KEY_COLOR = vec3(3.968, 3.875, 3.720);
const vec3 FILL_COLOR = vec3(0.868, 0.911, 0.980);
const vec3 RIM_COLOR = vec3(2.108, 2.139, 2.201);
const vec3 OVERHEAD_COLOR = vec3(0.620, 0.626, 0.639);

// The edge of a soft box, seen through a lobe of this width: the integral of GGX's distribution along one axis.
float softEdge(float offset, float width) {
    return offset / sqrt(offset * offset + width * width);
}

// Share of a lobe around `direction` that a rectangle covers. `sizes` are half widths on the plane one unit away.
float softBox(vec3 direction, vec3 right, vec3 up, vec3 center, float halfWidth, float halfHeight, float blur) {
    float depth = dot(direction, center);
    if (depth <= 0.001) return 0.0;
    float u = dot(direction, right) / depth;
    float v = dot(direction, up) / depth;
    float width = blur * (1.0 + 0.5 * (u * u + v * v));
    float across = softEdge(u + halfWidth, width) - softEdge(u - halfWidth, width);
    float along = softEdge(v + halfHeight, width) - softEdge(v - halfHeight, width);
    return 0.25 * across * along;
}

// A large window, high on the left.
float keyLight(vec3 direction, float blur) {
    return softBox(direction, vec3(0.7593, 0.0, 0.6508), vec3(0.3580, 0.8351, -0.4177),
        vec3(-0.5434, 0.5501, 0.6340), 0.42, 0.34, blur);
}

// A wall of light on the right.
float fillLight(vec3 direction, float blur) {
    return softBox(direction, vec3(0.3714, 0.0, -0.9285), vec3(-0.1567, 0.9856, -0.0627),
        vec3(0.9152, 0.1688, 0.3661), 0.30, 0.75, blur);
}

// Two tall strips behind the model.
float rimLight(vec3 direction, float blur) {
    return softBox(direction, vec3(-0.8137, 0.0, -0.5812), vec3(-0.1711, 0.9557, 0.2395),
            vec3(0.5555, 0.2943, -0.7777), 0.13, 0.70, blur)
        + softBox(direction, vec3(-0.6585, 0.0, 0.7526), vec3(0.2215, 0.9557, 0.1938),
            vec3(-0.7193, 0.2943, -0.6294), 0.11, 0.70, blur);
}

// Two panels overhead, one behind the other.
float overheadLight(vec3 direction, float blur) {
    return softBox(direction, vec3(1.0, 0.0, 0.0), vec3(0.0, -0.2425, -0.9701),
            vec3(0.0, 0.9701, -0.2425), 0.75, 0.18, blur)
        + softBox(direction, vec3(1.0, 0.0, 0.0), vec3(0.0, 0.2747, -0.9615),
            vec3(0.0, 0.9615, 0.2747), 0.75, 0.13, blur);
}

// 0 on the floor, 1 in the sky.
float skyShare(float height, float blur) {
    return 0.5 + 0.5 * softEdge(height + 0.02, 0.10 + blur);
}

// 0 at the horizon, 1 overhead.
float zenithShare(float height, float blur) {
    return 0.5 + 0.5 * softEdge(height - 0.45, 0.35 + blur);
}

// Light from all directions on a white diffuse surface, divided by pi: nine spherical harmonics, computed by
// Tests/ViewerTests/studio-integration.mjs.
const vec3 IRRADIANCE_0 = vec3(0.5020, 0.5056, 0.5125);
const vec3 IRRADIANCE_1 = vec3(0.3265, 0.3312, 0.3381);
const vec3 IRRADIANCE_2 = vec3(0.1000, 0.0953, 0.0868);
const vec3 IRRADIANCE_3 = vec3(-0.0884, -0.0806, -0.0679);
const vec3 IRRADIANCE_4 = vec3(-0.1384, -0.1338, -0.1261);
const vec3 IRRADIANCE_5 = vec3(0.1323, 0.1276, 0.1194);
const vec3 IRRADIANCE_6 = vec3(0.0042, 0.0036, 0.0025);
const vec3 IRRADIANCE_7 = vec3(-0.1335, -0.1270, -0.1163);
const vec3 IRRADIANCE_8 = vec3(0.0260, 0.0270, 0.0286);

// ---- studio: end.

// Light from the studio that a lobe of this width around `direction` gathers; `blur` is the tangent of its half angle.
vec3 studioLight(vec3 direction, float blur) {
    vec3 dome = mix(HORIZON_COLOR, ZENITH_COLOR, zenithShare(direction.y, blur));
    return mix(FLOOR_COLOR, dome, skyShare(direction.y, blur)) + KEY_COLOR * keyLight(direction, blur)
        + FILL_COLOR * fillLight(direction, blur) + RIM_COLOR * rimLight(direction, blur)
        + OVERHEAD_COLOR * overheadLight(direction, blur);
}

// What a white diffuse surface with this normal sends out.
vec3 studioDiffuse(vec3 n) {
    vec3 sum = IRRADIANCE_0 + IRRADIANCE_1 * n.y + IRRADIANCE_2 * n.z + IRRADIANCE_3 * n.x
        + IRRADIANCE_4 * (n.x * n.y) + IRRADIANCE_5 * (n.y * n.z) + IRRADIANCE_6 * (3.0 * n.z * n.z - 1.0)
        + IRRADIANCE_7 * (n.x * n.z) + IRRADIANCE_8 * (n.x * n.x - n.y * n.y);
    return max(sum, vec3(0.0));
}

// The studio as a surface of this roughness mirrors it. The widest lobes are about as wide as a diffuse surface's.
vec3 studioReflection(vec3 direction, float roughness) {
    float share = smoothstep(0.35, 0.9, roughness);
    if (share >= 1.0) return studioDiffuse(direction);
    vec3 sharp = studioLight(direction, max(1.5 * roughness * roughness, 0.006));
    return share > 0.0 ? mix(sharp, studioDiffuse(direction), share) : sharp;
}

// A world vector in the studio; `heading` is the (x, z) of the camera's right side, unit length.
vec3 toStudio(vec3 v, vec2 heading) {
    return vec3(heading.x * v.x + heading.y * v.z, v.y, heading.x * v.z - heading.y * v.x);
}

// ---- surface functions

// Factors of F0 and of the constant term in the environment's integral over a GGX lobe.
vec2 environmentFactors(float roughness, float cosine) {
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a = min(r.x * r.x, exp2(-9.28 * cosine)) * r.x + r.y;
    return vec2(-1.04, 1.04) * a + r.zw;
}

// Share of the light that a white sheen layer reflects: our fit to the integral of Charlie's distribution with
// Neubelt's visibility; for roughness 0.1 ... 1 within 0.03 (root mean square).
float sheenShare(float roughness, float cosine) {
    vec3 c = vec3(1.0, cosine, cosine * cosine);
    float power = dot(c, vec3(1.5141, -13.519, 5.5544)) + roughness * (dot(c, vec3(-4.7893, 33.4156, -20.2017))
        + roughness * dot(c, vec3(2.8311, -22.3642, 15.7253)));
    return clamp(exp(power) - 0.005, 0.0, 1.0);
}

vec3 fresnel(vec3 f0, float f90, float cosine) {
    float x = 1.0 - clamp(cosine, 0.0, 1.0);
    float x2 = x * x;
    return f0 + (vec3(f90) - f0) * (x2 * x2 * x);
}

// GGX distribution times height-correlated Smith visibility. `alpha` is the squared roughness.
float ggx(float alpha, float cosHalf, float cosLight, float cosViewer) {
    float a2 = alpha * alpha;
    float d = cosHalf * cosHalf * (a2 - 1.0) + 1.0;
    float shadowing = cosLight * sqrt(cosViewer * cosViewer * (1.0 - a2) + a2)
        + cosViewer * sqrt(cosLight * cosLight * (1.0 - a2) + a2);
    return a2 / (PI * d * d) * 0.5 / max(shadowing, 1e-4);
}

// Ambient occlusion for mirrored light: none for mirrors in the open, most for rough and hidden places.
float specularOcclusion(float cosViewer, float occlusion, float roughness) {
    return clamp(pow(cosViewer + occlusion, exp2(-16.0 * roughness - 1.0)) - 1.0 + occlusion, 0.0, 1.0);
}

// Roughness that keeps highlights of fine bumps from sparkling; takes the normal's derivatives on the screen.
float filteredRoughness(float roughness, vec3 normalDx, vec3 normalDy) {
    float variance = 0.25 * (dot(normalDx, normalDx) + dot(normalDy, normalDy));
    float alpha = roughness * roughness;
    return sqrt(sqrt(clamp(alpha * alpha + min(2.0 * variance, 0.18), 0.0, 1.0)));
}

// Columns tangent, bitangent, normal from how position and texture coordinates change over the screen, for normal maps
// whose green points up in the picture. `facing` is -1 on back sides. Source: Schüler, "Normal Mapping Without
// Precomputed Tangents" (ShaderX 5).
mat3 tangentFrame(vec3 normal, vec3 positionDx, vec3 positionDy, vec2 uvDx, vec2 uvDy) {
    vec3 acrossY = cross(positionDy, normal);
    vec3 acrossX = cross(normal, positionDx);
    vec3 tangent = acrossY * uvDx.x + acrossX * uvDy.x;
    vec3 bitangent = -(acrossY * uvDx.y + acrossX * uvDy.y);
    float square = max(dot(tangent, tangent), dot(bitangent, bitangent));
    float scale = square > 0.0 ? inversesqrt(square) : 0.0;
    return mat3(tangent * scale, bitangent * scale, normal);
}

// ---- the look of a point

// A reflecting layer under the studio's light and a lamp at the viewer.
vec3 layerLight(vec3 normal, vec3 plainNormal, vec3 toViewer, float roughness) {
    vec3 mirrored = reflect(-toViewer, normal);
    float horizon = clamp(1.0 + dot(mirrored, plainNormal), 0.0, 1.0);
    return studioReflection(mirrored, roughness) * (horizon * horizon);
}

const float LAMP = 0.065;

// Light that leaves the surface towards the viewer: `rgb`, and in `a` how much of what lies behind it hides.
vec4 shade(Surface s, vec3 toViewer) {
    float cosViewer = clamp(dot(s.normal, toViewer), 0.02, 1.0);
    float roughness = clamp(s.roughness, 0.045, 1.0);
    vec3 dielectric = min(s.dielectricF0 * s.specularColor, vec3(1.0)) * s.specularFactor;
    vec3 f0 = mix(dielectric, s.baseColor, s.metallic);
    float f90 = mix(s.specularFactor, 1.0, s.metallic);
    vec3 diffuseColor = s.baseColor * (1.0 - s.metallic);

    // Light that bounces between facets is not lost: it comes out tinted once more.
    vec2 factors = environmentFactors(roughness, cosViewer);
    vec3 single = f0 * factors.x + vec3(f90 * factors.y);
    float missing = 1.0 - (factors.x + factors.y);
    vec3 average = f0 + (vec3(f90) - f0) / 21.0;
    vec3 multiple = single * average / (vec3(1.0) - average * missing) * missing;
    vec3 reflected = single + multiple;

    vec3 irradiance = studioDiffuse(s.normal) * s.occlusion;
    vec3 diffuse = diffuseColor * (vec3(1.0) - reflected) * irradiance;
    vec3 specular = reflected * layerLight(s.normal, s.plainNormal, toViewer, roughness)
        * specularOcclusion(cosViewer, s.occlusion, roughness);

    // The lamp at the viewer gives form to sides that the studio leaves flat.
    float lampAlpha = max(roughness * roughness, 0.25);
    diffuse += diffuseColor * (vec3(1.0) - reflected) * (LAMP * cosViewer * s.occlusion);
    float lampShare = LAMP * smoothstep(0.15, 0.5, roughness);
    specular += f0 * (ggx(lampAlpha, cosViewer, cosViewer, cosViewer) * PI * lampShare * cosViewer * s.occlusion);

    if (max(s.sheenColor.r, max(s.sheenColor.g, s.sheenColor.b)) > 0.0) {
        float share = sheenShare(clamp(s.sheenRoughness, 0.1, 1.0), cosViewer);
        float kept = 1.0 - max(s.sheenColor.r, max(s.sheenColor.g, s.sheenColor.b)) * share;
        diffuse = diffuse * kept + s.sheenColor * share * (irradiance + vec3(LAMP * cosViewer));
        specular *= kept;
    }

    // Thin glass: what passes is what is behind, tinted; rough glass scatters some of it.
    vec3 passed = vec3(0.0);
    float coverage = 1.0;
    float transmission = s.transmission * (1.0 - s.metallic);
    if (transmission > 0.0) {
        float clear = 1.0 - 0.6 * smoothstep(0.0, 1.0, roughness);
        float darkest = min(s.baseColor.r, min(s.baseColor.g, s.baseColor.b)) * clear;
        vec3 tint = s.baseColor - vec3(darkest);
        passed = tint * transmission * studioReflection(-toViewer, max(roughness, 0.7));
        diffuse *= 1.0 - transmission;
        float mirror = max(reflected.r, max(reflected.g, reflected.b));
        coverage = 1.0 - transmission * darkest * (1.0 - mirror);
    }

    vec3 emission = s.emission;
    if (s.clearcoat > 0.0) {
        float cosCoat = clamp(dot(s.clearcoatNormal, toViewer), 0.02, 1.0);
        float coatRoughness = clamp(s.clearcoatRoughness, 0.045, 1.0);
        vec2 coatFactors = environmentFactors(coatRoughness, cosCoat);
        float coat = s.clearcoat * (0.04 * coatFactors.x + coatFactors.y);
        vec3 coatLight = layerLight(s.clearcoatNormal, s.plainNormal, toViewer, coatRoughness)
            * specularOcclusion(cosCoat, s.occlusion, coatRoughness);
        diffuse *= 1.0 - coat;
        specular = specular * (1.0 - coat) + coatLight * coat;
        emission *= 1.0 - coat;
        passed *= 1.0 - coat;
    }

    // A smooth, nearly clear surface keeps its reflections: it is glass, not a cut-out.
    float alpha = s.alpha * coverage;
    float glass = smoothstep(0.45, 0.15, roughness) * smoothstep(0.0, 0.04, s.alpha);
    float mirrorAlpha = mix(s.alpha, 1.0, glass);
    float mirrorShare = max(reflected.r, max(reflected.g, reflected.b));
    float total = max(alpha, 1.0 - (1.0 - alpha) * (1.0 - mirrorShare * mirrorAlpha));
    vec3 light = (diffuse + emission + passed) * s.alpha + specular * mirrorAlpha;
    return vec4(light / max(total, 1e-3), total);
}

// ---- from light to picture

// Khronos PBR Neutral: keeps base colours recognisable, compresses only what is brighter than the picture.
vec3 toneMapped(vec3 light) {
    const float START = 0.76;
    float darkest = min(light.r, min(light.g, light.b));
    vec3 color = light - vec3(darkest < 0.08 ? darkest - 6.25 * darkest * darkest : 0.04);
    float peak = max(color.r, max(color.g, color.b));
    if (peak < START) return color;
    const float ROOM = 1.0 - START;
    float newPeak = 1.0 - ROOM * ROOM / (peak + ROOM - START);
    float gray = 1.0 - 1.0 / (0.15 * (peak - newPeak) + 1.0);
    return mix(color * (newPeak / peak), vec3(newPeak), gray);
}

vec3 encodedSrgb(vec3 linear) {
    vec3 c = clamp(linear, 0.0, 1.0);
    return mix(12.92 * c, 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, step(vec3(0.0031308), c));
}

vec3 decodedSrgb(vec3 encoded) {
    vec3 c = clamp(encoded, 0.0, 1.0);
    return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(vec3(0.04045), c));
}

// Folded octahedron to unit vector.
vec3 octahedralNormal(vec2 code) {
    vec3 n = vec3(code, 1.0 - abs(code.x) - abs(code.y));
    if (n.z < 0.0) {
        vec2 sides = vec2(code.x < 0.0 ? -1.0 : 1.0, code.y < 0.0 ? -1.0 : 1.0);
        n.xy = (1.0 - abs(code.yx)) * sides;
    }
    return normalize(n);
}

// A value of -0.5 / 255 ... 0.5 / 255 that differs from pixel to pixel, to hide the steps of slow gradients.
float dither(vec2 pixel) {
    return (fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715)))) - 0.5) / 255.0;
}
