# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Who draws cannot be seen: the browser's WebGL beside the server's Vulkan, for many models from several sides."""

import unittest
import urllib.parse
import urllib.request
from io import BytesIO

from PIL import Image

from support.browser import Browser, picture
from support.parity import parity, side_by_side
from support.server import ROOT, Server, run_vantage, vantage_binary
from support.viewer import PICTURES, WORK, ViewerPage, archive

SIZE = (640, 360)
# Models that others made, where they lie beside the project; generated ones are always there.
SHARED = {
    "damaged-helmet": "gltf/DamagedHelmet/DamagedHelmet.glb",
    "flight-helmet": "gltf/FlightHelmet/FlightHelmet.gltf",
    "water-bottle": "gltf/WaterBottle/glTF/WaterBottle.gltf",
    "engine": "cad/2CylinderEngine/2CylinderEngine.glb",
    "prusa": "cad/prusa-i3-parts/prusa-i3-parts-tray.glb",
    "delft": "scenes/delft-city/delft.glb",
    "armadillo": "scans/armadillo/armadillo.obj",
    "bunny": "scans/stanford-bunny/bun_zipper.ply",
}
VIEWS = {
    "home": "viewer.home({ isAnimated: false })",
    "left": "viewer.standardView('left', { isAnimated: false })",
    "near": "viewer.setView({ ...viewer.camera.fitted(), azimuth: 2.2, elevation: 0.5, distance: 0.45 * viewer.camera.fitted().distance })",
}


def shared_archive(name):
    """The archive of a model beside the project, imported once; None where there is none."""
    source = ROOT.parent / "shared/data" / SHARED[name]
    if not source.exists():
        return None
    path = WORK / f"{name}.vantage"
    WORK.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.stat().st_mtime < vantage_binary().stat().st_mtime:
        run_vantage("import", source, "-o", path, "--quiet")
    return path


class Parity(unittest.TestCase):
    def test_who_draws_cannot_be_seen(self):
        models = [archive(name) for name in ("scan", "assembly", "textured")]
        models += [path for path in map(shared_archive, SHARED) if path]
        server = self.enterContext(Server(*models, "--models", WORK / "none", "--renderer", "require"))
        browser = self.enterContext(Browser())
        for path in models:
            page = browser.page(*SIZE)
            viewer = ViewerPage(page, server.url, path.stem).open().hide_controls()
            viewer.settle()
            for view, action in VIEWS.items():
                with self.subTest(model=path.stem, view=view):
                    self.compare(server, page, viewer, path.stem, view, action)
            page.context.close()

    def compare(self, server, page, viewer, model, view, action):
        # Through the address's code of a view, so that both have the same numbers.
        code = page.evaluate(
            """async (action) => {
                const { viewer } = vantage;
                const codes = await import('/viewer/camera/view-code.js');
                await ({ %s })[action]();
                const code = codes.encodeViewCode(viewer.camera.state);
                viewer.setView(codes.decodeViewCode(code));
                return code;
            }""" % ", ".join(f"{name}: () => {script}" for name, script in VIEWS.items()), view)
        page.wait_for_timeout(300)
        viewer.settle()
        page.wait_for_timeout(200)
        query = urllib.parse.urlencode({
            "model": model, "camera": code, "width": SIZE[0], "height": SIZE[1], "format": "png", "background": "light"})
        with urllib.request.urlopen(f"{server.url}api/v1/render?{query}", timeout=120) as response:
            theirs = Image.open(BytesIO(response.read())).convert("RGB")
        ours = picture(page)
        PICTURES.mkdir(parents=True, exist_ok=True)
        side_by_side(ours, theirs).save(PICTURES / f"parity-{model}-{view}.png")
        mean, share = parity(ours, theirs)
        print(f"parity {model} {view}: mean {mean:.3f}/255, {100 * share:.2f} % within 3/255 away from edges", flush=True)
        self.assertLessEqual(mean, 1)
        self.assertGreaterEqual(share, 0.995)
