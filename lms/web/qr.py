"""QR codes as one SVG path: the page draws it, no style attributes and no picture to fetch."""

from dataclasses import dataclass

import segno


@dataclass(frozen=True)
class Drawing:
    """A QR code: modules a side, and the SVG path (`d`) of its dark modules, one unit a module."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    """Return the QR code of this text; a sixth of it may be dirty or in the glare (error correction M).

    The quiet zone of four modules around it is the page's to leave.
    """
    rows = segno.make_qr(text, error="m", boost_error=False).matrix
    return Drawing(len(rows), "".join(_runs(row, y) for y, row in enumerate(rows)))


def _runs(row: bytearray, y: int) -> str:
    """Return the dark stretches of one line of modules as closed rectangles."""
    found = ""
    x = 0
    while x < len(row):
        length = 0
        while x + length < len(row) and row[x + length]:
            length += 1
        if length:
            found += f"M{x} {y}h{length}v1h-{length}z"
        x += length or 1
    return found
