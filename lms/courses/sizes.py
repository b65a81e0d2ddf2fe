"""How large a picture is, told by its file, so that a page keeps its room before it arrives. Pure reading."""

import math
import re
from contextlib import suppress
from typing import IO
from xml.parsers import expat

import imagesize

from lms.courses.rules import PICTURES, FileKind, Size

# The most that WebP can have, and more than any lesson shows. What claims more is not believed.
MOST_PIXELS = 16_383
# A drawing that says its ratio alone fills the line it stands in; this is wider than any line of a lesson.
FILLS_A_LINE = 1000

# An SVG's root element begins within this much, comments before it included.
_HEAD = 64 * 1024
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)(px|pt|pc|in|cm|mm)?\s*")


def measure(file: IO[bytes], kind: FileKind) -> Size | None:
    """Return width and height in pixels as a browser shows them, or None where the file does not tell.

    Leaves the file at its beginning.
    """
    try:
        file.seek(0)
        return _measure(file, kind)
    finally:
        file.seek(0)


def _measure(file: IO[bytes], kind: FileKind) -> Size | None:
    if kind is FileKind.SVG:
        return _measure_svg(file.read(_HEAD))
    return _believed(*imagesize.get(file)) if kind in PICTURES else None


def _believed(width: float, height: float) -> Size | None:
    if not (math.isfinite(width) and math.isfinite(height)):
        return None
    size = Size(round(width), round(height))
    return size if 0 < size.width <= MOST_PIXELS and 0 < size.height <= MOST_PIXELS else None


def _measure_svg(content: bytes) -> Size | None:
    """Return the size that the root's attributes say; what lies within it (a `width` of a rectangle) says nothing."""
    root: dict[str, str] = {}

    def begin(_name: str, attributes: dict[str, str]) -> None:
        if not root:
            root.update({"": ""} | attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    # One that breaks off behind its root element has told its size all the same.
    with suppress(expat.ExpatError, ValueError, LookupError):
        parser.Parse(content)
    width, height, box = _length(root.get("width")), _length(root.get("height")), _box(root)
    if width and height:
        return _believed(width, height)
    if box is None:
        return None
    # In whole steps, so that a ratio of whole numbers stays exact.
    scale = width / box[0] if width else height / box[1] if height else math.ceil(FILLS_A_LINE / box[0])
    return _believed(box[0] * scale, box[1] * scale)


def _length(text: str | None) -> float | None:
    """Return a length in pixels; None for a share of something that is not known here, like 100 %."""
    found = _LENGTH.fullmatch(text or "")
    return float(found[1]) * _PIXELS[found[2] or ""] if found else None


def _box(root: dict[str, str]) -> tuple[float, float] | None:
    """Return width and height of the `viewBox`, whose ratio the drawing keeps unless it says otherwise."""
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(numbers) != 4 or root.get("preserveAspectRatio", "").strip().startswith("none"):
        return None
    try:
        width, height = float(numbers[2]), float(numbers[3])
    except ValueError:
        return None
    return (width, height) if 0.001 < width < math.inf and 0.001 < height < math.inf else None
