# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Who draws: its menu, its note, and what the probe finds, in a real browser but without a server (ui-harness/paths.js)."""

import pathlib
import subprocess
import sys
import unittest

from support.browser import Browser

HARNESS = pathlib.Path(__file__).resolve().parent / "ui-harness" / "server.py"
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


class PathParts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = subprocess.Popen([sys.executable, str(HARNESS), "--port", "0"], stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(server.stdout.close)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        cls.base = server.stdout.readline().strip()
        cls.browser = cls.enterClassContext(Browser())

    def open(self, state, **options):
        page = self.browser.page(**options)
        self.addCleanup(page.context.close)
        page.goto(f"{self.base}paths?state={state}")
        page.wait_for_function("window.pathMenu")
        return page

    def rows(self, page):
        return page.get_by_role("menuitemradio")

    def test_keys_choose(self):
        page = self.open("client")
        page.evaluate("pathMenu.toggle()")
        self.assertEqual(page.evaluate(FOCUSED), "Automatic")
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        self.assertEqual(page.evaluate("choices"), ["server"])
        self.assertEqual(page.get_by_role("menu").count(), 0)
        self.assertEqual(page.evaluate(FOCUSED), "Drawn by this device")
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate(FOCUSED), "The server")
        self.assertEqual([row.get_attribute("aria-checked") for row in self.rows(page).all()], ["false", "false", "true", "false"])
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate("choices"), ["server"], "choosing the same again says nothing")
        self.assertEqual(page.complaints, [])

    def test_escape_and_clicks_elsewhere_close(self):
        page = self.open("client")
        page.locator(".path-button").click()
        page.keyboard.press("Escape")
        self.assertEqual(page.get_by_role("menu").count(), 0)
        page.locator(".path-button").click()
        page.mouse.click(20, 300)
        self.assertEqual(page.get_by_role("menu").count(), 0)
        self.assertEqual(page.evaluate("choices"), [])

    def test_what_is_not_allowed_says_why_and_cannot_be_chosen(self):
        page = self.open("denied", width=360, height=740, has_touch=True)
        page.locator(".path-button").tap()
        server = page.get_by_role("menuitemradio", name="The server")
        self.assertEqual(server.get_attribute("aria-disabled"), "true")
        note = page.locator(f"#{server.get_attribute('aria-describedby')}")
        self.assertIn("no Vulkan device", note.text_content())
        server.tap(force=True)
        self.assertEqual(page.evaluate("choices"), [])
        self.assertEqual(self.rows(page).count(), 4)
        page.get_by_role("menuitemradio", name="Automatic").tap()
        self.assertEqual(page.evaluate("choices"), ["auto"])

    def test_the_menu_fits_small_screens(self):
        for width, height in ((320, 568), (360, 740), (640, 300)):
            page = self.open("denied", width=width, height=height)
            page.locator(".path-button").click()
            for part in (".menu", ".toolbar"):
                box = page.locator(part).bounding_box()
                self.assertGreaterEqual(box["x"], 0)
                self.assertGreaterEqual(box["y"], 0)
                self.assertLessEqual(box["x"] + box["width"], width)
                self.assertLessEqual(box["y"] + box["height"], height)

    def test_an_open_menu_follows_what_happens(self):
        page = self.open("client")
        page.locator(".path-button").click()
        page.keyboard.press("ArrowDown")
        page.evaluate("pathMenu.update({ target: 'server', reason: 'This device is slow.' })")
        self.assertEqual(page.evaluate(FOCUSED), "This device")
        self.assertIn("Changing to the server…", page.locator(".menu-header").text_content())
        self.assertEqual(page.locator(".path-button").get_attribute("aria-label"), "Drawn by this device, changing to the server")
        page.evaluate("pathMenu.update({ path: 'server', target: null })")
        self.assertEqual(page.locator(".menu-header strong").text_content(), "Drawn by the server")
        self.assertEqual(page.locator(".path-button.is-changing").count(), 0)

    def test_a_change_is_told_once_and_goes_away(self):
        page = self.open("note")
        note = page.locator(".path-note")
        self.assertEqual(note.get_attribute("aria-live"), "polite")
        page.wait_for_selector(".path-note.is-shown")
        self.assertTrue(note.text_content().startswith("Drawn by the server now: this device’s graphics are slow"))
        page.wait_for_function("document.querySelector('.path-note').textContent === ''")
        self.assertEqual(page.locator(".path-note.is-shown").count(), 0)

    def test_nothing_is_said_at_first(self):
        page = self.open("client")
        page.wait_for_timeout(300)
        self.assertEqual(page.locator(".path-note").text_content(), "")

    def test_the_probe_measures_in_a_worker_and_on_the_page(self):
        for options in ("{}", "{ createCanvas: () => document.createElement('canvas') }"):
            page = self.open("client")
            page.wait_for_timeout(300)
            facts, took, late = page.evaluate("""async () => {
                const { probeDevice } = await import('./viewer/paths/device-probe.js');
                const began = performance.now();
                const late = new Promise((resolve) => { window.tellLate = resolve; setTimeout(resolve, 3000, null); });
                const facts = await probeDevice({ onLate: window.tellLate, ...OPTIONS });
                const took = performance.now() - began;
                return [facts, took, facts.speed.pixelsPerSecond ? null : await late];
            }""".replace("OPTIONS", options))
            print(f"probe {options}: {took:.0f} ms, {facts.get('speed')}, late {late and late.get('speed')}")
            webgl = facts.get("webgl") or late["webgl"]
            self.assertTrue(webgl["isSoftware"])
            self.assertIn("SwiftShader", webgl["renderer"])
            self.assertGreater(facts["cores"], 0)
            # A machine with other work is late by more than a timer's margin.
            self.assertLess(took, 600)
            for speed in (facts["speed"], late and late["speed"]):
                for value in (speed or {}).values():
                    self.assertGreater(value, 1e4)
            again = page.evaluate("""async () => {
                const { quickFacts } = await import('./viewer/paths/device-probe.js');
                return quickFacts();
            }""")
            self.assertEqual(again["webgl"], webgl)
            self.assertEqual(page.complaints, [])


if __name__ == "__main__":
    unittest.main()
