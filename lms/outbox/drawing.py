"""The house's mark as a small PNG, drawn from its SVG: mail programs show no SVG, and nothing is downloaded for it.

It draws what the mark is made of and no more: strokes with round ends along M L H V C paths, and filled circles.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from math import hypot
from xml.etree import ElementTree

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_STEP = re.compile(r"([MmLlHhVvCcSs])([^MmLlHhVvCcSs]*)")
_CURVE_PIECES = 24
# Each pixel is looked at in so many places across and down.
_FINE = 3

Point = tuple[float, float]
Colour = tuple[int, int, int]
# A piece of a stroke: from, to, half its width, colour. A circle is a stroke of no length.
Piece = tuple[Point, Point, float, Colour]


def draw_png(svg: str, size: int) -> bytes:
    """Return the drawing as a square PNG of `size` pixels on a transparent ground."""
    # The project's own file, never something sent to us.
    root = ElementTree.fromstring(svg)  # noqa: S314
    scale = size / float(root.attrib["viewBox"].split()[2])
    pixels = [[(0.0, 0.0, 0.0, 0.0)] * size for _ in range(size)]
    for pieces in _shapes(root, {}):
        for (x, y), share in _covered(pieces, scale, size).items():
            pixels[y][x] = _over(pixels[y][x], pieces[0][3], share)
    return _png(pixels, size)


def _shapes(element: ElementTree.Element, inherited: dict[str, str]) -> Iterator[list[Piece]]:
    """Give each shape as the pieces it is painted with, lowest first."""
    attributes = inherited | element.attrib
    kind = element.tag.rpartition("}")[2]
    if kind == "circle":
        centre = (float(attributes["cx"]), float(attributes["cy"]))
        yield [(centre, centre, float(attributes["r"]), _colour(attributes["fill"]))]
    elif kind == "path":
        width, colour = float(attributes["stroke-width"]) / 2, _colour(attributes["stroke"])
        for line in _lines(attributes["d"]):
            yield [(a, b, width, colour) for a, b in pairwise(line)]
    for child in element:
        yield from _shapes(child, attributes)


def _lines(path: str) -> Iterator[list[Point]]:
    """Give each line of a path as points close enough to each other to look like its curves."""
    points: list[Point] = []
    control: Point | None = None
    for letter, rest in _STEP.findall(path):
        numbers = [float(number) for number in _NUMBER.findall(rest)]
        kind, (x, y) = letter.upper(), points[-1] if points else (0.0, 0.0)
        base = (x, y) if letter.islower() else (0.0, 0.0)
        if kind == "M":
            if len(points) > 1:
                yield points
            points = [(base[0] + numbers[0], base[1] + numbers[1])]
        elif kind == "H":
            points.append((base[0] + numbers[0], y))
        elif kind == "V":
            points.append((x, base[1] + numbers[0]))
        elif kind == "L":
            points.append((base[0] + numbers[0], base[1] + numbers[1]))
        else:
            given = [(base[0] + a, base[1] + b) for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
            if kind == "S":
                # The first control point mirrors the last one of the curve before.
                given.insert(0, (2 * x - control[0], 2 * y - control[1]) if control else (x, y))
            points += _curve((x, y), *given)
            control = given[1]
            continue
        control = None
    yield points


def _curve(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    def at(share: float) -> Point:
        rest = 1 - share
        parts = rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3
        corners = (start, first, second, end)
        x, y = (sum(part * corner[axis] for part, corner in zip(parts, corners, strict=True)) for axis in (0, 1))
        return x, y

    return [at(step / _CURVE_PIECES) for step in range(1, _CURVE_PIECES + 1)]


def _covered(pieces: list[Piece], scale: float, size: int) -> dict[tuple[int, int], float]:
    """Return pixel → which share of it the shape covers; looks only where a piece is near."""
    fine = scale * _FINE
    touched: set[tuple[int, int]] = set()
    for (ax, ay), (bx, by), width, _ in pieces:
        ax, ay, bx, by, reach = ax * fine, ay * fine, bx * fine, by * fine, width * fine
        for y in range(int(min(ay, by) - reach), int(max(ay, by) + reach) + 1):
            for x in range(int(min(ax, bx) - reach), int(max(ax, bx) + reach) + 1):
                if (x, y) not in touched and _distance(x + 0.5, y + 0.5, ax, ay, bx, by) <= reach:
                    touched.add((x, y))
    shares: dict[tuple[int, int], float] = {}
    for x, y in touched:
        pixel = (x // _FINE, y // _FINE)
        if 0 <= pixel[0] < size and 0 <= pixel[1] < size:
            shares[pixel] = shares.get(pixel, 0) + 1 / _FINE**2
    return shares


def _distance(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Return how far a point lies from a line between two others."""
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) if length else 0.0
    return hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))


def _over(below: tuple[float, ...], colour: Colour, share: float) -> tuple[float, float, float, float]:
    """Return the pixel with a colour laid over it (Porter and Duff's "over", alpha not multiplied in)."""
    alpha = share + below[3] * (1 - share)
    red, green, blue = (
        (top * share + under * below[3] * (1 - share)) / alpha for top, under in zip(colour, below[:3], strict=True)
    )
    return red, green, blue, alpha


def _colour(text: str) -> Colour:
    red, green, blue = (int(text[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _png(pixels: list[list[tuple[float, float, float, float]]], size: int) -> bytes:
    """Return the pixels as PNG: 8 bits a channel with alpha, one chunk (ISO/IEC 15948)."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b"".join(
        b"\0" + bytes(round(value) for red, green, blue, alpha in row for value in (red, green, blue, alpha * 255))
        for row in pixels
    )
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
