# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The campaign of messages: many connections send mutated messages to one server, with a healthy viewer beside them.

A connection sends a burst with a Ping after every fourth message, and waits until the last Pong or the close. A message
counts when a Pong after it came, or when it may be the one that the server closed for; so the count is one of messages
that were handled, not of messages that were sent.
"""

import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import struct
import time
from pathlib import Path

from . import models, viewers
from .message_mutation import ONLY, Mutator, recorded
from .server import Server, leave_signals_to_parent
from .web_socket import BINARY, TEXT, Closed, Refused, WebSocket, frame

CONTEXT = multiprocessing.get_context("fork")
SENDERS = 2
BURST, PING_EVERY = 32, 4
HARD_SHARE = 0.04
DRAWN_SHARE = 0.03  # of connections whose pictures the server draws
REPORT_EVERY = 100_000
GROWTH_LIMIT = 96 << 20  # bytes over the last two thirds of a million messages; less for fewer
# The limits of one viewer are not what is tried here; sessions are left soon, so that memory is only what leaks.
SETTINGS = {"viewers": {"messagesPerSecond": 100_000, "bytesPerSecond": 1 << 30, "mailboxLimit": 4096},
            "sessions": {"emptySeconds": 1, "viewerLimitPerSession": 1000}}
# Messages that a viewer sends once, or about once a second: how often they are in a burst at most, by their first byte.
RARE = {b"\x81": 1, b"\x8e": 3}
PATHS = ("client", "auto", "auto&wish=hybrid", "auto&can=client", "auto&can=client&wish=client")


def burst(seed, connection):
    """What a connection asks for and sends: path, and messages as (kind of frame, bytes)."""
    mutator = Mutator(seed, connection)
    chance = mutator.chance
    path = "server" if chance.random() < DRAWN_SHARE else chance.choice(PATHS)
    valid = [message for message in recorded() if path not in ONLY or message[0] in ONLY[path]]
    sent, rare = [], dict(RARE)
    for _ in range(BURST):
        message = mutator.message(valid, HARD_SHARE)
        sent.append((TEXT if chance.random() < 0.001 else BINARY, message))
        if message[:1] in rare:
            rare[message[:1]] -= 1
            if rare[message[:1]] == 0:
                valid = [other for other in valid if other[:1] != message[:1]]
    return path, sent


def send_burst(port, model, seed, connection):
    """How many messages the server handled, and what the connection ended with."""
    path, messages = burst(seed, connection)
    data = bytearray()
    for number, (kind, message) in enumerate(messages, 1):
        data += frame(kind, message)
        if number % PING_EVERY == 0:
            data += frame(BINARY, b"\x88" + struct.pack("<d", number))
    stream = WebSocket(port, f"/api/v1/stream?model={model}&protocol=1.2&path={path}", seconds=20)
    handled, deadline = 0, time.monotonic() + 20
    try:
        stream.socket.sendall(data)
        while handled < BURST and time.monotonic() < deadline:
            for answer in stream.messages(1):
                if answer[0] == 7:
                    # Of mutated Pings come Pongs too; only the markers' numbers count.
                    value, = struct.unpack("<d", answer[1:])
                    if value == value and 0 < value <= BURST and value % PING_EVERY == 0:
                        handled = max(handled, int(value))
    except Closed as closed:
        return min(handled + 1, BURST), str(closed.code)
    except OSError as error:
        return handled, type(error).__name__
    finally:
        stream.drop()
    return handled, "open" if handled == BURST else "silent"


def sender(port, model, seed, numbers, pipe, is_over):
    """Sends bursts one after the other; says after each what became of it."""
    leave_signals_to_parent()
    os.nice(5)
    refused = 0
    for number in numbers:
        if is_over.is_set():
            break
        try:
            pipe.send((number, *send_burst(port, model, seed, number)))
            refused = 0
        except (Closed, Refused, OSError) as error:
            pipe.send((number, 0, f"not connected: {type(error).__name__} {error}"[:80]))
            refused += 1
            time.sleep(0.05)
            if refused > 200:
                break
    pipe.send(None)


def run(program, scratch, count=1_000_000, seed=None, first=0, say=print):
    """Sends until `count` messages were handled, from connection `first` on. Returns a report; see `faults`."""
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    say(f"message campaign: {count:,} messages, seed {seed}")
    folder = Path(scratch) / f"messages-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "models").mkdir(parents=True)
    server = Server(program, folder, settings=SETTINGS, tells_stacks=True)
    is_over, workers = CONTEXT.Event(), []
    report = {"seed": seed, "messages": 0, "connections": 0, "endings": {}, "memory": [], "complaints": []}
    began = time.monotonic()
    healthy = None
    try:
        server.start()
        status, answer = server.upload("strip.glb", models.glb(200, [models.png(64, 64)]))
        model = server.finished_import(answer["import"], 30)["model"] if status == 202 else answer["model"]
        healthy = viewers.Viewer(viewers.ClientPath, server, model)
        healthy.wait_until_ready()
        healthy.is_busy.set()
        note_memory(report, server)
        most = first + count  # connections, far more than needed
        for number in range(SENDERS):
            pipe, inner = CONTEXT.Pipe(duplex=False)
            worker = CONTEXT.Process(target=sender, args=(
                server.port, model, seed, range(first + number, most, SENDERS), inner, is_over))
            worker.start()
            inner.close()
            workers.append((worker, pipe))
        collect(report, server, workers, count, say)
        is_over.set()
        time.sleep(2.5)  # sessions without viewers end
        note_memory(report, server)
        if not server.is_running:
            report["complaints"].append(f"the server ended with {server.ending}")
        elif not server.answers:
            report["complaints"].append("the server runs and answers nothing")
    finally:
        is_over.set()
        if healthy:
            healthy.finish()
        for worker, pipe in workers:
            pipe.close()
            worker.join(25)
            if worker.is_alive():
                worker.kill()
                worker.join()
        code = server.stop()
    end = time.monotonic()
    report["healthyP95Milliseconds"] = round(1000 * (viewers.percentile(healthy.samples, 0.95, began, end) or 0), 1)
    report["seconds"] = round(end - began, 1)
    report["endings"] = dict(sorted(report["endings"].items()))
    if healthy.ending:
        report["complaints"].append(f"the healthy viewer was cut off: {healthy.ending}")
    if code != 0 and not report["complaints"]:
        report["complaints"].append(f"told to end, the server ended with {code}")
    return report


def note_memory(report, server):
    report["memory"].append({"messages": report["messages"], "bytes": server.memory, "files": server.descriptor_count})


def collect(report, server, workers, count, say):
    """Takes the senders' news until enough was handled, all senders are done, or the server is gone."""
    open_pipes, last = [pipe for _, pipe in workers], [0] * len(workers)
    while open_pipes and report["messages"] < count:
        ready = multiprocessing.connection.wait(open_pipes, timeout=60)
        if not ready:
            report["complaints"].append("nothing was heard of any sender for a minute")
            break
        for pipe in ready:
            try:
                news = pipe.recv()
            except EOFError:
                news = None
            if news is None:
                open_pipes.remove(pipe)
                continue
            number, handled, ending = news
            before = report["messages"]
            report["messages"] += handled
            report["connections"] += 1
            report["endings"][ending] = report["endings"].get(ending, 0) + 1
            report["lastConnection"] = number
            if report["messages"] // REPORT_EVERY > before // REPORT_EVERY:
                note_memory(report, server)
                say(f"  {report['messages']:,} messages, {server.memory / 1e6:.0f} MB, "
                    f"{server.descriptor_count} files")
        if not server.is_running:
            report["complaints"].append(
                f"the server ended at about connection {report.get('lastConnection')}: {server.ending}")
            break


def faults(report):
    words = list(report["complaints"])
    silent = report["endings"].get("silent", 0)
    if silent:
        words.append(f"{silent} connections were neither answered nor closed within 20 s")
    late = [note["bytes"] for note in report["memory"] if note["messages"] >= report["messages"] / 3]
    if len(late) >= 3 and late[-1] - late[0] > GROWTH_LIMIT * max(0.2, report["messages"] / 1e6):
        words.append(f"memory grew by {(late[-1] - late[0]) / 1e6:.0f} MB in the last two thirds of the messages")
    return words
