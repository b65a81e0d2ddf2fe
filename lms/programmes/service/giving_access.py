"""Who of an import's people cannot sign in yet, and how they are reached: by mail, or by a slip of paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.service.credentials import Purpose, open_codes
from lms.db import Db
from lms.programmes.models import PeopleImport
from lms.programmes.service.imported import people_of


@dataclass(frozen=True)
class Access:
    """How many of an import's people never set a password: those with mail and without, and who was given access."""

    mail: int
    invited: int
    paper: int
    printed: int


def read_access(db: Db, one: PeopleImport, *, at: datetime) -> Access:
    """Return the counts; one statement."""
    has_mail = Person.email.is_not(None)
    invited = Person.id.in_(open_codes(people_of(one.id), Purpose.INVITE, at))
    printed = Person.id.in_(open_codes(people_of(one.id), Purpose.HANDED_OUT, at))
    row = db.execute(
        _newcomers(one.id).with_only_columns(
            func.count(case((has_mail, 1))),
            func.count(case((has_mail & invited, 1))),
            func.count(case((~has_mail, 1))),
            func.count(case((~has_mail & printed, 1))),
        )
    ).one()
    return Access(*row)


def to_invite(db: Db, one: PeopleImport, allowed: ColumnElement[bool], *, at: datetime, most: int) -> Sequence[Person]:
    """Return the next people with mail who hold no open invitation, locked, by name."""
    invited = open_codes(people_of(one.id), Purpose.INVITE, at)
    return _people(db, one.id, Person.email.is_not(None) & Person.id.not_in(invited) & allowed, most)


def to_print_for(
    db: Db, one: PeopleImport, allowed: ColumnElement[bool], *, at: datetime, again: bool, most: int
) -> Sequence[Person]:
    """Return the next people without mail who hold no slip that still works (`again`: whether or not), locked."""
    wanted = Person.email.is_(None) & allowed
    if not again:
        wanted &= Person.id.not_in(open_codes(people_of(one.id), Purpose.HANDED_OUT, at))
    return _people(db, one.id, wanted, most)


def _newcomers(import_id: int) -> Select[Person]:
    return select(Person).where(
        Person.id.in_(people_of(import_id)), Person.password_hash.is_(None), Person.active.is_(True)
    )


def _people(db: Db, import_id: int, wanted: ColumnElement[bool], most: int) -> Sequence[Person]:
    statement = (
        _newcomers(import_id)
        .where(wanted)
        .options(joinedload(Person.unit))
        .order_by(Person.unit_id, func.lower(Person.name), Person.id)
        .limit(most)
    )
    return db.scalars(statement.with_for_update(of=Person)).all()
