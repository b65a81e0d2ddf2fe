"""A session that is repeated: its days, worked out from the first one. Pure."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from lms.kernel.errors import Invalid, Problem

# More than this many at once is a mistyped end, and each tells a whole batch.
MOST = 60
_LONGEST = timedelta(days=400)

Empty = BeforeValidator(lambda text: None if text == "" else text)


class Repeat(StrEnum):
    """How often a session comes again. WORKDAYS leaves out Saturdays and Sundays."""

    DAILY = "daily"
    WORKDAYS = "workdays"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"


_STEP = {Repeat.DAILY: 1, Repeat.WORKDAYS: 1, Repeat.WEEKLY: 7, Repeat.FORTNIGHTLY: 14}


class RepeatDraft(BaseModel):
    """How the form wants a session repeated: so many times in all, or until a day; None: once.

    `dates` are the days that stay ticked in the preview, `previewed` what the preview was made from.
    """

    repeat: Annotated[Repeat | None, Empty] = None
    times: Annotated[Annotated[int, Field(ge=2, le=MOST)] | None, Empty] = None
    until: Annotated[date | None, Empty] = None
    dates: list[date] = []
    previewed: str = ""

    def days(self, first: date) -> list[date]:
        """Return the days from the first on. Raises Invalid when no end is named, or the end is too far away."""
        if self.repeat is None:
            return [first]
        if self.times is None and self.until is None:
            raise Invalid(Problem.of("series_end_missing", field="times"))
        if self.until is not None and not first < self.until <= first + _LONGEST:
            raise Invalid(Problem.of("series_until_odd", field="until"))
        found: list[date] = []
        day = first
        while (self.times is None or len(found) < self.times) and (self.until is None or day <= self.until):
            # The first day is the one that was named, whatever day of the week it is.
            if self.repeat is not Repeat.WORKDAYS or day.weekday() < 5 or day == first:
                found.append(day)
            if len(found) > MOST:
                raise Invalid(Problem.of("series_too_long", field="until", most=MOST))
            day += timedelta(days=_STEP[self.repeat])
        if len(found) < 2:
            raise Invalid(Problem.of("series_too_short", field="until"))
        return found

    def chosen(self, first: date) -> list[date]:
        """Return the days that stay ticked. Raises Invalid when none does."""
        days = [day for day in self.days(first) if day in self.dates]
        if not days:
            raise Invalid(Problem.of("series_no_days", field="dates"))
        return days

    def signature(self, first: date) -> str:
        """Return what a preview depends on: with another one the ticks of the old preview mean nothing."""
        parts: list[Any] = [self.repeat.value if self.repeat else "", self.times or "", self.until or "", first]
        return "|".join(str(part) for part in parts)
