"""What browsers and coordinators hand in about attendance, validated."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lms.attendance.rules.judgement import Excuse, Status
from lms.kernel.errors import AtField


class WitnessDraft(BaseModel):
    """What a room page reports: which session, which device, and the event's own identity and age."""

    model_config = ConfigDict(extra="ignore")

    session: int = Field(gt=0)
    # Minted by the page from random bytes and kept on the device.
    device: str = Field(pattern=r"^[a-z0-9]{16,40}$")
    # Identity of this event: told twice, stored once.
    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")
    # The client's count of events on this connection.
    sequence: int = Field(ge=0, le=1_000_000)
    # How long ago it happened by the client's own steady clock, in milliseconds.
    ago_ms: int = Field(default=0, ge=0, le=6 * 3600 * 1000)


class WatchDraft(BaseModel):
    """Which session's register a page watches, and which version of it the page was drawn with just now, if so."""

    session: int = Field(gt=0)
    since: str = Field(default="", max_length=40)


class CorrectionDraft(BaseModel):
    """A coordinator's decision about one mark. `status` given as "evidence" becomes None: the evidence decides."""

    status: Status | None
    excuse: Excuse | None = None
    reason: str = Field(min_length=5, max_length=1000)
    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")
    # The id of the latest decision the coordinator had before her eyes, 0 for none; None where nobody looked.
    seen: int | None = Field(default=None, ge=0)

    @field_validator("status", mode="before")
    @classmethod
    def must_be_chosen(cls, value: object) -> object:
        if not value:
            # A reason typed beside an untouched list must not quietly undo an earlier decision.
            raise ValueError("correction_status_missing")
        return None if value == "evidence" else value

    @field_validator("excuse", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("status")
    @classmethod
    def can_be_decided(cls, value: Status | None) -> Status | None:
        if value is Status.UNKNOWN:
            raise ValueError("correction_status_not_a_decision")
        return value

    @model_validator(mode="after")
    def excuse_goes_with_excused(self) -> "CorrectionDraft":
        if self.status is Status.EXCUSED and self.excuse is None:
            raise AtField("correction_excuse_missing", "excuse")
        if self.status is not Status.EXCUSED:
            self.excuse = None
        return self


class SeenDraft(BaseModel):
    """Whom a coordinator saw in the room: the whole session, or from now on."""

    people: list[int] = Field(min_length=1, max_length=500)
    since: str = Field(default="start", pattern=r"^(start|now)$")
    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")


class RosterChange(BaseModel):
    """One tap on the roster: seen from the start, seen from the moment of the tap on, or taken back."""

    person: int = Field(gt=0)
    act: Literal["seen", "arrived", "unseen"]
    # Identity of this tap: told twice, stored once.
    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")
    # Seconds since the tap, by the page's own clock: the line may have been away.
    age: float = Field(default=0, ge=0, le=6 * 3600)


class RosterDraft(BaseModel):
    """Taps on the roster in their order."""

    changes: list[RosterChange] = Field(min_length=1, max_length=1000)


class SignDraft(BaseModel):
    """A sign-off: the version of the register that the signer had before her eyes."""

    version: str = Field(min_length=1, max_length=40)
    confirmed: bool = False

    @field_validator("confirmed")
    @classmethod
    def must_confirm(cls, value: bool) -> bool:
        if not value:
            raise ValueError("sign_not_confirmed")
        return value


class ScreenDraft(BaseModel):
    """Which device asks for its code."""

    device: str = Field(pattern=r"^[a-z0-9]{16,40}$")


class LeaveDraft(BaseModel):
    """That somebody leaves the screen she watched at."""

    key: str = Field(pattern=r"^[a-z0-9]{16,40}$")
