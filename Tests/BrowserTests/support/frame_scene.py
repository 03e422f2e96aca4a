# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""A small scene drawn by Pillow from any camera: what a server of pictures is in the tests of the page.

The scene is a box with a chessboard on each side, the eye always outside. Nothing here is the real renderer's; it is exact
where the page's arithmetic can be checked: where points are, and how deep.
"""

import io
import math

from PIL import Image, ImageChops, ImageDraw

HALF = (1.0, 0.7, 0.5)
CELLS = 4
BACKGROUND = ((241, 244, 247), (204, 212, 221))
COLORS = [(196, 78, 60), (84, 130, 70), (58, 98, 168), (214, 168, 62), (120, 88, 160), (70, 150, 150)]


class Camera:
    """eye, orientation (x, y, z, w), projection (0 perspective, 1 orthographic) and scale as in the protocol."""

    def __init__(self, eye, orientation, projection, scale):
        self.eye, self.orientation, self.projection, self.scale = eye, orientation, projection, scale
        self.right, self.up, self.back = (rotate(orientation, axis) for axis in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))

    def pixel(self, point, width, height):
        """(x, y, depth) of a world point."""
        offset = [a - b for a, b in zip(point, self.eye)]
        depth = -dot(offset, self.back)
        half = self.scale if self.projection == 1 else self.scale * depth
        x = dot(offset, self.right) / (half * width / height)
        return ((x + 1) / 2 * width, (1 - dot(offset, self.up) / half) / 2 * height, depth)

    def ray(self, x, y, width, height):
        """(origin, direction) of the line of sight through a pixel; lengths along it are depths."""
        across, upward = (2 * x / width - 1) * width / height * self.scale, (1 - 2 * y / height) * self.scale
        side = [across * r + upward * u for r, u in zip(self.right, self.up)]
        if self.projection == 1:
            return [e + s for e, s in zip(self.eye, side)], [-b for b in self.back]
        return list(self.eye), [s - b for s, b in zip(side, self.back)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def rotate(q, v):
    x, y, z, w = q
    t = [2 * c for c in cross((x, y, z), v)]
    return [a + w * b + c for a, b, c in zip(v, t, cross((x, y, z), t))]


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def depth_at(camera, x, y, width, height):
    """Depth of the box at a pixel, or None."""
    origin, direction = camera.ray(x, y, width, height)
    near, far = -math.inf, math.inf
    for start, step, half in zip(origin, direction, HALF):
        if abs(step) < 1e-12:
            if abs(start) > half:
                return None
            continue
        low, high = sorted(((-half - start) / step, (half - start) / step))
        near, far = max(near, low), min(far, high)
    return near if 0 < near <= far else None


def draw(camera, width, height, background=BACKGROUND, scale=2):
    """The picture, and the rectangle (left, top, right, bottom) of it that is not background, or None."""
    size = (width * scale, height * scale)
    image = gradient(background, *size)
    pen = ImageDraw.Draw(image)
    corners = []
    for axis in range(3):
        for sign in (-1, 1):
            normal = [sign if a == axis else 0 for a in range(3)]
            towards = [e - sign * HALF[axis] * (a == axis) for a, e in enumerate(camera.eye)]
            facing = dot(normal, camera.back) if camera.projection == 1 else towards[axis] * sign
            if facing <= 0:
                continue
            for quad, color in quads(axis, sign):
                points = [camera.pixel(point, *size)[:2] for point in quad]
                corners += points
                pen.polygon(points, fill=color)
    image = image.resize((width, height), Image.BOX)
    if not corners:
        return image, None
    xs, ys = [x / scale for x, _ in corners], [y / scale for _, y in corners]
    box = (max(0, math.floor(min(xs)) - 2), max(0, math.floor(min(ys)) - 2),
           min(width, math.ceil(max(xs)) + 2), min(height, math.ceil(max(ys)) + 2))
    return image, box if box[0] < box[2] and box[1] < box[3] else None


def quads(axis, sign):
    """The cells of a side's chessboard, with their colours."""
    u, v = [a for a in range(3) if a != axis]
    base = COLORS[2 * axis + (sign > 0)]
    for column in range(CELLS):
        for row in range(CELLS):
            corners = []
            for du, dv in ((0, 0), (1, 0), (1, 1), (0, 1)):
                point = [0.0, 0.0, 0.0]
                point[axis] = sign * HALF[axis]
                point[u] = HALF[u] * (2 * (column + du) / CELLS - 1)
                point[v] = HALF[v] * (2 * (row + dv) / CELLS - 1)
                corners.append(point)
            light = 1.0 if (column + row) % 2 else 0.72
            yield corners, tuple(round(channel * light) for channel in base)


def gradient(colors, width, height):
    """The background that Shaders/webgl/background.frag draws."""
    top, bottom = colors
    column, row = Image.new("RGB", (1, height)), Image.new("RGB", (width, 1))
    for y in range(height):
        share = 1 - (y + 0.5) / height
        share = share * share * (3 - 2 * share)
        column.putpixel((0, y), tuple(round(low + (high - low) * share) for high, low in zip(top, bottom)))
    for x in range(width):
        aside = (x + 0.5) / width - 0.5
        row.putpixel((x, 0), (round(255 * (1 - 0.1 * aside * aside)),) * 3)
    return ImageChops.multiply(column.resize((width, height)), row.resize((width, height)))


def encoded(image, box, quality):
    """JPEG of a rectangle of a picture; quality 100: PNG."""
    target = io.BytesIO()
    if quality == 100:
        image.crop(box).save(target, "PNG")
    else:
        image.crop(box).save(target, "JPEG", quality=quality)
    return target.getvalue()


def depth_grid(camera, width, height, columns, rows):
    """(near, far, codes) of the nearest depth in each cell, sampled; (1, 1, zeros) where nothing is seen."""
    depths = []
    for row in range(rows):
        for column in range(columns):
            found = [depth_at(camera, (column + dx) / columns * width, (row + dy) / rows * height, width, height)
                     for dx in (0, 0.25, 0.5, 0.75, 1) for dy in (0, 0.25, 0.5, 0.75, 1)]
            depths.append(min((depth for depth in found if depth is not None), default=None))
    seen = [depth for depth in depths if depth is not None]
    if not seen:
        return 1, 1, [0] * len(depths)
    near, far = min(seen) * 0.999, max(seen) * 1.001

    def code(depth):
        if depth is None:
            return 0
        share = (1 / depth - 1 / far) / (1 / near - 1 / far) if camera.projection == 0 else (far - depth) / (far - near)
        return 1 + round(65534 * min(max(share, 0), 1))

    return near, far, [code(depth) for depth in depths]
