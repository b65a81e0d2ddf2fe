"""A line of the table of kinds as its form says it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

# What a browser sends for a field left empty.
EmptyIsNone = BeforeValidator(lambda value: None if value == "" else value)


class KindDraft(BaseModel):
    """A kind of competency development from a day on."""

    model_config = ConfigDict(str_strip_whitespace=True)

    code: Annotated[int, Field(ge=1, le=999)]
    name_id: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    name_en: Annotated[str, StringConstraints(max_length=120)] = ""
    is_classical: bool = False
    certificate: Literal["F", "T", "P"] = "P"
    valid_from: date
    valid_until: Annotated[date | None, EmptyIsNone] = None

    @field_validator("valid_until")
    @classmethod
    def ends_later(cls, until: date | None, so_far: ValidationInfo) -> date | None:
        if until is not None and "valid_from" in so_far.data and until < so_far.data["valid_from"]:
            raise ValueError("valid_until_before_from")
        return until
