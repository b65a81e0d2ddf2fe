"""What the forms of a study visit may say."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from lms.accounts.rules.drafts import OptionalId
from lms.delegations.rules.costs import CostKind, Currency, Payer
from lms.delegations.rules.ranking import Source
from lms.quizzes.rules.numbers import read_number


def _only_number(text: Any) -> Any:
    """Return the number as it can be meant: with two readings (1.250) the larger, since sums of money are typed so."""
    if not isinstance(text, str) or not text.strip():
        return None if isinstance(text, str) else text
    found = read_number(text)
    if not found:
        raise ValueError("number_unreadable")
    return max(found)


def _only_share(text: Any) -> Any:
    if not isinstance(text, str) or not text.strip():
        return None if isinstance(text, str) else text
    found = read_number(text)
    if not found:
        raise ValueError("number_unreadable")
    return min(found)


Money = Annotated[Decimal, BeforeValidator(_only_number), Field(ge=0, le=Decimal("99999999999"))]
Figure = Annotated[Decimal, BeforeValidator(_only_share), Field(ge=0, le=100)]
MaybeFigure = Annotated[Annotated[Decimal, Field(ge=0, le=100)] | None, BeforeValidator(_only_share)]
MaybePoints = Annotated[
    Annotated[int, Field(ge=0, le=100)] | None, BeforeValidator(lambda value: None if value == "" else value)
]
MaybeDay = Annotated[date | None, BeforeValidator(lambda value: None if value == "" else value)]
MaybeTime = Annotated[time | None, BeforeValidator(lambda value: None if value == "" else value)]
Reason = Annotated[str, StringConstraints(min_length=5, max_length=1000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=4000)]


class Plain(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class VisitDraft(Plain):
    """A study visit as its form says it."""

    title_id: Line
    title_en: Annotated[str, StringConstraints(max_length=200)] = ""
    place: Line
    host: Annotated[str, StringConstraints(max_length=200)] = ""
    starts_on: date
    ends_on: date
    quota: Annotated[int, Field(ge=1, le=100)] = 7
    reserves: Annotated[int, Field(ge=0, le=50)] = 3
    about_id: Note = ""
    about_en: Note = ""

    @field_validator("ends_on")
    @classmethod
    def ends_after_start(cls, ends_on: date, so_far: ValidationInfo) -> date:
        if "starts_on" in so_far.data and ends_on < so_far.data["starts_on"]:
            raise ValueError("visit_ends_before_start")
        return ends_on


class CriterionDraft(Plain):
    """One criterion: what it is called, where its figure comes from, its weight, and the least that is asked for."""

    name_id: Line
    name_en: Annotated[str, StringConstraints(max_length=200)] = ""
    source: Source
    weight: Annotated[Decimal, BeforeValidator(_only_share), Field(gt=0, le=100)]
    least: MaybeFigure = None
    about_id: Annotated[str, StringConstraints(max_length=1000)] = ""
    about_en: Annotated[str, StringConstraints(max_length=1000)] = ""


class WeightsDraft(Plain):
    """The weights of all criteria, in the order of their ids in `criterion`."""

    criterion: list[int]
    weight: list[Annotated[Decimal, BeforeValidator(_only_share), Field(gt=0, le=100)]]

    @field_validator("weight")
    @classmethod
    def one_each(cls, weights: list[Decimal], so_far: ValidationInfo) -> list[Decimal]:
        if len(weights) != len(so_far.data.get("criterion", ())):
            raise ValueError("weights_incomplete")
        return weights


class NominateDraft(Plain):
    """People to nominate."""

    people: list[int] = Field(min_length=1, max_length=500)


class OutDraft(Plain):
    """Why a candidate is taken out; coming back needs no reason."""

    out: bool
    reason: Annotated[str, StringConstraints(max_length=1000)] = ""

    @field_validator("reason")
    @classmethod
    def said_when_out(cls, reason: str, so_far: ValidationInfo) -> str:
        if so_far.data.get("out") and len(reason) < 5:
            raise ValueError("reason_missing")
        return reason


class PanelDraft(Plain):
    """Somebody who joins the panel, by e-mail address or NIP."""

    login: Annotated[str, StringConstraints(min_length=3, max_length=254)]


class ScoresDraft(Plain):
    """One member's points for one candidate, a criterion id each; an empty field takes a score back."""

    criterion: list[int]
    points: list[MaybePoints]
    note: Annotated[str, StringConstraints(max_length=1000)] = ""

    @field_validator("points")
    @classmethod
    def one_each(cls, points: list[int | None], so_far: ValidationInfo) -> list[int | None]:
        if len(points) != len(so_far.data.get("criterion", ())):
            raise ValueError("weights_incomplete")
        return points


class ConflictDraft(Plain):
    """Why a member does not judge a candidate."""

    reason: Reason


class DecisionDraft(Plain):
    """The decision: the letter's number, the reasons, when it is announced, how long it can be appealed against."""

    number: Annotated[str, StringConstraints(max_length=120)] = ""
    reasons: Reason
    announce_on: date
    announce_time: time
    zone: str = "Asia/Makassar"
    appeal_days: Annotated[int, Field(ge=1, le=60)] = 7
    # What the decider had before her eyes.
    seen: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

    @property
    def announce_at(self) -> datetime:
        return datetime.combine(self.announce_on, self.announce_time, ZoneInfo(self.zone))


class OutcomeDraft(Plain):
    """Another outcome than the one in force, and why."""

    outcome: Literal["chosen", "reserve", "not_chosen"]
    reason: Reason


class AppealDraft(Plain):
    """Why a candidate asks for her outcome to be looked at again."""

    text: Annotated[str, StringConstraints(min_length=20, max_length=4000)]


class AppealAnswerDraft(Plain):
    """The answer to an appeal; what it changes in the list is decided apart, with a reason of its own."""

    upheld: bool
    answer: Reason


class TaskDraft(Plain):
    """A line of the checklist."""

    title: Line
    due_on: date
    owner_id: OptionalId = None
    candidate_id: OptionalId = None


class DoneDraft(Plain):
    """That a line is done, or is not after all."""

    done: bool
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class DueDraft(Plain):
    """When a line is due and who sees to it."""

    due_on: date
    owner_id: OptionalId = None


class PassportDraft(Plain):
    """Until when a delegate's passport is valid; its number is not kept."""

    expires_on: MaybeDay = None


class CostDraft(Plain):
    """A line of the costs."""

    kind: CostKind
    payer: Payer
    payer_name: Annotated[str, StringConstraints(max_length=200)] = ""
    currency: Currency
    price: Money
    quantity: Annotated[int, Field(ge=1, le=10_000)] = 1
    budget_code: Annotated[str, StringConstraints(max_length=60)] = ""
    note: Annotated[str, StringConstraints(max_length=300)] = ""


class RateDraft(Plain):
    """Rupiah for one Singapore dollar, of which day and from where."""

    rate: Annotated[Decimal, BeforeValidator(_only_number), Field(gt=0, le=1_000_000)]
    rate_on: date
    rate_source: Annotated[str, StringConstraints(min_length=2, max_length=200)]


class StopDraft(Plain):
    """A line of the itinerary."""

    on: date
    starts: MaybeTime = None
    ends: MaybeTime = None
    title: Line
    place: Annotated[str, StringConstraints(max_length=200)] = ""


class DiaryDraft(Plain):
    """What a delegate learned on one day, and what she will do with it."""

    on: date
    learned: Annotated[str, StringConstraints(min_length=1, max_length=8000)]
    use: Annotated[str, StringConstraints(max_length=4000)] = ""


class ReportDraft(Plain):
    """A delegate's report after the return, as Markdown; `sent` hands it in."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=60_000)]
    sent: bool = False


class CascadeDraft(Plain):
    """What a delegate will pass on at home: to whom, how, until when; `text` is what a module would say."""

    title: Line
    audience: Annotated[str, StringConstraints(max_length=200)] = ""
    due_on: date
    text: Annotated[str, StringConstraints(max_length=60_000)] = ""


class ModuleDraft(Plain):
    """Into which course a task of cascading goes, in which language."""

    course_id: int
    language: Literal["id", "en"] = "id"
