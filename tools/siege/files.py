# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks by files: hostile ones uploaded, bombs, archives overwritten while shown, two servers on one folder."""

import http.client
import json
import os
import shutil
import threading
import time
import urllib.parse
from pathlib import Path

from . import messages, models
from .server import Ended, Server
from .web_socket import Closed, Refused, WebSocket

NO_ANSWER = (OSError, http.client.HTTPException)
LOOKING_SECONDS = 1.0


def look_at(server, model, seconds=LOOKING_SECONDS):
    """Asks for everything that opens, reads or draws a model: what an upload that was taken must withstand."""
    name = urllib.parse.quote(model)
    for path in (f"/api/v1/models/{name}/tree", f"/api/v1/models/{name}/thumbnail",
                 f"/api/v1/render?model={name}&width=320&height=240"):
        server.request("GET", path, seconds=20)
    for path in ("client", "server"):
        try:
            stream = WebSocket(server.port, f"/api/v1/stream?model={name}&protocol=1.2&path={path}")
            stream.send(messages.hello())
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                stream.messages(0.1)
            stream.close()
        except (Closed, Refused):
            pass


def upload_hostile(target, report, name, body, may_be_taken=False):
    """Uploads a file and follows it to its end: refused with words, or, where that is right too, a sound model."""
    server, began = target.server, time.monotonic()
    try:
        status, answer = server.upload(urllib.parse.quote(name), body, seconds=target.patience)
        words = answer.get("error", {}).get("message", "")
        model = answer.get("model")
        if status == 202:
            job = server.finished_import(answer["import"], target.patience)
            words, model = job.get("error", {}).get("message", ""), job.get("model")
            if job["state"] not in ("done", "failed"):
                return report.faults.append(f"{name}: still {job['state']} after {target.patience:.0f} s")
        if model:
            report.count("taken")
            if not may_be_taken:
                report.faults.append(f"{name}: taken as the model {model}")
            look_at(server, model)
            report.notes.append(f"{name}: taken, {time.monotonic() - began:.1f} s")
        elif words:
            report.count("refused with words")
            report.notes.append(f"{name}: {words} ({time.monotonic() - began:.1f} s)")
        else:
            report.faults.append(f"{name}: answered {status} without words")
    except NO_ANSWER as error:
        report.faults.append(f"{name}: no answer ({type(error).__name__}: {error})")


def hostile_files(target, is_over, report):
    folder = Path(target.hostile_folder)
    if not folder.is_dir():
        report.notes.append(f"skipped: there is no folder {folder}")
        return
    for path in sorted(folder.iterdir()):
        if target.server.is_alive():
            upload_hostile(target, report, path.name, path.read_bytes())


def bombs(target, is_over, report):
    for name, body in (("pictures.glb", models.picture_bomb()), ("parts.obj", models.part_bomb()),
                       ("fan.obj", models.fan_bomb())):
        if target.server.is_alive():
            upload_hostile(target, report, name, body, may_be_taken=True)


# MARK: Overwriting in place

def truncate_and_copy(path, good, other):
    """As `cp` does over a file of the same content."""
    with open(path, "r+b") as file:
        file.truncate(0)
        time.sleep(0.05)
        file.write(good)


def copy_other(path, good, other):
    """As `cp` does with another, smaller archive."""
    with open(path, "r+b") as file:
        file.truncate(0)
        file.write(other)


def cut_in_half(path, good, other):
    os.truncate(path, len(good) // 2)


def block_by_block(path, good, other):
    """As `rsync --inplace` does: other bytes, no truncation until the end."""
    with open(path, "r+b", buffering=0) as file:
        for start in range(0, len(other), 1 << 15):
            file.write(other[start:start + (1 << 15)])
            time.sleep(0.002)
        file.truncate(len(other))


def zero_chunks(path, good, other):
    with open(path, "r+b") as file:
        file.seek(65536)
        file.write(bytes(len(good) // 2))


def one_byte_less(path, good, other):
    os.truncate(path, len(good) - 1)
    time.sleep(0.1)
    os.truncate(path, 0)


WAYS = (truncate_and_copy, copy_other, cut_in_half, block_by_block, zero_chunks, one_byte_less)


def overwritten(target, is_over, report):
    """Overwrites an archive under viewers in six ways; each time the whole archive is put back by renaming."""
    server = target.server
    path = server.models / "victim.vantage"
    good, other = path.read_bytes(), (server.models / f"{target.model}.vantage").read_bytes()
    for way in WAYS:
        name, is_done = way.__name__.replace("_", " "), threading.Event()
        viewers = [threading.Thread(target=watch, args=(server, kind, is_done), daemon=True)
                   for kind in ("client", "server")]
        for viewer in viewers:
            viewer.start()
        time.sleep(0.7)
        way(path, good, other)
        try:
            look_at(server, "victim")
        except NO_ANSWER:
            pass
        is_done.set()
        for viewer in viewers:
            viewer.join(5)
        if not server.answers:
            return report.faults.append(f"{name}: the server is gone")
        report.count("ways")
        partial = path.with_suffix(".partial")
        partial.write_bytes(good)
        partial.rename(path)
        if not becomes_ready(server, "victim"):
            report.faults.append(f"{name}: the whole archive put back was not served within 15 s")


def watch(server, kind, is_done):
    """A viewer of the victim that turns and comes back when it is cut off."""
    end = time.monotonic() + 30
    while not is_done.is_set() and time.monotonic() < end:
        try:
            stream = WebSocket(server.port, f"/api/v1/stream?model=victim&protocol=1.2&path={kind}")
            stream.send(messages.hello())
            orbit, frames = None, messages.Frames([])
            while not is_done.is_set():
                for message in stream.messages(0.03):
                    if message[0] == messages.WELCOME:
                        orbit = messages.Orbit(json.loads(message[1:]))
                    elif message[0] in (messages.FRAME, messages.FRAME_PART):
                        for answer in frames.receive(message, 0):
                            stream.send(answer)
                    elif message[0] in (messages.CHUNK, messages.RECALL):
                        stream.send(messages.acknowledge(int.from_bytes(message[1:5], "little")))
                if orbit:
                    stream.send(orbit.view(time.monotonic()))
            stream.close()
        except (Closed, Refused, OSError):
            time.sleep(0.1)


def becomes_ready(server, model, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if server.json(f"/api/v1/models/{model}")["state"] == "ready":
                return True
        except NO_ANSWER:
            pass
        time.sleep(0.2)
    return False


# MARK: Two servers

def two_servers(target, is_over, report):
    """Starts a second server on the same folder: it is refused with words, or both take uploads and lose none."""
    folder = Path(target.scratch) / "second"
    folder.mkdir(exist_ok=True)
    second = Server(target.program, folder, "--renderer", "off", models=target.server.models)
    try:
        second.start()
    except Ended as ended:
        if "rror" in str(ended):
            report.notes.append(f"the second server said: {ended}")
        else:
            report.faults.append(f"the second server ended without words: {ended}")
        return
    try:
        sent = send_to_both(target.server, second, report)
        time.sleep(3)
        listed = {model.get("triangleCount") for model in target.server.json("/api/v1/models")["models"]}
        lost = [count for count in sent if count not in listed]
        if lost:
            report.faults.append(f"{len(lost)} of {len(sent)} models that two servers took are lost")
    finally:
        second.stop()
        shutil.rmtree(folder, ignore_errors=True)


def send_to_both(first, second, report):
    """Uploads models of equal names to both at once; their numbers of triangles, which tell them apart."""
    sent = []

    def send(server, start):
        for number in range(15):
            status, answer = server.upload(f"shared-{number}.ply", models.ply(start + number))
            if status in (200, 202):
                sent.append(start + number)
            if status == 202:
                server.finished_import(answer["import"], 10)

    threads = [threading.Thread(target=send, args=work, daemon=True) for work in ((first, 3000), (second, 4000))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    report.count("taken", len(sent))
    return sent
