# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The client's end of a WebSocket (RFC 6455) on a plain socket."""

import os
import select
import socket
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x37\xfa\x21\x3d"


class Refused(Exception):
    """The handshake was answered by something else than 101."""


class Closed(Exception):
    """The connection is over: `code` is 0 without a close frame."""

    def __init__(self, code=0, reason=""):
        super().__init__(f"closed with {code} {reason}".strip())
        self.code, self.reason = code, reason


def masked(data):
    size = len(data)
    key = (MASK * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big") if size else b""


def frame(kind, data, is_final=True):
    """One frame as clients send it."""
    size = len(data)
    head = bytes([(0x80 if is_final else 0) | kind])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += b"\xfe" + struct.pack(">H", size)
    else:
        head += b"\xff" + struct.pack(">Q", size)
    return head + MASK + masked(data)


def handshake(path, host="127.0.0.1", headers=""):
    return (f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n").encode()


class WebSocket:
    """Connects in the initialiser.

    Raises Refused, Closed or OSError; TimeoutError after `seconds` without progress.
    """

    def __init__(self, port, path, seconds=20, host="127.0.0.1", headers=""):
        self.socket = socket.create_connection((host, port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data, self.part = b"", b""
        try:
            self.socket.sendall(handshake(path, f"{host}:{port}", headers))
            while b"\r\n\r\n" not in self.data:
                self._receive()
            head, self.data = self.data.split(b"\r\n\r\n", 1)
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                raise Refused(head.split(b"\r\n", 1)[0].decode(errors="replace"))
        except BaseException:
            self.socket.close()
            raise

    def send(self, data):
        self.socket.sendall(frame(BINARY, data))

    def messages(self, seconds):
        """Whole messages that are there, or come within so many seconds; possibly none."""
        found = self._parse()
        if not found and select.select([self.socket], [], [], max(0, seconds))[0]:
            self._receive()
            found = self._parse()
        return found

    def close(self):
        """Says goodbye, if that goes without waiting, and lets go."""
        try:
            self.socket.settimeout(1)
            self.socket.sendall(frame(CLOSE, struct.pack(">H", 1000)))
        except OSError:
            pass
        self.socket.close()

    def drop(self):
        """Lets go with a reset: nothing of the connection stays, on either side."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _receive(self):
        try:
            more = self.socket.recv(1 << 18)
        except ConnectionError as error:
            raise Closed(0, os.strerror(error.errno or 0)) from error
        if not more:
            raise Closed()
        self.data += more

    def _parse(self):
        """The whole messages received; a close is raised once nothing is left before it."""
        found = []
        while (next_frame := self._frame()) is not None:
            kind, body, is_final, end = next_frame
            if kind == CLOSE and found:
                break
            self.data = self.data[end:]
            if kind == CLOSE:
                raise Closed(int.from_bytes(body[:2], "big"), body[2:].decode(errors="replace"))
            if kind == PING:
                self.socket.sendall(frame(PONG, body))
            elif kind != PONG:
                self.part += body
                if is_final:
                    found.append(self.part)
                    self.part = b""
        return found

    def _frame(self):
        """The first frame received and where it ends; None while it is not complete."""
        data = self.data
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            if len(data) < 2 + wide:
                return None
            size, start = int.from_bytes(data[2:2 + wide], "big"), 2 + wide
        if len(data) < start + size:
            return None
        return data[0] & 0x0F, data[start:start + size], bool(data[0] & 0x80), start + size
