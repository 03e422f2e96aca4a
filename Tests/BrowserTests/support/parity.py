# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""How alike two pictures of the same view are."""

from PIL import Image, ImageChops, ImageFilter

CLOSE = 3
EDGE = 24


def parity(first, second):
    """(mean difference in 1/255, share of the pixels away from edges that differ by at most 3/255)."""
    difference = ImageChops.difference(first, second)
    red, green, blue = difference.split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    # An edge of either picture, with its neighbours: there, half a pixel decides.
    edges = ImageChops.lighter(*(
        image.convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(5)) for image in (first, second)))
    plain = edges.point(lambda value: 255 if value < EDGE else 0)
    counts = largest.histogram(plain)
    mean = sum(value * count for band in (red, green, blue) for value, count in enumerate(band.histogram()))
    return mean / (3 * first.width * first.height), sum(counts[:CLOSE + 1]) / max(1, sum(counts))


def side_by_side(first, second):
    """Both pictures and, below, their difference made visible."""
    sheet = Image.new("RGB", (2 * first.width, 2 * first.height))
    sheet.paste(first, (0, 0))
    sheet.paste(second, (first.width, 0))
    sheet.paste(ImageChops.difference(first, second).point(lambda value: min(255, 20 * value)), (0, first.height))
    return sheet
