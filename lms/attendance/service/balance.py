"""How much of what was planned each trainee attended: added up by the database, one statement for any number."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select

from lms.accounts.models import Person, Unit
from lms.accounts.rules.names import with_titles
from lms.attendance.models import Mark
from lms.attendance.rules.balance import TROUBLE, Balance, Outlook, Tally
from lms.attendance.rules.judgement import Status
from lms.db import Db, built_once
from lms.programmes.models import Batch, Enrolment, Programme
from lms.sessions.models import LiveSession

_MISSED = (Status.PARTIAL.value, Status.ABSENT.value)


def answered_for(*where: ColumnElement[bool]) -> Select[int, int, int, Decimal]:
    """Return the statement "which trainee is expected in which session" (batch_id, person_id, session_id, worth).

    Sessions before an enrolment or after its end do not concern the person; cancelled ones concern nobody.
    `where` are conditions on Enrolment. Somebody withdrawn and enrolled again within a session is one row.
    """
    return (
        select(
            Enrolment.batch_id,
            Enrolment.person_id,
            LiveSession.id.label("session_id"),
            LiveSession.lesson_hours.label("worth"),
        )
        .join(
            LiveSession,
            and_(
                LiveSession.batch_id == Enrolment.batch_id,
                LiveSession.status != "cancelled",
                Enrolment.starts_at < LiveSession.ends_at,
                or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > LiveSession.starts_at),
            ),
        )
        .where(Enrolment.role == "trainee", *where)
        .distinct()
    )


def read_balances(db: Db, *where: ColumnElement[bool]) -> dict[tuple[int, int], Balance]:
    """Return (batch id, person id) → balance for the enrolments that meet these conditions; one statement.

    Who was never expected in any session has no entry: `Balance()` stands for it.
    """
    added = _added_up(*where)
    return {(row.batch_id, row.person_id): _balance(row) for row in db.execute(select(added))}


def read_own_balances(db: Db, person_id: int) -> dict[tuple[int, int], Balance]:
    """Return (batch id, person id) → balance for every batch of this person; one statement."""
    return {(row.batch_id, row.person_id): _balance(row) for row in db.execute(*_own(person_id))}


@built_once
def _own(person_id: Any) -> Any:
    return select(_added_up(Enrolment.person_id == person_id))


@dataclass(frozen=True)
class Concern:
    """A trainee whose minimum is in danger, with whom to speak about it."""

    person_id: int
    name: str
    unit: str
    phone: str
    batch_id: int
    batch: str
    minimum: Decimal
    balance: Balance
    outlook: Outlook


def read_concerns(db: Db, *where: ColumnElement[bool], at: datetime) -> list[Concern]:
    """Return trainees enrolled at this instant whose minimum is in danger; one statement.

    Those with sessions still to come stand first, since something can be done for them, then the gravest.
    Batches put aside are left out. `where` are conditions on Enrolment.
    """
    added = _added_up(*where)
    still_enrolled = (
        select(Enrolment.id)
        .where(
            Enrolment.batch_id == added.c.batch_id,
            Enrolment.person_id == added.c.person_id,
            Enrolment.role == "trainee",
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
        )
        .exists()
    )
    rows = db.execute(
        select(added, Person, Unit.name.label("unit"), Batch.name.label("batch"), Programme.minimum_share)
        .join(Person, Person.id == added.c.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .join(Batch, Batch.id == added.c.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        # Whoever missed nothing cannot be in danger; that is most people, and they need not be read.
        .where(
            Batch.archived_at.is_(None),
            or_(added.c.sessions_missed > 0, added.c.sessions_excused > 0),
            still_enrolled,
        )
    )
    found = []
    for row in rows:
        balance = _balance(row)
        outlook = balance.outlook(row.minimum_share)
        if outlook in TROUBLE:
            person = row.Person
            found.append(
                Concern(
                    person_id=person.id,
                    name=with_titles(person.title_before, person.name, person.title_after),
                    unit=row.unit or "",
                    phone=person.phone,
                    batch_id=row.batch_id,
                    batch=row.batch,
                    minimum=row.minimum_share,
                    balance=balance,
                    outlook=outlook,
                )
            )
    return sorted(found, key=_urgency)


def _urgency(one: Concern) -> tuple[bool, int, float, str]:
    tally = one.balance.weighed
    return not tally.open, -list(Outlook).index(one.outlook), tally.share_so_far or 0.0, one.name


def _added_up(*where: ColumnElement[bool]) -> Subquery:
    expected = answered_for(*where).subquery("expected")

    def tally(name: str, condition: ColumnElement[bool]) -> list[Any]:
        return [
            func.sum(case((condition, 1), else_=0)).label(f"sessions_{name}"),
            func.sum(case((condition, expected.c.worth), else_=0)).label(f"hours_{name}"),
        ]

    return (
        select(
            expected.c.batch_id,
            expected.c.person_id,
            func.count().label("sessions_planned"),
            func.sum(expected.c.worth).label("hours_planned"),
            *tally("attended", Mark.status == Status.ATTENDED.value),
            *tally("excused", Mark.status == Status.EXCUSED.value),
            *tally("missed", Mark.status.in_(_MISSED)),
        )
        .select_from(expected)
        .outerjoin(Mark, and_(Mark.session_id == expected.c.session_id, Mark.person_id == expected.c.person_id))
        .group_by(expected.c.batch_id, expected.c.person_id)
        .subquery("added")
    )


def _balance(row: Any) -> Balance:
    def tally(unit: str) -> Tally:
        return Tally(*(_exact(getattr(row, f"{unit}_{name}")) for name in ("planned", "attended", "excused", "missed")))

    return Balance(tally("sessions"), tally("hours"))


def _exact(number: Any) -> Decimal:
    """Return the sum with two decimals: SQLite adds in binary fractions, and 0.1 three times is not 0.3 there."""
    return Decimal(str(number)).quantize(Decimal("0.01"))
