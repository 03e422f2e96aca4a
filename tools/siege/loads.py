# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks by more work, and more waiting, than a server has room for."""

import http.client
import itertools
import shutil
import socket
import threading
import time
from pathlib import Path

from . import models
from .attack import until
from .floods import LONGEST
from .server import Server
from .web_socket import handshake

PICTURES_AT_ONCE = 64
UPLOADS_AT_ONCE = 50
MOST_UPLOADS = 2000
SLOW_UPLOADS = 40
IDLE_CONNECTIONS = 1100
FULL_SECONDS = 10  # that all descriptors stay taken
SIDES = ("home", "front", "back", "left", "right", "top", "bottom")


def at_once(count, body, is_over):
    """Runs `body(number)` in so many threads until the end; threads that still wait for an answer are left behind."""
    def loop(number):
        for _ in until(is_over, LONGEST):
            body(number)

    threads = [threading.Thread(target=loop, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and not is_over.is_set():
            thread.join(0.1)


def pictures(target, is_over, report):
    numbers = itertools.count()

    def ask(_):
        number = next(numbers)
        path = (f"/api/v1/render?model={target.model}&camera={SIDES[number % 7]}&width={1600 + number % 320}"
                "&height=900&format=png")
        try:
            status, headers, _ = target.server.request("GET", path, seconds=60)
        except (OSError, http.client.HTTPException):
            report.count("no answer")
            return time.sleep(0.1)
        report.count(f"answers {status}")
        if status == 503 and not headers.get("Retry-After"):
            report.count("503 without Retry-After")
        if status != 200:
            time.sleep(0.1)

    at_once(PICTURES_AT_ONCE, ask, is_over)
    for status in ("answers 500", "503 without Retry-After"):
        if report.counts.get(status):
            report.faults.append(f"{report.counts[status]} {status}")


def uploads(target, is_over, report):
    base = models.ply(4000)
    numbers = itertools.count(1)

    def send(_):
        number = next(numbers)
        if number > MOST_UPLOADS:
            return time.sleep(0.1)
        # The comment and one corner are its own: no two are the same content.
        body = base.replace(b"comment 0\n", b"comment %d\n" % number)
        try:
            status, _ = target.server.upload(f"siege-{number}.ply", body, seconds=60)
        except (OSError, http.client.HTTPException):
            report.count("no answer")
            return time.sleep(0.1)
        report.count(f"answers {status}")
        if status not in (200, 202, 429, 503):
            report.faults.append(f"an upload was answered {status}")
        if status not in (200, 202):
            time.sleep(0.1)

    at_once(UPLOADS_AT_ONCE, send, is_over)


def slow_uploads(target, is_over, report):
    """Many uploads that send a byte now and then; meanwhile somebody with a small model wants it to be taken."""
    head = (b"POST /api/v1/models?name=slow.ply HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000000\r\n\r\n"
            b"ply\nformat binary_little_endian 1.0\n")
    streams = []

    def trickle():
        while len(streams) < SLOW_UPLOADS:
            stream = socket.create_connection(("127.0.0.1", target.port), timeout=5)
            stream.sendall(head)
            streams.append(stream)
            report.count("slow uploads")
        for stream in list(streams):
            try:
                stream.sendall(b" ")
            except OSError:
                streams.remove(stream)
                report.count("cut off")

    def wish():
        status, answer = target.server.upload("wanted.ply", models.ply(50), seconds=5)
        return status if status not in (200, 202) else 0

    began, refusal = time.monotonic(), None
    # The wish may be fulfilled after the measured time, but not after all patience.
    while time.monotonic() - began < target.patience and not (is_over.is_set() and refusal == 0):
        trickle()
        if refusal != 0 and len(streams) >= 20:
            try:
                refusal = wish()
            except (OSError, http.client.HTTPException) as error:
                refusal = type(error).__name__
            if refusal == 0:
                report.notes.append(f"a good upload was taken after {time.monotonic() - began:.1f} s")
        time.sleep(0.5)
    if refusal != 0:
        report.faults.append(f"a good upload was refused for {target.patience:.0f} s ({refusal})")
    for stream in streams:
        stream.close()


def descriptors(target, is_over, report):
    """Idle connections, and a few that were there before and go on asking for what needs files."""
    asking = [http.client.HTTPConnection("127.0.0.1", target.port, timeout=5) for _ in range(4)]
    for connection in asking:
        ask(connection, "GET", "/healthz", None, report)
    viewers = [socket.create_connection(("127.0.0.1", target.port), timeout=5) for _ in range(20)]
    streams = idle_connections(target.port, report)
    end = time.monotonic() + FULL_SECONDS
    for turn in itertools.count():
        if time.monotonic() > end:
            break
        method, path, body = (
            ("POST", "/api/v1/models?name=late.ply", models.ply(60 + turn)), ("GET", "/metrics", None),
            ("GET", f"/api/v1/models/{target.model}/tree", None), ("GET", "/api/v1/models", None),
            ("GET", "/api/v1/models/victim/tree", None), ("GET", "/", None))[turn % 6]
        ask(asking[turn % 4], method, path, body, report)
        if viewers:
            streams.append(viewers.pop())
            model, way = (("victim", "client"), (target.model, "server"))[turn % 2]
            streams[-1].sendall(handshake(f"/api/v1/stream?model={model}&protocol=1.2&path={way}"))
        time.sleep(0.05)
    report.notes.append(f"{target.server.descriptor_count} descriptors of the server open")
    for status in ("answers 404", "answers 422", "answers 500"):
        if report.counts.get(status):
            report.faults.append(f"{report.counts[status]} {status} for want of descriptors")
    let_go(target.server, streams, report)


def descriptors_at_start(target, is_over, report):
    """The same to a server that has just started: what it makes ready then wants descriptors too."""
    folder = Path(target.scratch) / "fresh"
    shutil.copytree(target.server.models, folder / "models", ignore=shutil.ignore_patterns(".*"))
    with Server(target.program, folder, descriptors=target.server.descriptors) as fresh:
        streams = idle_connections(fresh.port, report)
        time.sleep(FULL_SECONDS)
        if fresh.is_running:
            let_go(fresh, streams, report)
        if not fresh.is_running:
            report.faults.append(f"a server that had just started ended with {fresh.ending}")


def idle_connections(port, report):
    """Opens as many as there are to be, or as the server's queue takes."""
    streams = []
    for _ in range(IDLE_CONNECTIONS):
        try:
            streams.append(socket.create_connection(("127.0.0.1", port), timeout=1))
            report.count("opened")
        except OSError as error:
            report.count(type(error).__name__)
    return streams


def let_go(server, streams, report):
    """Closes the connections; the server must then answer new ones."""
    for stream in streams:
        stream.close()
    end = time.monotonic() + 10
    while not server.answers:
        if time.monotonic() > end:
            return report.faults.append("no answer 10 s after the idle connections were gone")
        time.sleep(0.2)


def ask(connection, method, path, body, report):
    """A request on a connection that is kept."""
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        response.read()
        report.count(f"answers {response.status}")
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        report.count(type(error).__name__)
