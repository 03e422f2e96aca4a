# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of the server path as PROTOCOL.md has them, written and read a second time: independent of the generated code."""

import json
import struct

MOVING, STILL, REFINED, LOSSLESS = range(4)
JPEG, PNG = range(2)
FRAME_PART_HEADER = 9


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def depth_codes(codes, columns):
    """Codes of 16 bits, row by row, as differences."""
    out, same = bytearray(), None
    for cell, code in enumerate(codes):
        before = 0 if cell == 0 else codes[cell - columns] if cell % columns == 0 else codes[cell - 1]
        difference = (code - before + 32768) % 65536 - 32768
        if difference == 0:
            same = 0 if same is None else same + 1
            continue
        if same is not None:
            out += varint(0) + varint(same)
            same = None
        out += varint(2 * difference if difference >= 0 else -2 * difference - 1)
    if same is not None:
        out += varint(0) + varint(same)
    return bytes(out)


def welcome(facts):
    return b"\x01" + json.dumps(facts).encode()


def pong(time):
    return b"\x07" + struct.pack("<d", time)


def notice(code, message, **more):
    return b"\x08" + json.dumps({"code": code, "message": message, **more}).encode()


def frame(number, kind, codec, is_whole, byte_count, view, camera, size, place, quality, grid=None):
    """`place` is (left, top, width, height) of the image; `grid` is (columns, rows, near, far, codes)."""
    columns, rows, near, far, codes = grid or (0, 0, 1, 1, [])
    return (
        b"\x09" + struct.pack("<IBB?II", number, kind, codec, is_whole, byte_count, view)
        + struct.pack("<3d4fBf", *camera.eye, *camera.orientation, camera.projection, camera.scale)
        + struct.pack("<6HB", *size, *place, quality)
        + struct.pack("<IIIIfBBff", 8000, 3000, 500, 96, 0.0, columns, rows, near, far)
        + depth_codes(codes, columns))


def frame_part(number, offset, payload):
    return b"\x0a" + struct.pack("<II", number, offset) + payload


def frame_cancelled(number):
    return b"\x0b" + struct.pack("<I", number)


def identity_map(number, width, height, tree_nodes, runs):
    listed = struct.pack(f"<I{len(tree_nodes)}I", len(tree_nodes), *tree_nodes)
    return (b"\x0c" + struct.pack("<IHH", number, width, height) + listed
            + b"".join(varint(index) + varint(length) for index, length in runs))


def picked(request, hit, normal=(0, 0, 0), distance=0, tree_node=0, **names):
    return (b"\x0d" + struct.pack("<I?3d3fdI", request, hit is not None, *(hit or (0, 0, 0)), *normal, distance, tree_node)
            + json.dumps(names).encode())


def read(data):
    """A message of the client as (name, values)."""
    kind, body = data[0], data[1:]
    if kind == 129:
        return "hello", json.loads(body)
    if kind == 130:
        names = ("sequence ex ey ez ox oy oz ow projection scale width height threshold vx vy vz ax ay az fx fy isMoving")
        return "view", dict(zip(names.split(), struct.unpack("<I3d4fBfHHf3f3f2f?", body)))
    if kind == 136:
        return "ping", struct.unpack("<d", body)[0]
    if kind == 138:
        return "frameReceived", dict(zip(("frame", "gap"), struct.unpack("<II", body)))
    if kind == 139:
        return "frameShown", dict(zip(("frame", "isSkipped", "decode", "latency"), struct.unpack("<I?II", body)))
    if kind == 140:
        return "pick", dict(zip(("request", "frame", "x", "y"), struct.unpack("<II2f", body)))
    if kind == 141:
        return "visibility", struct.unpack("<?", body)[0]
    return f"type {kind}", body
