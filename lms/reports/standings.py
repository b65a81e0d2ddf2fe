"""Where each trainee of a programme stands, and what many of them come to together. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean
from typing import Literal, TypeVar, get_args

from lms.attendance.rules.balance import NOTHING, TROUBLE, Balance, Outlook
from lms.evaluations.rules.results import FEW, LEAST
from lms.quizzes.rules.results import Gain, gain_band, normalised_gain

Show = Literal["all", "trouble", "left", "passed", "failed", "untested", "paired", "certified", "uncertified"]
Sort = Literal["name", "-name", "share", "-share", "hours", "-hours"]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Standing:
    """One trainee in one batch. `before` and `after` are means of her pre- and post-tests in per cent.

    `passed` is about the post-tests she took: False where one was failed, None where none was taken or a verdict is
    still open. `certificate` is the state of the valid one ("draft" is issued and not signed), empty without any.
    """

    batch_id: int
    person_id: int
    unit_id: int | None
    is_gone: bool
    balance: Balance
    outlook: Outlook
    before: float | None
    after: float | None
    passed: bool | None
    hours: Decimal
    provisional_hours: Decimal
    certificate: str

    @property
    def in_trouble(self) -> bool:
        return self.outlook in TROUBLE and not self.is_gone

    @property
    def share(self) -> float | None:
        """Return the share of her places with a verdict that she attended; None before the first."""
        places = self.balance.sessions
        return float(places.attended / places.held) if places.held else None


@dataclass(frozen=True)
class Figures:
    """What some trainees come to. Attendance counts places of those who left too, until they did; all else does not.

    `before`, `after` and `gain` are of those who took both tests, and None where they are fewer than five.
    """

    people: int
    left: int
    attended: int
    excused: int
    judged: int
    in_trouble: int
    tested: int
    passed: int
    failed: int
    paired: int
    before: float | None
    after: float | None
    hours: Decimal
    provisional_hours: Decimal
    certified: int
    signed: int

    @property
    def share(self) -> float | None:
        """Return the share of places with a verdict that were attended; None before the first verdict."""
        return self.attended / self.judged if self.judged else None

    @property
    def share_with_excused(self) -> float | None:
        return (self.attended + self.excused) / self.judged if self.judged else None

    @property
    def gain(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return normalised_gain(self.before, self.after)

    @property
    def band(self) -> Gain | None:
        return None if self.gain is None else gain_band(self.gain)

    @property
    def is_few(self) -> bool:
        """Return whether a mean of these would move with each single result."""
        return self.paired < FEW

    @property
    def mean_hours(self) -> float | None:
        return float(self.hours / self.people) if self.people else None

    @property
    def share_certified(self) -> float | None:
        return self.certified / self.people if self.people else None


def figures_of(standings: Iterable[Standing]) -> Figures:
    """Return what these trainees come to."""
    everyone = list(standings)
    present = [one for one in everyone if not one.is_gone]
    both = [one for one in present if one.before is not None and one.after is not None]
    is_told = len(both) >= LEAST
    return Figures(
        people=len(present),
        left=len(everyone) - len(present),
        attended=int(sum(one.balance.sessions.attended for one in everyone)),
        excused=int(sum(one.balance.sessions.excused for one in everyone)),
        judged=int(sum(one.balance.sessions.held for one in everyone)),
        in_trouble=sum(one.in_trouble for one in present),
        tested=sum(one.after is not None for one in present),
        passed=sum(one.passed is True for one in present),
        failed=sum(one.passed is False for one in present),
        paired=len(both),
        before=fmean(one.before or 0.0 for one in both) if is_told else None,
        after=fmean(one.after or 0.0 for one in both) if is_told else None,
        hours=sum((one.hours for one in present), NOTHING),
        provisional_hours=sum((one.provisional_hours for one in present), NOTHING),
        certified=sum(one.certificate != "" for one in present),
        signed=sum(one.certificate == "signed" for one in present),
    )


def grouped(standings: Iterable[Standing], key: Callable[[Standing], K]) -> dict[K, Figures]:
    """Return the figures of each group."""
    found: dict[K, list[Standing]] = {}
    for one in standings:
        found.setdefault(key(one), []).append(one)
    return {name: figures_of(own) for name, own in found.items()}


_SHOWN: Mapping[Show, Callable[[Standing], bool]] = {
    "all": lambda one: not one.is_gone,
    "trouble": lambda one: one.in_trouble,
    "left": lambda one: one.is_gone,
    "passed": lambda one: one.passed is True and not one.is_gone,
    "failed": lambda one: one.passed is False and not one.is_gone,
    "untested": lambda one: one.after is None and not one.is_gone,
    "paired": lambda one: one.before is not None and one.after is not None and not one.is_gone,
    "certified": lambda one: one.certificate != "" and not one.is_gone,
    "uncertified": lambda one: one.certificate == "" and not one.is_gone,
}
SHOWN = tuple(_SHOWN)


@dataclass(frozen=True)
class ReportWish:
    """What the address of a report asks for; anything it does not understand is the default."""

    batch_id: int | None = None
    unit_id: int | None = None
    show: Show = "all"
    sort: Sort = "name"
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "ReportWish":
        """Return the wish in these query parameters."""
        show, sort = asked.get("show", ""), asked.get("sort", "")
        return cls(
            batch_id=_number(asked.get("batch", "")),
            unit_id=_number(asked.get("unit", "")),
            show=show if show in get_args(Show) else "all",  # type: ignore[arg-type]
            sort=sort if sort in get_args(Sort) else "name",  # type: ignore[arg-type]
            page=_number(asked.get("page", "")) or 1,
        )

    def as_query(self, **changed: str | int | None) -> dict[str, str]:
        """Return the query parameters of this wish with some changed; defaults and the page are left out."""
        asked = {"batch": self.batch_id, "unit": self.unit_id, "show": self.show, "sort": self.sort} | changed
        usual = {"show": "all", "sort": "name"}
        return {name: str(value) for name, value in asked.items() if value and value != usual.get(name)}

    @property
    def is_narrowed(self) -> bool:
        return self.batch_id is not None or self.unit_id is not None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text) else None


def choose(standings: Iterable[Standing], wish: ReportWish, name_of: Mapping[int, str]) -> list[Standing]:
    """Return the trainees the wish asks for, in its order; without a share they come last, equal ones by name."""
    chosen = [one for one in standings if _SHOWN[wish.show](one)]
    by, is_down = wish.sort.removeprefix("-"), wish.sort.startswith("-")
    chosen.sort(key=lambda one: (name_of.get(one.person_id, ""), one.person_id), reverse=is_down and by == "name")
    way = -1 if is_down else 1
    if by == "share":
        chosen.sort(key=lambda one: (one.share is None, way * (one.share or 0.0)))
    elif by == "hours":
        chosen.sort(key=lambda one: way * one.hours)
    return chosen
