# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The viewer's page, as a test sees it, and the models that tests look at."""

import os
import time

from . import server as service

WORK = service.ROOT / ".work" / "browser-tests"
# Where tests leave pictures for people; nothing reads them.
PICTURES = WORK / "pictures"
MAGENTA = (255, 0, 255)

GENERATED = {
    "assembly": ["sample", "assembly"],
    "textured": ["sample", "textured"],
    "scan": ["sample", "scan", "--triangles", "300000"],
}
SUFFIXES = {"assembly": "glb", "textured": "glb", "scan": "ply"}


def archive(name):
    """The path of a generated model's archive, made when it is asked for the first time."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name}.vantage"
    if not path.exists() or path.stat().st_mtime < service.vantage_binary().stat().st_mtime:
        source = source_file(name)
        service.run_vantage("import", source, "-o", path, "--quiet")
    return path


def source_file(name):
    """The path of a generated model's source file."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name}.{SUFFIXES[name]}"
    if not path.exists():
        partial = WORK / f"{name}.{os.getpid()}.{SUFFIXES[name]}"
        service.run_vantage(*GENERATED[name], "-o", partial)
        partial.rename(path)
    return path


def until(page, expression, timeout=60):
    """Waits for a JavaScript expression. Polls from here: the page's security policy forbids it to evaluate texts."""
    deadline = time.monotonic() + timeout
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            status = page.evaluate("JSON.stringify(window.vantage?.status)")
            raise TimeoutError(f"{expression} did not come true in {timeout} s; status: {status}")
        page.wait_for_timeout(50)


class ViewerPage:
    """Opens a model and asks the page what it does. This device draws, unless `path` says otherwise."""

    def __init__(self, page, url, model, **query):
        self.page = page
        query = {"model": model, "store": 0, "path": "client", **query}
        self.address = url + "?" + "&".join(f"{key}={value}" for key, value in query.items())

    def open(self):
        self.page.goto(self.address)
        until(self.page, "Boolean(window.vantage?.viewer)")
        return self

    @property
    def status(self):
        return self.page.evaluate("vantage.status")

    def wait(self, condition, timeout=60):
        """Until a JavaScript expression about `status` is true; the status then."""
        until(self.page, f"(({{ ...status }}) => Boolean({condition}))(vantage.status)", timeout)
        return self.status

    def settle(self, timeout=120):
        """Until everything that the view needs has arrived, is on the GPU and in the picture."""
        return self.wait("status.settled && status.stream.queuedDecodeCount === 0", timeout)

    def hide_controls(self):
        """Leaves the canvas alone, so that pictures show the model and nothing else."""
        self.page.add_style_tag(content=".viewer > *:not(.stage) { visibility: hidden !important; }")
        return self

    def paint_background(self, color="#ff00ff"):
        """A background that no model has, so that a hole shows."""
        self.page.evaluate("(color) => { vantage.viewer.theme = { top: color, bottom: color }; }", color)
        return self

    def watch_holes(self, width=240, height=136):
        """Notes for each frame from now on which places show the magenta background."""
        self.page.evaluate(
            """([width, height]) => {
                const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
                window.frames_seen = [];
                vantage.viewer.on('frame', () => {
                    copy.drawImage(vantage.viewer.picture, 0, 0, width, height);
                    const { data } = copy.getImageData(0, 0, width, height);
                    const places = [];
                    for (let place = 0; place < width * height; place += 1) {
                        const [red, green, blue] = data.subarray(4 * place, 4 * place + 3);
                        if (red > 200 && green < 60 && blue > 200) places.push(place);
                    }
                    window.frames_seen.push({ places, triangles: vantage.status.triangles });
                });
            }""", [width, height])
        return self

    def holes(self, width=240, height=136, margin=5):
        """(frames looked at, those of them with background inside the settled silhouette, shrunk by `margin` places)."""
        frames = self.page.evaluate("window.frames_seen")
        frames = [frame for frame in frames if frame["triangles"] > 0]
        background = set(frames[-1]["places"])
        inside = set()
        for y in range(margin, height - margin):
            for x in range(margin, width - margin):
                if all((y + dy) * width + x + dx not in background
                       for dy in (-margin, 0, margin) for dx in (-margin, 0, margin)):
                    inside.add(y * width + x)
        return len(frames), [frame for frame in frames if inside & set(frame["places"])], len(inside)


def background_share(image, color=MAGENTA, tolerance=60):
    """Share of an image's pixels that show the background."""
    near = sum(1 for pixel in image.getdata() if all(abs(a - b) <= tolerance for a, b in zip(pixel, color)))
    return near / (image.width * image.height)


def silhouette_agreement(shown, reference):
    """Intersection over union of the pixels covered in two pictures (background magenta; background transparent)."""
    both = either = 0
    for a, b in zip(shown.getdata(), reference.getdata()):
        covered = not (a[0] > 200 and a[1] < 60 and a[2] > 200)
        expected = b[3] > 127
        both += covered and expected
        either += covered or expected
    return both / max(1, either)
