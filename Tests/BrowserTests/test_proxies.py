# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Pages behind a proxy that does something wrong: what they say, and what is still seen."""

import tempfile
import unittest

from support.browser import Browser, difference, picture
from support.rewriting_proxy import RewritingProxy
from support.server import Server
from support.viewer import PICTURES, archive, source_file, until

STILL = "Boolean(vantage.status.stills?.isShown) && vantage.status.settled && !vantage.viewer.controls.isActive"
STREAM = "vantage.status.state === 'open' && vantage.status.settled && !vantage.status.stills?.isShown"
PREFIX = "/below/vantage/"
# Seconds that a picture, or an import, may take on a busy machine.
PATIENCE = 180


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        models = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.server = cls.enterClassContext(Server(archive("assembly"), "--models", models))
        cls.browser = cls.enterClassContext(Browser())

    def proxy(self, target=None, **settings):
        proxy = self.enterContext(RewritingProxy((target or self.server).port, prefix=PREFIX))
        for name, value in settings.items():
            setattr(proxy, name, value)
        return proxy

    def open(self, proxy, name="", condition=STREAM, **options):
        page = self.browser.page(**options)
        self.addCleanup(page.context.close)
        page.goto(f"{proxy.url}{name}?model=assembly&store=0")
        until(page, condition, PATIENCE)
        return page

    def drag(self, page):
        page.mouse.move(300, 250)
        page.mouse.down()
        for step in range(12):
            page.mouse.move(300 + 15 * step, 250)
            page.wait_for_timeout(20)
        page.mouse.up()

    def test_below_a_path_of_the_proxy_everything_is_found(self):
        proxy = self.proxy()
        for name in ("", "thin"):
            page = self.open(proxy, name)
            self.assertEqual(page.complaints, [], name)
        page = self.browser.page()
        self.addCleanup(page.context.close)
        page.goto(proxy.url)
        page.get_by_text("assembly").first.wait_for()
        until(page, "[...document.images].every((image) => image.naturalWidth > 0)")
        self.assertTrue(all(line.split(" ")[1].startswith(PREFIX) for line in proxy.requests), proxy.requests)

    def test_a_rewritten_host_is_said_with_what_to_do_and_not_tried_for_ever(self):
        proxy = self.proxy(host="127.0.0.1:9")
        page = self.open(proxy, condition=STILL)
        page.get_by_text("The server refuses this page").wait_for()
        page.get_by_role("button", name="Why?").click()
        page.get_by_text("allowedOrigins").wait_for()
        picture(page, PICTURES / "proxy-rewritten-host.png")
        count = proxy.asked("api/v1/stream")
        page.wait_for_timeout(2000)
        self.assertLessEqual(proxy.asked("api/v1/stream"), count + 2)
        proxy.host = None
        page.get_by_role("button", name="Try again").click()
        until(page, STREAM)

    def test_without_upgrades_single_pictures_follow_the_camera_and_the_page_says_why(self):
        for name in ("", "thin"):
            with self.subTest(page=name):
                proxy = self.proxy(web_sockets="drop")
                page = self.open(proxy, name, STILL)
                page.get_by_text("WebSockets do not get through. You see single pictures.").wait_for()
                page.wait_for_timeout(300)
                before = picture(page, PICTURES / f"proxy-stills-{name or 'viewer'}.png")
                count = page.evaluate("vantage.status.stills.count")
                self.drag(page)
                until(page, f"vantage.status.stills.count > {count} && {STILL}", PATIENCE)
                page.wait_for_timeout(300)
                after = picture(page, PICTURES / f"proxy-stills-turned-{name or 'viewer'}.png")
                self.assertGreater(difference(before, after), 0.02)
                proxy.web_sockets = "pass"
                page.get_by_role("button", name="Try again").click()
                until(page, STREAM)
                page.wait_for_timeout(300)
                streamed = picture(page, PICTURES / f"proxy-passes-{name or 'viewer'}.png")
                # The same camera: what differs is the notice, and edges.
                self.assertLess(difference(after, streamed), 0.06)
                self.assertEqual(page.complaints, [])

    def test_the_page_returns_to_the_stream_by_itself(self):
        proxy = self.proxy(web_sockets="drop")
        page = self.open(proxy, condition=STILL)
        proxy.web_sockets = "pass"
        until(page, STREAM)

    def test_web_sockets_that_are_cut_before_anything_came_do_not_get_through_either(self):
        proxy = self.proxy(web_sockets="cut")
        page = self.open(proxy, condition=STILL, width=390, height=780, device_scale_factor=2, has_touch=True)
        page.get_by_text("WebSockets do not get through").wait_for()
        page.get_by_role("button", name="Why?").click()
        picture(page, PICTURES / "proxy-cut-phone.png")
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), 390)

    def test_a_server_that_is_away_is_a_lost_connection_and_comes_back(self):
        proxy = self.proxy()
        page = self.open(proxy)
        proxy.is_away = True
        proxy.end_connections()
        page.get_by_text("The connection to the server was lost. Trying again").wait_for()
        page.wait_for_timeout(1500)
        self.assertIsNone(page.evaluate("vantage.status.stills"))
        proxy.is_away = False
        until(page, STREAM)

    def test_a_server_that_cannot_draw_says_so(self):
        models = self.enterContext(tempfile.TemporaryDirectory())
        server = self.enterContext(Server(archive("assembly"), "--models", models, "--renderer", "off"))
        proxy = self.proxy(server, web_sockets="drop")
        page = self.open(proxy, condition="Boolean(vantage.status.stills?.message)")
        page.get_by_text("There are no pictures meanwhile").wait_for()
        picture(page, PICTURES / "proxy-no-pictures.png")

    def test_an_upload_that_breaks_off_says_how_far_it_came_and_can_be_sent_again(self):
        proxy = self.proxy(upload_limit=200_000)
        page = self.browser.page()
        self.addCleanup(page.context.close)
        page.goto(proxy.url)
        page.locator("input[type=file]").first.set_input_files(source_file("scan"))
        page.locator(".upload-text", has_text="The connection broke off when").wait_for()
        page.locator(".upload-text", has_text="The server still answers").wait_for()
        picture(page, PICTURES / "proxy-upload-cut.png")
        proxy.is_away = True
        page.get_by_role("button", name="again").click()
        page.locator("[data-state=failed]").wait_for()
        proxy.is_away, proxy.upload_limit = False, None
        page.get_by_role("button", name="again").click()
        page.wait_for_url("**/?model=scan*", timeout=1000 * PATIENCE)

    def test_an_import_keeps_its_progress_while_the_server_is_away(self):
        proxy = self.proxy()
        page = self.browser.page()
        self.addCleanup(page.context.close)
        page.goto(proxy.url)
        page.locator("input[type=file]").first.set_input_files(source_file("textured"))
        page.locator("[data-state=importing]").wait_for()
        proxy.is_away = True
        proxy.end_connections()
        page.locator(".upload-text", has_text="The server does not answer, waiting for it").wait_for()
        proxy.is_away = False
        page.wait_for_url("**/?model=textured*")

    def test_whoever_answers_in_the_servers_place_is_told_apart(self):
        proxy = self.proxy(web_sockets="sign in")
        page = self.open(proxy, condition=STILL)
        page.get_by_text("The server cannot be reached").wait_for()
        page.get_by_role("button", name="Why?").click()
        page.get_by_text("If it asks you to sign in, reload the page").wait_for()


if __name__ == "__main__":
    unittest.main()
