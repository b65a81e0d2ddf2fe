"""Who is, was and will be in which batch: read only."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select

from lms.accounts.models import Person, Unit
from lms.accounts.rules.names import with_titles
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch, Enrolment
from lms.programmes.rules.drafts import BATCH_ROLES


@dataclass(frozen=True)
class Member:
    """Somebody enrolled in a batch: who, the role there, from when to when (None: still)."""

    enrolment_id: int
    person_id: int
    name: str
    plain_name: str
    nip: str | None
    email: str | None
    phone: str
    unit: str
    position: str
    rank: str
    role: str
    starts_at: datetime
    ends_at: datetime | None


def who_is_enrolled(
    db: Db,
    batch_id: int,
    during: Interval | datetime,
    *,
    roles: Collection[str] = BATCH_ROLES,
    narrowed: ColumnElement[bool] | None = None,
) -> list[Member]:
    """Return who was enrolled at some moment of `during` (or at that instant), one a person and role, by name.

    Somebody who was withdrawn and enrolled again within it is one line. `narrowed` is a condition on
    Enrolment, such as `guard.allowed(Enrolment, needs=…)`.
    """
    if isinstance(during, datetime):
        during = Interval(during, during + timedelta.resolution)
    statement = _members(batch_id, roles).where(
        Enrolment.starts_at < during.end, or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > during.start)
    )
    if narrowed is not None:
        statement = statement.where(narrowed)
    return _one_a_role(_read_members(db, statement))


def everyone_ever(
    db: Db, batch_id: int, *, narrowed: ColumnElement[bool] | None = None, roles: Collection[str] = BATCH_ROLES
) -> list[Member]:
    """Return every enrolment of the batch, ended ones too, by name."""
    statement = _members(batch_id, roles)
    return _read_members(db, statement if narrowed is None else statement.where(narrowed))


def roles_in(db: Db, person_id: int, batch_id: int, at: datetime) -> frozenset[str]:
    """Return the roles this person has in the batch at this instant; empty for a stranger to it."""
    return frozenset(
        db.scalars(
            select(Enrolment.role).where(
                Enrolment.person_id == person_id, Enrolment.batch_id == batch_id, _holds_at(at)
            )
        )
    )


def batches_of(db: Db, person_id: int, at: datetime, *, roles: Collection[str] = BATCH_ROLES) -> list[Batch]:
    """Return the batches, not put aside, in which this person is enrolled at this instant; the latest first."""
    mine = select(Enrolment.batch_id).where(Enrolment.person_id == person_id, Enrolment.role.in_(roles), _holds_at(at))
    return list(
        db.scalars(
            select(Batch)
            .where(Batch.id.in_(mine), Batch.archived_at.is_(None))
            .order_by(Batch.starts_on.desc(), Batch.id.desc())
        )
    )


def _holds_at(at: datetime) -> ColumnElement[bool]:
    return (Enrolment.starts_at <= at) & or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at)


def _members(batch_id: int, roles: Collection[str]) -> Select[Enrolment, Person, str | None]:
    return (
        select(Enrolment, Person, Unit.name)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(Enrolment.batch_id == batch_id, Enrolment.role.in_(roles))
        .order_by(func.lower(Person.name), Person.id, Enrolment.starts_at)
    )


def _read_members(db: Db, statement: Select[Enrolment, Person, str | None]) -> list[Member]:
    return [
        Member(
            enrolment_id=enrolment.id,
            person_id=person.id,
            name=with_titles(person.title_before, person.name, person.title_after),
            plain_name=person.name,
            nip=person.nip,
            email=person.email,
            phone=person.phone,
            unit=unit or "",
            position=person.position,
            rank=person.rank,
            role=enrolment.role,
            starts_at=enrolment.starts_at,
            ends_at=enrolment.ends_at,
        )
        for enrolment, person, unit in db.execute(statement)
    ]


def _one_a_role(members: Iterable[Member]) -> list[Member]:
    """Return one line a person and role, the latest enrolment standing for all."""
    latest: dict[tuple[int, str], Member] = {}
    for member in members:
        latest[member.person_id, member.role] = member
    return list(latest.values())
