"""How often a report is sent, and when next. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, field_validator

# Before the working day begins, by the reader's clock.
HOUR = time(6, 30)
MONTH_DAYS = (1, 15, 28)


@dataclass(frozen=True)
class Rhythm:
    """Every week on a day (1 is Monday), or every month on a day that each month has."""

    every: str
    day: int

    def __str__(self) -> str:
        return f"{self.every}-{self.day}"


RHYTHMS = (*(Rhythm("weekly", day) for day in range(1, 8)), *(Rhythm("monthly", day) for day in MONTH_DAYS))


class RhythmDraft(BaseModel):
    """How often, as the form writes it: `weekly-1`, `monthly-15`."""

    rhythm: str

    @field_validator("rhythm")
    @classmethod
    def known(cls, text: str) -> str:
        if text not in {str(one) for one in RHYTHMS}:
            raise ValueError("rhythm_unknown")
        return text

    def chosen(self) -> Rhythm:
        """Return the rhythm."""
        return next(one for one in RHYTHMS if str(one) == self.rhythm)


def next_due(rhythm: Rhythm, zone: ZoneInfo, *, after: datetime) -> datetime:
    """Return the first moment of this rhythm later than `after`, half past six of that day in the zone."""
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, HOUR, zone)
        fits = day.isoweekday() == rhythm.day if rhythm.every == "weekly" else day.day == rhythm.day
        if fits and moment > after:
            return moment.astimezone(after.tzinfo)
        day += timedelta(days=1)
