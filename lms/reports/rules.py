"""Pure rules of reports: the letters of the paper sheet, which lines of the matrix are shown in what order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from lms.attendance.rules.balance import NOTHING, TROUBLE, Balance, Outlook, Tally
from lms.attendance.rules.judgement import LETTERS, Excuse, Status

# Stands beside the letter for somebody who came late (DOMAIN: T = terlambat).
LATE_LETTER = "T"

Show = Literal["all", "trouble", "gone"]
Sort = Literal["name", "-name", "unit", "-unit", "share", "-share"]


@dataclass(frozen=True)
class Cell:
    """One person in one session. `status` None: expected, but there is no mark yet. Lengths in seconds."""

    status: Status | None = None
    excuse: Excuse | None = None
    late: bool = False
    left_early: bool = False
    attended: int = 0
    counted: int = 0

    @property
    def letter(self) -> str:
        """Return the letter of the paper sheet (H, HS, A, I, S, DL, C); empty while nothing is known."""
        if self.status is None:
            return ""
        return LETTERS[self.excuse if self.excuse is not None else self.status]

    @property
    def share(self) -> float:
        """Return the share of the counted time attended, 0 to 1; an excused session counts as none."""
        return self.attended / self.counted if self.counted and self.excuse is None else 0.0

    @property
    def letters(self) -> str:
        """Return the letter, with T beside it for somebody who was there but late."""
        is_there = self.status in (Status.ATTENDED, Status.PARTIAL)
        return f"{self.letter} {LATE_LETTER}" if self.late and is_there else self.letter


@dataclass(frozen=True)
class Column:
    """One planned session of the matrix. `state`: planned, closing (over, no marks yet), provisional or final."""

    session_id: int
    title_id: str
    title_en: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    worth: Decimal
    state: str


# A person's cells follow the columns; None where the session does not concern her.
Cells = tuple[Cell | None, ...]


@dataclass(frozen=True)
class Line:
    """One person of the matrix. `ends_at` is when she left the batch, None for whoever is still in it.

    `cells` are read for those alone that are shown: of ten thousand people never all at once.
    """

    person_id: int
    name: str
    plain_name: str
    nip: str | None
    unit: str
    starts_at: datetime
    ends_at: datetime | None
    balance: Balance
    outlook: Outlook
    cells: Cells = ()


@dataclass(frozen=True)
class Matrix:
    """Person × session of one batch, lines by name. `minimum` is the programme's, a share of 1."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    minimum: Decimal

    @property
    def units(self) -> list[str]:
        """Return the units people come from, by name."""
        return sorted({line.unit for line in self.lines if line.unit}, key=str.casefold)


@dataclass(frozen=True)
class UnitTotal:
    """The people of one unit together: how many, what they attended of what was planned for them, and how many of
    them are in danger of missing the minimum."""

    unit: str
    people: int
    tally: Tally
    in_trouble: int


def unit_totals(lines: Iterable[Line]) -> list[UnitTotal]:
    """Return the totals of units, by name; who has none comes last. Whoever left the batch still counts for what
    was planned until then."""
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        by_unit.setdefault(line.unit, []).append(line)
    return [
        UnitTotal(
            unit,
            len(own),
            Tally(*(sum((getattr(line.balance.weighed, part) for line in own), NOTHING) for part in _TALLIED)),
            sum(line.outlook in TROUBLE and line.ends_at is None for line in own),
        )
        for unit, own in sorted(by_unit.items(), key=lambda one: (not one[0], one[0].casefold()))
    ]


_TALLIED = ("planned", "attended", "excused", "missed")
# So many sessions show where somebody is heading.
SPARK = 5


def spark(cells: Cells) -> tuple[Cell, ...]:
    """Return the last judged sessions of a person, oldest first: what the small line beside a name is drawn from."""
    judged = [cell for cell in cells if cell is not None and cell.status not in (None, Status.UNKNOWN)]
    return tuple(judged[-SPARK:])


@dataclass(frozen=True)
class Wish:
    """What the address of the matrix asks for; anything it does not understand is the default."""

    q: str = ""
    unit: str = ""
    show: Show = "all"
    sort: Sort = "name"
    page: int = 1

    @classmethod
    def read(cls, asked: dict[str, str]) -> "Wish":
        """Return the wish in these query parameters."""
        show, sort, page = (asked.get(name, "") for name in ("show", "sort", "page"))
        return cls(
            q=asked.get("q", "").strip()[:100],
            unit=asked.get("unit", "").strip()[:200],
            show=show if show in get_args(Show) else "all",  # type: ignore[arg-type]
            sort=sort if sort in get_args(Sort) else "name",  # type: ignore[arg-type]
            page=int(page) if page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
        )

    def as_query(self, **changed: str) -> dict[str, str]:
        """Return the query parameters of this wish with some changed; defaults are left out, and so is the page:
        another choice begins at its first."""
        default = Wish()
        asked = {name: getattr(self, name) for name in ("q", "unit", "show", "sort")} | changed
        return {name: value for name, value in asked.items() if value != getattr(default, name)}


def choose(lines: Iterable[Line], wish: Wish) -> list[Line]:
    """Return the lines the wish asks for, in its order; equal ones by name."""
    words = _plain(wish.q).split()
    chosen = [
        line
        for line in lines
        if all(word in _plain(f"{line.name} {line.unit}") for word in words)
        and wish.unit in ("", line.unit)
        and (wish.show != "trouble" or (line.outlook in TROUBLE and line.ends_at is None))
        and (wish.show != "gone" or line.ends_at is not None)
    ]
    chosen.sort(key=lambda line: (_plain(line.plain_name), line.person_id))
    by, is_down = wish.sort.removeprefix("-"), wish.sort.startswith("-")
    if by == "share":
        chosen.sort(key=lambda line: line.balance.weighed.share, reverse=is_down)
    elif by == "unit":
        chosen.sort(key=lambda line: _plain(line.unit), reverse=is_down)
    elif is_down:
        chosen.reverse()
    return chosen


def file_stem(*parts: str) -> str:
    """Return a file name of [a-z0-9-] from these words, at most 120 long: `daftar-hadir-angkatan-1-2026-11-24`."""
    plain = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:120].strip("-") or "jembatan"


def _plain(text: str) -> str:
    """Return the text without accents and case, so that Ngurah finds Ngūrah."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
