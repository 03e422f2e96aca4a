# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The server's end of a WebSocket (RFC 6455) on asyncio streams: as much of it as browsers use with a small server."""

import base64
import hashlib
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def accept_header(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


class WebSocket:
    """One connection whose handshake is done."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def messages(self):
        """The client's messages as bytes, until it closes."""
        whole = b""
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                length, = struct.unpack(">H", await self.reader.readexactly(2))
            elif length == 127:
                length, = struct.unpack(">Q", await self.reader.readexactly(8))
            mask = await self.reader.readexactly(4)
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(await self.reader.readexactly(length)))
            kind = first & 0x0F
            if kind == CLOSE:
                self._send(CLOSE, data)
                return
            if kind == PING:
                self._send(PONG, data)
            elif kind in (CONTINUATION, TEXT, BINARY):
                whole += data
                if first & 0x80:
                    yield whole
                    whole = b""

    def send(self, data):
        self._send(BINARY, data)

    def close(self, code, reason=""):
        self._send(CLOSE, struct.pack(">H", code) + reason.encode())

    def _send(self, kind, data):
        if self.writer.is_closing():
            return
        size = len(data)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([size])
        elif size < 65536:
            head += bytes([126]) + struct.pack(">H", size)
        else:
            head += bytes([127]) + struct.pack(">Q", size)
        self.writer.write(head + data)
