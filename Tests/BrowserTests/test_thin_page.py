# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The thin viewer's page: pictures of a server, on a plain canvas, in browsers without WebGL and WebAssembly."""

import statistics
import unittest

from PIL import Image

from support import frame_messages as messages
from support import frame_scene as scene
from support.browser import Browser, difference, picture
from support.frame_server import FrameServer
from support.viewer import PICTURES, until

# Without a compiler there is no WebAssembly either; Chromium ignores the flag that takes away WebAssembly alone.
BARE = ["--disable-gpu", "--disable-3d-apis", "--js-flags=--jitless"]
SETTLED = "vantage.status.settled && vantage.status.frame?.kind === 2"


class ThinPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser(BARE))

    def open(self, server, path="thin?model=box", init=None, wait="vantage.status.shownFrameCount > 0", **options):
        page = self.browser.page(**options)
        self.addCleanup(page.context.close)
        if init:
            page.add_init_script(init)
        page.goto(server.url + path)
        if wait:
            until(page, wait)
        return page

    def serve(self, **options):
        return self.enterContext(FrameServer(**options))

    def expected(self, server, page):
        """What the scene looks like from where the page's camera is, without the page's controls."""
        player = server.players[-1]
        size = page.evaluate("[vantage.status.width, vantage.status.height]")
        return scene.draw(player.camera, *size, player.background)[0]

    def assert_shows_the_scene(self, server, page, name):
        page.add_style_tag(content=".viewer > *:not(.stage) { visibility: hidden !important; }")
        page.wait_for_timeout(150)
        shown = picture(page, PICTURES / f"{name}.png")
        self.assertLess(difference(shown, self.expected(server, page)), 0.01)

    def test_pictures_are_shown_without_webgl_and_webassembly(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)
        self.assertEqual(page.evaluate("typeof WebAssembly"), "undefined")
        self.assertIsNone(page.evaluate("document.createElement('canvas').getContext('webgl2')"))
        status = page.evaluate("vantage.status")
        self.assertEqual((status["path"], status["state"], status["isInWorker"]), ("server", "open", True))
        self.assertEqual(server.queries[0], {
            "model": "box", "protocol": "1.2", "path": "auto", "wish": "server", "can": "server", "viewport": "960x540",
            "background": "f1f4f7,ccd4dd"})
        hello = server.heard("hello")[0]
        self.assertEqual(hello["background"], ["#f1f4f7", "#ccd4dd"])
        self.assertGreaterEqual(hello["limits"]["maximumPixels"], 640 * 360)
        self.assertEqual(page.complaints, [])
        self.assert_shows_the_scene(server, page, "thin-at-rest")

    def test_the_page_loads_nothing_of_the_other_path(self):
        server = self.serve()
        page = self.open(server)
        names = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)")
        self.assertTrue(any(name.endswith("server-path.js") for name in names))
        for name in names:
            self.assertNotRegex(name, r"\.wasm|\.glsl|/decode/|client-path|renderer\.js")

    def test_the_main_page_shows_the_same_when_asked_to(self):
        server = self.serve()
        page = self.open(server, "?model=box&path=server", wait=SETTLED)
        self.assertEqual(page.evaluate("vantage.status.path"), "server")
        self.assertEqual(page.complaints, [])
        self.assert_shows_the_scene(server, page, "thin-on-the-main-page")

    def test_every_frame_is_accounted_for_and_none_goes_back(self):
        server = self.serve(delay=0.01)
        page = self.open(server, wait=SETTLED)
        page.evaluate("""() => {
            window.order = [];
            vantage.viewer.on('frame', () => window.order.push(vantage.status.frame.frame));
        }""")
        page.mouse.move(400, 300)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(400 + 5 * step, 300 + step)
            page.wait_for_timeout(16)
        page.mouse.up()
        until(page, SETTLED)
        order = page.evaluate("window.order")
        self.assertEqual(order, sorted(order))
        received = [values["frame"] for values in server.heard("frameReceived")]
        shown = [values["frame"] for values in server.heard("frameShown")]
        self.assertEqual(received, list(range(1, len(received) + 1)))
        self.assertEqual(sorted(shown), received)
        latencies = [values["latency"] / 1000 for values in server.heard("frameShown") if values["latency"] > 0]
        self.assertGreater(len(latencies), 3)
        self.assertTrue(all(0 < latency < 60_000 for latency in latencies), latencies)
        print(f"\n  {len(shown)} frames, latency {statistics.median(latencies):.0f} ms in the middle")
        views = server.heard("view")
        self.assertEqual([view["sequence"] for view in views], list(range(1, len(views) + 1)))
        self.assertTrue(views[0]["isMoving"] is False and views[-1]["isMoving"] is False)
        self.assert_shows_the_scene(server, page, "thin-after-a-turn")

    def test_between_frames_the_picture_follows_the_camera(self):
        server = self.serve()
        differences = {}
        for warp in ("none", "affine", "grid"):
            page = self.open(server, f"thin?model=box&warp={warp}", wait=SETTLED)
            page.add_style_tag(content=".viewer > *:not(.stage) { visibility: hidden !important; }")
            server.play(lambda player: setattr(player, "in_flight", -1))
            page.evaluate("""() => {
                const { state } = vantage.viewer.camera;
                vantage.viewer.setView({ ...state, azimuth: state.azimuth + 0.08, distance: state.distance * 0.95 });
            }""")
            page.wait_for_timeout(300)
            until(page, "!vantage.status.moving")
            self.assertFalse(page.evaluate("vantage.status.settled"), "the true picture has not come")
            shown = picture(page, PICTURES / f"thin-warp-{warp}.png")
            differences[warp] = difference(shown, self.expected(server, page))
        print("\n  pixels that are wrong:", {warp: f"{share:.3f}" for warp, share in differences.items()})
        self.assertLess(differences["affine"], 0.8 * differences["none"])
        self.assertLess(differences["grid"], 0.5 * differences["affine"])

    def test_a_phone_window_works_by_touch(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED, width=360, height=640, has_touch=True, is_mobile=True, device_scale_factor=2)
        picture(page, PICTURES / "thin-phone.png")
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), 360)
        touch = page.context.new_cdp_session(page)
        before = page.evaluate("vantage.viewer.camera.state")
        for step in range(6):
            kind = "touchStart" if step == 0 else "touchMove"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": 150 + 12 * step, "y": 300}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        until(page, SETTLED)
        self.assertNotAlmostEqual(page.evaluate("vantage.viewer.camera.state")["azimuth"], before["azimuth"], places=2)
        for action in ("home", "fit", "projection", "walk", "more"):
            box = page.locator(f".toolbar [data-action={action}]").bounding_box()
            self.assertTrue(0 <= box["x"] and box["x"] + box["width"] <= 360, action)
        page.locator("[data-action=projection]").tap()
        until(page, f"vantage.status.frame.projection === 1 && {SETTLED}")
        self.assertEqual(server.heard("view")[-1]["projection"], 1)
        page.locator("[data-action=more]").tap()
        page.locator(".menu-item", has_text="Statistics").tap()
        page.get_by_text("Latency", exact=True).wait_for()
        picture(page, PICTURES / "thin-phone-statistics.png")
        self.assertEqual(page.complaints, [])

    def test_another_window_size_is_drawn_anew_and_never_empty(self):
        server = self.serve(delay=0.3)
        page = self.open(server, wait=SETTLED)
        page.evaluate("""() => {
            window.middles = [];
            const look = () => {
                const canvas = vantage.viewer.picture;
                const copy = document.createElement('canvas').getContext('2d');
                copy.drawImage(canvas, canvas.width / 2, canvas.height / 2, 1, 1, 0, 0, 1, 1);
                window.middles.push([...copy.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((a, b) => a + b));
            };
            new ResizeObserver(look).observe(document.querySelector('.stage'));
        }""")
        until(page, "window.middles.length > 0")
        page.set_viewport_size({"width": 700, "height": 500})
        until(page, f"vantage.status.frame.width === 700 && {SETTLED}")
        middles = page.evaluate("window.middles")
        self.assertGreater(len(middles), 1)
        self.assertGreater(min(middles), 60, "the box is in the middle, not an empty canvas")
        self.assert_shows_the_scene(server, page, "thin-resized")

    def test_statistics_tell_what_the_server_sent(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)
        page.keyboard.press("s")
        rows = page.evaluate("Object.fromEntries([...document.querySelectorAll('.stats dt')].map("
                             "(name) => [name.textContent, name.nextSibling.textContent]))")
        self.assertEqual(rows["Path"], "the server")
        self.assertIn("of 3 received", rows["Shown"])
        self.assertIn("PNG quality 100", rows["Coding"])
        self.assertIn("960 × 540", rows["Size"])
        self.assertIn("draw 8 ms, code 3 ms", rows["Server"])
        self.assertIn("96 drawn", rows["Triangles"])
        picture(page, PICTURES / "thin-statistics.png")

    def test_a_lost_server_leaves_the_last_picture_dimmed_and_comes_back(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)
        server.cut(accepts=False)
        page.get_by_text("Trying again").first.wait_for()
        self.assertTrue(page.evaluate("document.querySelector('.viewer').classList.contains('is-stale')"))
        page.wait_for_timeout(600)
        stale = picture(page, PICTURES / "thin-reconnecting.png")
        middle = stale.crop((400, 250, 560, 400))
        self.assertGreater(len(set(middle.getdata())), 3, "the picture is still there")
        page.keyboard.press("ArrowLeft")
        server.accepts = True
        # At once, or it may have tried by itself and the button is gone.
        page.evaluate("[...document.querySelectorAll('button')].find((it) => it.textContent === 'Retry now')?.click()")
        until(page, SETTLED)
        self.assertFalse(page.evaluate("document.querySelector('.viewer').classList.contains('is-stale')"))
        self.assertNotIn("resume", server.queries[-1])
        self.assert_shows_the_scene(server, page, "thin-reconnected")

    def test_double_click_goes_to_the_point_at_once_and_exactly(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)
        page.mouse.dblclick(480, 260)
        until(page, "vantage.viewer.camera.state.distance < 3")
        until(page, SETTLED)
        focus = page.evaluate("vantage.viewer.camera.state.focus")
        on_side = [abs(abs(value) - half) for value, half in zip(focus, scene.HALF)]
        self.assertLess(min(on_side), 1e-4, focus)
        self.assertGreater(len(server.heard("pick")), 0)

    def test_identities_name_what_is_under_a_place(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)
        found = page.evaluate("vantage.viewer.identify(480, 270)")
        self.assertEqual((found["treeNode"], found["name"], found["path"]), (7, "box", ["scene", "box"]))
        self.assertIsNone(page.evaluate("vantage.viewer.identify(5, 535)"))

    def test_a_change_of_a_rectangle_is_drawn_over_the_picture(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)

        def change(player):
            payload = scene.encoded(Image.new("RGB", (60, 40), (255, 0, 255)), (0, 0, 60, 40), 100)
            player.number += 1
            player.socket.send(messages.frame(
                player.number, messages.STILL, messages.PNG, False, len(payload), player.view["sequence"], player.camera,
                (960, 540), (450, 250, 60, 40), 100))
            player.socket.send(messages.frame_part(player.number, 0, payload))

        server.play(change)
        until(page, "vantage.status.frame.isWhole === false")
        page.wait_for_timeout(200)
        shown = picture(page, PICTURES / "thin-change.png")
        self.assertEqual(shown.getpixel((480, 270)), (255, 0, 255))
        expected = self.expected(server, page)
        self.assertLess(max(abs(a - b) for a, b in zip(shown.getpixel((440, 270)), expected.getpixel((440, 270)))), 12)

    def test_what_is_no_message_is_said_and_the_page_connects_again(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)
        server.send(messages.frame_part(99, 0, b"x"))
        page.get_by_text("something that is no message: FramePart.frame: 99 is not open").wait_for()
        until(page, "vantage.status.state === 'open'")
        until(page, SETTLED)
        self.assertEqual(len(server.queries), 2)

    def test_a_picture_that_is_none_is_said_and_skipped(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED)

        def send(player):
            player.number += 1
            player.socket.send(messages.frame(
                player.number, messages.MOVING, messages.JPEG, True, 4, 1, player.camera, (960, 540), (0, 0, 9, 9), 80))
            player.socket.send(messages.frame_part(player.number, 0, b"\xff\xd8\xff\x00"))

        server.play(send)
        page.get_by_text("could not be decoded").wait_for()
        self.assertTrue(server.heard("frameShown")[-1]["isSkipped"])

    def test_a_server_without_a_device_says_so(self):
        server = self.serve(draws=False)
        page = self.open(server, wait=None)
        page.get_by_text("This server draws no pictures").wait_for()
        page.get_by_text("It has no graphics device.").wait_for()
        picture(page, PICTURES / "thin-no-device.png")

    def test_a_browser_without_websocket_is_told(self):
        server = self.serve()
        page = self.open(server, wait=None, init="delete window.WebSocket;")
        page.get_by_text("This browser cannot keep a connection open").wait_for()
        picture(page, PICTURES / "thin-no-websocket.png")

    def test_without_workers_everything_runs_on_the_page(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED, init="delete window.Worker; delete window.createImageBitmap;")
        self.assertFalse(page.evaluate("vantage.status.isInWorker"))
        self.assertEqual(page.complaints, [])
        self.assert_shows_the_scene(server, page, "thin-on-the-page")

    def test_another_look_reaches_the_server(self):
        server = self.serve()
        page = self.open(server, wait=SETTLED, color_scheme="dark")
        self.assertEqual(server.heard("hello")[0]["background"], ["#4a525c", "#1f2329"])
        page.evaluate("vantage.viewer.theme = 'light'")
        page.wait_for_timeout(300)
        self.assertEqual(server.heard("hello")[-1]["background"], ["#f1f4f7", "#ccd4dd"])

    def test_the_start_page_is_there_too(self):
        page = self.open(self.serve(), "thin", wait=None)
        page.get_by_text("No models yet").wait_for()
        self.assertEqual(page.complaints, [])


if __name__ == "__main__":
    unittest.main()
