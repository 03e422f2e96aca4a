# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""One attack on one fresh server: quiet figures, figures beside the attack, and what is left afterwards."""

import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import viewers
from .attack import Attacker, Report, Target
from .server import Ended, Server

MODEL = "healthy"
# Until an attack is at full strength, and until memory that is given back has been.
RISE_SECONDS, REST_SECONDS = 0.7, 2.0


@dataclass(frozen=True)
class Bounds:
    """What a run must keep to."""

    ratio: float = 2.0
    """Of the p95 of answers beside the attack to the quiet one. Answers within `floor` seconds are always good."""
    floor: float = 0.010
    frames: float = 0.7
    """Of the pictures a second beside the attack to the quiet ones."""
    memory: int = 400 << 20
    """Bytes that may be left above the quiet figure."""
    peak: int = 1500 << 20
    """Bytes at most at any moment, with the processes that the server started."""


@dataclass
class Result:
    program: str
    attack: str
    quiet_p50: float | None = None
    quiet_p95: float | None = None
    beside_p50: float | None = None
    beside_p95: float | None = None
    quiet_frames: float | None = None
    beside_frames: float | None = None
    is_alive: bool = False
    memory_before: int = 0
    memory_peak: int = 0
    memory_after: int = 0
    descriptors_after: int = 0
    counts: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    @property
    def ratio(self):
        return self.beside_p95 / self.quiet_p95 if self.quiet_p95 and self.beside_p95 is not None else None

    @property
    def frames_ratio(self):
        return self.beside_frames / self.quiet_frames if self.quiet_frames and self.beside_frames is not None else None

    def json(self):
        return {**asdict(self), "ratio": self.ratio, "framesRatio": self.frames_ratio, "isGood": not self.faults}


class Run:
    """`archives`: name → file, of the models that the server has; the healthy viewers look at MODEL."""

    def __init__(self, label, program, attack, archives, options):
        self.attack, self.options, self.program = attack, options, program
        self.result = Result(label, attack.name)
        self.scratch = Path(tempfile.mkdtemp(prefix=f"{label}-{attack.name}-", dir=options.scratch))
        (self.scratch / "models").mkdir()
        for name, path in archives.items():
            shutil.copy(path, self.scratch / "models" / f"{name}.vantage")
        self.server = Server(program, self.scratch, settings=attack.settings or None,
                             descriptors=attack.descriptors or None)
        self.client = self.frames = self.attacker = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends everything by its id, whatever happened."""
        for process in (self.attacker, self.client, self.frames):
            if process:
                process.close()
        self.server.stop(10)
        if not self.options.keep:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def measure(self):
        result = self.result
        try:
            self.server.start()
        except Ended as ended:
            result.faults.append(str(ended))
            return result
        self.client = viewers.Viewer(viewers.ClientPath, self.server, MODEL)
        if not self.client.wait_until_ready():
            result.faults.append("the healthy viewer was shown nothing before any attack")
            return result
        self.frames = viewers.Viewer(viewers.ServerPath, self.server, MODEL)
        if not self.frames.wait_until_ready():
            self.frames.finish()
            result.notes.append(f"no pictures: {self.frames.ending or 'none came'}")
            self.frames = None
        quiet = self._spans()
        result.memory_before = self.server.memory
        target = Target(self.server, MODEL, self.program, self.options.hostile, self.scratch, self.options.patience)
        self.attacker = Attacker(self.attack, target)
        time.sleep(RISE_SECONDS)
        beside = self._spans()
        self._finish(self._end_of_attack())
        self._figures(quiet, beside)
        self._judge()
        return result

    def _spans(self):
        """Lets first the one, then the other viewer be busy: the two spans of time."""
        return self._span(self.client), self._span(self.frames) if self.frames else None

    def _span(self, viewer):
        viewer.is_busy.set()
        # The first answers and pictures after a rest are not typical; beside an attack there may be none.
        if self.attacker:
            self._watch(RISE_SECONDS)
        else:
            viewer.wait_until_served()
        start = time.monotonic()
        self._watch(self.options.seconds)
        viewer.is_busy.clear()
        return start, time.monotonic()

    def _watch(self, seconds):
        """Waits, and notes how much memory is used meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.result.memory_peak = max(self.result.memory_peak, self.server.memory)
            time.sleep(min(0.1, left))

    def _end_of_attack(self):
        """Lets an attack that wants an end come to it, in bounded time; its report."""
        if self.attack.has_work_to_finish:
            # Three patiences: some upload several files.
            end = time.monotonic() + 3 * self.options.patience
            while self.attacker.process.is_alive() and time.monotonic() < end and not self.attacker.pipe.poll(0):
                if not self.server.is_running or self.attack.name == "slow-uploads":
                    break
                self._watch(0.2)
        return self.attacker.finish(self.options.patience + 10)

    def _finish(self, report: Report):
        result = self.result
        self._watch(REST_SECONDS)
        result.is_alive = self.server.is_running and self.server.answers
        result.memory_after, result.descriptors_after = self.server.memory, self.server.descriptor_count
        result.counts, result.notes = report.counts, result.notes + report.notes
        result.faults += report.faults
        if not self.server.is_running:
            result.faults.insert(0, f"the server ended with {self.server.ending}")
        elif not result.is_alive:
            result.faults.insert(0, "the server runs and answers nothing")

    def _figures(self, quiet, beside):
        result = self.result
        self.client.finish()
        samples = self.client.samples
        result.quiet_p50, result.quiet_p95 = (viewers.percentile(samples, share, *quiet[0]) for share in (0.5, 0.95))
        result.beside_p50, result.beside_p95 = (viewers.percentile(samples, share, *beside[0]) for share in (0.5, 0.95))
        if self.client.ending:
            result.faults.append(f"the viewer on the client path was cut off: {self.client.ending}")
        if self.frames:
            self.frames.finish()
            result.quiet_frames = viewers.rate(self.frames.samples, *quiet[1])
            result.beside_frames = viewers.rate(self.frames.samples, *beside[1])
            if self.frames.ending:
                result.faults.append(f"the viewer on the server path was cut off: {self.frames.ending}")

    def _judge(self):
        result, bounds = self.result, self.options.bounds
        if result.beside_p95 is None:
            result.faults.append("the viewer on the client path asked nothing beside the attack")
        elif result.ratio and result.ratio > bounds.ratio and result.beside_p95 > bounds.floor:
            result.faults.append(f"answers take {result.ratio:.1f} times as long (at most {bounds.ratio:g})")
        if result.frames_ratio is not None and result.frames_ratio < bounds.frames:
            result.faults.append(f"pictures come {result.frames_ratio:.2f} times as often (at least {bounds.frames:g})")
        if result.memory_after - result.memory_before > bounds.memory:
            kept = (result.memory_after - result.memory_before) >> 20
            result.faults.append(f"{kept} MiB are kept (at most {bounds.memory >> 20})")
        if result.memory_peak > bounds.peak:
            result.faults.append(f"{result.memory_peak >> 20} MiB at a time (at most {bounds.peak >> 20})")
