# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Healthy viewers beside an attack, each in a process of its own.

The one on the client path asks 20 times a second how long an answer takes (Ping to Pong), turns its view ten times a
second and acknowledges the chunks that come. The one on the server path turns 30 times a second and counts the pictures
that come whole. Both do that only while they are told to be busy; the other one is then hidden, or silent.
"""

import json
import multiprocessing
import struct
import time

from . import messages
from .server import leave_signals_to_parent
from .web_socket import Closed, Refused, WebSocket

CONTEXT = multiprocessing.get_context("fork")
PING_SECONDS, VIEW_SECONDS, TURN_SECONDS, ACKNOWLEDGE_SECONDS = 0.05, 0.1, 1 / 30, 0.02
REST_SECONDS = 0.02
ALIVE_SECONDS = 5  # between signs of life of one that is not busy
SHOWN_SECONDS = 10  # after which a viewer counts as ready, settled or not
WARM_FRAMES = 10
TURN_SPEED = 0.4  # radians a second


class Viewer:
    """A viewer's process. `samples` after `finish`: for the client path (time asked, seconds to the answer), with the
    time until the end for those never answered; for the server path the times of pictures. `ending`: how it was cut off,
    or empty."""

    def __init__(self, kind, server, model):
        self.is_busy, self.is_over = CONTEXT.Event(), CONTEXT.Event()
        self.pipe, inner = CONTEXT.Pipe(duplex=False)
        self.sample_count = CONTEXT.Value("L", 0)
        self.process = CONTEXT.Process(target=_run, args=(
            kind, server.port, model, self.is_busy, self.is_over, self.sample_count, inner), daemon=True)
        self.samples, self.ending = [], ""
        self.process.start()
        inner.close()

    def wait_until_ready(self, seconds=30):
        """Whether it shows the model."""
        try:
            news = self.pipe.recv() if self.pipe.poll(seconds) else ([], "nothing was shown")
        except EOFError:
            news = ([], "the viewer's process ended")
        if news != "ready":
            self.samples, self.ending = news
        return news == "ready"

    def wait_until_served(self, seconds=5):
        """Waits for a few new samples: one that was hidden gets its first pictures late."""
        wanted, end = self.sample_count.value + WARM_FRAMES, time.monotonic() + seconds
        while self.sample_count.value < wanted and time.monotonic() < end:
            time.sleep(0.02)

    def finish(self, seconds=15):
        self.is_over.set()
        try:
            if self.pipe.poll(seconds):
                self.samples, self.ending = self.pipe.recv()
            else:
                self.ending = "the viewer did not end"
        except EOFError:
            self.ending = self.ending or "the viewer's process ended"
        self.close()

    def close(self):
        if self.process.is_alive():
            self.process.join(1)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


def _run(kind, port, model, is_busy, is_over, sample_count, pipe):
    leave_signals_to_parent()
    samples, ending = [], ""
    try:
        kind(port, model, is_busy, samples, pipe).run(is_over, sample_count)
    except (Closed, Refused, OSError) as error:
        ending = f"{type(error).__name__}: {error}"
    pipe.send((samples, ending))


class _Path:
    """What both kinds of viewers have in common: the connection, the camera, and when they are ready."""

    name = ""

    def __init__(self, port, model, is_busy, samples, pipe):
        self.stream = WebSocket(
            port, f"/api/v1/stream?model={model}&protocol=1.2&path={self.name}&viewport=1280x720")
        self.stream.send(messages.hello())
        self.is_busy, self.samples, self.pipe = is_busy, samples, pipe
        self.orbit, self.is_ready = None, False
        self.began = self.next_turn = self.alive = time.monotonic()

    def run(self, is_over, sample_count):
        try:
            while not is_over.is_set():
                for message in self.stream.messages(self.pause):
                    self.receive(message, time.monotonic())
                now = time.monotonic()
                if now - self.began > SHOWN_SECONDS and self.orbit:
                    self.ready()
                if now - self.alive > ALIVE_SECONDS:
                    self.alive = now
                    self.stream.send(messages.ping(-1))
                self.act(now)
                sample_count.value = len(self.samples)
        finally:
            self.end(time.monotonic())
        self.stream.close()

    @property
    def pause(self):
        """Seconds until there is something to do even if nothing comes."""
        return min(max(0, self.next_turn - time.monotonic()), REST_SECONDS)

    def receive(self, message, now):
        if message[0] == messages.WELCOME:
            self.orbit = messages.Orbit(json.loads(message[1:]))
            self.stream.send(self.orbit.view(0, is_moving=False))

    def ready(self):
        if not self.is_ready:
            self.is_ready = True
            self.pipe.send("ready")

    def turn(self, now, seconds):
        """Sends a view if it is time for one."""
        if now >= self.next_turn and self.orbit:
            self.stream.send(self.orbit.view(TURN_SPEED * (now - self.began)))
            self.next_turn = max(now, self.next_turn + seconds)

    def end(self, now):
        pass


class ClientPath(_Path):
    name = "client"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked, self.number = {}, 0
        self.received = self.acknowledged = 0
        self.next_ping = self.next_acknowledge = self.began

    @property
    def pause(self):
        return min(super().pause, max(0, self.next_ping - time.monotonic()))

    def receive(self, message, now):
        super().receive(message, now)
        if message[0] in (messages.CHUNK, messages.RECALL):
            self.received, = struct.unpack_from("<I", message, 1)
        elif message[0] == messages.SETTLED:
            self.ready()
        elif message[0] == messages.PONG:
            sent = self.asked.pop(int(struct.unpack_from("<d", message, 1)[0]), None)
            if sent is not None:
                self.samples.append((sent, now - sent))

    def act(self, now):
        if self.received > self.acknowledged and now >= self.next_acknowledge:
            self.stream.send(messages.acknowledge(self.received))
            self.acknowledged, self.next_acknowledge = self.received, now + ACKNOWLEDGE_SECONDS
        if not self.is_busy.is_set():
            self.next_ping = self.next_turn = now + REST_SECONDS
            return
        if now >= self.next_ping:
            self.number += 1
            self.asked[self.number] = now
            self.stream.send(messages.ping(self.number))
            self.next_ping = max(now, self.next_ping + PING_SECONDS)
        self.turn(now, VIEW_SECONDS)

    def end(self, now):
        """What was never answered took at least until now."""
        self.samples += [(sent, now - sent) for sent in self.asked.values()]


class ServerPath(_Path):
    name = "server"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.frames, self.is_visible = messages.Frames(self.samples), True

    def receive(self, message, now):
        super().receive(message, now)
        if message[0] in (messages.FRAME, messages.FRAME_PART, messages.FRAME_CANCELLED):
            for answer in self.frames.receive(message, now):
                self.stream.send(answer)
            # The first ones wait for what a driver compiles.
            if len(self.samples) >= WARM_FRAMES:
                self.ready()

    def act(self, now):
        if not self.is_ready:
            return self.turn(now, TURN_SECONDS)
        if self.is_busy.is_set() != self.is_visible:
            self.is_visible = not self.is_visible
            self.stream.send(messages.visibility(self.is_visible))
        if self.is_visible:
            self.turn(now, TURN_SECONDS)
        else:
            self.next_turn = now + REST_SECONDS


# MARK: Figures

def percentile(samples, share, start, end):
    """Seconds within which that share of the answers came that were asked for in a span of time; None without any."""
    values = sorted(seconds for asked, seconds in samples if start <= asked < end)
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


def rate(times, start, end):
    """Pictures a second."""
    return sum(start <= time < end for time in times) / (end - start)
