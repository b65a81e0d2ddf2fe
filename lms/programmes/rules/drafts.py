"""Pure rules of programmes and batches: what a form may say, and whom a pasted list names."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from lms.programmes.rules.kinds import Scope

# What somebody can be in a batch; the values are the roles of `accounts.permissions` that a batch can give.
BATCH_ROLES = ("trainee", "instructor", "coordinator")
BatchRole = Literal["trainee", "instructor", "coordinator"]

# A batch is a few dozen people; a paste far beyond that is the wrong file.
MOST_LINES = 500

Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
OptionalTitle = Annotated[str, StringConstraints(max_length=200)]
Summary = Annotated[str, StringConstraints(max_length=4000)]


class ProgrammeDraft(BaseModel):
    """A programme as its form says it; `course_ids` in the order in which they are taught."""

    model_config = ConfigDict(str_strip_whitespace=True)

    title_id: Title
    title_en: OptionalTitle = ""
    summary_id: Summary = ""
    summary_en: Summary = ""
    objectives_id: Summary = ""
    objectives_en: Summary = ""
    kind: Annotated[int, Field(ge=1, le=999)] = 3
    scope: Scope = Scope.NATIONAL
    organiser: Annotated[str, StringConstraints(max_length=200)] = ""
    minimum_percent: Annotated[int, Field(ge=1, le=100)] = 80
    course_ids: list[int] = []
    # "7:6" means that course 7 is worth six lesson hours to whoever reads it by herself.
    course_hours: list[str] = []

    @field_validator("course_hours")
    @classmethod
    def hours_readable(cls, pairs: list[str]) -> list[str]:
        for pair in pairs:
            course, _, hours = pair.partition(":")
            try:
                number = Decimal(hours.replace(",", ".") or "0")
            except InvalidOperation:
                raise ValueError("course_hours_unreadable") from None
            if not (course.isascii() and course.isdigit() and 0 <= number <= 200):
                raise ValueError("course_hours_unreadable")
        return pairs

    @property
    def hours_of(self) -> dict[int, Decimal]:
        """Return the lesson hours of each course that has any."""
        pairs = (pair.partition(":") for pair in self.course_hours)
        return {int(course): Decimal(hours.replace(",", ".") or "0") for course, _, hours in pairs}

    @field_validator("course_ids")
    @classmethod
    def once_each(cls, ids: list[int]) -> list[int]:
        return list(dict.fromkeys(ids))

    @property
    def minimum_share(self) -> Decimal:
        return Decimal(self.minimum_percent) / 100


class BatchDraft(BaseModel):
    """A batch as its form says it."""

    model_config = ConfigDict(str_strip_whitespace=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    starts_on: date
    ends_on: date
    place: Annotated[str, StringConstraints(max_length=200)] = ""
    contact_id: int | None = None
    capacity: Annotated[int | None, Field(ge=1, le=10_000)] = None
    asks_until: date | None = None

    @field_validator("contact_id", "capacity", "asks_until", mode="before")
    @classmethod
    def nobody_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("ends_on")
    @classmethod
    def ends_after_start(cls, ends_on: date, so_far: ValidationInfo) -> date:
        if "starts_on" in so_far.data and ends_on < so_far.data["starts_on"]:
            raise ValueError("batch_ends_before_start")
        return ends_on


class EnrolDraft(BaseModel):
    """People to enrol as pasted, the role they get, and from which day (none: from now on)."""

    model_config = ConfigDict(str_strip_whitespace=True)

    lines: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    role: BatchRole = "trainee"
    starts_on: date | None = None

    @field_validator("starts_on", mode="before")
    @classmethod
    def empty_is_now(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("lines")
    @classmethod
    def not_a_whole_city(cls, text: str) -> str:
        if len(text.splitlines()) > MOST_LINES:
            raise ValueError("enrol_too_many_lines")
        return text


def new_slug(title: str, taken: Collection[str] = ()) -> str:
    """Return an address word of [a-z0-9-] for the title, at most 60 long, with a number if it is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:54].strip("-") or "program"
    slug, number = words, 2
    while slug in taken:
        slug, number = f"{words}-{number}", number + 1
    return slug
