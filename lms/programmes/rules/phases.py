"""Phases of a programme: days from a batch's first day become dates, and dates become places on one time line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_PHASES = 12


class Stage(StrEnum):
    """Where a phase takes place, in the order in which programmes go through them."""

    CITY = "city"
    TELECONFERENCE = "teleconference"
    VISIT = "visit"
    CASCADING = "cascading"


class Strand(StrEnum):
    """Who is in a phase: everybody, those abroad, or those who stay while the others are abroad."""

    ALL = "all"
    DELEGATES = "delegates"
    HOME = "home"


class PhaseDraft(BaseModel):
    """A phase as its line of the form says it."""

    model_config = ConfigDict(str_strip_whitespace=True)

    stage: Stage
    strand: Strand = Strand.ALL
    title_id: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    title_en: Annotated[str, StringConstraints(max_length=120)] = ""
    first_day: Annotated[int, Field(ge=1, le=2000)]
    days: Annotated[int, Field(ge=1, le=1000)]


@dataclass(frozen=True)
class Placed:
    """A phase of one batch with its dates; `left` and `width` are per cent of the time line, `lane` counts from 0."""

    stage: Stage
    strand: Strand
    title_id: str
    title_en: str
    starts_on: date
    ends_on: date
    left: float
    width: float
    lane: int

    def is_now(self, today: date) -> bool:
        return self.starts_on <= today <= self.ends_on


@dataclass(frozen=True)
class TimeLine:
    """A batch's phases on one line, from its first to its last day; delegates have the second lane."""

    starts_on: date
    ends_on: date
    phases: tuple[Placed, ...]

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    @property
    def lanes(self) -> int:
        return max((phase.lane for phase in self.phases), default=0) + 1

    def place(self, day: date) -> float | None:
        """Return where a day stands, in per cent; None outside the line."""
        if not self.starts_on <= day <= self.ends_on:
            return None
        return round((day - self.starts_on).days / self.days * 100, 3)


def time_line(phases: Sequence[PhaseDraft], starts_on: date, ends_on: date, more: Iterable[date] = ()) -> TimeLine:
    """Return the phases placed; the line reaches as far as the batch, its phases and `more` (days of sessions) do."""
    dated = [
        (phase, first := starts_on + timedelta(days=phase.first_day - 1), first + timedelta(days=phase.days - 1))
        for phase in phases
    ]
    begin = min([starts_on, *more, *(first for _phase, first, _last in dated)])
    end = max([ends_on, *more, *(last for _phase, _first, last in dated)])
    whole = (end - begin).days + 1
    has_two = any(phase.strand is Strand.DELEGATES for phase in phases)
    return TimeLine(
        begin,
        end,
        tuple(
            Placed(
                phase.stage,
                phase.strand,
                phase.title_id,
                phase.title_en,
                first,
                last,
                round((first - begin).days / whole * 100, 3),
                round(((last - first).days + 1) / whole * 100, 3),
                1 if has_two and phase.strand is Strand.DELEGATES else 0,
            )
            for phase, first, last in sorted(dated, key=lambda one: (one[1], one[0].strand))
        ),
    )
