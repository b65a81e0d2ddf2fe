"""Typed text against what is accepted: stars, capitals, spaces, quotes."""

import unicodedata

from lms.quizzes.rules.questions import ShortText


def matches(pattern: str, text: str, *, case: bool = False) -> bool:
    """Return whether the typed text fits the pattern; `*` is any characters, `\\*` a star.

    Looks for the pieces between the stars from left to right, so the work grows with the text, never exponentially.
    """
    pieces = [comparable(piece, case=case) for piece in _split_at_stars(pattern)]
    text = comparable(text, case=case)
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def right_texts(question: ShortText) -> list[str]:
    """Return the texts to show as right: those without a star where there are any, else with "…" for the star."""
    full = [_split_at_stars(one.pattern) for one in question.accepted if one.weight >= 1]
    plain = [pieces for pieces in full if len(pieces) == 1]
    return ["…".join(pieces).strip() for pieces in plain or full]


def comparable(text: str, *, case: bool = False) -> str:
    """Return the text as answers are compared: one space between words, plain quotes, small letters unless `case`."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN_QUOTES)
    text = " ".join(text.split())
    return text if case else text.casefold()


_PLAIN_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u2010": "-", "\u2011": "-", "–": "-"})


def _split_at_stars(pattern: str) -> list[str]:
    pieces, escaped = [""], False
    for character in pattern:
        if escaped or character not in "\\*":
            pieces[-1] += character if character in "\\*" or not escaped else "\\" + character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            pieces.append("")
    if escaped:
        pieces[-1] += "\\"
    return pieces


def plain_pattern(pattern: str) -> str:
    """Return the pattern as it is shown to people, "…" for each star."""
    return "…".join(_split_at_stars(pattern)).strip()
