# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The real server on a port of its own, and the models it serves."""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


def vantage_binary():
    """The release build, as users run it. VANTAGE names another one."""
    path = pathlib.Path(os.environ.get("VANTAGE", ROOT / ".build/release/vantage"))
    if not path.exists():
        raise SystemExit(f"{path} is missing; build it with: swift build -c release --product vantage")
    return path


def run_vantage(*arguments):
    """Runs a command of the program to its end; raises with what it printed if it fails."""
    result = subprocess.run([vantage_binary(), *map(str, arguments)], capture_output=True, text=True, timeout=600)
    if result.returncode != 0:
        raise RuntimeError(f"vantage {' '.join(map(str, arguments))}: {result.stderr}")
    return result.stdout


class Server:
    """`vantage serve` until the end of a `with` block. `url` ends with a slash. Keywords are environment variables."""

    def __init__(self, *arguments, port=0, **environment):
        self.arguments = [str(argument) for argument in arguments]
        self.port = port
        self.environment = environment
        self.process = None
        self.log = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        command = [vantage_binary(), "serve", "--listen", f"127.0.0.1:{self.port}", *self.arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **self.environment})
        lines = queue.Queue()
        threading.Thread(target=self._read, args=(self.process.stdout, lines), daemon=True).start()
        while True:
            line = lines.get(timeout=300)
            if line is None:
                raise RuntimeError("the server ended: " + "".join(self.log[-20:]))
            if match := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(match.group(1))
                return

    def _read(self, stream, lines):
        for line in stream:
            self.log.append(line)
            lines.put(line)
        lines.put(None)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return json.load(response)

    def kill(self):
        """As a crash would: no goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
