# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""What a viewer shows while data arrives: over slow links, after camera jumps, within tiny budgets, across restarts."""

import time
import unittest

from support.browser import Browser, picture
from support.server import Server
from support.shaped_link import ShapedLink
from support.viewer import PICTURES, WORK, ViewerPage, archive, background_share


class Streaming(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.models = [archive(name) for name in ("scan", "assembly", "textured")]
        cls.server = cls.enterClassContext(Server(*cls.models, "--models", WORK / "none"))
        cls.browser = cls.enterClassContext(Browser())

    def viewer(self, model, port=None, **query):
        page = self.browser.page(640, 360)
        self.addCleanup(page.context.close)
        url = f"http://127.0.0.1:{port or self.server.port}/"
        return ViewerPage(page, url, model, **query).open().hide_controls().paint_background()

    def test_a_first_picture_takes_at_most_40_kilobytes(self):
        for model in ("scan", "assembly"):
            with self.subTest(model=model):
                status = self.viewer(model).wait("status.firstPictureBytes !== null")
                self.assertLessEqual(status["firstPictureBytes"], 40_000)

    def test_no_frame_shows_background_through_a_closed_surface(self):
        with ShapedLink(self.server.port, rate=2e6, round_trip=0.04) as link:
            viewer = self.viewer("scan", link.port, threshold=0.25).watch_holes()
            viewer.settle()
            frames, torn, inside = viewer.holes()
            self.assertGreater(inside, 500, "the model covers too little to say anything")
            self.assertGreater(frames, 2)
            self.assertEqual(len(torn), 0, f"{len(torn)} of {frames} frames have holes")

    def test_after_a_camera_jump_the_new_view_settles_without_holes(self):
        with ShapedLink(self.server.port, rate=10e6, round_trip=0.04) as link:
            viewer = self.viewer("scan", link.port)
            viewer.wait("status.stream.receivedChunkCount > 4")
            viewer.page.evaluate("""() => {
                const { focus, distance, ...state } = vantage.viewer.camera.state;
                vantage.viewer.setView({ ...state, focus, distance: distance * 0.35 });
            }""")
            viewer.wait("status.moving === false")
            viewer.watch_holes()
            viewer.settle()
            frames, torn, inside = viewer.holes()
            self.assertGreater(inside, 500)
            self.assertEqual(len(torn), 0, f"{len(torn)} of {frames} frames have holes")

    def test_budgets_are_hard_and_show_the_whole_model_more_coarsely(self):
        full = self.viewer("scan")
        full.settle()
        whole = background_share(picture(full.page))
        small = self.viewer("scan", gpu="6MB", triangles=20000)
        small.wait("status.frames > 0 && status.stream.receivedChunkCount > 0")
        worst = {"triangles": 0, "bytes": 0}
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            status = small.status
            worst["triangles"] = max(worst["triangles"], status["triangles"])
            worst["bytes"] = max(worst["bytes"], status["stream"]["gpuByteCount"])
            if status["settled"]:
                break
            time.sleep(0.1)
        self.assertLessEqual(worst["triangles"], 20000)
        self.assertLessEqual(worst["bytes"], 6e6)
        self.assertGreater(small.status["draw"]["thresholdPixels"], 1)
        share = background_share(picture(small.page, PICTURES / "tiny-budget.png"))
        self.assertAlmostEqual(share, whole, delta=0.02)

    def test_a_slow_link_is_used_while_anything_is_missing(self):
        rate = 2e6
        with ShapedLink(self.server.port, rate=rate, round_trip=0.08) as link:
            viewer = self.viewer("scan", link.port, threshold=0.1)
            viewer.wait("status.stream.receivedChunkCount > 6")
            began = time.monotonic()
            viewer.settle()
            end = time.monotonic() - 0.5
            self.assertGreater(end - began, 1, "too little was missing to say anything")
            used = link.down_bytes(began, end) * 8 / (end - began) / rate
            self.assertGreater(used, 0.75)

    def test_a_killed_server_that_comes_back_continues_where_it_was(self):
        with Server(*self.models, "--models", WORK / "none, of a killed server") as server:
            # Slow enough that something is missing when the server goes.
            with ShapedLink(server.port, rate=1e6, round_trip=0.04) as link:
                viewer = self.viewer("scan", link.port)
                viewer.wait("status.stream.receivedChunkCount > 4 && status.triangles > 0")
                server.kill()
                viewer.wait("status.state === 'reconnecting'")
                before = viewer.status
                self.assertGreater(background_share(picture(viewer.page)), 0.01)
                self.assertGreater(before["triangles"], 0, "the picture stays while the server is away")
                server.start()
                after = viewer.settle()
                self.assertEqual(after["state"], "open")
                # Nothing is given up here, so what is not resident came twice; what is sent ahead does not count.
                again = after["stream"]["receivedChunkCount"] - after["stream"]["residentChunkCount"]
                kept = before["stream"]["receivedChunkCount"]
                self.assertLessEqual(again, 0.2 * kept, "what had arrived is not sent again")

    def test_a_later_visit_takes_little_from_the_server(self):
        context = self.browser.context(640, 360)
        self.addCleanup(context.close)
        received = []
        for _ in range(2):
            viewer = ViewerPage(self.browser.page(context=context), self.server.url, "textured", store=1).open()
            received.append(viewer.settle()["stream"]["receivedByteCount"])
            viewer.page.wait_for_timeout(1500)
            viewer.page.close()
        self.assertLess(received[1], received[0] * 0.3)

    def test_a_lost_graphics_context_comes_back_with_the_same_picture(self):
        viewer = self.viewer("assembly")
        viewer.settle()
        before = background_share(picture(viewer.page))
        received = viewer.status["stream"]["receivedByteCount"]
        viewer.page.evaluate("""() => new Promise((resolve) => {
            const extension = document.querySelector('[data-layer=client]').getContext('webgl2').getExtension('WEBGL_lose_context');
            vantage.viewer.on('restored', resolve);
            vantage.viewer.on('lost', () => setTimeout(() => extension.restoreContext(), 100));
            extension.loseContext();
        })""")
        viewer.wait("status.triangles > 0 && status.settled")
        viewer.page.wait_for_timeout(1000)
        self.assertAlmostEqual(background_share(picture(viewer.page)), before, delta=0.005)
        self.assertLess(viewer.status["stream"]["receivedByteCount"] - received, received * 0.2)

    def test_streaming_never_holds_the_page_up(self):
        with ShapedLink(self.server.port, rate=50e6, round_trip=0.02) as link:
            status = self.viewer("scan", link.port).settle()
        tasks = status["streamingTasks"]
        print("\n   longest task of streaming on the main thread:", status["longestStreamingTaskMilliseconds"], "ms;", tasks)


if __name__ == "__main__":
    unittest.main()
