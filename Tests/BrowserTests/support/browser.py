# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, driven by Playwright, and pictures of its pages."""

import io
import os
import pathlib

from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

# SwiftShader: WebGL2 without a GPU, the same pixels on every machine.
ARGUMENTS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-certificate-errors"]


class Browser:
    """One browser for a test class. `page` collects what the page complains about in `page.complaints`."""

    def __init__(self, arguments=ARGUMENTS):
        self._arguments = arguments

    def __enter__(self):
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), headless=True, chromium_sandbox=False,
            args=self._arguments)
        return self

    def __exit__(self, *_):
        self._browser.close()
        self._playwright.stop()

    def context(self, width=960, height=540, **options):
        return self._browser.new_context(viewport={"width": width, "height": height}, **options)

    def page(self, width=960, height=540, context=None, **options):
        page = (context or self.context(width, height, **options)).new_page()
        page.set_default_timeout(60_000)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(f"error: {error}"))
        page.on("console", lambda message: message.type in ("error", "warning") and page.complaints.append(
            f"{message.type}: {message.text}"))
        return page


def picture(page, path=None):
    """What the page shows, as an RGB image; also written to `path`."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if path:
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    return image


def difference(a, b):
    """Share of pixels that differ by more than 24 of 255 in any channel, after one pixel of tolerance is blurred out."""
    small = (a.width // 2, a.height // 2)
    pixels = ImageChops.difference(a.resize(small, Image.BOX), b.resize(small, Image.BOX))
    worst = pixels.split()[0]
    for band in pixels.split()[1:]:
        worst = ImageChops.lighter(worst, band)
    return sum(worst.histogram()[25:]) / (small[0] * small[1])
