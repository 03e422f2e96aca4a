#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Draws archives with the renderer in a headless browser and keeps the pictures.

Usage: screenshots.py OUTPUT-FOLDER ARCHIVE [NAME=VALUE ...] [ARCHIVE ...]
NAME=VALUE are parameters of harness.js for the archive before them; `as=NAME` names the picture, `size=WxH` sizes it.
Archives are paths inside the repository. Exits with 1 if anything failed or the browser complained.
"""

import http.server
import json
import pathlib
import sys
import threading
import urllib.parse

from playwright.sync_api import TimeoutError, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[3]
ARGUMENTS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the repository, with the shaders where the viewer's bundle has them."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def translate_path(self, path):
        name = urllib.parse.urlsplit(path).path
        if "/web/shaders/" in name:
            for folder in ("common", "webgl"):
                file = ROOT / "Shaders" / folder / pathlib.PurePosixPath(name).name
                if file.exists():
                    return str(file)
        return super().translate_path(path)

    def log_message(self, *_):
        pass


def jobs(arguments):
    """(archive, parameters) pairs from the command line."""
    result = []
    for argument in arguments:
        if "=" in argument:
            name, value = argument.split("=", 1)
            result[-1][1][name] = value
        else:
            result.append((argument, {}))
    return result


def shoot(browser, port, archive, parameters, folder):
    """Takes one picture; returns whether all went well."""
    width, height = map(int, parameters.pop("size", "960x600").split("x"))
    name = parameters.pop("as", pathlib.Path(archive).stem)
    page = browser.new_page(viewport={"width": width, "height": height})
    complaints = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    query = urllib.parse.urlencode({"archive": "/" + archive, **parameters})
    page.goto(f"http://127.0.0.1:{port}/Tests/BrowserTests/render-harness/index.html?{query}")
    try:
        page.wait_for_function("window.__status && (window.__status.done || window.__status.error)", timeout=60_000)
    except TimeoutError as error:
        complaints.append(str(error))
    status = page.evaluate("window.__status")
    page.screenshot(path=str(folder / f"{name}.png"))
    page.close()
    status.pop("capabilities", None)
    print(name, json.dumps(status))
    for complaint in complaints:
        print("  ", complaint)
    return not complaints and not status["error"] and not status.get("glError")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Handler(*a, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", headless=True, chromium_sandbox=False, args=ARGUMENTS)
        results = [shoot(browser, server.server_port, *job, folder) for job in jobs(sys.argv[2:])]
        browser.close()
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
