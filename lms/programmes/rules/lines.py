"""Whom a pasted list names: one NIP or e-mail address a line, and what became of each."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one line of a pasted list."""

    ENROLLED = "enrolled"
    ALREADY = "already"
    UNKNOWN = "unknown"
    DEACTIVATED = "deactivated"
    OUTSIDE = "outside"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Line:
    """One line of a pasted list: its number, what stood there, and the NIP or e-mail address found in it."""

    number: int
    text: str
    nip: str | None = None
    email: str | None = None


_EMAIL = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Eighteen digits, in one run or in the groups people print: 19860926 201505 1 001.
_NIP = re.compile(r"(?<!\d)\d{8}[ .-]?\d{6}[ .-]?\d[ .-]?\d{3}(?!\d)")


def read_people(text: str) -> list[Line]:
    """Return the lines that hold something, each with the first NIP or e-mail address in it.

    A line copied from a sheet may hold a name, a rank and a unit beside it. A line naming neither is
    returned with both None, so that the report can say which one could not be read.
    """
    lines = []
    for number, raw in enumerate(text.splitlines(), start=1):
        # NFKC turns full-width digits and non-breaking spaces of spreadsheets into plain ones.
        shown = unicodedata.normalize("NFKC", raw).replace("\u200b", "").strip()
        if not shown:
            continue
        email = _EMAIL.search(shown.lower())
        nip = None if email else _NIP.search(shown)
        lines.append(
            Line(
                number,
                shown[:200],
                nip=re.sub(r"\D", "", nip.group()) if nip else None,
                email=email.group().strip("'") if email else None,
            )
        )
    return lines
