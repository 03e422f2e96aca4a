# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Who draws, for every kind of device, link, model and server: prints a table of decisions made in the real browser.

    cd Tests/BrowserTests && ../../.work/python/bin/python path_matrix.py SMALL.vantage HUGE.vantage

A fast GPU is claimed: the page's probe is replaced by one that says so. Takes about five seconds for each of the rows,
and ends by itself.
"""

import itertools
import pathlib
import sys
import time

from support.browser import ARGUMENTS, Browser
from support.server import Server
from support.shaped_link import ShapedLink

RATES = (2, 20, 100)
SECONDS = 4.0
CLAIMED = """
const facts = {
    webgl: { version: 2, renderer: 'NVIDIA GeForce RTX 4070', isSoftware: false, multiDraw: true, maximumTextureSize: 16384 },
    speed: { trianglesPerSecond: 2e9, pixelsPerSecond: 2e10, imagePixelsPerSecond: 4e8, dracoBytesPerSecond: 2e7 },
    memoryGiB: 8, cores: 8, devicePixelRatio: 1, isMobile: false, savesData: false,
};
export const quickFacts = () => facts;
export const rememberSpeed = () => {};
export const probeDevice = async () => ({ ...facts, isCached: false });
"""
DEVICES = {
    "fast GPU claimed": (ARGUMENTS, CLAIMED),
    "SwiftShader": (ARGUMENTS, None),
    "no WebGL": (["--disable-gpu", "--disable-3d-apis"], None),
}


def decision(browser, probe, port, model):
    """(path, seconds until it was decided, reason) as the server tells it after some seconds."""
    page = browser.page(1280, 720)
    try:
        if probe:
            page.route("**/paths/device-probe.js", lambda route: route.fulfill(content_type="text/javascript", body=probe))
        page.goto(f"http://127.0.0.1:{port}/?model={model}&store=0")
        end = time.monotonic() + 30
        while time.monotonic() < end and not page.evaluate("Boolean(vantage.status.code || vantage.status.error)"):
            page.wait_for_timeout(50)
        page.wait_for_timeout(SECONDS * 1000)
        status = page.evaluate("vantage.status")
        if status["error"]:
            return "none", None, status["error"]["message"]
        viewer = page.evaluate("vantage.viewer.welcome.viewer")
        report = page.evaluate(f"fetch('/api/v1/viewers/{viewer}/path').then((answer) => answer.json())")
        return report["target"] or report["path"], report["decisions"], report["reason"]
    finally:
        page.context.close()


def main(small, huge):
    models = {"small": pathlib.Path(small), "huge": pathlib.Path(huge)}
    print("| device | Mbit/s | model | server draws | path | why |\n|---|---|---|---|---|---|")
    for name, (arguments, probe) in DEVICES.items():
        with Browser(arguments) as browser:
            for draws in (True, False):
                renderer = "require" if draws else "off"
                with Server(*models.values(), "--models", "/nonexistent-models", "--renderer", renderer) as server:
                    for rate, (size, path) in itertools.product(RATES, models.items()):
                        with ShapedLink(server.port, rate * 1e6, 0.04) as link:
                            chosen, _, reason = decision(browser, probe, link.port, path.stem)
                        print(f"| {name} | {rate} | {size} | {'yes' if draws else 'no'} | {chosen} | {reason} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
