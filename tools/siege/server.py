# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""One `vantage serve` on a free loopback port: started, asked, watched and ended by its id."""

import http.client
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

STARTING_SECONDS = 60
ANSWER_SECONDS = 30


def end_in_order():
    """Ctrl-C and SIGTERM from now on unwind this process, so that everything it started is ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(130))


def leave_signals_to_parent():
    """In a process that the siege started: its parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Ended(Exception):
    """The server is gone; says how, with the end of its log."""


class Server:
    """`folder` keeps models and the log. `settings` are sections of a configuration file. `tells_stacks`: one that
    crashes writes where, which takes it seconds."""

    def __init__(self, program, folder, *arguments, settings=None, descriptors=None, models=None, tells_stacks=False):
        self.program, self.folder = Path(program), Path(folder)
        self.models = Path(models or self.folder / "models")
        self.arguments = [str(argument) for argument in arguments]
        self.settings, self.descriptors = settings, descriptors
        stacks = {"SWIFT_BACKTRACE": "enable=yes,color=no,interactive=no"} if tells_stacks else {}
        self.environment = {**os.environ, **stacks}
        self.process = self.port = None
        self.log_path = self.folder / "server.log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    # MARK: Life

    def start(self):
        """Returns when it has said its address, before which it has listened."""
        self.models.mkdir(parents=True, exist_ok=True)
        command = [self.program, "serve", "--models", self.models, "--listen", "127.0.0.1:0", "--quiet",
                   *self.arguments]
        if self.settings:
            path = self.folder / "settings.json"
            path.write_text(json.dumps(self.settings))
            command += ["--config", path]
        with open(self.log_path, "ab") as log:
            # A session of its own: Ctrl-C is for whoever started the siege, who ends the server in order.
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env=self.environment, start_new_session=True, preexec_fn=self._limit if self.descriptors else None)
        self.port = self._read_port()

    def _limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def _read_port(self):
        line, deadline = b"", time.monotonic() + STARTING_SECONDS
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            more = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not more:
                self.kill()
                raise Ended(f"the server did not start: {self.log_end}")
            line += more
        return int(line.decode().split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[1])

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def is_alive(self):
        """As others than its parent see it: whether there is a process of its id that is no corpse."""
        try:
            with open(f"/proc/{self.process.pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
        except OSError:
            return False

    def wait(self, seconds):
        """Waits for the end: the exit code, or None if it still runs then."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        """As a crash or the kernel would: no goodbye."""
        if self.is_running:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, seconds=20):
        """Ends it in order; one that does not go is killed. Returns the exit code."""
        if self.process is None:
            return None
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
            self.wait(seconds)
        self.kill()
        return self.process.returncode

    @property
    def ending(self):
        """How it ended, in words; empty while it runs."""
        if self.is_running:
            return ""
        code = self.process.returncode
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"{how}: {self.log_end}"

    @property
    def log_end(self):
        """The last lines of the log that say something, on one line."""
        text = self.log_path.read_bytes()[-500_000:].decode(errors="replace") if self.log_path.exists() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        crash = [line for line in lines if "Fatal error" in line or "Program crashed" in line or "error: " in line]
        # Of a crash's long report, what the thread did that crashed.
        at = max((number for number, line in enumerate(lines) if line.endswith("crashed:")), default=None)
        stack = [line for line in lines[at + 1:at + 60] if " in vantage" in line][:5] if at is not None else []
        return " | ".join([*crash[-2:], *stack] or lines[-3:])[:1200]

    # MARK: Questions

    def request(self, method, path, body=None, seconds=ANSWER_SECONDS, headers=None):
        """One request on a connection of its own: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def json(self, path, seconds=ANSWER_SECONDS):
        status, _, body = self.request("GET", path, seconds=seconds)
        if status != 200:
            raise OSError(f"{path} was answered {status}: {body[:200]!r}")
        return json.loads(body)

    def upload(self, name, body, seconds=ANSWER_SECONDS):
        """Status and JSON of the answer."""
        status, _, answer = self.request("POST", f"/api/v1/models?name={name}", body, seconds)
        try:
            return status, json.loads(answer)
        except ValueError:
            return status, {}

    def finished_import(self, identifier, seconds):
        """An import's status when it has ended, or the last one known after so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.json(f"/api/v1/imports/{identifier}")
            if status["state"] in ("done", "failed") or time.monotonic() > deadline:
                return status
            time.sleep(0.05)

    @property
    def answers(self):
        """Whether it says that it runs, on a new connection, within a few seconds."""
        try:
            return self.request("GET", "/healthz", seconds=5)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    # MARK: What it uses

    @property
    def memory(self):
        """Resident bytes of it and of the processes it started; 0 when it has ended."""
        return sum(resident_bytes(pid) for pid in [self.process.pid, *children(self.process.pid)])

    @property
    def descriptor_count(self):
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except OSError:
            return 0


def resident_bytes(pid):
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def children(pid):
    """Ids of the processes that a process's threads started."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass
    return found
