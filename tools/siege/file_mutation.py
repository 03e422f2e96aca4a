# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Model files that are nearly right: bits, lengths, pieces and numbers of small good ones changed.

What is changed of file n depends only on the campaign's seed and n. Archives have checksums everywhere, behind which
nothing would be tried; so most of theirs are made right again after a change.
"""

import hashlib
import json
import random
import re
import struct

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
NUMBERS = (b"0", b"-1", b"1", b"2", b"255", b"65536", b"2147483648", b"4294967295", b"4294967296", b"1e38", b"3.5e38",
           b"-3.5e38", b"1e308", b"1e400", b"1e-320", b"-0", b"nan", b"inf", b"9" * 40, b"0.1")
WORDS = (0, 1, 2, 3, 0x7F, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7F800000, 0x7FC00000,
         0x7F7FFFFF, 0x00000001, 0xFF800000)
TEXT_FORMATS = {"obj", "gltf"}
HEADER, INDEX, DESCRIPTION, CHUNK_RECORD = 256, 56, 104, 29


def mutated(seed, number, fixtures):
    """File `number` of a campaign: suffix and bytes. `fixtures`: (suffix, bytes) of good files."""
    chance = random.Random(f"{seed}/{number}")
    suffix, data = chance.choice(fixtures)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if suffix == "vantage":
            data = mutated_archive(data, chance)
        elif suffix == "glb" and chance.random() < 0.6:
            data = mutated_glb(data, chance)
        elif (suffix in TEXT_FORMATS or data[:9] in (b"ply\nforma", b"solid str")) and chance.random() < 0.7:
            data = mutated_text(data, chance)
        else:
            data = mutated_bytes(data, chance, fixtures)
    return suffix, data


# MARK: Bytes, text, JSON

def mutated_bytes(data, chance, fixtures):
    data = bytearray(data)
    if not data:
        return bytes(data)
    way, place = chance.randint(0, 5), chance.randrange(len(data))
    if way == 0:
        for _ in range(chance.choice((1, 1, 8, 64))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == 1:
        del data[place:]
    elif way == 2:
        other = chance.choice(fixtures)[1]
        data = data[:place] + other[chance.randrange(len(other) + 1):]
    elif way == 3:
        end = min(len(data), place + chance.choice((1, 4, 100)))
        del data[place:end]
    elif way == 4:
        data[place:place] = data[:chance.choice((1, 4, 100, 3000))]
    else:
        put_word(data, chance.choice((place, place & ~3)), chance)
    return bytes(data)


def put_word(data, place, chance):
    if place + 4 <= len(data):
        struct.pack_into("<I", data, place, chance.choice((*WORDS, chance.getrandbits(32))))


def mutated_text(data, chance):
    """A number, a line or a word of a text replaced, removed or doubled."""
    way = chance.randint(0, 4)
    if way <= 2:
        found = [match.span() for match in NUMBER.finditer(data)]
        if found:
            start, end = chance.choice(found)
            return data[:start] + chance.choice(NUMBERS) + data[end:]
    separator = b"\n" if way == 3 and data.count(b"\n") > 2 else b" "
    pieces = data.split(separator)
    place = chance.randrange(len(pieces))
    pieces[place:place + 1] = chance.choice(([], [pieces[place]] * 2, [pieces[chance.randrange(len(pieces))]]))
    return separator.join(pieces)


def mutated_json(value, chance):
    """A copy in which one value somewhere is another, gone, or of another kind."""
    value = json.loads(json.dumps(value))
    places = []

    def collect(node):
        for key in (node if isinstance(node, dict) else range(len(node))):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                collect(node[key])

    if isinstance(value, (dict, list)):
        collect(value)
    if not places:
        return value
    node, key = chance.choice(places)
    way = chance.randint(0, 7)
    if way == 0:
        del node[key]
    elif way == 1:
        node[key] = chance.choice((None, True, "", "x" * 300, [], {}, [[]], "../../etc/passwd", "\0"))
    elif way == 2 and isinstance(node[key], list):
        node[key] = node[key] * chance.choice((0, 2, 50))
    elif way == 3 and isinstance(node[key], list) and node[key]:
        del node[key][chance.randrange(len(node[key])):]
    elif way == 4 and isinstance(node, list):
        node.insert(key, node[key])
    else:
        node[key] = chance.choice((0, -1, 1, 2, 3, 255, 65535, 65536, 5126, 5125, 5121, 2 ** 31, 2 ** 32 - 1, 2 ** 32,
                                   2 ** 53, 2 ** 63, 2 ** 64, 1e38, 3.5e38, -3.5e38, 1e308, 1e-320, 0.1))
    return value


# MARK: GLB

def mutated_glb(data, chance):
    """JSON changed with all lengths right, or the lengths of chunks and file changed."""
    if len(data) < 20 or chance.random() < 0.2:
        changed = bytearray(data)
        if len(changed) >= 20:
            size = struct.unpack_from("<I", changed, 12)[0]
            put_word(changed, chance.choice((8, 12, 16, 20 + size, 24 + size)), chance)
        return bytes(changed)
    size, = struct.unpack_from("<I", data, 12)
    text, rest = data[20:20 + size], data[20 + size:]
    try:
        text = json.dumps(mutated_json(json.loads(text), chance)).encode()
    except (ValueError, RecursionError):
        text = mutated_text(text, chance)
    text += b" " * (-len(text) % 4)
    return (struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest)) + struct.pack("<I4s", len(text), b"JSON")
            + text + rest)


# MARK: Archives

def section(data, place):
    offset, size = struct.unpack_from("<QQ", data, place)
    return data[offset:offset + size]


def resealed(data, index, description):
    """The archive with another index and description, and every checksum right but the chunks'."""
    start = struct.unpack_from("<Q", data, INDEX)[0]
    body = bytearray(data[:start]) + index + description
    index_hash, description_hash = hashlib.sha256(index).digest(), hashlib.sha256(description).digest()
    struct.pack_into("<Q", body, 16, len(body))
    struct.pack_into("<QQ32s", body, INDEX, start, len(index), index_hash)
    struct.pack_into("<QQ32s", body, DESCRIPTION, start + len(index), len(description), description_hash)
    body[24:56] = hashlib.sha256(index_hash + description_hash).digest()
    body[240:256] = hashlib.sha256(bytes(body[:240])).digest()[:16]
    return bytes(body)


def mutated_archive(data, chance):
    try:
        index, description = bytearray(section(data, INDEX)), section(data, DESCRIPTION)
        chunks = struct.unpack_from("<I", index, 0)[0]
        way = chance.randint(0, 9)
        if way == 0 or chunks > 10000:
            return mutated_bytes(data, chance, [("vantage", data)])
        if way == 1:
            return header_changed(data, chance)
        if way <= 4:
            # Mostly behind the chunks' table: nodes, geometries, sectors, textures.
            place = chance.choice((0, 4, 4 + CHUNK_RECORD * chunks, 4 + CHUNK_RECORD * chunks)) + chance.choice(
                (0, chance.randrange(300)))
            put_word(index, min(place, len(index) - 4), chance)
            return resealed(data, bytes(index), description)
        if way <= 7:
            changed = mutated_json(json.loads(description), chance)
            return resealed(data, bytes(index), json.dumps(changed).encode())
        return chunk_changed(data, index, description, chunks, chance)
    except (struct.error, ValueError, IndexError):
        return mutated_bytes(data, chance, [("vantage", data)])


def header_changed(data, chance):
    body = bytearray(data)
    put_word(body, 4 * chance.randrange(HEADER // 4), chance)
    body[240:256] = hashlib.sha256(bytes(body[:240])).digest()[:16]
    return bytes(body)


def chunk_changed(data, index, description, chunks, chance):
    """Bytes of a chunk changed, its hash right again."""
    record = 4 + CHUNK_RECORD * chance.randrange(chunks)
    offset, size = struct.unpack_from("<QI", index, record + 1)
    chunk = bytearray(data[offset:offset + size])
    for _ in range(chance.choice((1, 1, 4))):
        if chance.random() < 0.5:
            chunk[chance.randrange(len(chunk))] ^= 1 << chance.randrange(8)
        else:
            put_word(chunk, chance.randrange(len(chunk)), chance)
    index[record + 13:record + 29] = hashlib.sha256(bytes(chunk)).digest()[:16]
    return resealed(data[:offset] + bytes(chunk) + data[offset + size:], bytes(index), description)
