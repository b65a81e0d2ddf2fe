"""What trainees ask and coordinators answer about marks, validated."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from lms.accounts.rules.drafts import OptionalId
from lms.accounts.rules.nip import normalise_nip
from lms.accounts.rules.phones import read_phone
from lms.attendance.rules.judgement import Excuse, Status
from lms.kernel.errors import AtField

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{16,40}$")]
EmptyIsNone = BeforeValidator(lambda value: None if value == "" else value)


class ExcuseDraft(BaseModel):
    """To be excused from a session: the kind and the number of a letter. For sickness no diagnosis is asked for."""

    model_config = ConfigDict(str_strip_whitespace=True)

    excuse: Excuse
    letter_number: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=1000)

    @field_validator("excuse", mode="before")
    @classmethod
    def must_be_chosen(cls, value: object) -> object:
        if not value:
            raise ValueError("excuse_kind_missing")
        return value


class DisputeDraft(BaseModel):
    """That one's own record is not right; what was different may be added."""

    model_config = ConfigDict(str_strip_whitespace=True)

    note: str = Field(default="", max_length=1000)


class AnswerDraft(BaseModel):
    """A coordinator's answer to a petition. A refusal names its reason, and so does a new mark after a dispute."""

    model_config = ConfigDict(str_strip_whitespace=True)

    approve: bool
    answer: str = Field(default="", max_length=1000)
    status: Annotated[Status | None, EmptyIsNone] = None
    excuse: Annotated[Excuse | None, EmptyIsNone] = None

    @model_validator(mode="after")
    def reasons_are_given(self) -> Self:
        if (not self.approve or self.status is not None) and len(self.answer) < 5:
            raise AtField("answer_reason_missing", "answer")
        if self.status is Status.UNKNOWN:
            raise AtField("correction_status_not_a_decision", "status")
        if self.status is Status.EXCUSED and self.excuse is None:
            raise AtField("correction_excuse_missing", "excuse")
        if self.status is not None and self.status is not Status.EXCUSED:
            self.excuse = None
        return self


class ChoiceDraft(BaseModel):
    """Whose account counts where two witnesses contradict each other, and on which decision of before this rests."""

    witness: Literal["jitsi", "import", "browser", "check_in", "all"]
    # Id of the latest decision the coordinator had before her eyes, 0 for none.
    seen: int = Field(ge=0)
    key: Key


class AmnestyDraft(BaseModel):
    """An answer to a proposed amnesty, and the state it was given in."""

    grant: bool
    seen: Literal["proposed", "granted", "refused"]


class WalkInDraft(BaseModel):
    """Somebody known who came without being enrolled, and since when she was seen."""

    person: int = Field(gt=0)
    since: Literal["start", "now"] = "start"
    key: Key


class NewWalkInDraft(BaseModel):
    """Somebody not yet known who came: a name, and a NIP or a telephone number to find her by."""

    model_config = ConfigDict(str_strip_whitespace=True)

    name: Annotated[str, StringConstraints(max_length=200)]
    nip: Annotated[str | None, EmptyIsNone] = None
    phone: str = ""
    unit_id: OptionalId = None
    since: Literal["start", "now"] = "start"
    key: Key

    _dialled = field_validator("phone")(read_phone)

    @field_validator("name")
    @classmethod
    def named(cls, text: str) -> str:
        if not text:
            raise ValueError("name_missing")
        return " ".join(text.split())

    @field_validator("nip")
    @classmethod
    def plain(cls, text: str | None) -> str | None:
        return (normalise_nip(text) or None) if text else None

    @model_validator(mode="after")
    def can_be_found_again(self) -> Self:
        if self.nip is None and not self.phone:
            raise AtField("walk_in_needs_number", "nip")
        return self


class StandInDraft(BaseModel):
    """Who teaches in whose place, and why."""

    model_config = ConfigDict(str_strip_whitespace=True)

    instead_of: int = Field(gt=0)
    person: int = Field(gt=0)
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]
