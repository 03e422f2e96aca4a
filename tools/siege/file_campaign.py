# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The campaign of files: mutated model files are imported, mutated archives verified, and a share of both uploaded.

Files go by batches to one process of `vantage import` or `vantage verify`, which is where the throughput is. A
process that ends by a signal, or does not end, broke; then its files are tried one by one, and the culprits are kept.
A share of the files goes to a running server too: what it takes is opened, drawn and streamed, and a healthy viewer
must not notice.
"""

import http.client
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import models, viewers
from .file_mutation import mutated
from .files import look_at
from .server import Server

BATCH = 50
BATCH_SECONDS, FILE_SECONDS = 120, 30
UPLOAD_SHARE = 0.04
SOUND_SHARE = 0.5  # of archives that verify calls sound: those a server has to withstand
MEMORY_LIMIT = 1 << 30  # bytes of a process, whatever a small file claims
HEALTHY = "healthy.glb"


def fixtures(program, folder):
    """Good small files of all formats as (suffix, bytes); archives are made of some by the program."""
    png = models.png(16, 16)
    sources = [("ply", models.ply(40)), ("ply", models.ascii_ply(24)), ("obj", models.obj(24)), ("stl", models.stl(24)),
               ("stl", models.ascii_stl(12)), ("gltf", models.gltf(24)), ("gltf", models.gltf(12, [png])),
               ("glb", models.glb(40)), ("glb", models.glb(24, [png, models.png(64, 8)])),
               ("glb", models.glb(12, copies=60))]
    sources += packed(folder)
    folder.mkdir(exist_ok=True)
    archives = []
    for number, (suffix, data) in enumerate(sources):
        path = folder / f"good-{number}.{suffix}"
        path.write_bytes(data)
        subprocess.run([program, "import", "--quiet", path, "-o", path.with_suffix(".vantage")], check=True,
                       stdout=subprocess.DEVNULL)
        if number in (0, 2, 6, 8, 9):
            archives.append(("vantage", path.with_suffix(".vantage").read_bytes()))
    # A third of all files are archives, a third glTF.
    return sources + archives * 2


def packed(folder):
    """A GLB with meshopt compression, where the tool for it is."""
    if not shutil.which("gltfpack"):
        return []
    folder.mkdir(exist_ok=True)
    (folder / "plain.glb").write_bytes(models.glb(200))
    subprocess.run(["gltfpack", "-cc", "-i", folder / "plain.glb", "-o", folder / "packed.glb"], check=True,
                   stdout=subprocess.DEVNULL)
    return [("glb", (folder / "packed.glb").read_bytes())]


class Campaign:
    def __init__(self, program, folder, seed):
        self.program, self.folder, self.seed = program, folder, seed
        self.good = fixtures(program, folder / "good")
        self.report = {"seed": seed, "files": 0, "taken": 0, "refused": 0, "uploaded": 0, "culprits": [],
                       "complaints": [], "largestMemory": 0, "serverMemory": []}

    def write(self, numbers):
        """Files of a batch: number → path."""
        folder = self.folder / "batch"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        paths = {}
        for number in numbers:
            suffix, data = mutated(self.seed, number, self.good)
            paths[number] = folder / f"{number}.{suffix}"
            paths[number].write_bytes(data)
        return paths

    def command(self, paths):
        if paths[0].suffix == ".vantage":
            return [self.program, "verify", "--cuts", "1", *paths]
        return [self.program, "import", "--quiet", "--threads", "2", "-o", self.folder / "out", *paths]

    def try_batch(self, paths):
        """Runs one process over files of one kind; looks for the culprits if it breaks. Sound archives' paths."""
        ending, output = self.run(self.command(paths), BATCH_SECONDS)
        if ending:
            found = [path for path in paths if self.blame(path)]
            if not found:
                names = f"{paths[0].name} … {paths[-1].name}"
                self.report["complaints"].append(f"{ending}, and by no file alone: {names}")
        refusals = sum("error" in line for line in output.splitlines())
        self.report["refused"] += min(refusals, len(paths))
        self.report["taken"] += max(0, len(paths) - refusals)
        return output

    def blame(self, path):
        """Tries a file alone: whether it breaks the program; kept then."""
        ending, output = self.run(self.command([path]), FILE_SECONDS)
        if ending:
            kept = self.folder / "culprits"
            kept.mkdir(exist_ok=True)
            shutil.copy(path, kept)
            self.report["culprits"].append(f"{path.name}: {ending}: {output[-300:]}")
        return bool(ending)

    def run(self, command, seconds):
        """How a process broke, or nothing, and what it printed."""
        (self.folder / "out").mkdir(exist_ok=True)
        printed = self.folder / "printed.log"
        with open(printed, "wb") as file:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            try:
                is_late = not ended(process, seconds)
            finally:
                # By id, because Popen would take the exit status, and with it what the process used.
                os.kill(process.pid, signal.SIGKILL)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        code = process.returncode
        ending = f"did not end within {seconds} s" if is_late else f"ended by signal {-code}" if code < 0 else ""
        self.report["largestMemory"] = max(self.report["largestMemory"], usage.ru_maxrss * 1024)
        if not ending and usage.ru_maxrss * 1024 > MEMORY_LIMIT:
            ending = f"used {usage.ru_maxrss >> 10} MiB"
        return ending, printed.read_text(errors="replace")

    # MARK: The running server

    def upload(self, server, path):
        """Uploads a file, waits for its end, looks at what was taken, and deletes it."""
        self.report["uploaded"] += 1
        try:
            status, answer = server.upload(path.name, path.read_bytes())
            model = answer.get("model")
            if status == 202:
                job = server.finished_import(answer["import"], FILE_SECONDS)
                model = job.get("model")
                if job["state"] not in ("done", "failed"):
                    self.report["complaints"].append(f"{path.name}: still {job['state']} after {FILE_SECONDS} s")
                elif not model and not job.get("error", {}).get("message"):
                    self.report["complaints"].append(f"{path.name}: refused without words")
            elif status >= 500 and status != 503:
                self.report["complaints"].append(f"{path.name}: answered {status}: {answer}")
            if model and not model.startswith("healthy"):
                look_at(server, model, seconds=0.2)
                server.request("DELETE", f"/api/v1/models/{model}")
        except (OSError, http.client.HTTPException) as error:
            # One that crashes still writes its report for a while.
            if server.wait(15) is None:
                self.report["complaints"].append(f"{path.name}: no answer ({type(error).__name__} {error})")


def ended(process, seconds):
    """Waits for a process without taking its exit status: whether it ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return True
        time.sleep(0.005)
    return False


def start(program, folder):
    """A server with a healthy viewer on a small model."""
    server = Server(program, folder, tells_stacks=True)
    server.start()
    _, answer = server.upload(HEALTHY, models.glb(200, [models.png(64, 64)]))
    model = server.finished_import(answer["import"], 30)["model"] if "import" in answer else answer["model"]
    healthy = viewers.Viewer(viewers.ClientPath, server, model)
    healthy.wait_until_ready()
    healthy.is_busy.set()
    return server, healthy


def run(program, scratch, count=20_000, seed=None, first=0, say=print):
    """Tries files `first` … `first + count - 1`. Returns a report; see `faults`."""
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    say(f"file campaign: {count:,} files, seed {seed}")
    folder = Path(scratch) / f"files-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    campaign, chance = Campaign(program, folder, seed), random.Random(seed)
    report, began = campaign.report, time.monotonic()
    server, healthy = start(program, folder)
    try:
        report["serverMemory"].append(server.memory)
        for start_number in range(first, first + count, BATCH):
            paths = campaign.write(range(start_number, min(start_number + BATCH, first + count)))
            archives = [path for path in paths.values() if path.suffix == ".vantage"]
            for batch in (archives, [path for path in paths.values() if path.suffix != ".vantage"]):
                output = campaign.try_batch(batch) if batch else ""
                sound = {line.split(":")[0] for line in output.splitlines() if ": sound" in line or ": ok" in line}
                for path in batch:
                    share = SOUND_SHARE if str(path) in sound or path.name in sound else UPLOAD_SHARE
                    if chance.random() < share and server.is_running:
                        campaign.upload(server, path)
                        if not server.is_running:
                            report["culprits"].append(f"{path.name}: uploaded, the server ended with {server.ending}")
                            keep(path, folder)
                            healthy.finish()
                            server.stop()
                            # What ended it must not do so again: an empty folder.
                            shutil.rmtree(server.models)
                            server, healthy = start(program, folder)
            shutil.rmtree(folder / "out", ignore_errors=True)
            report["files"] += len(paths)
            if report["files"] % 2000 < BATCH:
                report["serverMemory"].append(server.memory)
                say(f"  {report['files']:,} files, {report['uploaded']:,} uploaded, "
                    f"server {server.memory / 1e6:.0f} MB, {len(report['culprits'])} culprits")
            if len(report["culprits"]) > 40:
                report["complaints"].append(f"given up after {report['files']} files: too many culprits")
                break
    finally:
        end = time.monotonic()
        healthy.finish()
        report["serverMemory"].append(server.memory)
        server.stop()
    report["healthyP95Milliseconds"] = round(1000 * (viewers.percentile(healthy.samples, 0.95, began, end) or 0), 1)
    report["seconds"] = round(end - began, 1)
    if healthy.ending:
        report["complaints"].append(f"the healthy viewer was cut off: {healthy.ending}")
    return report


def keep(path, folder):
    (folder / "culprits").mkdir(exist_ok=True)
    shutil.copy(path, folder / "culprits")


def faults(report):
    return [*report["culprits"], *report["complaints"]]
