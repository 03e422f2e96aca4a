# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""A slow link on loopback: a TCP relay with a rate, a delay and a buffer.

All connections share the link, as they would share an access line: each direction is one queue that serves bytes in
order at `rate`, and delivers each `delay` after it was served. A queue that is full stops reading, and the sockets in
front of it have small buffers, so that the sender feels the link and not the loopback's megabytes.
"""

import asyncio
import collections
import socket
import threading
import time

PIECE = 4096


class Direction:
    """One direction of the link. Used on the relay's event loop only."""

    def __init__(self, rate, delay, buffer):
        self.rate, self.delay, self.buffer = rate, delay, buffer
        self.free_at = 0.0
        self.queued = collections.deque()
        self.byte_count = 0
        # (time served, bytes) of each piece: what a test asks about use and staleness.
        self.served = collections.deque(maxlen=1 << 20)

    def backlog(self, now):
        return max(0.0, self.free_at - now) * self.rate

    async def admit(self, byte_count):
        """Waits for room, then returns when `byte_count` bytes are delivered at the other end."""
        while (over := self.backlog(time.monotonic()) + byte_count - self.buffer) > 0:
            await asyncio.sleep(over / self.rate)
        now = time.monotonic()
        self.free_at = max(self.free_at, now) + byte_count / self.rate
        self.served.append((self.free_at, byte_count))
        self.byte_count += byte_count
        return self.free_at + self.delay


class ShapedLink:
    """Relays connections on `port` to `target_port`, both on 127.0.0.1, in a thread of its own until `stop`.

    rate: bits per second, both directions. round_trip: seconds, half of it each way. buffer: bytes that wait for the
    link in each direction (default: what passes in 100 ms, at least 32 KiB).
    """

    def __init__(self, target_port, rate=20e6, round_trip=0.04, buffer=None):
        self.target_port = target_port
        bytes_per_second = rate / 8
        size = buffer or max(32768, int(bytes_per_second * 0.1))
        self.up = Direction(bytes_per_second, round_trip / 2, size)
        self.down = Direction(bytes_per_second, round_trip / 2, size)
        self.port = None
        self._tasks = set()
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

    def cut(self):
        """Breaks every connection, as a lost network would."""
        self._loop.call_soon_threadsafe(self._cancel_all)

    def down_bytes(self, start, end):
        """Bytes that the link served towards the client between two times of `time.monotonic()`."""
        return sum(count for at, count in list(self.down.served) if start <= at < end)

    def _cancel_all(self):
        for task in list(self._tasks):
            task.cancel()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, sock=listener, limit=PIECE))
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._cancel_all()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _accept(self, client_reader, client_writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        upstream = socket.socket()
        # Set before connecting, so that the window which is offered to the server is small from the start.
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        upstream.setblocking(False)
        writers = [client_writer]
        try:
            await self._loop.sock_connect(upstream, ("127.0.0.1", self.target_port))
            server_reader, server_writer = await asyncio.open_connection(sock=upstream, limit=PIECE)
            writers.append(server_writer)
            for writer in writers:
                writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.gather(
                self._pump(client_reader, server_writer, self.up),
                self._pump(server_reader, client_writer, self.down),
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            for writer in writers:
                writer.transport.abort()

    async def _pump(self, reader, writer, direction):
        arrivals = asyncio.Queue()
        delivery = asyncio.ensure_future(self._deliver(arrivals, writer))
        try:
            while data := await reader.read(PIECE):
                arrivals.put_nowait((await direction.admit(len(data)), data))
            arrivals.put_nowait((0, None))
            await delivery
        finally:
            delivery.cancel()

    @staticmethod
    async def _deliver(arrivals, writer):
        while True:
            due, data = await arrivals.get()
            if data is None:
                writer.write_eof()
                return
            wait = due - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            writer.write(data)
            await writer.drain()
