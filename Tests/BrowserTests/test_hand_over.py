# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""From one render path to another while somebody watches: every picture on the screen is looked at."""

import unittest

from PIL import ImageChops

from support.browser import Browser, difference, picture
from support.screencast import Screencast, silhouette
from support.server import Server
from support.shaped_link import ShapedLink
from support.viewer import PICTURES, WORK, ViewerPage, archive, until

SIZE = (640, 360)
LOSE = "document.querySelector('[data-layer=client]').getContext('webgl2').getExtension('WEBGL_lose_context')"


class HandOver(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            Server(archive("assembly"), "--models", WORK / "none", "--renderer", "require"))
        cls.browser = cls.enterClassContext(Browser())

    def open(self, path, port=None, **query):
        page = self.browser.page(*SIZE)
        self.addCleanup(page.context.close)
        url = f"http://127.0.0.1:{port or self.server.port}/"
        viewer = ViewerPage(page, url, "assembly", path=path, **query).open().hide_controls().paint_background()
        page.evaluate("""() => {
            window.paths = [];
            vantage.viewer.on('path', (event) => window.paths.push({ ...event, at: Date.now() / 1000 }));
        }""")
        return viewer

    def shown(self, viewer, path, timeout=90):
        """Waits until a path is shown and nothing else is to come."""
        return viewer.wait(f"status.path === '{path}' && !status.isSwitching && status.triangles > 0", timeout)

    def rest(self, viewer, path):
        self.shown(viewer, path)
        done = " && status.frame?.kind === 3" if path == "server" else ""
        viewer.wait("!status.moving && status.settled" + done, 120)
        viewer.page.wait_for_timeout(400)

    def choose(self, viewer, path):
        viewer.page.evaluate("(path) => vantage.viewer.choosePath(path)", path)

    def drag(self, viewer, steps, start=(320, 180), pace=16, during=None):
        mouse = viewer.page.mouse
        mouse.move(*start)
        mouse.down()
        for step in range(steps):
            mouse.move(start[0] + 3 * step, start[1])
            if during and step == steps // 3:
                during()
            viewer.page.wait_for_timeout(pace)
        mouse.up()

    def assert_continuous(self, frames, largest_step=0.06, name=None):
        """No picture is empty, and the model never leaps nor changes its size from one picture to the next."""
        before = None
        for number, (_, image) in enumerate(frames):
            share, middle, box = silhouette(image)
            try:
                self.assertGreater(share, 0.02, "a blank picture")
                if before:
                    self.assertGreater(share / before[0], 0.75, "it shrank")
                    self.assertLess(share / before[0], 1.33, "it grew")
                    moved = max(abs(a - b) for a, b in zip(middle, before[1]))
                    self.assertLess(moved, largest_step, "it leapt")
            except AssertionError:
                if name:
                    image.save(PICTURES / f"{name}-{number}.png")
                    frames[max(number - 1, 0)][1].save(PICTURES / f"{name}-{number - 1}.png")
                raise
            before = (share, middle, box)
        return len(frames)

    def test_paths_change_during_an_orbit_without_a_trace(self):
        viewer = self.open("client")
        self.rest(viewer, "client")
        cast = Screencast(viewer.page).start()
        for path, other in (("server", "client"), ("client", "server")):
            self.drag(viewer, 60, during=lambda path=path: self.choose(viewer, path))
            shown = viewer.status["path"]
            codes = [event["code"] for event in viewer.page.evaluate("window.paths")]
            # A machine that is too slow for either path has reason to hurry.
            if "latency" not in codes:
                self.assertEqual(shown, other, "nothing changes under the hand")
            self.rest(viewer, path)
        cast.stop()
        print(f"\n   {len(cast.frames)} pictures on the screen")
        self.assertGreater(len(cast.frames), 20)
        for _, image in cast.frames:
            self.assertGreater(silhouette(image)[0], 0.02, "a blank picture")
        events = viewer.page.evaluate("window.paths")
        changes = [event for before, event in zip(events, events[1:]) if event["path"] != before["path"]]
        self.assertEqual([event["path"] for event in changes][-2:], ["server", "client"])
        # While the server's pictures move they may be late; the change itself is at rest, and must not be seen.
        for change in changes[-2:] if "latency" not in codes else []:
            around = [frame for frame in cast.frames if abs(frame[0] - change["at"]) < 0.5]
            self.assert_continuous(around, largest_step=0.02, name=f"hand-over-to-{change['path']}")
        self.assertEqual(viewer.page.complaints, [])

    def test_a_hand_that_does_not_let_go_puts_a_change_off_and_no_more(self):
        viewer = self.open("client")
        self.rest(viewer, "client")
        self.choose(viewer, "server")
        # For longer than a picture may take that nobody holds up.
        self.drag(viewer, 60, pace=200)
        self.rest(viewer, "server")
        events = viewer.page.evaluate("window.paths")
        reasons = {event["reason"] for event in events if "server" in (event["path"], event["target"])}
        self.assertEqual(len(reasons), 1, reasons)
        self.choose(viewer, "client")
        self.rest(viewer, "client")
        self.assertEqual(viewer.page.complaints, [])

    def test_at_rest_both_paths_and_all_between_show_the_same(self):
        viewer = self.open("client")
        self.rest(viewer, "client")
        before = picture(viewer.page, PICTURES / "hand-over-client.png")
        cast = Screencast(viewer.page).start()
        self.choose(viewer, "server")
        self.rest(viewer, "server")
        after = picture(viewer.page, PICTURES / "hand-over-server.png")
        self.choose(viewer, "client")
        self.rest(viewer, "client")
        cast.stop()
        self.assertLess(difference(before, after), 0.02)
        for number, (_, image) in enumerate(cast.frames):
            shown = image.resize(before.size)
            share = difference(before, shown)
            if share > 0.03:
                shown.save(PICTURES / f"hand-over-other-{number}.png")
            self.assertLess(share, 0.03, f"picture {number}")

    def test_the_first_picture_is_the_servers_and_the_model_follows(self):
        with ShapedLink(self.server.port, rate=20e6, round_trip=0.03) as link:
            viewer = self.open("auto", link.port)
            self.shown(viewer, "server")
            first = viewer.status["firstPictureMilliseconds"]
            self.choose(viewer, "client")
            self.rest(viewer, "client")
            self.assertEqual(viewer.status["firstPictureMilliseconds"], first)
        self.assertEqual(viewer.page.complaints, [])

    def test_in_a_hybrid_stills_lie_over_what_is_drawn_here_until_the_camera_moves(self):
        viewer = self.open("hybrid")
        self.shown(viewer, "hybrid")
        opacity = "Number(document.querySelector('[data-layer=server]').style.opacity)"
        until(viewer.page, f"{opacity} === 1", 90)
        still = picture(viewer.page, PICTURES / "hybrid-still.png")
        viewer.page.evaluate(f"""() => {{
            window.opacities = [];
            vantage.viewer.on('frame', () => window.opacities.push([vantage.status.moving, {opacity}]));
        }}""")
        cast = Screencast(viewer.page).start()
        self.drag(viewer, 30)
        until(viewer.page, f"!vantage.status.moving && {opacity} === 1", 90)
        cast.stop()
        self.assert_continuous(cast.frames, name="hybrid")
        moving = [value for is_moving, value in viewer.page.evaluate("window.opacities") if is_moving]
        self.assertGreater(len(moving), 3)
        self.assertEqual(set(moving), {0}, "no still over a camera that moves")
        self.assertIsNotNone(ImageChops.difference(still, picture(viewer.page)).getbbox())

    def test_a_lost_context_leaves_the_picture_and_the_server_takes_over(self):
        viewer = self.open("client")
        self.rest(viewer, "client")
        before = picture(viewer.page)
        cast = Screencast(viewer.page).start()
        viewer.page.evaluate(f"() => {{ window.lose = {LOSE}; window.lose.loseContext(); }}")
        self.rest(viewer, "server")
        cast.stop()
        self.assert_continuous(cast.frames, name="context")
        self.assertLess(difference(before, picture(viewer.page, PICTURES / "context-lost.png")), 0.02)
        viewer.page.evaluate("window.lose.restoreContext()")
        viewer.page.wait_for_timeout(300)
        self.choose(viewer, "client")
        self.rest(viewer, "client")
        self.assertLess(difference(before, picture(viewer.page, PICTURES / "context-back.png")), 0.02)

    def test_many_wishes_end_with_the_last(self):
        viewer = self.open("client")
        self.rest(viewer, "client")
        cast = Screencast(viewer.page).start()
        for number in range(24):
            self.choose(viewer, ("server", "hybrid", "client", "auto")[number * 7 % 4])
            viewer.page.wait_for_timeout(number * 37 % 140)
        self.choose(viewer, "server")
        self.rest(viewer, "server")
        cast.stop()
        self.assert_continuous(cast.frames, name="wishes")
        self.assertEqual(viewer.status["wish"], "server")
        self.assertEqual(viewer.page.complaints, [])

    def test_a_connection_that_breaks_on_the_way_is_made_again_and_the_change_too(self):
        with ShapedLink(self.server.port, rate=20e6, round_trip=0.05) as link:
            viewer = self.open("client", link.port)
            self.rest(viewer, "client")
            received = viewer.status["stream"]["receivedByteCount"]
            cast = Screencast(viewer.page).start()
            self.choose(viewer, "server")
            viewer.wait("status.isSwitching", 20)
            link.cut()
            viewer.wait("status.state !== 'open'", 20)
            self.rest(viewer, "server")
            self.choose(viewer, "client")
            self.rest(viewer, "client")
            cast.stop()
            self.assert_continuous(cast.frames, name="reconnect")
            again = viewer.status["stream"]["receivedByteCount"] - received
            self.assertLess(again, 0.3 * received, "what is there is not sent again")


if __name__ == "__main__":
    unittest.main()
