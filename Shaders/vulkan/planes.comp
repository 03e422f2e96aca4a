#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A picture as JPEG stores it: full-range BT.601 luma and, for each 2 x 2 pixels, the mean of both chroma (JFIF).
// Planes lie one after the other; rows are padded to 8 and 4 bytes with what the edge has.

layout(local_size_x = 8, local_size_y = 8) in;

layout(set = 0, binding = 0, rgba8) uniform readonly image2D picture;
layout(set = 0, binding = 1, std430) writeonly buffer Planes { uint words[]; };
layout(push_constant) uniform Size { ivec2 size; } push;

vec3 colorAt(ivec2 place) {
    return 255.0 * imageLoad(picture, min(place, push.size - 1)).rgb;
}

// Four values of 0 ... 255 as bytes, rounded.
uint packed(vec4 values) {
    uvec4 bytes = uvec4(clamp(values + 0.5, 0.0, 255.0));
    return bytes.x | bytes.y << 8 | bytes.z << 16 | bytes.w << 24;
}

void main() {
    ivec2 first = ivec2(gl_GlobalInvocationID.xy) * ivec2(8, 2);
    if (any(greaterThanEqual(first, push.size))) return;
    int lumaWords = (push.size.x + 7) / 8 * 2;
    int chromaWords = lumaWords / 2;
    int chromaRows = (push.size.y + 1) / 2;
    vec4 blue = vec4(0.0);
    vec4 red = vec4(0.0);
    for (int row = 0; row < 2; row += 1) {
        vec4 luma[2];
        for (int column = 0; column < 8; column += 1) {
            vec3 color = colorAt(first + ivec2(column, row));
            luma[column >> 2][column & 3] = dot(color, vec3(0.299, 0.587, 0.114));
            blue[column >> 1] += 0.25 * dot(color, vec3(-0.168735892, -0.331264108, 0.5));
            red[column >> 1] += 0.25 * dot(color, vec3(0.5, -0.418687589, -0.081312411));
        }
        if (first.y + row >= push.size.y) continue;
        int place = (first.y + row) * lumaWords + first.x / 4;
        words[place] = packed(luma[0]);
        words[place + 1] = packed(luma[1]);
    }
    int place = push.size.y * lumaWords + first.y / 2 * chromaWords + first.x / 8;
    words[place] = packed(blue + 128.0);
    words[place + chromaRows * chromaWords] = packed(red + 128.0);
}
