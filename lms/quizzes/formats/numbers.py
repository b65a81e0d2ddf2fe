"""Numbers as files of other programs write them: a point, perhaps a comma, perhaps an exponent."""

import re
from decimal import Decimal
from fractions import Fraction

from lms.quizzes.formats.found import Refused

_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:[.,]\d{0,20})?|[.,]\d{1,20})(?:[eE][+-]?\d{1,2})?")

FRACTIONS = (
    Fraction(1), Fraction(9, 10), Fraction(5, 6), Fraction(4, 5), Fraction(3, 4), Fraction(7, 10), Fraction(2, 3),
    Fraction(3, 5), Fraction(1, 2), Fraction(2, 5), Fraction(1, 3), Fraction(3, 10), Fraction(1, 4), Fraction(1, 5),
    Fraction(1, 6), Fraction(1, 7), Fraction(1, 8), Fraction(1, 9), Fraction(1, 10), Fraction(1, 20), Fraction(0),
)  # fmt: skip
"""The shares of a question's points that Moodle knows; it refuses any other."""

_CLOSE = Fraction(1, 10_000)


def read_decimal(text: str) -> Decimal:
    """Return the number. Raises Refused for what is none."""
    text = text.strip().replace("\u2212", "-")
    if not _NUMBER.fullmatch(text):
        raise Refused("import_number", text=text[:60])
    return Decimal(text.replace(",", "."))


def read_share(percent: str) -> Fraction:
    """Return a share from per cent: 33.33333 is a third. Raises Refused for what is no number or beyond 100."""
    share = Fraction(read_decimal(percent)) / 100
    if not -1 <= share <= 1:
        raise Refused("import_share", text=percent.strip()[:20])
    size = abs(share)
    known = next((one for one in FRACTIONS if abs(one - size) < _CLOSE), size)
    return -known if share < 0 else known


def write_share(share: Fraction) -> str:
    """Return the share as Moodle spells the nearest one it knows, in per cent."""
    nearest = min(FRACTIONS, key=lambda one: (abs(one - abs(share)), -one))
    number = f"{float(nearest * 100):.5f}".rstrip("0").rstrip(".")
    return f"-{number}" if share < 0 and nearest else number
