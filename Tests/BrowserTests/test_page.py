# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The pages around the picture: the list, uploads, messages, keys and fingers."""

import tempfile
import unittest

from support.browser import Browser, picture
from support.server import Server
from support.viewer import PICTURES, ViewerPage, archive, source_file, until


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        models = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.server = cls.enterClassContext(Server(archive("assembly"), archive("scan"), "--models", models))
        cls.browser = cls.enterClassContext(Browser())

    def page(self, **options):
        page = self.browser.page(**options)
        self.addCleanup(page.context.close)
        return page

    def test_the_start_page_lists_models_with_thumbnails(self):
        page = self.page()
        page.goto(self.server.url)
        page.get_by_text("assembly").first.wait_for()
        until(page, "[...document.images].filter((image) => image.naturalWidth > 0).length >= 2")
        picture(page, PICTURES / "start-page.png")
        page.get_by_text("assembly").first.click()
        page.wait_for_url("**/?model=assembly*")
        self.assertEqual(page.complaints, [])

    def test_an_uploaded_file_is_imported_and_opens(self):
        page = self.page()
        page.goto(self.server.url)
        page.locator("input[type=file]").first.set_input_files(source_file("textured"))
        page.wait_for_url("**/?model=textured*")
        until(page, "vantage.status.triangles > 0")
        picture(page, PICTURES / "uploaded.png")
        self.assertIn("textured", [model["id"] for model in self.server.get("api/v1/models")["models"]])

    def test_an_import_goes_on_after_the_server_was_killed(self):
        models = self.enterContext(tempfile.TemporaryDirectory())
        server = self.enterContext(Server("--models", models))
        page = self.page()
        page.goto(server.url)
        page.locator("input[type=file]").first.set_input_files(source_file("scan"))
        page.locator("[data-state=importing]").wait_for()
        server.kill()
        page.locator(".upload-text", has_text="The server does not answer, waiting for it").wait_for()
        server.start()
        page.wait_for_url("**/?model=scan*", timeout=180_000)

    def test_a_file_that_is_no_model_says_why(self):
        page = self.page()
        page.goto(self.server.url)
        page.locator("input[type=file]").first.set_input_files(
            {"name": "broken.glb", "mimeType": "model/gltf-binary", "buffer": b"glTF, but not really" * 100})
        page.locator("[data-state=failed]").first.wait_for()
        picture(page, PICTURES / "upload-failed.png")

    def test_a_missing_model_is_said_so(self):
        page = self.page()
        page.goto(self.server.url + "?model=nothing")
        page.get_by_text("There is no such model").first.wait_for()
        picture(page, PICTURES / "missing-model.png")

    def test_without_webgl_the_server_draws(self):
        page = self.without_webgl()
        page.goto(self.server.url + "?model=assembly")
        until(page, "vantage.status.path === 'server' && vantage.status.shownFrameCount > 0")

    def test_without_webgl_and_a_server_that_draws_the_page_says_what_to_do(self):
        models = self.enterContext(tempfile.TemporaryDirectory())
        server = self.enterContext(Server(archive("assembly"), "--models", models, "--renderer", "off"))
        page = self.without_webgl()
        page.goto(server.url + "?model=assembly")
        page.get_by_text("cannot draw 3D").first.wait_for()

    def without_webgl(self):
        page = self.page()
        page.add_init_script("""
            for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
                const original = canvas.prototype.getContext;
                canvas.prototype.getContext = function (kind, ...rest) {
                    return kind.startsWith('webgl') ? null : original.call(this, kind, ...rest);
                };
            }""")
        return page

    def test_keys_and_mouse_move_the_camera(self):
        page = self.page()
        viewer = ViewerPage(page, self.server.url, "assembly").open()
        viewer.settle()
        state = "JSON.stringify(vantage.viewer.camera.state)"
        seen = [page.evaluate(state)]
        for action in (
            lambda: page.keyboard.press("ArrowLeft"),
            lambda: (page.mouse.move(480, 300), page.mouse.down(), page.mouse.move(600, 330, steps=5), page.mouse.up()),
            lambda: (page.mouse.move(480, 270), page.mouse.wheel(0, -400)),
            lambda: page.keyboard.press("1"),
        ):
            action()
            until(page, f"{state} !== {seen[-1]!r}")
            viewer.wait("!status.moving")
            seen.append(page.evaluate(state))
        self.assertEqual(len(set(seen)), 5)
        page.keyboard.press("h")
        viewer.settle()
        page.keyboard.press("s")
        page.get_by_text("Longest task").first.wait_for()
        picture(page, PICTURES / "statistics.png")
        self.assertEqual(page.complaints, [])

    def test_two_fingers_zoom_and_one_turns(self):
        page = self.page(width=390, height=760, has_touch=True, is_mobile=True, device_scale_factor=2)
        viewer = ViewerPage(page, self.server.url, "assembly").open()
        viewer.settle()
        touch = page.context.new_cdp_session(page)

        def drag(*fingers):
            for step in range(6):
                points = [{"x": a[0] + (b[0] - a[0]) * step / 5, "y": a[1] + (b[1] - a[1]) * step / 5, "id": number}
                          for number, (a, b) in enumerate(fingers)]
                kind = "touchStart" if step == 0 else "touchMove"
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            viewer.wait("!status.moving")

        before = page.evaluate("vantage.viewer.camera.state")
        drag(((200, 400), (300, 420)))
        turned = page.evaluate("vantage.viewer.camera.state")
        self.assertNotAlmostEqual(before["azimuth"], turned["azimuth"], places=2)
        drag(((180, 400), (80, 400)), ((220, 400), (320, 400)))
        zoomed = page.evaluate("vantage.viewer.camera.state")
        self.assertLess(zoomed["distance"], 0.7 * turned["distance"])
        viewer.settle()
        picture(page, PICTURES / "phone.png")
        self.assertEqual(page.complaints, [])


if __name__ == "__main__":
    unittest.main()
