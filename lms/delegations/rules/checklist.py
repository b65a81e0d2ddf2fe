"""What has to be done before and after a visit, and by when: a list to begin with, edited as the office sees fit."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

# A passport must still be valid so many months after the return.
PASSPORT_MONTHS = 6


@dataclass(frozen=True)
class Standard:
    """A line to begin with: `days` from the departure (negative: before), or from the return where `after`."""

    code: str
    days: int
    after: bool = False
    # One for each delegate, not one for all.
    each: bool = False


STANDARD = (
    Standard("invitation", -60),
    Standard("terms_of_reference", -50),
    Standard("passport", -45, each=True),
    Standard("superior_consent", -45, each=True),
    Standard("travel_permit", -30),
    Standard("size_and_days", -30),
    Standard("service_passport", -21, each=True),
    Standard("assignment_letter", -14),
    Standard("tickets", -14),
    Standard("insurance", -14),
    Standard("deputies", -10, each=True),
    Standard("travel_order", -7, each=True),
    Standard("report", 14, after=True, each=True),
    Standard("sharing", 30, after=True, each=True),
    Standard("receipts", 7, after=True),
)


def due_on(line: Standard, starts_on: date, ends_on: date) -> date:
    """Return the day by which the line is to be done."""
    return (ends_on if line.after else starts_on) + timedelta(days=line.days)


def passport_needed_until(ends_on: date) -> date:
    """Return the day until which a passport must be valid; the last of the month where the day does not exist."""
    month = ends_on.month - 1 + PASSPORT_MONTHS
    year, month = ends_on.year + month // 12, month % 12 + 1
    return date(year, month, min(ends_on.day, monthrange(year, month)[1]))


def passport_state(expires_on: date | None, ends_on: date) -> str:
    """Return "unknown", "short" or "valid"."""
    if expires_on is None:
        return "unknown"
    return "valid" if expires_on >= passport_needed_until(ends_on) else "short"
