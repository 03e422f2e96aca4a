# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Records live switches of the render path during an orbit, client to server to client, as strips of frames to look at.

    cd Tests/BrowserTests && ../../.work/python/bin/python hand_over_strip.py ARCHIVE...

Writes .work/browser-tests/pictures/strip-MODEL.png for each archive: two rows, one for each switch, with every picture of the screen
from shortly before to shortly after it, and prints the largest step between two pictures
of a row. Takes about half a minute for each archive, and ends by itself.
"""

import pathlib
import sys

from PIL import Image, ImageDraw

from support.browser import Browser, difference
from support.screencast import Screencast, silhouette
from support.server import Server
from support.viewer import PICTURES, ViewerPage, WORK

SIZE = (640, 360)
CELL = (256, 144)
AROUND = (0.35, 0.45)
COLUMNS, MOST = 7, 14


def rest(viewer, path):
    viewer.wait(f"status.path === '{path}' && !status.isSwitching && status.triangles > 0 && !status.moving", 120)
    viewer.wait("status.settled" + (" && status.frame?.kind === 3" if path == "server" else ""), 120)
    viewer.page.wait_for_timeout(400)


def orbit(viewer, path):
    """Drags around and asks for a path on the way; it changes when the hand has let go."""
    mouse = viewer.page.mouse
    mouse.move(320, 180)
    mouse.down()
    for step in range(50):
        mouse.move(320 + 3 * step, 180)
        if step == 20:
            viewer.page.evaluate("(path) => vantage.viewer.choosePath(path)", path)
        viewer.page.wait_for_timeout(16)
    mouse.up()
    rest(viewer, path)


def row(frames, at):
    """The pictures around a moment, each with its milliseconds from it."""
    near = [(when - at, image) for when, image in frames if -AROUND[0] < when - at < AROUND[1]]
    return near[:: max(1, -(-len(near) // MOST))]


def strip(rows, path):
    """Each row on lines of its own."""
    lines = [cells[first : first + COLUMNS] for cells in rows for first in range(0, len(cells), COLUMNS)]
    sheet = Image.new("RGB", (CELL[0] * COLUMNS, CELL[1] * len(lines)), "white")
    draw = ImageDraw.Draw(sheet)
    for y, line in enumerate(lines):
        for x, (when, image) in enumerate(line):
            sheet.paste(image.resize(CELL), (x * CELL[0], y * CELL[1]))
            draw.text((x * CELL[0] + 6, y * CELL[1] + 4), f"{1000 * when:+.0f} ms", fill="black")
    sheet.save(path)


def record(browser, archive):
    with Server(archive, "--models", WORK / "none", "--renderer", "require") as server:
        model = server.get("api/v1/models")["models"][0]["id"]
        page = browser.page(*SIZE)
        viewer = ViewerPage(page, f"http://127.0.0.1:{server.port}/", model, path="client").open()
        viewer.hide_controls().paint_background()
        page.evaluate("""() => {
            window.paths = [];
            vantage.viewer.on('path', (event) => window.paths.push({ ...event, at: Date.now() / 1000 }));
        }""")
        rest(viewer, "client")
        cast = Screencast(page).start()
        orbit(viewer, "server")
        orbit(viewer, "client")
        cast.stop()
        events = page.evaluate("window.paths")
        page.context.close()
    changes = [b for a, b in zip(events, events[1:]) if a["path"] != b["path"]][-2:]
    rows = [row(cast.frames, change["at"]) for change in changes]
    path = PICTURES / f"strip-{archive.stem}.png"
    strip(rows, path)
    for change, cells in zip(changes, rows):
        steps = [difference(a, b) for (_, a), (_, b) in zip(cells, cells[1:])]
        blank = min(silhouette(image)[0] for _, image in cells)
        print(f"{archive.stem}: to {change['path']}: {len(cells)} pictures, largest step {100 * max(steps, default=0):.2f} %"
              f" of the pixels, smallest silhouette {100 * blank:.1f} % of the screen")
    print(f"   {len(cast.frames)} pictures on the screen; {path}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with Browser() as browser:
        for name in sys.argv[1:]:
            record(browser, pathlib.Path(name))
