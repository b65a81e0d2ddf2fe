"""Pure rules of a live session: its modes, its doors, the policy it is judged by, the name of its room."""

import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from lms.kernel.errors import AtField, Problem
from lms.kernel.intervals import Interval, clip, merge, subtract, total

# The Join button lives from this long before the start …
DOOR_BEFORE = timedelta(minutes=15)
# … to this long after the planned end, since lectures overrun and a reconnect must not be locked out.
DOOR_AFTER = timedelta(minutes=30)

# One lesson hour (jam pelajaran) is 45 minutes.
LESSON_HOUR = timedelta(minutes=45)


class Mode(StrEnum):
    IN_PERSON = "in_person"
    TELECONFERENCE = "teleconference"
    STUDY_VISIT = "study_visit"


class Phase(StrEnum):
    """Where a session stands: EARLY before its doors open, OPEN until it ends, OVERRUN while doors are still
    open after the planned end, OVER, or CANCELLED."""

    EARLY = "early"
    OPEN = "open"
    OVERRUN = "overrun"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Policy:
    """The numbers a session is judged by; copied to it when scheduled. Seconds, and shares of the counted window."""

    minimum_share: float = 0.8
    grace_seconds: int = 90
    bridged_limit_seconds: int = 600
    late_after_seconds: int = 600
    left_early_seconds: int = 600
    # Whoever checks in by the room's code also has to check out.
    check_out: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Policy":
        """Return the stored policy; keys it does not know are ignored, missing ones take the default."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in stored.items() if key in known})

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    def problems(self) -> list[Problem]:
        """Return what is wrong with these numbers."""
        found = []
        if not 0 < self.minimum_share <= 1:
            found.append(Problem.of("policy_share_out_of_range", field="minimum_share"))
        for name in ("grace_seconds", "bridged_limit_seconds", "late_after_seconds", "left_early_seconds"):
            if not 0 <= getattr(self, name) <= 3600:
                found.append(Problem.of("policy_seconds_out_of_range", field=name))
        return found


def phase(*, starts_at: datetime, ends_at: datetime, cancelled: bool, at: datetime) -> Phase:
    """Return where the session stands at this instant."""
    if cancelled:
        return Phase.CANCELLED
    if at < starts_at - DOOR_BEFORE:
        return Phase.EARLY
    if at < ends_at:
        return Phase.OPEN
    if at < ends_at + DOOR_AFTER:
        return Phase.OVERRUN
    return Phase.OVER


def doors(starts_at: datetime, ends_at: datetime) -> Interval:
    """Return the window in which people may enter the room."""
    return Interval(starts_at - DOOR_BEFORE, ends_at + DOOR_AFTER)


def read_breaks(stored: Sequence[Any]) -> list[Interval]:
    """Return stored breaks ([[ISO, ISO], …]) as merged intervals."""
    return merge(Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in stored)


def counted(starts_at: datetime, ends_at: datetime, breaks: Sequence[Interval]) -> list[Interval]:
    """Return the stretches of the session that count: planned time without its breaks."""
    window = Interval(starts_at, ends_at)
    return subtract([window], clip(breaks, window))


def lesson_hours(starts_at: datetime, ends_at: datetime, breaks: Sequence[Interval]) -> float:
    """Return the session's worth in lesson hours (JP, 45 minutes each), rounded down to whole hours."""
    return float(total(counted(starts_at, ends_at, breaks)) // LESSON_HOUR)


def new_room_name(slug: str) -> str:
    """Return an unguessable room name of [a-z0-9-]: a readable beginning and 80 random bits.

    Jitsi lower-cases names on one side and not on the other, so nothing but lower case may appear.
    """
    alphabet = string.ascii_lowercase + string.digits
    readable = "".join(c if c in alphabet else "-" for c in slug.lower()).strip("-")[:24].strip("-") or "sesi"
    return f"{readable}-{''.join(secrets.choice(alphabet) for _ in range(16))}"


# Clock times come as 09:00 from the browser's field and as 09.00 from people.
Clock = Annotated[time, BeforeValidator(lambda text: text.replace(".", ":") if isinstance(text, str) else text)]
# A line of the form for one more break may stay empty.
MaybeClock = Annotated[Clock | None, BeforeValidator(lambda text: None if text == "" else text)]


class SessionDraft(BaseModel):
    """A session as its form says it: a day, clock times of one named zone, breaks as pairs of clock times.

    `sequence` is the version the form was made from, so that of two people editing one session the
    second is told; None for a new session.
    """

    model_config = ConfigDict(str_strip_whitespace=True)

    mode: Mode
    title_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    title_en: Annotated[str, StringConstraints(max_length=200)] = ""
    place: Annotated[str, StringConstraints(max_length=200), Field(validate_default=True)] = ""
    zone: str
    on: date
    starts: Clock
    ends: Clock
    break_starts: list[MaybeClock] = []
    break_ends: Annotated[list[MaybeClock], Field(validate_default=True)] = []
    instructor_ids: list[int] = []
    module_ids: list[int] = []
    # Everybody is told before entering; without it a recording is held back.
    may_be_recorded: bool = False
    # The key of the server it meets on; "" leaves that to the standard, or to what it met on so far.
    meeting_server: Annotated[str, StringConstraints(max_length=40)] = ""
    sequence: int | None = None

    @field_validator("place")
    @classmethod
    def people_can_find_it(cls, place: str, so_far: ValidationInfo) -> str:
        if not place and so_far.data.get("mode") in (Mode.IN_PERSON, Mode.STUDY_VISIT):
            raise ValueError("session_place_missing")
        return place

    @field_validator("zone")
    @classmethod
    def zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise ValueError("zone_unknown") from None
        return zone

    @field_validator("ends")
    @classmethod
    def ends_after_start(cls, ends: time, so_far: ValidationInfo) -> time:
        if "starts" in so_far.data and ends <= so_far.data["starts"]:
            raise ValueError("session_ends_before_start")
        return ends

    @field_validator("break_ends")
    @classmethod
    def breaks_lie_inside(cls, ends: list[time | None], so_far: ValidationInfo) -> list[time | None]:
        starts: list[time | None] | None = so_far.data.get("break_starts")
        if starts is None:
            return ends
        if [clock is None for clock in starts] != [clock is None for clock in ends]:
            raise ValueError("session_break_half")
        first, last = so_far.data.get("starts"), so_far.data.get("ends")
        if first is None or last is None:
            return ends
        if any(not first <= start < end <= last for start, end in _pairs(starts, ends)):
            raise ValueError("session_break_outside")
        return ends

    @field_validator("instructor_ids", "module_ids")
    @classmethod
    def once_each(cls, ids: list[int]) -> list[int]:
        return list(dict.fromkeys(ids))

    @model_validator(mode="after")
    def something_counts(self) -> Self:
        if not counted(self.starts_at, self.ends_at, self.breaks):
            raise AtField("session_all_break", "ends")
        return self

    @property
    def starts_at(self) -> datetime:
        return self._instant(self.starts)

    @property
    def ends_at(self) -> datetime:
        return self._instant(self.ends)

    @property
    def breaks(self) -> list[Interval]:
        pairs = _pairs(self.break_starts, self.break_ends)
        return merge(Interval(self._instant(start), self._instant(end)) for start, end in pairs)

    def _instant(self, clock: time) -> datetime:
        return datetime.combine(self.on, clock, ZoneInfo(self.zone)).astimezone(UTC)


def _pairs(starts: Sequence[time | None], ends: Sequence[time | None]) -> list[tuple[time, time]]:
    """Return the lines of breaks that are filled in."""
    lines = zip(starts, ends, strict=True)
    return [(start, end) for start, end in lines if start is not None and end is not None]


class PolicyDraft(BaseModel):
    """The numbers a session is judged by, in the units people think in."""

    minimum_percent: Annotated[int, Field(ge=1, le=100)]
    late_after_minutes: Annotated[int, Field(ge=0, le=60)]
    left_early_minutes: Annotated[int, Field(ge=0, le=60)]
    grace_seconds: Annotated[int, Field(ge=0, le=600)]
    bridged_limit_minutes: Annotated[int, Field(ge=0, le=60)]
    check_out: bool = False

    @property
    def policy(self) -> Policy:
        return Policy(
            minimum_share=self.minimum_percent / 100,
            grace_seconds=self.grace_seconds,
            bridged_limit_seconds=self.bridged_limit_minutes * 60,
            late_after_seconds=self.late_after_minutes * 60,
            left_early_seconds=self.left_early_minutes * 60,
            check_out=self.check_out,
        )


class CancelDraft(BaseModel):
    """Why a session is cancelled, in words everybody invited will read."""

    model_config = ConfigDict(str_strip_whitespace=True)

    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]


def stored_breaks(breaks: Sequence[Interval]) -> list[list[str]]:
    """Return breaks as they are stored: [[ISO, ISO], …] in UTC."""
    return [[start.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat()] for start, end in merge(breaks)]


def move_breaks(breaks: Sequence[Interval], *, old: Interval, new: Interval) -> list[Interval]:
    """Return the breaks where they belong after a move: as far from the start as before, cut off at the new end."""
    shift = new.start - old.start
    return clip([Interval(start + shift, end + shift) for start, end in breaks], new)
