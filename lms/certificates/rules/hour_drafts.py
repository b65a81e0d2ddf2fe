"""What forms say about hours: lines of the table, the policy, and hours earned elsewhere."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)  # fmt: skip

from lms.certificates.rules.hours import Basis, HourPolicy, Rounding
from lms.kernel.errors import AtField

Words = StringConstraints(min_length=1, max_length=200)


def _number(value: object) -> object:
    """Return what people type for a number: a comma for the decimals, nothing for none."""
    if isinstance(value, str):
        value = value.strip().replace(",", ".")
        return None if value == "" else value
    return value


Number = BeforeValidator(_number)
ScopeWord = Literal["national", "international"]


class ConversionDraft(BaseModel):
    """A line of the table of conversion from a day on."""

    model_config = ConfigDict(str_strip_whitespace=True)

    kind: Annotated[int, Field(ge=1, le=999)]
    scope: ScopeWord
    basis: Basis = Basis.HELD
    fixed: Annotated[Decimal, Number, Field(ge=0, le=1000, decimal_places=2)] = Decimal(0)
    factor: Annotated[Decimal, Number, Field(ge=0, le=10, decimal_places=3)] = Decimal(1)
    daily_cap: Annotated[Decimal | None, Number, Field(gt=0, le=24, decimal_places=2)] = None
    monthly_times: Annotated[int | None, Number, Field(ge=1, le=31)] = None
    valid_from: date
    ground: Annotated[str, StringConstraints(max_length=200)] = ""

    @model_validator(mode="after")
    def fixed_where_needed(self) -> "ConversionDraft":
        if self.basis is not Basis.HELD and self.fixed <= 0:
            raise AtField("conversion_needs_fixed_hours", "fixed")
        return self


class PolicyDraft(BaseModel):
    """How hours are counted from a day on."""

    minimum: Annotated[Decimal, Number, Field(ge=0, le=500, decimal_places=2)]
    pppk_guide: Annotated[Decimal, Number, Field(ge=0, le=500, decimal_places=2)]
    rounding: Rounding = Rounding.EXACT
    counts_partial: bool = False
    teleconference_kind: Annotated[int, Field(ge=1, le=999)] = 17
    visit_kind: Annotated[int, Field(ge=1, le=999)] = 20
    self_paced_kind: Annotated[int, Field(ge=1, le=999)] = 16
    valid_from: date

    @classmethod
    def of(cls, policy: HourPolicy) -> "PolicyDraft":
        return cls(**{name: getattr(policy, name) for name in cls.model_fields})


class ClaimDraft(BaseModel):
    """Hours earned elsewhere, as somebody tells of them."""

    model_config = ConfigDict(str_strip_whitespace=True)

    title: Annotated[str, Words]
    organiser: Annotated[str, Words]
    kind: Annotated[int, Field(ge=1, le=999)]
    scope: ScopeWord = "national"
    starts_on: date
    ends_on: date
    hours: Annotated[Decimal, Number, Field(gt=0, le=1000, decimal_places=2)]
    certificate_number: Annotated[str, StringConstraints(max_length=120)] = ""

    @field_validator("ends_on")
    @classmethod
    def ends_later(cls, ends_on: date, so_far: ValidationInfo) -> date:
        if "starts_on" in so_far.data and ends_on < so_far.data["starts_on"]:
            raise ValueError("claim_ends_before_start")
        return ends_on
