# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks by many cheap bytes, messages and connections."""

import collections
import errno
import http.client
import selectors
import socket
import struct
import time

from . import messages
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
                drop(selector, stream)
                time.sleep(0.005)
                connect()
    for key in list(selector.get_map().values()):
        drop(selector, key.fileobj)


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
    """Opens connections at a steady rate, whatever becomes of them: each a viewer that says Hello, looks, reads what it
    is sent for a while, and is gone."""
    selector, request = selectors.DefaultSelector(), handshake(f"/api/v1/stream?model={target.model}&protocol=1.2")
    began, waits, held = time.monotonic(), [], collections.deque()
    opened = 0
    for _ in until(is_over, LONGEST):
        while opened < (time.monotonic() - began) * STORM_RATE:
            opened += 1
            stream = socket.socket()
            stream.setblocking(False)
            stream.connect_ex(("127.0.0.1", target.port))
            held.append((time.monotonic(), stream))
            selector.register(stream, selectors.EVENT_WRITE, held[-1][0])
        for key, events in selector.select(0.003):
            try:
                if events & selectors.EVENT_WRITE:
                    key.fileobj.send(request)
                    selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
                else:
                    storm_answer(key, report, waits)
            except OSError as error:
                report.count(errno.errorcode.get(error.errno, "closed"))
                selector.unregister(key.fileobj)
        while held and held[0][0] + STORM_HOLD < time.monotonic():
            drop(selector, held.popleft()[1])
    report.count("opened", opened)
    if waits:
        report.notes.append(f"handshake p95 {1000 * sorted(waits)[int(0.95 * len(waits))]:.0f} ms")
    for _, stream in held:
        drop(selector, stream)


def storm_answer(key, report, waits):
    """Takes what one of the storm is sent; after the handshake it says who it is and where it looks."""
    answer = key.fileobj.recv(65536)
    if not answer:
        raise ConnectionResetError
    if answer.startswith(b"HTTP/1.1 101"):
        waits.append(time.monotonic() - key.data)
        report.count("answered")
        look = messages.view(1, (0, 0, 5 + waits[-1]))
        key.fileobj.send(frame(BINARY, messages.hello()) + frame(BINARY, look))
    elif answer.startswith(b"HTTP/1.1"):
        report.count("refused")


def drop(selector, stream):
    """With a reset, so that no port stays taken."""
    try:
        selector.unregister(stream)
    except KeyError:
        pass
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()
