# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks by many cheap bytes, messages and connections."""

import errno
import http.client
import selectors
import socket
import struct
import time

from .attack import until
from .web_socket import BINARY, CONTINUATION, WebSocket, frame, handshake

LONGEST = 120  # seconds of any attack, whoever forgets to end it
STREAMS = 4
STORM_RATE = 200  # connections a second
STORM_HOLD = 3  # seconds that each stays, whatever it is sent
NESTING = 400  # below the depth at which parsers of 2020 give up


def pour(target, is_over, report, opening, block, blocks):
    """Keeps a few connections full of a block of bytes; each is opened again when it is refused or has had enough."""
    selector = selectors.DefaultSelector()

    def connect():
        stream = socket.socket()
        stream.setblocking(False)
        stream.connect_ex(("127.0.0.1", target.port))
        # What is to be sent: the rest of the present piece, and how many blocks follow.
        selector.register(stream, selectors.EVENT_WRITE | selectors.EVENT_READ, [opening, blocks])
        report.count("connections")

    def drop(stream):
        selector.unregister(stream)
        stream.close()

    for _ in range(STREAMS):
        connect()
    for _ in until(is_over, LONGEST):
        for key, events in selector.select(0.1):
            stream, state = key.fileobj, key.data
            try:
                if events & selectors.EVENT_READ and not stream.recv(65536):
                    raise ConnectionResetError
                if events & selectors.EVENT_WRITE:
                    sent = stream.send(state[0])
                    report.count("bytes", sent)
                    state[0] = state[0][sent:]
                    if not state[0]:
                        if state[1] == 0:
                            raise ConnectionResetError
                        state[0], state[1] = block, state[1] - 1
            except BlockingIOError:
                pass
            except OSError:
                drop(stream)
                time.sleep(0.005)
                connect()
    for key in list(selector.get_map().values()):
        drop(key.fileobj)


def empty_lines(target, is_over, report):
    pour(target, is_over, report, b"\r\n", b"\r\n" * 32768, blocks=1000)


def byte_chunks(target, is_over, report):
    opening = (b"POST /api/v1/models?name=siege.ply HTTP/1.1\r\nHost: 127.0.0.1\r\n"
               b"Transfer-Encoding: chunked\r\n\r\n")
    pour(target, is_over, report, opening, b"1\r\nx\r\n" * 10000, blocks=100)


def byte_frames(target, is_over, report):
    opening = handshake(f"/api/v1/stream?model={target.model}&protocol=1.2") + frame(BINARY, b"\x88", is_final=False)
    block = (frame(CONTINUATION, b"", is_final=False) * 7 + frame(CONTINUATION, b"x", is_final=False)) * 1000
    pour(target, is_over, report, opening, block, blocks=100)


# MARK: Deep JSON

def deep_json(byte_count):
    """Lists in lists, as deep as parsers take, again and again: beside the keys that a reader looks for."""
    nest = b"[" * NESTING + b"]" * NESTING
    return b'{"client":"siege","model":[' + b",".join([nest] * (byte_count // len(nest))) + b"]}"


def deep_bodies(target, is_over, report):
    body = deep_json(60_000)
    for _ in until(is_over, LONGEST):
        try:
            status, _, _ = target.server.request("POST", "/api/v1/sessions", body, seconds=2)
            report.count(f"answers {status}")
        except (OSError, http.client.HTTPException):
            report.count("no answer")
        time.sleep(0.02)


def deep_hellos(target, is_over, report):
    message = b"\x81" + deep_json(60_000)
    for _ in until(is_over, LONGEST):
        try:
            stream = WebSocket(target.port, f"/api/v1/stream?model={target.model}&protocol=1.2", seconds=2)
            stream.send(message)
            report.count("hellos")
            time.sleep(0.05)
            stream.drop()
        except Exception as error:
            report.count(type(error).__name__)
            time.sleep(0.02)


# MARK: Storm

def storm(target, is_over, report):
    """Opens connections at a steady rate, whatever becomes of them, each with a handshake."""
    selector, request = selectors.DefaultSelector(), handshake(f"/api/v1/stream?model={target.model}&protocol=1.2")
    began, opened, waits, ends = time.monotonic(), 0, [], []
    for _ in until(is_over, LONGEST):
        now = time.monotonic()
        while opened < (now - began) * STORM_RATE:
            opened += 1
            stream = socket.socket()
            stream.setblocking(False)
            stream.connect_ex(("127.0.0.1", target.port))
            selector.register(stream, selectors.EVENT_WRITE, time.monotonic())
        for key, events in selector.select(0.003):
            stream = key.fileobj
            try:
                if events & selectors.EVENT_WRITE:
                    stream.send(request)
                    selector.modify(stream, selectors.EVENT_READ, key.data)
                    continue
                answer = stream.recv(65536)
                if answer.startswith(b"HTTP/1.1 101"):
                    waits.append(time.monotonic() - key.data)
                    report.count("answered")
                elif answer.startswith(b"HTTP/1.1"):
                    report.count("refused")
            except OSError as error:
                report.count(errno.errorcode.get(error.errno, "error"))
            selector.unregister(stream)
            ends.append((time.monotonic() + STORM_HOLD, stream))
        while ends and ends[0][0] < time.monotonic():
            release(ends.pop(0)[1])
    report.count("opened", opened)
    if waits:
        report.notes.append(f"handshake p95 {1000 * sorted(waits)[int(0.95 * len(waits))]:.0f} ms")
    for _, stream in ends:
        release(stream)
    for key in list(selector.get_map().values()):
        key.fileobj.close()


def release(stream):
    """With a reset, so that no port stays taken."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()
