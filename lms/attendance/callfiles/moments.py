"""Moments and lengths as people's computers write them: `12/1/26, 8:58:10 AM`, `01.12.2026 08.58.10`, `1h 27m 51s`."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

_LONGEST = 60
_PARTS = re.compile(r"\d+|[^\W\d_]+")
# English and Indonesian, by their first three letters.
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_INDONESIAN = {"mei": 5, "agu": 8, "agt": 8, "okt": 10, "nop": 11, "des": 12}
_MONTHS = {name: number for number, name in enumerate(_ENGLISH, start=1)} | _INDONESIAN
_MORNING = {"am", "pg", "上午"}
_AFTERNOON = {"pm", "ptg", "下午"}


class Order(StrEnum):
    """In which order a date's numbers stand."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(frozen=True)
class Written:
    """A moment as it is written: three numbers of a date, and the time of day. `order` is None where the numbers
    alone do not tell it."""

    numbers: tuple[int, int, int]
    clock: time
    order: Order | None

    def on(self, order: Order) -> date | None:
        """Return the date if its numbers stand in this order; None where there is no such date."""
        first, second, third = self.numbers
        year, month, day = {
            Order.YEAR_FIRST: (first, second, third),
            Order.MONTH_FIRST: (third, first, second),
            Order.DAY_FIRST: (third, second, first),
        }[self.order or order]
        try:
            return date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            return None

    def moment(self, order: Order) -> datetime | None:
        """Return the moment by the file's own clock, without a zone."""
        day = self.on(order)
        return None if day is None else datetime.combine(day, self.clock)


def read_written(cell: str) -> Written | None:
    """Return what this cell writes, or None if it is no moment."""
    if len(cell) > _LONGEST:
        return None
    parts = _PARTS.findall(cell.lower())
    months = [place for place, part in enumerate(parts) if part[:3] in _MONTHS]
    order: Order | None = None
    if months:
        if months[0] > 1:
            return None
        order = Order.MONTH_FIRST if months[0] == 0 else Order.DAY_FIRST
        parts[months[0]] = str(_MONTHS[parts[months[0]][:3]])
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) <= 4]
    words = "".join(part for part in parts if not part.isdecimal()).removeprefix("t")
    if not 5 <= len(numbers) <= 6 or len(numbers) + sum(not p.isdecimal() for p in parts) != len(parts):
        return None
    clock = _clock(numbers[3:], words)
    if clock is None:
        return None
    if numbers[0] > 999:
        order = Order.YEAR_FIRST
    return Written((numbers[0], numbers[1], numbers[2]), clock, order)


def _clock(numbers: list[int], word: str) -> time | None:
    hour, minute, second = (*numbers, 0)[:3]
    if word in _MORNING or word in _AFTERNOON:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if word in _AFTERNOON else 0)
    elif word:
        return None
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def choose_order(moments: Collection[Written], near: date) -> Order:
    """Return in which order this file writes its dates: the one in which most of them exist, and of two such the
    one that puts them nearest to the day of the session."""

    def badness(order: Order) -> tuple[int, int]:
        dates = Counter(moment.on(order) for moment in moments)
        missing = dates.pop(None, 0)
        return missing, sum(abs((day - near).days) * count for day, count in dates.items() if day is not None)

    return min((Order.MONTH_FIRST, Order.DAY_FIRST), key=badness)


_LENGTH = re.compile(r"(\d{1,5})\s*([^\W\d_]*)")
_UNITS = {"h": 3600, "j": 3600, "u": 3600, "g": 3600, "m": 60, "s": 1, "d": 1}


def read_length(cell: str) -> timedelta | None:
    """Return a length: `1h 27m 51s`, `1 jam 27 mnt`, `1:27:51`; None if it is none or its units are unknown.

    A number alone is minutes.
    """
    parts = _LENGTH.findall(cell.lower()) if len(cell) <= _LONGEST else []
    if not parts or len(parts) > 3:
        return None
    if len(parts) == 3:
        return timedelta(
            seconds=sum(int(number) * unit for (number, _), unit in zip(parts, (3600, 60, 1), strict=True))
        )
    if len(parts) == 1 and not parts[0][1]:
        return timedelta(minutes=int(parts[0][0]))
    if any(unit[:1] not in _UNITS for _, unit in parts):
        return None
    return timedelta(seconds=sum(int(number) * _UNITS[unit[0]] for number, unit in parts))
