"""What number a person meant, written the Indonesian way (1.250,75) or the English (1,250.75)."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

LONGEST = 64

_PARTS = re.compile(
    r"(?P<before>[^\d+-]*)(?P<number>[+-]?\s?\d[\d., ']*(?:[eE][+-]?\d{1,3}(?!\d))?)(?P<after>.*)",
    re.DOTALL,
)


def read_number(text: str, units: Mapping[str, Decimal] | None = None) -> frozenset[Decimal]:
    """Return every value the text can mean, in the question's unit; empty where it cannot be read.

    One separator before exactly three digits is both things in a country where two conventions meet: `1.250` is
    1250 and 1.25. The scorer takes the better reading, so nobody loses a point over a keyboard.
    `units` maps each known unit, as `unit_key` spells it, to its worth in the question's unit. A unit may stand
    before or after the number or be missing; one that is not known makes the text unreadable.
    """
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2019", "'").strip()
    # ",-" after a sum of rupiah says "no cents".
    text = re.sub(r",-+$", "", text)
    if not text or len(text) > LONGEST:
        return frozenset()
    match = _PARTS.fullmatch(text)
    if match is None:
        return frozenset()
    before, number, after = (
        match["before"].strip(),
        match["number"].strip(),
        match["after"].strip(),
    )
    if before in {".", ","}:
        before, number = "", "0." + number
    factor = _factor(before, after, units or {})
    if factor is None:
        return frozenset()
    mantissa, _, exponent = number.rstrip(" .,'").replace("E", "e").partition("e")
    sign = -1 if mantissa.startswith("-") else 1
    scale = Decimal(f"1e{exponent}") if exponent else Decimal(1)
    return frozenset(sign * value * scale * factor for value in _magnitudes(mantissa.lstrip("+-").strip()))


def unit_key(unit: str) -> str:
    """Return the unit as units are compared: small letters, single spaces, no point of abbreviation."""
    return " ".join(unicodedata.normalize("NFKC", unit).casefold().split()).strip(" .")


def _factor(before: str, after: str, units: Mapping[str, Decimal]) -> Decimal | None:
    typed = [unit_key(part) for part in (before, after) if unit_key(part)]
    if not typed:
        return Decimal(1)
    return units.get(typed[0]) if len(typed) == 1 else None


def _magnitudes(digits: str) -> set[Decimal]:
    grouped = re.split(r"[ ']", digits)
    if len(grouped) > 1:
        # Spaces and apostrophes only ever group thousands, so what remains is a decimal sign.
        whole, mark, rest = _split_last(grouped[-1])
        if not _is_grouped([*grouped[:-1], whole]) or (mark and not rest):
            return set()
        return {Decimal("".join([*grouped[:-1], whole]) + "." + (rest or "0"))}
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return {Decimal(digits)} if digits.isascii() and digits.isdigit() else set()
    if points and commas:
        return _both_signs(digits)
    sign = "." if points else ","
    pieces = digits.split(sign)
    if not all(piece.isdigit() for piece in pieces):
        return set()
    thousands = {Decimal("".join(pieces))} if _is_grouped(pieces) and not pieces[0].startswith("0") else set()
    return thousands | {Decimal(".".join(pieces))} if len(pieces) == 2 else thousands


def _both_signs(digits: str) -> set[Decimal]:
    whole, mark, rest = _split_last(digits)
    other = "," if mark == "." else "."
    pieces = whole.split(other)
    if mark in whole or not rest.isdigit() or not _is_grouped(pieces):
        return set()
    return {Decimal("".join(pieces) + "." + rest)}


def _split_last(digits: str) -> tuple[str, str, str]:
    at = max(digits.rfind("."), digits.rfind(","))
    return (digits, "", "") if at < 0 else (digits[:at], digits[at], digits[at + 1 :])


def _is_grouped(pieces: list[str]) -> bool:
    return (
        all(piece.isdigit() for piece in pieces)
        and 1 <= len(pieces[0]) <= 3
        and all(len(piece) == 3 for piece in pieces[1:])
    )
