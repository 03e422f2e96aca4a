# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Settled pictures of several models: their outline against the processor's rasterizer, their look against references."""

import os
import pathlib
import unittest

from PIL import Image

from support import server as service
from support.browser import Browser, difference, picture
from support.server import Server
from support.viewer import PICTURES, WORK, ViewerPage, archive, silhouette_agreement

REFERENCES = service.ROOT / "Tests" / "Fixtures" / "render"
MODELS = ["assembly", "textured", "scan"]
SIZE = (640, 360)


class Pictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(*[archive(name) for name in MODELS], "--models", WORK / "none"))
        cls.browser = cls.enterClassContext(Browser())

    def show(self, name, color):
        page = self.browser.page(*SIZE)
        viewer = ViewerPage(page, self.server.url, name).open().hide_controls().paint_background(color)
        viewer.settle()
        image = picture(page, PICTURES / f"{name}-{color[1:]}.png")
        self.assertEqual(page.complaints, [])
        page.context.close()
        return image

    def test_outlines_are_those_of_the_processor_s_rasterizer(self):
        for name in MODELS:
            with self.subTest(model=name):
                path = PICTURES / f"{name}-preview.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                service.run_vantage(
                    "preview", archive(name), "-o", path, "--width", SIZE[0], "--height", SIZE[1],
                    "--transparent")
                agreement = silhouette_agreement(self.show(name, "#ff00ff"), Image.open(path).convert("RGBA"))
                self.assertGreater(agreement, 0.985)

    def test_pictures_look_as_they_did_when_somebody_looked(self):
        for name in MODELS:
            with self.subTest(model=name):
                shown = self.show(name, "#dfe4ea")
                reference = REFERENCES / f"{name}.png"
                if os.environ.get("UPDATE_REFERENCES"):
                    reference.parent.mkdir(parents=True, exist_ok=True)
                    shown.save(reference, optimize=True)
                self.assertTrue(reference.exists(), f"{reference} is missing; look, then set UPDATE_REFERENCES=1")
                self.assertLess(difference(shown, Image.open(reference).convert("RGB")), 0.01)


if __name__ == "__main__":
    unittest.main()
