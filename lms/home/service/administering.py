"""An administrator's part: what there is, counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from lms.accounts.models import Person
from lms.courses.models import Course
from lms.db import Db
from lms.outbox.models import Message
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Administering:
    """Counts of the whole installation; `failed` are messages that could not be delivered in the last week."""

    people: int
    never_signed_in: int
    batches: int
    courses: int
    sessions: int
    failed: int


def read_administering(db: Db, *, at: datetime) -> Administering:
    """Return the counts; one statement."""

    def count(column: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count(column)).where(*where).scalar_subquery()

    row = db.execute(
        select(
            count(Person.id, Person.active.is_(True)).label("people"),
            count(Person.id, Person.active.is_(True), Person.password_hash.is_(None)).label("never_signed_in"),
            count(Batch.id, Batch.archived_at.is_(None)).label("batches"),
            count(Course.id, Course.archived_at.is_(None)).label("courses"),
            count(
                LiveSession.id,
                LiveSession.status == "scheduled",
                LiveSession.ends_at > at,
                LiveSession.starts_at < at + WEEK,
            ).label("sessions"),
            count(
                Message.id,
                Message.state == "failed",
                Message.attempts > 0,  # one called off before it left is no failure
                Message.created_at > at - WEEK,
            ).label("failed"),
        )
    ).one()
    return Administering(*row)
