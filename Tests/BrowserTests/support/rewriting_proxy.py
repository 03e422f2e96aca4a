# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""A proxy on loopback as people put one before the server, and the mistakes that they make with it.

Each connection carries one request; what follows is passed on as it comes, which is all that a WebSocket needs.
"""

import asyncio
import threading

HEAD_LIMIT = 65536
SIGN_IN = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<form></form>"
AWAY = b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 20\r\nconnection: close\r\n\r\n<h1>Bad Gateway</h1>"


class RewritingProxy:
    """Passes requests on to `target_port` in a thread of its own, until the end of a `with` block. May change at any time:

    host: what takes the place of the Host header, or None. prefix: a path that is taken off the front of addresses.
    web_sockets: "pass", "drop" (the upgrade is not passed on), "cut" (opened, and closed before anything is sent), or
    "sign in" (a form is the answer, to a plain request for the stream's address too).
    is_away: answer 502, as where nobody is behind the proxy. upload_limit: bytes of a request's body after which it is cut.
    """

    def __init__(self, target_port, prefix="/"):
        self.target_port = target_port
        self.prefix = prefix
        self.host = None
        self.web_sockets = "pass"
        self.is_away = False
        self.upload_limit = None
        self.port = None
        # Request lines, newest last.
        self.requests = []
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

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def end_connections(self):
        """Breaks every connection, as a proxy does that is started anew."""
        self._loop.call_soon_threadsafe(self._cancel_all)

    def asked(self, path):
        """How many requests so far were for a path, which begins without a slash."""
        return sum(1 for line in self.requests if line.split(" ")[1].split("?")[0] == self.prefix + path)

    def _cancel_all(self):
        for task in list(self._tasks):
            task.cancel()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_LIMIT))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._cancel_all()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        writers = [writer]
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
            self.requests.append(head[0])
            answer = self._own_answer(head[0])
            if answer:
                writer.write(answer)
                await writer.drain()
                return
            opens = any(line.lower().startswith("upgrade:") for line in head)
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            writers.append(server_writer)
            server_writer.write(self._rewritten(head, opens))
            if opens and self.web_sockets == "cut":
                writer.write(await server_reader.readuntil(b"\r\n\r\n"))
                await writer.drain()
                return
            if self.upload_limit is not None and head[0].startswith("POST"):
                await reader.readexactly(self.upload_limit)
                return
            await asyncio.gather(self._pump(reader, server_writer), self._pump(server_reader, writer))
        except (OSError, EOFError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            for each in writers:
                each.transport.abort() if self.upload_limit is not None else each.close()

    def _own_answer(self, line):
        if self.is_away:
            return AWAY
        return SIGN_IN if self.web_sockets == "sign in" and "/api/v1/stream" in line else None

    def _rewritten(self, head, opens):
        method, address, version = head[0].split(" ")
        lines = [f"{method} /{address.removeprefix(self.prefix).lstrip('/')} {version}"]
        drops = not opens or self.web_sockets == "drop"
        for line in head[1:]:
            name = line.split(":")[0].lower()
            if name == "host" and self.host is not None:
                line = f"Host: {self.host}"
            if name in ("connection", "upgrade") and drops:
                continue
            lines.append(line)
        if drops:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    @staticmethod
    async def _pump(reader, writer):
        while data := await reader.read(HEAD_LIMIT):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
