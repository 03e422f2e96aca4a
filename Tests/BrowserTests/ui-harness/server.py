# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the server, to look at the viewer's pages without one.

    python3 Tests/BrowserTests/ui-harness/server.py [--port 8750]

Serves the viewer's folder with a fake stream and renderer (fake-*.js), and answers the REST requests of the start page.
What it plays is chosen by the path's first element: /, /empty/, /many/, /token/, /broken/, /readonly/.
"""

import argparse
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[2] / "Sources" / "Viewer" / "web"
SCENES = {"empty", "many", "token", "broken", "readonly"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
MODELS = [
    ("engine", "2CylinderEngine.glb", 121496, 1.9e6, [0.42, 0.5, 0.38], 34, 71),
    ("city", "city-district.glb", 48211004, 104e6, [2100, 180, 1900], 412, 18240),
    ("dragon", "dragon-scan.ply", 7218906, 15.6e6, [0.2, 0.14, 0.09], 1, 1),
    ("helmet", "DamagedHelmet.glb", 46356, 3.1e6, [1.9, 1.8, 1.9], 1, 1),
    ("bracket", "bracket with a rather long name, revision 14 (final).stl", 18204, 0.3e6, [0.12, 0.03, 0.08], 1, 1),
]
imports = {}


def model(name, label, triangles, size, extent, parts, instances):
    return {
        "id": name, "name": label, "triangleCount": triangles, "byteCount": int(size), "contentHash": name * 4,
        "minimum": [0, 0, 0], "maximum": extent, "state": "ready", "partCount": parts, "instanceCount": instances,
        "thumbnail": f"api/v1/models/{name}/thumbnail",
    }


def models(scene):
    if scene == "empty":
        return []
    found = [model(*facts) for facts in MODELS]
    damaged = dict(model("pump", "pump-assembly.glb", 880000, 4.1e6, [1, 1, 1], 5, 5), state="damaged",
                   message="pump-assembly.vantage: chunk 218 has the wrong checksum. Import the original file again.")
    found.append(damaged)
    if scene == "many":
        found += [model(f"part-{n}", f"part-{n:03}.stl", 1000 * n + 12, 20e3 * n, [0.01 * n] * 3, 1, 1) for n in range(1, 30)]
    return found


def thumbnail(name):
    """A vector drawing stands in for the JPEG: a lit box whose shade and size follow the name."""
    hue = sum(map(ord, name)) % 60 + 190
    height = 40 + sum(map(ord, name)) % 50
    top, left, right = (f"hsl({hue} 12% {light}%)" for light in (82, 62, 46))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="400" height="300" fill="#eceff0"/>
<path d="M200 {150 - height} 300 {190 - height} 200 {230 - height} 100 {190 - height}z" fill="{top}"/>
<path d="M100 {190 - height} 200 {230 - height}V250L100 210z" fill="{left}"/>
<path d="M300 {190 - height} 200 {230 - height}V250L300 210z" fill="{right}"/></svg>"""


def play_import(job):
    """Phases as the importer reports them; names with 'bad' fail."""
    time.sleep(job["pace"])
    for phase in ("reading", "welding", "building levels", "writing"):
        for step in range(5):
            job.update(state="importing", phase=phase, fraction=step / 5)
            time.sleep(job["pace"])
            if "bad" in job["name"] and phase == "welding":
                job.update(state="failed", error={"code": "notAMesh", "message":
                           f"{job['name']}: accessor 12 points outside its buffer. The file is cut off; export it again."})
                return
    job.update(state="done", fraction=1, model="engine")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # The browser has left the page.

    def do_GET(self):
        scene, path, query = self.route()
        if path == "api/v1/models":
            self.list_models(scene)
        elif path.startswith("api/v1/models/"):
            self.answer(200, thumbnail(path.split("/")[3]).encode(), "image/svg+xml")
        elif path.startswith("api/v1/viewers/"):
            self.json(200, {"path": "client", "wish": "auto", "allowed": ["client"], "costs": {}, "decisions": []})
        elif path.startswith("api/v1/imports/"):
            self.send_events(path.split("/")[3])
        else:
            self.send_file(path, query)

    def do_POST(self):
        _, _, query = self.route()
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            left -= len(self.rfile.read(min(left, 1 << 16)))
        name = query.get("name", ["model"])[0]
        if "same" in name:
            self.json(200, {"model": "engine"})
            return
        job = {"id": f"i{len(imports) + 1}", "name": name, "state": "queued", "phase": "", "fraction": 0,
               "pace": 30 if "slow" in name else 0.08}
        imports[job["id"]] = job
        threading.Thread(target=play_import, args=(job,), daemon=True).start()
        self.json(202, {"import": job["id"], "events": f"api/v1/imports/{job['id']}/events"})

    def do_DELETE(self):
        _, path, _ = self.route()
        imports.get(path.split("/")[3], {}).update(state="failed", error={"code": "ended", "message": "cancelled"})
        self.json(200, {})

    def route(self):
        parts = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(parts.path).lstrip("/")
        scene, _, rest = path.partition("/")
        query = urllib.parse.parse_qs(parts.query)
        return (scene, rest, query) if scene in SCENES else ("", path, query)

    def list_models(self, scene):
        if scene == "broken":
            self.json(503, {})
        elif scene == "token" and self.headers.get("Authorization") != "Bearer open":
            wrong = "That token is not right." if self.headers.get("Authorization") else "A token is required."
            self.json(401, {"error": {"code": "tokenRequired", "message": wrong}})
        else:
            self.json(200, {"models": models(scene), "canUpload": scene != "readonly", "uploadByteLimit": int(4e9)})

    def send_events(self, job):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            facts = imports.get(job, {"state": "failed", "error": {"message": "There is no such import."}})
            try:
                self.wfile.write(f"data: {json.dumps(facts)}\n\n".encode())
                self.wfile.flush()
            except OSError:
                break
            if facts["state"] in ("done", "failed"):
                break
            time.sleep(0.05)
        self.close_connection = True

    def send_file(self, path, query):
        if path in ("", "paths"):
            entry = "viewer/harness/paths.js" if path else "viewer/harness/main.js"
            page = (WEB / "index.html").read_text().replace("viewer/main.js", entry)
            self.answer(200, page.encode(), "text/html")
            return
        name = path.removeprefix("viewer/")
        file = HERE / name.removeprefix("harness/") if name.startswith("harness/") else WEB / name
        if file.is_file():
            self.answer(200, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
        else:
            self.json(404, {"error": {"code": "notFound", "message": "There is no such file."}})

    def json(self, status, value):
        self.answer(status, json.dumps(value).encode(), "application/json")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8750)
    port = parser.parse_args().port
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
