# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Small models written by hand, each with content of its own, and files that are small but claim much."""

import base64
import json
import struct
import zlib


def strip_points(count):
    """The corners of a strip of `count` triangles: no two of which are alike."""
    return [(n // 2 + 0.25 * (n % 2), float(n % 2), 0.001 * n * n) for n in range(count + 2)]


def strip(count):
    """Corners and triangles of a strip."""
    return strip_points(count), [(n, n + 1, n + 2) if n % 2 == 0 else (n + 1, n, n + 2) for n in range(count)]


def ply(count, salt=0):
    """A binary PLY strip of `count` triangles; another salt is another content of the same size."""
    points, triangles = strip(count)
    header = (f"ply\nformat binary_little_endian 1.0\ncomment {salt}\nelement vertex {len(points)}\n"
              "property float x\nproperty float y\nproperty float z\n"
              f"element face {len(triangles)}\nproperty list uchar int vertex_indices\nend_header\n")
    shift = salt % 1000 / 16
    return (header.encode() + b"".join(struct.pack("<3f", x + shift, y, z) for x, y, z in points)
            + b"".join(struct.pack("<B3i", 3, *corners) for corners in triangles))


def ascii_ply(count):
    points, triangles = strip(count)
    lines = ["ply", "format ascii 1.0", f"element vertex {len(points)}", "property float x", "property float y",
             "property float z", "property uchar red", "property uchar green", "property uchar blue",
             f"element face {len(triangles)}", "property list uchar int vertex_indices", "end_header"]
    lines += [f"{x} {y} {z} {n % 256} 80 40" for n, (x, y, z) in enumerate(points)]
    lines += [f"3 {a} {b} {c}" for a, b, c in triangles]
    return ("\n".join(lines) + "\n").encode()


def obj(count):
    """An OBJ strip with groups, texture coordinates and normals."""
    points, triangles = strip(count)
    lines = ["# strip", "o first"]
    lines += [f"v {x} {y} {z}" for x, y, z in points]
    lines += [f"vt {x / len(points):.4f} {y}" for x, y, _ in points] + ["vn 0 0 1"]
    for number, (a, b, c) in enumerate(triangles):
        if number == count // 2:
            lines += ["o second", "usemtl red", "s 1"]
        lines.append(f"f {a + 1}/{a + 1}/1 {b + 1}/{b + 1}/1 {c + 1}/{c + 1}/1")
    return ("\n".join(lines) + "\n").encode()


def stl(count):
    """A binary STL strip."""
    points, triangles = strip(count)
    faces = (struct.pack("<12fH", 0, 0, 1, *points[a], *points[b], *points[c], 0) for a, b, c in triangles)
    return b"strip".ljust(80) + struct.pack("<I", count) + b"".join(faces)


def ascii_stl(count):
    points, triangles = strip(count)
    lines = ["solid strip"]
    for triangle in triangles:
        lines += ["facet normal 0 0 1", "outer loop"]
        lines += [f"vertex {points[corner][0]:e} {points[corner][1]:e} {points[corner][2]:e}" for corner in triangle]
        lines += ["endloop", "endfacet"]
    return ("\n".join(lines + ["endsolid strip"]) + "\n").encode()


def gltf_parts(count, images=(), copies=1):
    """JSON and buffer of so many copies of a strip, with a material for each PNG of `images`."""
    points, triangles = strip(count)
    sections = [b"".join(struct.pack("<3f", *point) for point in points),
                b"".join(struct.pack("<2f", x / len(points), y) for x, y, _ in points),
                b"".join(struct.pack("<3H", *triangle) for triangle in triangles), *images]
    views, buffer = [], b""
    for section in sections:
        views.append({"buffer": 0, "byteOffset": len(buffer), "byteLength": len(section)})
        buffer += section + bytes(-len(section) % 4)
    lowest = [min(point[axis] for point in points) for axis in range(3)]
    highest = [max(point[axis] for point in points) for axis in range(3)]
    primitives = [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2,
                   **({"material": number} if images else {})} for number in range(max(1, len(images)))]
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "whole", "children": list(range(1, copies + 1)),
                   "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 2, 0, 0, 1]},
                  *({"name": f"strip {number}", "mesh": 0, "rotation": [0, 0, 0.6, 0.8], "scale": [2, 2, 2],
                     "translation": [0, 9 * number, number % 7]} for number in range(copies))],
        "meshes": [{"primitives": primitives}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(points), "type": "VEC3", "min": lowest,
             "max": highest},
            {"bufferView": 1, "componentType": 5126, "count": len(points), "type": "VEC2"},
            {"bufferView": 2, "componentType": 5123, "count": 3 * count, "type": "SCALAR"}],
        "bufferViews": views, "buffers": [{"byteLength": len(buffer)}]}
    if images:
        document["images"] = [{"bufferView": 3 + number, "mimeType": "image/png"} for number in range(len(images))]
        document["textures"] = [{"source": number} for number in range(len(images))]
        document["materials"] = [
            {"pbrMetallicRoughness": {"baseColorTexture": {"index": number}, "metallicFactor": 0.5}}
            for number in range(len(images))]
    return document, buffer


def gltf(count, images=(), copies=1):
    """A .gltf whose buffer is in it, as base64."""
    document, buffer = gltf_parts(count, images, copies)
    document["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(buffer).decode()
    return json.dumps(document).encode()


def glb(count, images=(), copies=1):
    return glb_of(*gltf_parts(count, images, copies))


def glb_of(document, buffer):
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(buffer), b"BIN\0") + buffer
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def png(width, height, shade=128):
    """A grey PNG of one colour: some hundred bytes for each million pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" + bytes([shade]) * width
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


# MARK: Bombs

def picture_bomb(side=16384, count=12):
    """A few ten KB that decode to count × side² pixels."""
    return glb(4, [png(side, side, shade=20 * number + 1) for number in range(count)])


def part_bomb(count=300_000):
    """An OBJ of so many objects of one triangle."""
    return b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" + b"".join(b"o p%d\nf 1 2 3\n" % number for number in range(count))


def fan_bomb(vertices=300, triangles=300_000):
    """So many triangles over a few vertices: everything touches everything."""
    lines = [f"v {number * 37 % 101} {number * 53 % 103} {number * 71 % 107}" for number in range(vertices)]
    state = 1
    for _ in range(triangles):
        corners = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % (1 << 31)
            corners.append(str((state >> 8) % vertices + 1))
        lines.append("f " + " ".join(corners))
    return ("\n".join(lines) + "\n").encode()
