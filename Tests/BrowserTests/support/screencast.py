# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Every picture that a page puts on the screen, as the browser's compositor has them."""

import base64
import io

from PIL import Image


class Screencast:
    """Records a page until `stop`; `frames` are (seconds, RGB image), without those that are the same as before."""

    def __init__(self, page):
        self.page = page
        self._raw = []
        self._session = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._take)

    def start(self):
        self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 90, "everyNthFrame": 1})
        return self

    def _take(self, event):
        self._raw.append((event["metadata"]["timestamp"], event["data"]))
        self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def stop(self):
        self.page.wait_for_timeout(200)
        self._session.send("Page.stopScreencast")
        return self

    @property
    def frames(self):
        return [(at, Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")) for at, data in self._raw]


def silhouette(image, step=2):
    """(share of the pixels that are no magenta background, middle of those, their box), all in shares of the picture."""
    small = image.resize((image.width // step, image.height // step), Image.BOX)
    covered = [(place % small.width, place // small.width) for place, (red, green, blue) in enumerate(small.getdata())
               if not (red > 150 and green < 110 and blue > 150)]
    if not covered:
        return 0.0, None, None
    columns, rows = zip(*covered)
    middle = (sum(columns) / len(covered) / small.width, sum(rows) / len(covered) / small.height)
    box = (min(columns) / small.width, min(rows) / small.height, max(columns) / small.width, max(rows) / small.height)
    return len(covered) / (small.width * small.height), middle, box
