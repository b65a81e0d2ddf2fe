"""Whom a session's register answers for: the trainees enrolled while it is held, and who walked in."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select

from lms.accounts.models import Person
from lms.attendance.models import WalkIn
from lms.db import Db, built_once
from lms.kernel.intervals import Interval, gaps
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class Expected:
    """Somebody whose attendance this session's register answers for."""

    id: int
    name: str
    title_before: str
    title_after: str
    nip: str | None
    phone: str
    position: str
    rank: str
    unit_id: int | None
    # Came without being enrolled; false once she is.
    walked_in: bool = False

    @property
    def full_name(self) -> str:
        """Return the name with its titles: `Drs. Ahmad Rivai, M.Si.`"""
        before = f"{self.title_before} " if self.title_before else ""
        return f"{before}{self.name}{', ' + self.title_after if self.title_after else ''}"


def expected(db: Db, session: LiveSession, person_ids: Collection[int] | None = None) -> list[Expected]:
    """Return the trainees enrolled while the session is held, and who walked in, by name; one statement."""
    given = (session.id, session.batch_id, session.starts_at, session.ends_at)
    asked = _expected(*given) if person_ids is None else _some_expected(*given, list(person_ids))
    return [Expected(*row) for row in db.execute(*asked)]


@built_once
def _expected(session_id: Any, batch_id: Any, starts_at: Any, ends_at: Any) -> Any:
    return _people_of(session_id, batch_id, starts_at, ends_at)


@built_once
def _some_expected(session_id: Any, batch_id: Any, starts_at: Any, ends_at: Any, people: Any) -> Any:
    return _people_of(session_id, batch_id, starts_at, ends_at).where(Person.id.in_(people))


def _people_of(session_id: Any, batch_id: Any, starts_at: Any, ends_at: Any) -> Any:
    return (
        select(
            Person.id,
            Person.name,
            Person.title_before,
            Person.title_after,
            Person.nip,
            Person.phone,
            Person.position,
            Person.rank,
            Person.unit_id,
            exists()
            .where(WalkIn.session_id == session_id, WalkIn.person_id == Person.id, WalkIn.state != "enrolled")
            .label("walked_in"),
        )
        .where(
            or_(
                Person.id.in_(
                    select(Enrolment.person_id).where(
                        Enrolment.batch_id == batch_id,
                        Enrolment.role == "trainee",
                        Enrolment.starts_at < ends_at,
                        or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > starts_at),
                    )
                ),
                Person.id.in_(select(WalkIn.person_id).where(WalkIn.session_id == session_id)),
            )
        )
        .order_by(Person.name, Person.id)
    )


def not_enrolled(db: Db, session: LiveSession) -> dict[int, list[Interval]]:
    """Return the stretches of the session in which trainees of it were not enrolled; most sessions have none.

    Who joins the batch or leaves it in the middle of a session answers for her part of it alone. A walk-in answers
    for all of it, enrolled or not.
    """
    window = Interval(session.starts_at, session.ends_at)
    during = (
        Enrolment.batch_id == session.batch_id,
        Enrolment.role == "trainee",
        Enrolment.starts_at < window.end,
        or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > window.start),
    )
    in_part = (Enrolment.starts_at > window.start) | (Enrolment.ends_at < window.end)
    walked_in = exists().where(WalkIn.session_id == session.id, WalkIn.person_id == Enrolment.person_id)
    people = db.scalars(select(Enrolment.person_id).where(*during, in_part, ~walked_in).distinct()).all()
    if not people:
        return {}
    enrolled: dict[int, list[Interval]] = {}
    for row in db.execute(
        select(Enrolment.person_id, Enrolment.starts_at, Enrolment.ends_at).where(
            *during, Enrolment.person_id.in_(people)
        )
    ):
        enrolled.setdefault(row.person_id, []).append(Interval(row.starts_at, row.ends_at or window.end))
    return {person_id: outside for person_id, spans in enrolled.items() if (outside := gaps(spans, window))}
