# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of viewers that are nearly right: recorded valid ones with other values, other lengths and other bytes.

`Tests/Fixtures/wire` holds the recorded messages. What a connection sends depends only on the campaign's seed and the
connection's number, so that any can be sent again.
"""

import functools
import json
import random
import struct
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "wire"
CLIENT_TYPES = range(129, 145)
JSON_TYPES = {129: 0, 142: 0, 144: 5}  # type → bytes of the fields before the JSON
LIST_TYPES = {132: 0, 133: 1, 135: 4, 137: 0}  # type → bytes of the fields before the list
# Fields of the others, as struct has them.
FIELDS = {130: "I3d4fBfHHf3f3f2f?", 131: "4I", 134: "QQII", 136: "d", 138: "II", 139: "I?II", 140: "II2f", 141: "?",
          143: "B", 144: "I?"}
INTEGERS = (0, 1, 2, 127, 255, 256, 65535, 65536, 1 << 28, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
FLOATS = (0.0, -0.0, 1.0, -1.0, 1e-9, 1e-45, 0.5, 1e9, 1e12, 9.9e11, 3.4e38, -3.4e38, 1e300, float("inf"),
          float("nan"))
KEYS = ("limits", "speed", "webgl", "framesPerSecond", "errorPixels", "background", "memoryGiB", "cores",
        "latencyMilliseconds", "isContextLost")
WIDTHS = {"I": 4, "Q": 8, "H": 2, "B": 1}


# What a connection of one path alone may send, as types; the others may send everything.
ONLY = {"client": {129, 130, 131, 132, 133, 134, 135, 136, 137}, "server": {129, 130, 136, 138, 139, 140, 141}}


@functools.cache
def recorded():
    """The recorded messages of clients, whole."""
    found = [bytes.fromhex(path.read_text().strip()) for path in sorted(FIXTURES.glob("*.hex"))]
    return [message for message in found if message[0] in CLIENT_TYPES]


class Mutator:
    def __init__(self, seed, connection):
        self.chance = random.Random(f"{seed}/{connection}")
        self.sequence = 0

    def message(self, valid, hard_share):
        """A message: mostly of the right form with unusual values, or, in `hard_share` of all, of any form."""
        message = self.chance.choice(valid)
        if self.chance.random() < hard_share:
            return self.broken(message, valid)
        return self.unusual(message)

    # MARK: The right form

    def unusual(self, message):
        kind = message[0]
        if kind in LIST_TYPES:
            return self.listed(message, LIST_TYPES[kind])
        if kind in JSON_TYPES:
            return self.unusual_json(message, JSON_TYPES[kind])
        if kind == 130:
            return self.view()
        if kind == 131:
            # Later ones were never sent, for which the connection is closed.
            return message[:1] + struct.pack("<I", 0) + self.fields("3I")
        return message[:1] + self.fields(FIELDS[kind])

    def fields(self, layout):
        values = []
        for code in expanded(layout):
            if code == "?":
                values.append(self.chance.random() < 0.5)
            elif code in WIDTHS:
                most = (1 << 8 * WIDTHS[code]) - 1
                values.append(min(most, self.chance.choice((*INTEGERS, self.chance.randint(0, most)))))
            else:
                values.append(self.chance.choice(FLOATS[:10]))
        if layout == "B":
            values = [self.chance.randint(0, 3)]
        return struct.pack("<" + layout, *values)

    def view(self):
        """A camera anywhere that the protocol allows."""
        chance = self.chance
        self.sequence += chance.choice((1, 1, 1, 2, 1000))
        far = chance.choice((1e-3, 1, 10, 1e4, 1e9, 9e11))
        eye = [chance.uniform(-far, far) for _ in range(3)]
        turn = [chance.gauss(0, 1) for _ in range(4)]
        length = sum(part * part for part in turn) ** 0.5 or 1
        speed, spin = chance.choice((0, 1, 9e8)), chance.choice((0, 1, 100, 9e8))
        return b"\x82" + struct.pack(
            "<I3d4fBfHHf3f3f2f?", self.sequence, *eye, *(part / length for part in turn), chance.randint(0, 1),
            chance.choice((1e-8, 1e-3, 0.4, 1, 100, 1e11)), chance.choice((1, 16, 640, 1280, 4000)),
            chance.choice((1, 16, 480, 720, 65535 // 16)), chance.choice((1e-6, 0.5, 1, 64, 65536)),
            *(speed * chance.uniform(-1, 1) for _ in range(3)), *(spin * chance.uniform(-1, 1) for _ in range(3)),
            chance.uniform(-1, 1), chance.uniform(-1, 1), chance.random() < 0.5)

    def listed(self, message, offset):
        chance = self.chance
        count = chance.choice((0, 1, 2, 7, 100, 2000))
        most = chance.choice((4, 400, (1 << 32) - 1))
        values = [chance.randint(0, most) for _ in range(count)]
        if message[0] == 133:
            values = sorted(values) + [1] * (count % 2)
        head = bytes([chance.randint(0, 1)]) if offset == 1 else struct.pack("<f", chance.uniform(1, 10))[:offset]
        return message[:1] + head + struct.pack(f"<I{len(values)}I", len(values), *values)

    def unusual_json(self, message, offset):
        value = json.loads(message[1 + offset:])
        for _ in range(self.chance.randint(1, 4)):
            value[self.chance.choice((*value, *KEYS))] = self.json_value(3)
        text = json.dumps(value).encode()
        return message[:1 + offset] + text

    def json_value(self, depth):
        chance = self.chance
        kind = chance.randint(0, 7 if depth else 4)
        if kind == 0:
            return chance.choice((0, -1, 1e308, -1e-308, 1 << 53, 1 << 64, 10 ** 40, 0.5, chance.random()))
        if kind == 1:
            return chance.choice((True, False, None))
        if kind in (2, 3):
            return chance.choice(("", "x", "ffffff,000000", "\0", "é\U0001f600", "a" * chance.choice((10, 100, 1000))))
        if kind == 4:
            return {}
        if kind in (5, 6):
            keys = ("gpuByteCount", "triangleCount", "maximumPixels", "thresholdPixels", "pixelsPerSecond", "renderer",
                    "trianglesPerSecond", "isSoftware", "x")
            return {chance.choice(keys): self.json_value(depth - 1) for _ in range(chance.randint(0, 5))}
        return [self.json_value(depth - 1) for _ in range(chance.randint(0, 5))]

    # MARK: Any form

    def broken(self, message, valid):
        chance, data = self.chance, bytearray(message)
        way = chance.randint(0, 8)
        if way == 0:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif way == 1:
            del data[chance.randrange(len(data)):]
        elif way == 2:
            data += chance.randbytes(chance.choice((1, 3, 100)))
        elif way == 3:
            other = chance.choice(valid)
            data = data[:chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)):]
        elif way == 4:
            data[0] = chance.randrange(256)
        elif way == 5 and data[0] in FIELDS:
            fields = list(struct.unpack_from("<" + FIELDS[data[0]], data, 1))
            place = chance.randrange(len(fields))
            code = expanded(FIELDS[data[0]])[place]
            if code in "df":
                fields[place] = chance.choice(FLOATS if code == "d" else FLOATS[:12] + FLOATS[13:])
            elif code in WIDTHS:
                fields[place] = min((1 << 8 * WIDTHS[code]) - 1, chance.choice(INTEGERS))
            layout = "<" + FIELDS[data[0]]
            data[1:] = struct.pack(layout, *fields) + bytes(data[1 + struct.calcsize(layout):])
        elif way == 6:
            place = 1 + LIST_TYPES.get(data[0], 0)
            data[place:place + 4] = struct.pack("<I", chance.choice(INTEGERS))
        elif way == 7 and data[0] in JSON_TYPES:
            nest = chance.choice((b"[", b'{"a":')) * chance.choice((10, 17, 600))
            data = data[:1 + JSON_TYPES[data[0]]] + b'{"a":' + nest
        else:
            data = bytearray(chance.randbytes(chance.choice((1, 5, 40, 4000))))
        return bytes(data)


def expanded(layout):
    """ "I3d" as "Iddd"."""
    codes, count = "", ""
    for letter in layout:
        if letter.isdigit():
            count += letter
        else:
            codes += letter * int(count or 1)
            count = ""
    return codes
