"""What a browser may send about a quiz, checked for form before a use case sees it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

MOST_AT_ONCE = 200
HIGHEST_SEQ = 2_000_000_000
LONGEST_ABSENCE = 30 * 86400.0


class AnswerDraft(BaseModel):
    """One change of one answer: `seq` grows with each, `device` names the page that made it, `age` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: Annotated[int, Field(ge=1, le=HIGHEST_SEQ)]
    seq: Annotated[int, Field(ge=1, le=HIGHEST_SEQ)]
    device: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    response: Any = None
    flagged: bool = False
    age: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class AnswersDraft(BaseModel):
    """The changes a page has not yet had acknowledged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: Annotated[list[AnswerDraft], Field(min_length=1, max_length=MOST_AT_ONCE)]


class LineOutageDraft(BaseModel):
    """A line that was away, as its device measured it: how many seconds ago it was lost and was back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    device: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    lost_ago: Annotated[float, Field(ge=0, le=LONGEST_ABSENCE, allow_inf_nan=False)]
    back_ago: Annotated[float, Field(ge=0, le=LONGEST_ABSENCE, allow_inf_nan=False)] = 0.0


class DecisionDraft(BaseModel):
    """What the instructor decides about a late answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    decision: Literal["accepted", "declined"]


class ExtraTimeDraft(BaseModel):
    """More minutes or attempts for one person, and why."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    batch_id: int
    person_id: int
    minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    attempts: Annotated[int, Field(ge=0, le=20)] = 0
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]

    @field_validator("minutes", "attempts", mode="before")
    @classmethod
    def empty_is_none_more(cls, value: Any) -> Any:
        return value or 0


class RegradeDraft(BaseModel):
    """Why submitted attempts are to be scored again; the rulings come beside it, a field a question."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class FileDraft(BaseModel):
    """What comes beside a file that is handed in: as for any answer, its number and the page that sent it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    seq: Annotated[int, Field(ge=1, le=HIGHEST_SEQ)]
    device: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class GradingDraft(BaseModel):
    """A word to her about a graded answer; levels or points come beside it, a field a criterion."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
