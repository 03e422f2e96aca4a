# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Converts a binary triangle PLY to GLB, for reference tools that do not read PLY.

Reads the file in blocks, so memory stays flat whatever the model's size. Keeps positions, normals and byte colours.

Usage: ply_to_glb.py INPUT.ply OUTPUT.glb
"""

import array
import json
import struct
import sys

BLOCK = 1 << 16  # records
SCALARS = {
    "char": "b", "int8": "b", "uchar": "B", "uint8": "B", "short": "h", "int16": "h", "ushort": "H", "uint16": "H",
    "int": "i", "int32": "i", "uint": "I", "uint32": "I", "float": "f", "float32": "f", "double": "d", "float64": "d",
}
FLOAT, UNSIGNED_BYTE, UNSIGNED_INT = 5126, 5121, 5125  # glTF component types


class UnsupportedPLY(Exception):
    pass


class Header:
    """Counts, vertex layout and data offset of a PLY file. Any format; `is_binary` tells whether it can be read."""

    def __init__(self, file):
        self.counts, self.properties, self.is_binary = {}, {}, False
        if file.readline().strip() != b"ply":
            raise UnsupportedPLY("not a PLY file")
        element = None
        for _ in range(1000):
            words = file.readline(4096).decode("latin-1").split()
            if words[:1] == ["end_header"]:
                self.data_offset = file.tell()
                return
            if words[:1] == ["format"]:
                self.is_binary = words[1] == "binary_little_endian"
            elif words[:1] == ["element"]:
                element = words[1]
                self.counts[element] = int(words[2])
                self.properties[element] = []
            elif words[:1] == ["property"]:
                self.properties[element].append((words[-1], words[1:-1]))
        raise UnsupportedPLY("the header has no end")

    @property
    def triangle_count(self):
        """Exact for files of triangles only, which is all that is converted."""
        return self.counts.get("face", 0)

    def vertex_format(self, names):
        """A struct format that unpacks the properties `names`, in file order, and skips the others."""
        result = "<"
        for name, types in self.properties["vertex"]:
            code = SCALARS[types[0]]
            result += code if name in names else f"{struct.calcsize('<' + code)}x"
        return result

    def check(self):
        if not self.is_binary:
            raise UnsupportedPLY("only binary little-endian PLY is converted")
        if list(self.counts) != ["vertex", "face"]:
            raise UnsupportedPLY("expected the elements vertex and face")
        faces = self.properties["face"]
        if len(faces) != 1 or faces[0][1][0] != "list" or SCALARS[faces[0][1][1]] not in "bB" \
                or SCALARS[faces[0][1][2]] not in "iI":
            raise UnsupportedPLY("expected one list of 32-bit indices with an 8-bit length per face")

    def has(self, names, code):
        types = {name: SCALARS.get(types[0]) for name, types in self.properties["vertex"]}
        return all(types.get(name) == code for name in names)


def blocks(file, offset, count, stride):
    file.seek(offset)
    while count > 0:
        records = min(count, BLOCK)
        data = file.read(records * stride)
        if len(data) != records * stride:
            raise UnsupportedPLY("the file ends early")
        yield data
        count -= records


def values(file, header, names, code):
    """The values of a few properties, as one array per block of vertices."""
    layout = header.vertex_format(names)
    stride = struct.calcsize(layout)
    for data in blocks(file, header.data_offset, header.counts["vertex"], stride):
        yield array.array(code, (value for record in struct.iter_unpack(layout, data) for value in record))


def position_bounds(file, header):
    low, high = [float("inf")] * 3, [float("-inf")] * 3
    for block in values(file, header, "xyz", "f"):
        for axis in range(3):
            low[axis] = min(low[axis], min(block[axis::3]))
            high[axis] = max(high[axis], max(block[axis::3]))
    return low, high


def with_alpha(colors):
    """RGB to RGBA: glTF wants vertex attributes at multiples of four bytes."""
    result = array.array("B", b"\xff") * (len(colors) // 3 * 4)
    for channel in range(3):
        result[channel::4] = colors[channel::3]
    return result


def write_faces(source, header, target):
    vertex_bytes = struct.calcsize(header.vertex_format(())) * header.counts["vertex"]
    for data in blocks(source, header.data_offset + vertex_bytes, header.triangle_count, 13):
        if data[0::13].count(3) != len(data) // 13:
            raise UnsupportedPLY("only triangles are converted")
        indices = bytearray(data)
        del indices[0::13]
        target.write(indices)


class Layout:
    """The glTF document of one indexed mesh whose attributes stand one after the other in one buffer."""

    def __init__(self):
        self.views, self.accessors, self.byte_count = [], [], 0

    def add(self, byte_count, count, component_type, kind, **more):
        self.views.append({"buffer": 0, "byteOffset": self.byte_count, "byteLength": byte_count})
        self.accessors.append(
            {"bufferView": len(self.views) - 1, "componentType": component_type, "count": count, "type": kind, **more})
        self.byte_count += byte_count
        return len(self.accessors) - 1

    def document(self, attributes, indices):
        primitive = {"attributes": attributes, "indices": indices}
        document = {
            "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [primitive]}], "accessors": self.accessors, "bufferViews": self.views,
            "buffers": [{"byteLength": self.byte_count}],
        }
        text = json.dumps(document, separators=(",", ":")).encode()
        return text + b" " * (-len(text) % 4)


def convert(source_path, target_path):
    with open(source_path, "rb") as source, open(target_path, "wb") as target:
        header = Header(source)
        header.check()
        if not header.has("xyz", "f"):
            raise UnsupportedPLY("expected float positions")
        normals, colors = ("nx", "ny", "nz"), ("red", "green", "blue")
        count, faces, layout = header.counts["vertex"], header.triangle_count, Layout()
        low, high = position_bounds(source, header)
        attributes = {"POSITION": layout.add(12 * count, count, FLOAT, "VEC3", min=low, max=high)}
        if header.has(normals, "f"):
            attributes["NORMAL"] = layout.add(12 * count, count, FLOAT, "VEC3")
        if header.has(colors, "B"):
            attributes["COLOR_0"] = layout.add(4 * count, count, UNSIGNED_BYTE, "VEC4", normalized=True)
        document = layout.document(attributes, layout.add(12 * faces, 3 * faces, UNSIGNED_INT, "SCALAR"))

        total = 12 + 8 + len(document) + 8 + layout.byte_count
        target.write(struct.pack("<4sIIII", b"glTF", 2, total, len(document), 0x4E4F534A) + document)
        target.write(struct.pack("<II", layout.byte_count, 0x004E4942))
        for block in values(source, header, "xyz", "f"):
            target.write(block)
        if "NORMAL" in attributes:
            for block in values(source, header, normals, "f"):
                target.write(block)
        if "COLOR_0" in attributes:
            for block in values(source, header, colors, "B"):
                target.write(with_alpha(block))
        write_faces(source, header, target)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.rsplit("\n\n", 1)[1].strip())
    try:
        convert(sys.argv[1], sys.argv[2])
    except UnsupportedPLY as reason:
        sys.exit(f"{sys.argv[1]}: {reason}")
