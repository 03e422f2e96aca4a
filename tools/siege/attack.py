# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""What an attack is: a function in a process of its own, with its own bound, that says what it saw."""

import multiprocessing
import os
import resource
import time
from dataclasses import dataclass, field

from .server import leave_signals_to_parent

CONTEXT = multiprocessing.get_context("fork")
NICENESS = 10


@dataclass
class Report:
    """What an attack did and saw. `faults` are sentences; `counts` are for the table's curious reader."""

    counts: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number


@dataclass(frozen=True)
class Target:
    """The server under attack, as attackers see it."""

    server: object
    model: str
    program: object
    hostile_folder: object
    scratch: object
    patience: float

    @property
    def port(self):
        return self.server.port


@dataclass(frozen=True)
class Attack:
    """`body(target, is_over, report)` returns soon after `is_over` is set."""

    name: str
    summary: str
    body: object
    descriptors: int = 0
    settings: dict = field(default_factory=dict)
    # What it asks of the server is to be done even so: it may go on after the measured time.
    has_work_to_finish: bool = False


class Attacker:
    """An attack's process: less important than the server and the healthy viewers."""

    def __init__(self, attack, target):
        self.is_over = CONTEXT.Event()
        self.pipe, inner = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=_run, args=(attack, target, self.is_over, inner), daemon=False)
        self.process.start()
        inner.close()

    def finish(self, seconds):
        """Tells it to end and waits; the report, or one that says that none came."""
        self.is_over.set()
        report = None
        try:
            report = self.pipe.recv() if self.pipe.poll(seconds) else None
        except EOFError:
            pass
        self.close()
        return report or Report(faults=[f"the attack got no answer to what it asked for within {seconds:.0f} s more"])

    def close(self):
        if self.process.is_alive():
            self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


def _run(attack, target, is_over, pipe):
    leave_signals_to_parent()
    os.nice(NICENESS)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    report = Report()
    try:
        attack.body(target, is_over, report)
    except Exception as error:  # the report says it; the server's fate is looked at by others
        report.notes.append(f"the attack broke off: {type(error).__name__}: {error}")
    pipe.send(report)
    pipe.close()
    # Threads of it may still wait for answers.
    os._exit(0)


def until(is_over, seconds):
    """Whether there is still time, counted from the first call on: `for _ in until(…)` ends with the attack."""
    deadline = time.monotonic() + seconds
    while not is_over.is_set() and time.monotonic() < deadline:
        yield
