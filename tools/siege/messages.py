# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of the stream as PROTOCOL.md has them: a viewer's, written; the server's, as far as a viewer needs them."""

import json
import math
import struct

WELCOME, GEOMETRY, MATERIAL, CHUNK, RECALL, SETTLED, PONG, NOTICE, FRAME, FRAME_PART, FRAME_CANCELLED = range(1, 12)
MOVING = 0


def hello(**facts):
    return b"\x81" + json.dumps({"client": "siege", **facts}).encode()


def ping(time):
    return b"\x88" + struct.pack("<d", time)


def acknowledge(sequence):
    return b"\x83" + struct.pack("<4I", sequence, 200, 0, 0)


def frame_received(frame):
    return b"\x8a" + struct.pack("<II", frame, 500)


def frame_shown(frame):
    return b"\x8b" + struct.pack("<I?II", frame, False, 3000, 30000)


def visibility(is_visible):
    return b"\x8d" + struct.pack("<?", is_visible)


def view(sequence, eye, orientation=(0, 0, 0, 1), projection=0, scale=0.4, size=(1280, 720), is_moving=True):
    return b"\x82" + struct.pack("<I3d4fBfHHf3f3f2f?", sequence, *eye, *orientation, projection, scale, *size, 1.0,
                                 0, 0, 0, 0, 0, 0, 0, 0, is_moving)


class Orbit:
    """Views that turn around a model's upright axis, from its home view on."""

    def __init__(self, welcome, size=(1280, 720)):
        home, model = welcome["home"], welcome["model"]
        self.eye, self.orientation = home["eye"], home["orientation"]
        self.projection = {"perspective": 0, "orthographic": 1}.get(home["projection"], home["projection"])
        self.scale, self.size, self.sequence = home["scale"], size, 0
        self.centre = [(low + high) / 2 for low, high in zip(model["minimum"], model["maximum"])]

    def view(self, angle, is_moving=True):
        """The next View message, turned by `angle` (radians)."""
        self.sequence += 1
        x, z = self.eye[0] - self.centre[0], self.eye[2] - self.centre[2]
        cosine, sine = math.cos(angle), math.sin(angle)
        eye = (self.centre[0] + cosine * x + sine * z, self.eye[1], self.centre[2] - sine * x + cosine * z)
        half_sine, half_cosine = math.sin(angle / 2), math.cos(angle / 2)
        x, y, z, w = self.orientation
        turned = (half_cosine * x + half_sine * z, half_cosine * y + half_sine * w,
                  half_cosine * z - half_sine * x, half_cosine * w - half_sine * y)
        return view(self.sequence, eye, turned, self.projection, self.scale, self.size, is_moving)


class Frames:
    """Puts frames together: `receive` gives the acknowledgements to send. `times`: when moving ones came."""

    def __init__(self, times):
        self.open = {}  # frame → [kind, bytes still to come]
        self.times = times

    def receive(self, message, now):
        kind = message[0]
        number, = struct.unpack_from("<I", message, 1)
        if kind == FRAME:
            self.open[number] = [message[5], struct.unpack_from("<I", message, 8)[0]]
        elif kind == FRAME_PART and number in self.open:
            self.open[number][1] -= len(message) - 9
        elif kind == FRAME_CANCELLED:
            self.open.pop(number, None)
        if number not in self.open or self.open[number][1] > 0:
            return []
        if self.open.pop(number)[0] == MOVING:
            self.times.append(now)
        return [frame_received(number), frame_shown(number)]
