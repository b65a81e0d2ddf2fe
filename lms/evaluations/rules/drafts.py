"""What the forms of evaluation may say: opening questionnaires, action plans, who is asked afterwards."""

from calendar import monthrange
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

# Months after the end of a batch at which alumni, superiors and peers are asked.
FOLLOW_UP_MONTHS = (3, 6)
MOST_STEPS = 20
MOST_PEERS = 3


class SettingDraft(BaseModel):
    """How a batch is evaluated: by itself, and how many days a questionnaire stays open."""

    automatic: bool = False
    days_open: Annotated[int, Field(ge=1, le=60)] = 14


class PlanDraft(BaseModel):
    """An action plan: what for, how success will be seen, and steps as parallel lists with their last day and share
    done (per cent)."""

    model_config = ConfigDict(str_strip_whitespace=True)

    aim: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    indicator: Annotated[str, StringConstraints(max_length=1000)] = ""
    step_id: list[str] = []
    step_text: list[str] = []
    step_due: list[str] = []
    step_percent: list[str] = []

    @field_validator("step_text")
    @classmethod
    def not_too_many(cls, texts: list[str]) -> list[str]:
        if len([text for text in texts if text.strip()]) > MOST_STEPS:
            raise ValueError("plan_too_many_steps")
        if any(len(text) > 500 for text in texts):
            raise ValueError("plan_step_too_long")
        return texts

    def steps(self) -> list["Step"]:
        """Return the steps that say something. Raises ValueError("plan_step_unreadable") for a bad day or share."""
        found = []
        rows = zip(self.step_id, self.step_text, self.step_due, self.step_percent, strict=False)
        for step_id, text, due, percent in rows:
            if not text.strip():
                continue
            try:
                share = int(percent or 0)
                due_on = date.fromisoformat(due) if due else None
            except ValueError:
                raise ValueError("plan_step_unreadable") from None
            if not 0 <= share <= 100:
                raise ValueError("plan_step_unreadable")
            found.append(Step(text=text.strip(), due_on=due_on, percent=share, id=int(step_id or 0)))
        return found


class Step(BaseModel):
    """One step of an action plan; `id` 0 is a new one."""

    text: str
    due_on: date | None
    percent: int
    id: int = 0


class NoteDraft(BaseModel):
    """A word on how a plan goes."""

    model_config = ConfigDict(str_strip_whitespace=True)

    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ContactDraft(BaseModel):
    """Whom an alumnus names to be asked afterwards: by name, and by e-mail or NIP where that person has an account."""

    model_config = ConfigDict(str_strip_whitespace=True)

    kind: Annotated[str, StringConstraints(pattern="^(superior|peer)$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    login: Annotated[str, StringConstraints(max_length=254)] = ""

    @field_validator("login", mode="before")
    @classmethod
    def none_is_empty(cls, value: Any) -> Any:
        return value or ""


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or that month's last: 30 November and three months is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
