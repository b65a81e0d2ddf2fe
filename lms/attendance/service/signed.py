"""A signed register: what it says, whatever arrives afterwards, and who is judged together when it is amended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.models import Evidence, Mark, Register, Visit
from lms.attendance.rules.judgement import Excuse, Judgement, Status, read_reasons
from lms.attendance.service.standing import Standing
from lms.db import Db
from lms.kernel.errors import Said
from lms.kernel.intervals import Interval
from lms.sessions.models import LiveSession

# Said of somebody who stands on the register only since it was signed: the signature says nothing about her.
NOT_SIGNED_FOR = Judgement(Status.UNKNOWN, reasons=(Said("not_on_signed_register"),))


@dataclass(frozen=True)
class Signed:
    """What a signature, or its latest amendment, rests on: the facts, and the marks by person."""

    facts: frozenset[int]
    marks: dict[int, Mark]

    def verdict(self, person_id: int) -> Judgement:
        """Return what the register says of this person: the mark as signed, not one worked out anew."""
        mark = self.marks.get(person_id)
        return verdict_of(mark) if mark is not None else NOT_SIGNED_FOR

    def late(self, standing: Standing, person_id: int) -> int:
        """Return how many facts about this person, or about a screen she watched at, came after the signature."""
        return len(standing.facts_behind(person_id) - self.facts)


def read_signed(db: Db, session: LiveSession, person_ids: Collection[int] | None = None) -> Signed | None:
    """Return what the signed register says of these people (None: everyone); None before the signature."""
    register = db.get(Register, session.id)
    if register is None:
        return None
    marks = select(Mark).where(Mark.session_id == session.id)
    if person_ids is not None:
        marks = marks.where(Mark.person_id.in_(person_ids))
    return Signed(frozenset(register.evidence_ids), {mark.person_id: mark for mark in db.scalars(marks)})


def verdict_of(mark: Mark) -> Judgement:
    """Return the verdict a stored mark was written from."""
    return Judgement(
        Status(mark.status),
        Excuse(mark.excuse) if mark.excuse else None,
        mark.late,
        mark.left_early,
        timedelta(seconds=mark.attended_seconds),
        timedelta(seconds=mark.counted_seconds),
        tuple(Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in mark.presence),
        tuple(read_reasons(mark.reasons)),
    )


def amended_with(db: Db, session_id: int, person_id: int) -> set[int]:
    """Return whom an amendment about this person concerns: herself, and everyone tied to her by a shared screen.

    What is heard late of a screen's device is evidence about its owner and about all who watched there: taken in for
    one of them only, the others' marks would rest on less than the signature names.
    """
    ties = db.execute(
        select(Evidence.person_id, Visit.person_id.label("host"))
        .join(Visit, Visit.id == Evidence.host_visit_id)
        .where(Evidence.session_id == session_id)
    ).all()
    found = {person_id}
    while more := {one for tie in ties for one in tie if found & set(tie)} - found:
        found |= more
    return found
