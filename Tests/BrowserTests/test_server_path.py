# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The server draws: what browsers show of it, beside what they draw themselves."""

import json
import unittest
import urllib.error
import urllib.request
from io import BytesIO

from PIL import Image

from support.browser import Browser, picture
from support.parity import parity
from support.server import Server
from support.shaped_link import ShapedLink
from support.viewer import PICTURES, WORK, ViewerPage, archive, until

# Without a compiler there is no WebAssembly either; Chromium ignores the flag that takes away WebAssembly alone.
BARE = ["--disable-gpu", "--disable-3d-apis", "--js-flags=--jitless"]
LOSSLESS = "vantage.status.settled && vantage.status.frame?.kind === 3"


class Drawn(unittest.TestCase):
    """A server that draws, and a browser."""

    arguments = BARE

    @classmethod
    def setUpClass(cls):
        models = [archive(name) for name in ("scan", "assembly", "textured")]
        cls.server = cls.enterClassContext(Server(*models, "--models", WORK / "none", "--renderer", "require"))
        cls.browser = cls.enterClassContext(Browser(cls.arguments) if cls.arguments else Browser())

    def page(self, width=960, height=540):
        page = self.browser.page(width, height)
        self.addCleanup(page.context.close)
        return page

    def thin(self, model, port=None, width=960, height=540):
        page = self.page(width, height)
        page.goto(f"http://127.0.0.1:{port or self.server.port}/thin?model={model}")
        until(page, "vantage.status.shownFrameCount > 0")
        return page


class ThinBrowsers(Drawn):

    def test_a_browser_without_webgl_turns_the_assembly(self):
        page = self.thin("assembly")
        self.assertEqual(page.evaluate("typeof WebAssembly"), "undefined")
        until(page, LOSSLESS)
        picture(page, PICTURES / "server-at-rest.png")
        before = page.evaluate("vantage.status.shownFrameCount")
        page.mouse.move(480, 270)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(480 + 4 * step, 270 + step)
            page.wait_for_timeout(16)
        picture(page, PICTURES / "server-moving.png")
        moving = page.evaluate("vantage.status.frame")
        page.mouse.up()
        self.assertEqual(moving["kind"], 0)
        self.assertGreater(page.evaluate("vantage.status.shownFrameCount"), before + 3)
        until(page, LOSSLESS)
        picture(page, PICTURES / "server-after.png")
        self.assertEqual(page.complaints, [])

    def test_it_fits_a_phone(self):
        page = self.thin("textured", width=360, height=640)
        until(page, LOSSLESS)
        picture(page, PICTURES / "server-phone.png")
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 360)

    def test_a_slow_link_gets_frames_that_fit_it(self):
        with ShapedLink(self.server.port, rate=2e6, round_trip=0.1) as link:
            page = self.thin("assembly", link.port)
            page.mouse.move(480, 270)
            page.mouse.down()
            for step in range(90):
                page.mouse.move(300 + 4 * step, 270)
                page.wait_for_timeout(20)
            status = page.evaluate("vantage.status")
            page.mouse.up()
            # No queue: what is shown is never far behind, however slow the link is.
            self.assertLess(status["latencyMilliseconds"]["p95"], 1500)
            until(page, "vantage.status.settled && vantage.status.frame?.kind >= 1")

    def test_a_click_names_the_part(self):
        page = self.thin("assembly")
        until(page, LOSSLESS)
        page.mouse.click(480, 270)
        label = page.locator(".part-label")
        label.wait_for()
        picture(page, PICTURES / "server-part.png")
        found = page.evaluate("vantage.viewer.identify(480, 270)")
        self.assertIn(found["name"], label.inner_text())
        page.keyboard.press("Escape")
        self.assertFalse(label.is_visible())

    def fetch(self, query, headers=None):
        request = urllib.request.Request(self.server.url + "api/v1/render?" + query, headers=headers or {})
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.read(), response.headers

    def test_single_pictures_come_by_address(self):
        data, headers = self.fetch("model=textured&width=320&height=200&format=png")
        image = Image.open(BytesIO(data))
        self.assertEqual((image.size, headers["content-type"]), ((320, 200), "image/png"))
        with self.assertRaises(urllib.error.HTTPError) as unchanged:
            self.fetch("model=textured&width=320&height=200&format=png", {"If-None-Match": headers["etag"]})
        self.assertEqual(unchanged.exception.code, 304)
        data, headers = self.fetch("model=textured&width=320&height=200&camera=top")
        self.assertEqual(Image.open(BytesIO(data)).format, "JPEG")

    def test_mistakes_in_addresses_are_named(self):
        for query, word in [
            ("", "model"), ("model=nothing", "nothing"), ("model=scan&width=0", "width"),
            ("model=scan&width=16384&height=16384", "renderer.pixelLimit"), ("model=scan&camera=p,nan,0,0,0,0,1", "camera"),
        ]:
            with self.subTest(query=query), self.assertRaises(urllib.error.HTTPError) as refused:
                self.fetch(query)
            self.assertIn(refused.exception.code, (400, 404))
            self.assertIn(word, json.load(refused.exception)["error"]["message"])


class BothPaths(Drawn):
    arguments = None

    def test_both_paths_show_the_same(self):
        for model in ("scan", "assembly", "textured"):
            with self.subTest(model=model):
                thin = self.thin(model)
                until(thin, LOSSLESS)
                page = self.page()
                viewer = ViewerPage(page, self.server.url, model).open().hide_controls()
                viewer.settle()
                thin.add_style_tag(content=".viewer > *:not(.stage) { visibility: hidden !important; }")
                thin.wait_for_timeout(400)
                page.wait_for_timeout(400)
                ours = picture(page, PICTURES / f"parity-{model}-client.png").convert("RGB")
                theirs = picture(thin, PICTURES / f"parity-{model}-server.png").convert("RGB")
                mean, share = parity(ours, theirs)
                print(f"parity {model}: mean {mean:.3f}/255, {100 * share:.2f} % within 3/255 away from edges")
                self.assertLess(mean, 1)
                self.assertGreater(share, 0.99)

    def test_both_paths_name_the_same_part(self):
        thin, page = self.thin("assembly"), self.page()
        until(thin, LOSSLESS)
        ViewerPage(page, self.server.url, "assembly").open().settle()
        labels = []
        for shown in (thin, page):
            shown.mouse.click(480, 270)
            shown.locator(".part-label").wait_for()
            labels.append(shown.locator(".part-label").inner_text())
        self.assertEqual(labels[0], labels[1])

    def test_without_a_renderer_the_page_says_so_and_offers_the_other_path(self):
        server = self.enterContext(Server(archive("textured"), "--models", WORK / "none, without a renderer", "--renderer", "off"))
        page = self.page()
        page.goto(server.url + "thin?model=textured")
        button = page.get_by_role("button", name="Draw on this device")
        button.wait_for(timeout=20_000)
        picture(page, PICTURES / "server-no-renderer.png")
        button.click()
        page.wait_for_url("**path=client**")
        until(page, "vantage.status.path === 'client' && vantage.status.settled")
