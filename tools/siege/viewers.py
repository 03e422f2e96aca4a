# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Healthy viewers beside an attack, each in a process of its own.

The one on the client path asks 20 times a second how long an answer takes (Ping to Pong), turns its view ten times a second
and acknowledges the chunks that come. The one on the server path turns 30 times a second and counts the pictures that come
whole. Both do that only while they are told to be busy; the other one is then hidden, or silent.
"""

import json
import multiprocessing
import time

from . import messages
from .web_socket import Closed, Refused, WebSocket

CONTEXT = multiprocessing.get_context("fork")
PING_SECONDS, VIEW_SECONDS, TURN_SECONDS, ACKNOWLEDGE_SECONDS = 0.05, 0.1, 1 / 30, 0.02
REST_SECONDS = 0.02
TURN_SPEED = 0.4  # radians a second


class Viewer:
    """A viewer's process. `samples` after `finish`: for the client path (time asked, seconds to the answer), with the
    time until the end for those never answered; for the server path the times of pictures. `ending`: how it was cut off,
    or empty."""

    def __init__(self, body, server, model):
        self.is_busy, self.is_over = CONTEXT.Event(), CONTEXT.Event()
        self.pipe, inner = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(
            target=_run, args=(body, server.port, model, self.is_busy, self.is_over, inner), daemon=True)
        self.samples, self.ending = [], ""
        self.process.start()
        inner.close()

    def wait_until_ready(self, seconds=30):
        """Whether it shows the model."""
        try:
            return self.pipe.poll(seconds) and self.pipe.recv() == "ready"
        except EOFError:
            return False

    def finish(self, seconds=15):
        self.is_over.set()
        try:
            if self.pipe.poll(seconds):
                self.samples, self.ending = self.pipe.recv()
            else:
                self.ending = "the viewer did not end"
        except EOFError:
            self.ending = "the viewer's process ended"
        self.close()

    def close(self):
        if self.process.is_alive():
            self.process.join(1)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


def _run(body, port, model, is_busy, is_over, pipe):
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    samples, ending = [], ""
    try:
        body(port, model, is_busy, is_over, pipe, samples)
    except (Closed, Refused, OSError) as error:
        ending = f"{type(error).__name__}: {error}"
    pipe.send((samples, ending))


def client_path(port, model, is_busy, is_over, pipe, samples):
    stream = WebSocket(port, f"/api/v1/stream?model={model}&protocol=1.2&path=client&viewport=1280x720")
    stream.send(messages.hello())
    orbit, asked, last, is_ready = None, {}, 0, False
    next_ping = next_view = next_acknowledge = time.monotonic()
    began, acknowledged, number = time.monotonic(), 0, 0
    try:
        while not is_over.is_set():
            now = time.monotonic()
            for message in stream.messages(min(next_ping, next_view, now + REST_SECONDS) - now):
                now = time.monotonic()
                kind = message[0]
                if kind == messages.WELCOME:
                    orbit = messages.Orbit(json.loads(message[1:]))
                elif kind in (messages.CHUNK, messages.RECALL):
                    last = int.from_bytes(message[1:5], "little")
                elif kind == messages.PONG:
                    number_back = int(messages.struct.unpack("<d", message[1:])[0])
                    if number_back in asked:
                        sent = asked.pop(number_back)
                        samples.append((sent, now - sent))
                elif kind == messages.SETTLED and not is_ready:
                    is_ready = True
                    pipe.send("ready")
            now = time.monotonic()
            if last > acknowledged and now >= next_acknowledge:
                stream.send(messages.acknowledge(last))
                acknowledged, next_acknowledge = last, now + ACKNOWLEDGE_SECONDS
            if not is_ready and now - began > 10:
                is_ready = True
                pipe.send("ready")
            if not is_busy.is_set():
                next_ping = next_view = now + REST_SECONDS
                if orbit and not is_ready and orbit.sequence == 0:
                    stream.send(orbit.view(0, is_moving=False))
                continue
            if now >= next_ping:
                number += 1
                asked[number] = now
                stream.send(messages.ping(number))
                next_ping = max(now, next_ping + PING_SECONDS)
            if now >= next_view and orbit:
                stream.send(orbit.view(TURN_SPEED * (now - began)))
                next_view = max(now, next_view + VIEW_SECONDS)
    finally:
        end = time.monotonic()
        samples += [(sent, end - sent) for sent in asked.values()]
    stream.close()


def server_path(port, model, is_busy, is_over, pipe, samples):
    stream = WebSocket(port, f"/api/v1/stream?model={model}&protocol=1.2&path=server&viewport=1280x720")
    stream.send(messages.hello())
    orbit, frames, is_ready, is_visible = None, messages.Frames(), False, True
    frames.moving_times = samples
    began = next_view = time.monotonic()
    while not is_over.is_set():
        now = time.monotonic()
        for message in stream.messages(min(next_view, now + REST_SECONDS) - now):
            kind = message[0]
            if kind == messages.WELCOME:
                orbit = messages.Orbit(json.loads(message[1:]))
                stream.send(orbit.view(0))
            elif kind in (messages.FRAME, messages.FRAME_PART, messages.FRAME_CANCELLED):
                for answer in frames.receive(message, time.monotonic()):
                    stream.send(answer)
                    if not is_ready:
                        is_ready = True
                        pipe.send("ready")
        now = time.monotonic()
        if is_ready and is_busy.is_set() != is_visible:
            is_visible = is_busy.is_set()
            stream.send(messages.visibility(is_visible))
        if is_visible and is_ready and now >= next_view:
            stream.send(orbit.view(TURN_SPEED * (now - began)))
            next_view = max(now, next_view + TURN_SECONDS)
        elif not is_visible:
            next_view = now + REST_SECONDS
            if now - getattr(orbit, "last_ping", 0) > 5:
                orbit.last_ping = now
                stream.send(messages.ping(now))
    stream.close()


# MARK: Figures

def p95(samples, start, end):
    """Seconds in which 95 of 100 answers came that were asked for in a span of time; None without any."""
    values = sorted(seconds for asked, seconds in samples if start <= asked < end)
    return values[min(len(values) - 1, int(0.95 * len(values)))] if values else None


def p50(samples, start, end):
    values = sorted(seconds for asked, seconds in samples if start <= asked < end)
    return values[len(values) // 2] if values else None


def rate(times, start, end):
    """Pictures a second."""
    return sum(start <= time < end for time in times) / (end - start)
