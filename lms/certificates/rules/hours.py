"""Lesson hours (JP, 45 minutes): what was held and attended becomes what counts, by a dated table of conversion. Pure.

Source of the forms and their limits: the annex on learning outside the classroom of the regulation on developing
civil servants (PerLAN 10/2018), as public agencies apply it; every figure can be edited in the table.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType

from lms.kernel.errors import Said

MINUTES = 45
_CENT = Decimal("0.01")
ZERO = Decimal(0)


class Basis(StrEnum):
    """What is multiplied: the hours held, one activity as a whole, or each time it took place."""

    HELD = "held"
    ACTIVITY = "activity"
    TIME = "time"


class Rounding(StrEnum):
    """What becomes of parts of an hour."""

    EXACT = "exact"
    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True)
class Conversion:
    """A line of the table: for a kind and scope, from a day on.

    `fixed` hours for each activity or time; `factor` for hours held; at most `daily_cap` hours a day and
    `monthly_times` times a month over everything of this kind (None: no limit).
    """

    kind: int
    scope: str
    basis: Basis = Basis.HELD
    fixed: Decimal = ZERO
    factor: Decimal = Decimal(1)
    daily_cap: Decimal | None = None
    monthly_times: int | None = None
    valid_from: date = date(2020, 1, 1)
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class HourPolicy:
    """How hours are counted from a day on: minimum a year, guide for PPPK, rounding, and partly attended sessions."""

    minimum: Decimal = Decimal(20)
    pppk_guide: Decimal = Decimal(24)
    rounding: Rounding = Rounding.EXACT
    counts_partial: bool = False
    # Which kind a session of each mode is; in a room it is the programme's own.
    teleconference_kind: int = 17
    visit_kind: int = 20
    self_paced_kind: int = 16
    valid_from: date = date(2020, 1, 1)


@dataclass(frozen=True)
class Held:
    """Something a person took part in: when, what kind, so many hours. `activity` ties the parts of one together."""

    key: str
    day: date
    kind: int
    scope: str
    hours: Decimal
    activity: str = ""


@dataclass(frozen=True)
class Counted:
    """How many hours it counts for, and why not as many as were held."""

    key: str
    hours: Decimal
    reasons: tuple[Said, ...] = ()


@dataclass
class _Used:
    """What of the limits one person has used up so far."""

    days: dict[tuple[int, date], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    months: dict[tuple[int, int, int], int] = field(default_factory=lambda: defaultdict(int))
    activities: set[tuple[int, str]] = field(default_factory=set)


def convert(held: Iterable[Held], table: Sequence[Conversion]) -> list[Counted]:
    """Return what each thing one person took part in counts for, in order of days.

    Limits hold over all of it: whoever learns on two courses on one day has one day's cap. A kind the table does not
    know counts as held.
    """
    used = _Used()
    return [_count(one, find_conversion(table, one), used) for one in sorted(held, key=lambda it: (it.day, it.key))]


def find_conversion(table: Sequence[Conversion], held: Held) -> Conversion:
    """Return the newest line for this kind and scope that holds on its day."""
    found = [line for line in table if line.kind == held.kind and line.scope == held.scope and line.holds_on(held.day)]
    return max(found, key=lambda line: line.valid_from, default=Conversion(held.kind, held.scope))


def policy_on(policies: Iterable[HourPolicy], day: date) -> HourPolicy:
    """Return the newest policy that holds on a day; the plain one before the first."""
    found = [one for one in policies if one.valid_from <= day]
    return max(found, key=lambda one: one.valid_from, default=HourPolicy())


def attended_hours(
    lesson_hours: Decimal, status: str, attended_seconds: int, counted_seconds: int, policy: HourPolicy
) -> Decimal:
    """Return the hours of a session somebody attended: all, none, or its share where partly attended counts."""
    if status == "attended":
        hours = lesson_hours
    elif status == "partial" and policy.counts_partial and counted_seconds > 0:
        hours = lesson_hours * min(Decimal(attended_seconds) / Decimal(counted_seconds), Decimal(1))
    else:
        return ZERO
    return rounded(hours, policy.rounding)


def rounded(hours: Decimal, how: Rounding) -> Decimal:
    """Return hours as the policy rounds them; exact means to the hundredth."""
    if how is Rounding.DOWN:
        return hours.to_integral_value(ROUND_FLOOR)
    if how is Rounding.NEAREST:
        return hours.to_integral_value(ROUND_HALF_UP)
    return hours.quantize(_CENT)


def spread_over_days(hours: Decimal, days: Sequence[date], parts: int) -> dict[date, Decimal]:
    """Return a course's hours by the days on which its `parts` modules were read, each module worth the same."""
    if parts <= 0:
        return {}
    share = hours / parts
    return {day: (share * len(list(same))).quantize(_CENT) for day, same in groupby(sorted(days))}


def target_of(nip: str | None, policy: HourPolicy) -> Decimal | None:
    """Return the hours a person should reach in a year: the minimum, PPPK's guide, or None for whoever has no NIP."""
    if not nip or len(nip) != 18:
        return None
    return policy.pppk_guide if nip[12:14] >= "21" else policy.minimum


def _count(held: Held, line: Conversion, used: _Used) -> Counted:
    reasons: list[Said] = []
    hours = _by_basis(held, line, used, reasons)
    if line.daily_cap is not None and hours > 0:
        left = max(line.daily_cap - used.days[line.kind, held.day], ZERO)
        if hours > left:
            reasons.append(_said("hours_day_is_full", cap=float(line.daily_cap)))
            hours = left
        used.days[line.kind, held.day] += hours
    return Counted(held.key, hours.quantize(_CENT), tuple(reasons))


def _by_basis(held: Held, line: Conversion, used: _Used, reasons: list[Said]) -> Decimal:
    if held.hours <= 0:
        return ZERO
    if line.basis is Basis.ACTIVITY:
        name = (line.kind, held.activity or held.key)
        if name in used.activities:
            reasons.append(_said("hours_activity_counted_once"))
            return ZERO
        used.activities.add(name)
        reasons.append(_said("hours_fixed_for_activity", hours=float(line.fixed)))
        return line.fixed
    if line.monthly_times is not None:
        month = (line.kind, held.day.year, held.day.month)
        if used.months[month] >= line.monthly_times:
            reasons.append(_said("hours_month_is_full", n=line.monthly_times))
            return ZERO
        used.months[month] += 1
    if line.basis is Basis.TIME:
        reasons.append(_said("hours_fixed_for_time", hours=float(line.fixed)))
        return line.fixed * line.factor
    if line.factor != 1:
        reasons.append(_said("hours_by_factor", factor=float(line.factor)))
    return held.hours * line.factor


def _said(code: str, **params: float) -> Said:
    return Said(code, MappingProxyType(dict(params)))
