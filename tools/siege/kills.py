# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The kill campaign: what was answered 202 or 200 is a model, exactly once, whatever happens to the server meanwhile.

Several senders upload small models, each with a number of triangles that no other has, half of them under names that
others have too, a fifth of them as archives. Now and then, at moments that the seed gives, the server is killed, told
to end, or told to end and killed on the way. A sender whose answer got lost sends the same content again, as people do.
In the end the server is left alone until it has nothing more to do, is ended and started once more, and its list of
models is compared with what was answered.
"""

import http.client
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

from . import models
from .server import Server

SENDERS = 4
SMALLEST = 10  # triangles; upload n has SMALLEST + n
NAMES = ("part", "gear", "scan 1")
QUIET_SECONDS = 90
MOST_SECONDS = 1800


class Uploads:
    """What is still to be sent, and what became of what was."""

    def __init__(self, count, archives):
        self.archives = archives  # number → a file, for those that are sent as archives
        self.lock = threading.Lock()
        self.waiting = list(range(count - 1, -1, -1))
        self.answered = {}  # number → the answer's status
        self.sent = set()
        self.complaints = []

    def next(self):
        with self.lock:
            return self.waiting.pop() if self.waiting else None

    def content(self, number):
        return self.archives[number].read_bytes() if number in self.archives else content(number)

    def name(self, number):
        name = NAMES[number % len(NAMES)] if number % 2 else f"upload-{number:04}"
        return name.replace(" ", "%20") + (".vantage" if number in self.archives else ".ply")


def content(number):
    return models.ply(SMALLEST + number)


def make_archives(program, folder, numbers):
    """Archives of some of the uploads' models: number → file."""
    folder.mkdir()
    for number in numbers:
        (folder / f"{number}.ply").write_bytes(content(number))
    sources = sorted(folder.glob("*.ply"))
    if sources:
        subprocess.run([program, "import", "--quiet", "-o", folder, *sources], check=True, stdout=subprocess.DEVNULL)
    return {number: folder / f"{number}.vantage" for number in numbers}


def send_all(uploads, server, is_over, chance):
    """A sender: uploads one model after the other, now quickly, now slowly; each until it is answered."""
    while (number := uploads.next()) is not None:
        body = uploads.content(number)
        time.sleep(chance.choice((0, 0.01, 0.05, 0.2)))
        while True:
            if is_over.is_set():
                return
            with uploads.lock:
                uploads.sent.add(number)
            try:
                status, answer = server.upload(uploads.name(number), body, seconds=10)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            if status in (200, 202):
                with uploads.lock:
                    uploads.answered[number] = status
                break
            if status not in (429, 503):
                with uploads.lock:
                    uploads.complaints.append(f"upload {number} was answered {status}: {answer}")
            time.sleep(0.05)


def end_somehow(server, chance):
    """Ends a running server in one of three ways; returns which."""
    way = chance.choices(("kill", "stop", "stop, then kill"), (5, 3, 2))[0]
    if way == "kill":
        server.kill()
    elif way == "stop":
        server.process.send_signal(signal.SIGTERM)
        if server.wait(20) is None:
            way = "stop that took 20 s"
        server.kill()
    else:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(chance.uniform(0, 0.05))
        server.kill()
    return way


def wait_until_quiet(server):
    """Waits until nothing is imported any more and the list of models does not change."""
    before, same, deadline = None, 0, time.monotonic() + QUIET_SECONDS
    while same < 4 and time.monotonic() < deadline:
        busy = [job for job in server.json("/api/v1/imports")["imports"] if job["state"] not in ("done", "failed")]
        listed = sorted(model["id"] for model in server.json("/api/v1/models")["models"])
        same = same + 1 if not busy and listed == before else 0
        before = listed
        time.sleep(0.3)
    return same >= 4


def compare(uploads, listed):
    """Faults: what was answered and is lost, what is there twice, and what nobody sent."""
    ready = Counter(model["triangleCount"] - SMALLEST for model in listed if model["state"] == "ready")
    lost = sorted(number for number in uploads.answered if not ready[number])
    doubled = sorted(number for number, count in ready.items() if count > 1)
    strange = [f"model of {number + SMALLEST} triangles" for number in ready if number not in uploads.sent]
    strange += [f"damaged model {model['id']}" for model in listed if model["state"] != "ready"]
    return lost, doubled, strange


def leftovers(folder):
    """Pieces of uploads and imports in the models' folder: models that are no archives, and what is hidden."""
    def is_piece(path):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts[:-1])
        return path.suffix in (".ply", ".partial") or (is_hidden and path.suffix == ".vantage")

    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and is_piece(path))


class Campaign:
    """One server, its senders, and whoever ends it."""

    def __init__(self, program, folder, count, seed, kills_each):
        self.program, self.folder, self.kills_each = program, folder, kills_each
        self.chance, self.is_over = random.Random(seed), threading.Event()
        self.uploads = Uploads(count, make_archives(program, folder / "archives", range(4, count, 5)))
        self.server = Server(program, folder, "--renderer", "off", settings={"models": {"importLimit": 64}})
        self.senders = [
            threading.Thread(target=send_all,
                             args=(self.uploads, self.server, self.is_over, random.Random(seed + number)))
            for number in range(1, SENDERS + 1)]
        self.ends, self.complaints, self.listed = Counter(), [], []
        self.start_seconds = 0.0

    def run(self):
        self.start_seconds = -time.monotonic()
        self.server.start()
        self.start_seconds += time.monotonic()
        try:
            for sender in self.senders:
                sender.start()
            end = time.monotonic() + MOST_SECONDS
            while any(sender.is_alive() for sender in self.senders) and time.monotonic() < end:
                self.wait_for_a_moment()
                self.end_and_start()
            # Once more while imports run, then in peace.
            self.end_and_start()
            self.settle()
        finally:
            self.is_over.set()
            for sender in self.senders:
                sender.join(30)
            self.server.stop()
        self.verify()

    def wait_for_a_moment(self):
        """Until some more uploads were answered, or a while has passed that is longer on a slow machine."""
        until = len(self.uploads.answered) + self.chance.expovariate(1 / self.kills_each)
        pause = time.monotonic() + self.chance.uniform(0.02, max(1.5, 8 * self.start_seconds))
        while len(self.uploads.answered) < until and time.monotonic() < pause and self.server.is_running:
            time.sleep(0.005)
        time.sleep(self.chance.uniform(0, 0.03))

    def end_and_start(self):
        if self.server.is_running:
            self.ends[end_somehow(self.server, self.chance)] += 1
        else:
            self.complaints.append(f"the server crashed, {self.server.ending}")
            self.server.kill()
        self.server.start()

    def settle(self):
        """Lets everything end, and starts once more: the list of models is what a restart finds."""
        if not wait_until_quiet(self.server):
            self.complaints.append(f"imports went on for {QUIET_SECONDS} s")
        for job in self.server.json("/api/v1/imports")["imports"]:
            if job["state"] == "failed":
                self.complaints.append(f"an import failed: {job.get('error', {}).get('message', '')}")
        if code := self.server.stop():
            self.complaints.append(f"told to end, the server ended with {code}")
        self.server.start()
        wait_until_quiet(self.server)
        self.listed = self.server.json("/api/v1/models")["models"]

    def verify(self):
        archives = sorted((self.folder / "models").glob("*.vantage"))
        if archives:
            done = subprocess.run([self.program, "verify", "--cuts", "1", *archives], capture_output=True, text=True,
                                  timeout=600)
            if done.returncode:
                self.complaints.append(f"verify: {done.stdout[-300:]}{done.stderr[-300:]}")


def run(program, scratch, count=40, seed=None, kills_each=4.0, say=print):
    """Runs the campaign in a new folder below `scratch`.

    `kills_each`: uploads answered between two ends of the server, in the mean. Returns a report: `lost`, `doubled`,
    `strange`, `complaints` and `leftovers` are lists that should be empty.
    """
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    say(f"kill campaign: {count} uploads, seed {seed}")
    folder, began = Path(scratch) / f"kills-{seed}", time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    campaign = Campaign(program, folder, count, seed, kills_each)
    campaign.run()
    lost, doubled, strange = compare(campaign.uploads, campaign.listed)
    if unanswered := count - len(campaign.uploads.answered):
        campaign.complaints.append(f"{unanswered} uploads were never answered")
    return {
        "seed": seed, "uploads": count, "acknowledged": len(campaign.uploads.answered), "ends": dict(campaign.ends),
        "lost": lost, "doubled": doubled, "strange": strange,
        "complaints": campaign.uploads.complaints + campaign.complaints,
        "leftovers": leftovers(folder / "models"), "seconds": round(time.monotonic() - began, 1), "folder": str(folder)}


def faults(report):
    """The report's faults as sentences; empty when all is well."""
    words = []
    for key, meaning in (("lost", "answered and no model"), ("doubled", "there more than once"),
                         ("strange", "there and never sent"), ("complaints", "complaints"),
                         ("leftovers", "pieces left in the folder")):
        if report[key]:
            words.append(f"{len(report[key])} {meaning}: {', '.join(map(str, report[key][:12]))}")
    return words
