"""What the forms of certificates may say."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from lms.certificates.rules.numbering import LONGEST, check_pattern
from lms.certificates.rules.requirements import Demands, PostTests

Line = Annotated[str, StringConstraints(max_length=200)]
Reason = Annotated[str, StringConstraints(min_length=5, max_length=500)]
Percent = Annotated[int, Field(ge=1, le=100)]

GRADES = ("excellent", "very_good", "good", "fair")


class RuleDraft(BaseModel):
    """What a programme requires for its certificate and what stands on it, as the form says it."""

    model_config = ConfigDict(str_strip_whitespace=True)

    book_id: int
    wording: Literal["passed", "attended"] = "passed"
    # Electronic: only files with a signature in them are taken back. Paper: scans are.
    signature: Literal["electronic", "paper"] = "electronic"
    attendance: bool = False
    counts_excused: bool = False
    registers: bool = False
    tests: PostTests = PostTests.PASSED
    evaluation: bool = False
    # From which mean of the post-tests each qualification is given; all empty: none is printed.
    grade_excellent: Percent | None = None
    grade_very_good: Percent | None = None
    grade_good: Percent | None = None
    grade_fair: Percent | None = None
    agency_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    agency_en: Line = ""
    place: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    signer_name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    signer_nip: Annotated[str, StringConstraints(max_length=30)] = ""
    signer_rank: Annotated[str, StringConstraints(max_length=100)] = ""
    signer_position_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    signer_position_en: Line = ""

    @field_validator("grade_excellent", "grade_very_good", "grade_good", "grade_fair", mode="before")
    @classmethod
    def empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("grade_very_good", "grade_good", "grade_fair")
    @classmethod
    def falls(cls, value: int | None, so_far: ValidationInfo) -> int | None:
        above = [so_far.data.get(f"grade_{name}") for name in GRADES[: GRADES.index(so_far.field_name[6:])]]  # type: ignore[index]
        if value is not None and any(other is not None and other <= value for other in above):
            raise ValueError("grades_must_fall")
        return value

    @property
    def grades(self) -> dict[str, int]:
        """Return grade → from which mean, for those that are given."""
        found = {name: getattr(self, f"grade_{name}") for name in GRADES}
        return {name: value for name, value in found.items() if value is not None}


def demands_from(stored: Mapping[str, Any], minimum: Decimal) -> Demands:
    """Return the demands a rule's stored form stands for."""
    return Demands(
        minimum=minimum,
        attendance=bool(stored.get("attendance", True)),
        counts_excused=bool(stored.get("counts_excused", False)),
        registers=bool(stored.get("registers", True)),
        tests=PostTests(stored.get("tests", PostTests.PASSED)),
        evaluation=bool(stored.get("evaluation", True)),
    )


def grade_for(grades: Mapping[str, int], mean: float | None) -> str | None:
    """Return the best qualification this mean reaches; None where none is given or none reached."""
    if mean is None:
        return None
    reached = [name for name in GRADES if name in grades and mean >= grades[name]]
    return reached[0] if reached else None


class BookDraft(BaseModel):
    """A number book: its name, how its numbers are written, and the serial of its first certificate this year."""

    model_config = ConfigDict(str_strip_whitespace=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
    next_serial: Annotated[int, Field(ge=1, le=999_999)] = 1

    @field_validator("pattern")
    @classmethod
    def is_unambiguous(cls, pattern: str) -> str:
        return check_pattern(pattern)


class WaiverDraft(BaseModel):
    """Why somebody need not fulfil a requirement."""

    model_config = ConfigDict(str_strip_whitespace=True)

    kind: Literal["attendance", "registers", "tests", "evaluation"]
    reason: Reason


class RevokeDraft(BaseModel):
    """Why a certificate is revoked; shown to its holder, and to whoever verifies it."""

    model_config = ConfigDict(str_strip_whitespace=True)

    reason: Reason
