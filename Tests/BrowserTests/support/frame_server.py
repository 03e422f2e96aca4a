# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Serves the viewer's pages from the source tree and plays pictures of a small scene over the stream's protocol.

It stands in for the real server so that tests of the page can say exactly what arrives: each View is answered by a moving
frame or by stills, one at a time, as the page has shown the one before.
"""

import asyncio
import functools
import json
import math
import re
import threading
import urllib.parse

from . import frame_messages as messages
from . import frame_scene as scene
from .server import ROOT
from .web_socket import WebSocket, accept_header

WEB = ROOT / "Sources/Viewer/web"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml"}
PAGES = {"/": "index.html", "/thin": "thin.html"}
POLICY_SOURCE = ROOT / "Sources/StreamService/HTTP/SecurityHeaders.swift"
TREE_NODE = 7


@functools.cache
def content_policy():
    """The real server's policy, read where it is written."""
    listed = re.search(r"let policy = \[(.*?)\]\n", POLICY_SOURCE.read_text(), re.DOTALL).group(1)
    fixed = [line for line in listed.split("\n") if "\\(" not in line]
    return "; ".join(re.findall(r'"([^"]*)"', "\n".join(fixed)))


class FrameServer:
    """Runs in a thread until the end of a `with` block. `log` has (name, values) of each message of the page."""

    def __init__(self, draws=True, columns=32, rows=18, part_size=6000, delay=0.0):
        self.draws, self.grid_size, self.part_size, self.delay = draws, (columns, rows), part_size, delay
        self.log, self.queries, self.players = [], [], []
        self.accepts = True
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def heard(self, name):
        return [values for what, values in list(self.log) if what == name]

    def send(self, data):
        """Sends bytes on the newest connection."""
        self._loop.call_soon_threadsafe(lambda: self.players[-1].socket.send(data))

    def cut(self, accepts=True):
        """Ends all connections as a lost network would; `accepts`: whether new ones are taken."""
        self.accepts = accepts
        for player in self.players:
            self._loop.call_soon_threadsafe(player.socket.writer.transport.abort)

    def play(self, action):
        """Runs `action(player)` with the newest connection's player, on the server's thread."""
        self._loop.call_soon_threadsafe(lambda: action(self.players[-1]))

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._answer, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _answer(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1]
            headers = {name.lower(): value.strip() for name, _, value in
                       (line.partition(":") for line in head.split("\r\n")[1:] if line)}
            if headers.get("upgrade", "").lower() == "websocket":
                await self._stream(reader, writer, path, headers["sec-websocket-key"])
            else:
                self._page(writer, urllib.parse.urlsplit(path).path)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _page(self, writer, path):
        if path == "/api/v1/models":
            self._respond(writer, 200, TYPES[".js"], json.dumps({"models": []}).encode())
            return
        file = WEB / PAGES.get(path, path.removeprefix("/viewer/"))
        if file.is_file():
            self._respond(writer, 200, TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes())
        else:
            self._respond(writer, 404, "text/plain", b"nothing here")

    @staticmethod
    def _respond(writer, status, kind, body):
        writer.write((
            f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
            "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n"
            f"Content-Security-Policy: {content_policy()}\r\nCache-Control: no-store\r\n\r\n").encode() + body)

    async def _stream(self, reader, writer, path, key):
        if not self.accepts:
            writer.write(b"HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept_header(key)}\r\n\r\n").encode())
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        self.queries.append(query)
        player = Player(self, WebSocket(reader, writer), query)
        self.players.append(player)
        player.start()
        async for data in player.socket.messages():
            name, values = messages.read(data)
            self.log.append((name, values))
            player.take(name, values)


class Player:
    """Answers one viewer."""

    def __init__(self, server, socket, query):
        self.server, self.socket = server, socket
        width, height = (int(side) for side in query["viewport"].split("x"))
        self.view = {"sequence": 0, "width": width, "height": height, "isMoving": False}
        self.camera = home_camera(width, height)
        self.number = 0
        self.wanted = []
        self.in_flight = None
        self.background = scene.BACKGROUND

    def start(self):
        path = "server" if self.server.draws else "client"
        self.socket.send(messages.welcome({
            "protocol": [1, 1], "server": "frame server", "session": "s1", "viewer": 1, "path": path, "resumed": False,
            "reason": "" if self.server.draws else "It has no graphics device.",
            "home": {"eye": self.camera.eye, "orientation": self.camera.orientation, "projection": 0, "scale": self.camera.scale},
            "model": {"id": "box", "name": "box.glb", "contentHash": "b0", "triangleCount": 96,
                      "minimum": [-half for half in scene.HALF], "maximum": list(scene.HALF)},
            "limits": {"messageByteCount": 65536, "idleSeconds": 60}}))
        if self.server.draws:
            self.wanted = [messages.STILL]
            self.go_on()

    def take(self, name, values):
        if name == "ping":
            self.socket.send(messages.pong(values))
        elif name == "hello" and "background" in values:
            self.background = [tuple(int(color[i:i + 2], 16) for i in (1, 3, 5)) for color in values["background"]]
        elif name == "view":
            self.view = values
            self.camera = scene.Camera(
                [values["ex"], values["ey"], values["ez"]], [values[key] for key in ("ox", "oy", "oz", "ow")],
                values["projection"], values["scale"])
            self.wanted = [messages.MOVING] if values["isMoving"] else [messages.STILL, messages.REFINED]
            self.go_on()
        elif name == "frameShown" and values["frame"] == self.in_flight:
            self.in_flight = None
            self.go_on()
        elif name == "pick":
            self.pick(values)

    def go_on(self):
        if self.in_flight is None and self.wanted:
            self.number += 1
            self.in_flight = self.number
            asyncio.get_running_loop().call_later(self.server.delay, self.send_frame, self.wanted.pop(0), self.number)

    def send_frame(self, kind, number):
        """The scene as the newest view sees it: a moving frame at half size in one part, stills whole and in several."""
        scale = 0.5 if kind == messages.MOVING else 1
        size = [max(1, round(self.view[side] * scale)) for side in ("width", "height")]
        image, box = scene.draw(self.camera, *size, self.background, scale=2 if kind else 1)
        quality = {messages.MOVING: 70, messages.STILL: 88, messages.REFINED: 100}[kind]
        payload = scene.encoded(image, box, quality) if box else b""
        place = (box[0], box[1], box[2] - box[0], box[3] - box[1]) if box else (0, 0, 0, 0)
        columns, rows = self.server.grid_size
        grid = (columns, rows, *scene.depth_grid(self.camera, *size, columns, rows)) if columns else None
        codec = messages.PNG if quality == 100 else messages.JPEG
        self.socket.send(messages.frame(
            number, kind, codec, True, len(payload), self.view["sequence"], self.camera, size, place, quality, grid))
        step = len(payload) if kind == messages.MOVING else self.server.part_size
        for offset in range(0, len(payload), max(step, 1)):
            self.socket.send(messages.frame_part(number, offset, payload[offset:offset + step]))
        if kind == messages.STILL and box:
            self.send_identities(number)

    def send_identities(self, number):
        width, height = 64, 36
        indices = [int(scene.depth_at(self.camera, x + 0.5, y + 0.5, width, height) is not None)
                   for y in range(height) for x in range(width)]
        runs = []
        for index in indices:
            if runs and runs[-1][0] == index:
                runs[-1][1] += 1
            else:
                runs.append([index, 1])
        self.socket.send(messages.identity_map(number, width, height, [TREE_NODE], runs))

    def pick(self, values):
        width, height = self.view["width"], self.view["height"]
        x, y = (values["x"] + 1) / 2 * width, (1 - values["y"]) / 2 * height
        depth = scene.depth_at(self.camera, x, y, width, height)
        hit = None
        if depth is not None:
            origin, direction = self.camera.ray(x, y, width, height)
            hit = [o + depth * d for o, d in zip(origin, direction)]
        self.socket.send(messages.picked(
            values["request"], hit, (0, 0, 1), depth or 0, TREE_NODE, name="box", path=["scene", "box"]))


def home_camera(width, height):
    """Some way in front of the box, above and to the right."""
    azimuth, elevation = 0.785, 0.45
    y, x = [math.sin(azimuth / 2), math.cos(azimuth / 2)], [math.sin(-elevation / 2), math.cos(-elevation / 2)]
    orientation = [y[1] * x[0], y[0] * x[1], -y[0] * x[0], y[1] * x[1]]
    back = scene.rotate(orientation, (0, 0, 1))
    return scene.Camera([5 * b for b in back], orientation, 0, 0.30934)
