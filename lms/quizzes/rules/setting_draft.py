"""What a batch sets for a quiz, as its form says it: days and times of a named zone, "" for "as the quiz says"."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator

from lms.kernel.errors import AtField
from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.questions import FeedbackPolicy
from lms.quizzes.rules.settings import Counting, Navigation, Paging

NONE = "none"
"""What a form says for "no limit", where "" means "as the quiz says"."""

_WORDS = {
    "feedback": FeedbackPolicy,
    "feedback_closed": FeedbackPolicy,
    "counts": Counting,
    "paging": Paging,
    "navigation": Navigation,
}


class QuizSettingDraft(BaseModel):
    """The form of a quiz's settings in a batch. A day without a time begins, or for closing ends, with the day."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    zone: str
    opens_on: date | None = None
    opens_time: time | None = None
    closes_on: date | None = None
    closes_time: time | None = None
    code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    attempts: str = ""
    time_limit: str = ""
    pass_mark: str = ""
    no_mark: bool = False
    feedback: str = ""
    feedback_closed: str = ""
    feedback_each: str = ""
    counts: str = ""
    paging: str = ""
    navigation: str = ""

    @field_validator("opens_on", "opens_time", "closes_on", "closes_time", mode="before")
    @classmethod
    def empty_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("zone")
    @classmethod
    def zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise ValueError("zone_unknown") from None
        return zone

    @field_validator("attempts", "time_limit")
    @classmethod
    def whole(cls, value: str) -> str:
        if value in ("", NONE) or (value.isascii() and value.isdecimal() and 1 <= int(value[:6]) <= 1440):
            return value
        raise ValueError("quiz_whole_range")

    @field_validator("pass_mark")
    @classmethod
    def share(cls, value: str) -> str:
        if value == "" or _percent(value) is not None:
            return value
        raise ValueError("quiz_percent_range")

    @field_validator(*_WORDS)
    @classmethod
    def known(cls, value: str, info: Any) -> str:
        if value and value not in list(_WORDS[info.field_name]):
            raise ValueError("quiz_choice_unknown")
        return value

    @model_validator(mode="after")
    def closes_after_opening(self) -> "QuizSettingDraft":
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise AtField("quiz_closes_before_opening", "closes_on")
        if self.opens_time and not self.opens_on:
            raise AtField("quiz_time_without_day", "opens_on")
        if self.closes_time and not self.closes_on:
            raise AtField("quiz_time_without_day", "closes_on")
        return self

    @property
    def opens_at(self) -> datetime | None:
        return self._instant(self.opens_on, self.opens_time or time())

    @property
    def closes_at(self) -> datetime | None:
        return self._instant(self.closes_on, self.closes_time or time(23, 59))

    @property
    def overrides(self) -> dict[str, Any]:
        """Return what differs from the quiz, as JSON values."""
        found: dict[str, Any] = {name: value for name in _WORDS if (value := getattr(self, name))}
        if self.attempts:
            found["attempts"] = 0 if self.attempts == NONE else int(self.attempts)
        if self.time_limit:
            found["time_limit"] = None if self.time_limit == NONE else int(self.time_limit)
        if self.pass_mark or self.no_mark:
            found["pass_mark"] = None if self.no_mark else str(_percent(self.pass_mark))
        if self.feedback_each:
            found["feedback_each"] = self.feedback_each == "yes"
        return found

    def _instant(self, day: date | None, clock: time) -> datetime | None:
        return None if day is None else datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)


def _percent(typed: str) -> Decimal | None:
    try:
        fitting = [value for value in read_number(typed.removesuffix("%")) if 0 <= value <= 100]
    except InvalidOperation:
        return None
    return min(fitting) if fitting else None
