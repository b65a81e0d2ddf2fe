"""Finding people: by what they sign in with, and by what a list is filtered for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Grant, Person, Unit
from lms.accounts.permissions import Role
from lms.accounts.rules.names import normalise_login
from lms.db import Db

Sort = Literal["name", "-name", "unit", "-unit"]


@dataclass(frozen=True)
class PeopleFilter:
    """What a list of people is narrowed to and sorted by; `active` None means both.

    `is_new`: only those who have never set a password.
    """

    text: str = ""
    unit_id: int | None = None
    role: Role | None = None
    active: bool | None = True
    is_new: bool = False
    sort: Sort = "name"


def find_by_login(db: Db, login: str) -> Person | None:
    """Return the person with this e-mail address or NIP in any spelling, deactivated ones too; None when unknown."""
    key = normalise_login(login)
    if not key:
        return None
    column = Person.email if "@" in key else Person.nip
    return db.scalars(select(Person).where(column == key)).one_or_none()


def people_statement(wanted: PeopleFilter) -> Select[Person]:
    """Return the statement for a list of people with their unit, sorted; narrow it by the guard before use."""
    statement = select(Person).options(joinedload(Person.unit)).order_by(*_order(wanted.sort))
    if wanted.text:
        like = f"%{_escaped(wanted.text.lower())}%"
        number = f"%{_escaped(normalise_login(wanted.text))}%"
        statement = statement.where(
            or_(
                func.lower(Person.name).like(like, escape="\\"),
                Person.email.like(like, escape="\\"),
                Person.nip.like(number, escape="\\"),
            )
        )
    if wanted.unit_id is not None:
        below = select(Unit.id).where(or_(Unit.id == wanted.unit_id, Unit.parent_id == wanted.unit_id))
        statement = statement.where(Person.unit_id.in_(below))
    if wanted.role is not None:
        statement = statement.where(exists().where(Grant.person_id == Person.id, Grant.role == wanted.role))
    if wanted.active is not None:
        statement = statement.where(Person.active.is_(wanted.active))
    if wanted.is_new:
        statement = statement.where(Person.password_hash.is_(None))
    return statement


def _order(sort: Sort) -> list[Any]:
    """Return what to sort by: equal ones by name, and people without a unit after all others."""
    by_name = [func.lower(Person.name), Person.id]
    match sort:
        case "-name":
            return [func.lower(Person.name).desc(), Person.id.desc()]
        case "unit" | "-unit":
            unit = select(func.lower(Unit.name)).where(Unit.id == Person.unit_id).scalar_subquery()
            return [Person.unit_id.is_(None), unit.desc() if sort == "-unit" else unit, *by_name]
    return by_name


def roles_of(db: Db, person_ids: Collection[int]) -> dict[int, list[Role]]:
    """Return the roles of these people, strongest first; one statement."""
    rows = db.execute(select(Grant.person_id, Grant.role).where(Grant.person_id.in_(person_ids)).distinct())
    found: dict[int, list[Role]] = {}
    for person_id, role in rows:
        found.setdefault(person_id, []).append(Role(role))
    order = [Role.ADMIN, Role.COORDINATOR, Role.UNIT_HEAD, Role.INSTRUCTOR, Role.TRAINEE]
    return {person_id: sorted(roles, key=order.index) for person_id, roles in found.items()}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
