# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""A model that changes on the server while pages show it."""

import os
import pathlib
import shutil
import tempfile
import unittest

from support.browser import Browser, picture
from support.server import Server
from support.viewer import PICTURES, archive, until

SETTLED = "vantage.status.state === 'open' && vantage.status.settled"


class ReplacedModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.put(archive("textured"))
        self.server = self.enterContext(Server("--models", self.folder))

    def put(self, source):
        """Exchanges the model's file as a whole."""
        shutil.copyfile(source, self.folder / "coming")
        os.replace(self.folder / "coming", self.folder / "shown.vantage")

    def open(self, name=""):
        page = self.browser.page()
        self.addCleanup(page.context.close)
        page.goto(f"{self.server.url}{name}?model=shown&store=0")
        until(page, SETTLED)
        page.evaluate("vantage.viewer.setView({ ...vantage.viewer.camera.state, azimuth: 2, elevation: 0.4 })")
        until(page, SETTLED)
        return page

    def test_a_replaced_model_is_shown_by_itself_from_the_same_side(self):
        for name in ("", "thin"):
            with self.subTest(page=name):
                self.put(archive("textured"))
                page = self.open(name)
                before = page.evaluate("[vantage.viewer.welcome.model.contentHash, vantage.viewer.camera.state]")
                self.put(archive("scan"))
                until(page, f"vantage.viewer.welcome.model.contentHash !== '{before[0]}' && {SETTLED}")
                page.get_by_text("This is its new version").wait_for()
                after = page.evaluate("vantage.viewer.camera.state")
                self.assertEqual([after["azimuth"], after["elevation"]], [before[1]["azimuth"], before[1]["elevation"]])
                page.evaluate("vantage.viewer.fit({ isAnimated: false })")
                until(page, SETTLED)
                picture(page, PICTURES / f"replaced-{name or 'viewer'}.png")
                self.assertEqual(page.complaints, [])

    def test_a_model_that_is_damaged_or_gone_is_said_so(self):
        page = self.open()
        content = bytearray(archive("textured").read_bytes())
        content[: len(content) // 2] = bytes(len(content) // 2)
        (self.folder / "broken").write_bytes(content)
        self.put(self.folder / "broken")
        page.get_by_text("This model is damaged").wait_for()
        picture(page, PICTURES / "replaced-damaged.png")


if __name__ == "__main__":
    unittest.main()
