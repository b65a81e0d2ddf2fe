"""The ledger of lesson hours as pages and exports read it: of one person, of everybody, of units. Read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Person, Unit
from lms.accounts.rules.names import normalise_login, with_titles
from lms.certificates.models.hours import HourClaim, HourEntry, HourTotal
from lms.certificates.rules.hours import HourPolicy, target_of
from lms.db import Db

State = Literal["", "below", "reached"]


@dataclass(frozen=True)
class LedgerWish:
    """What a list of hours is narrowed to: year, words, unit, and whether the minimum is reached."""

    year: int
    text: str = ""
    unit_id: int | None = None
    state: State = ""


@dataclass(frozen=True)
class LedgerLine:
    """A person's hours of a year. `target` is None for whoever has none (not a civil servant)."""

    person_id: int
    name: str
    nip: str | None
    unit: str
    position: str
    final: Decimal
    provisional: Decimal
    target: Decimal | None

    @property
    def is_reached(self) -> bool:
        return self.target is None or self.final >= self.target

    @property
    def is_within_reach(self) -> bool:
        return not self.is_reached and self.target is not None and self.final + self.provisional >= self.target


@dataclass(frozen=True)
class UnitHours:
    """A unit's people of a year: how many there are, how many reached their target, and their mean."""

    unit_id: int | None
    name: str
    people: int
    reached: int
    final: Decimal
    provisional: Decimal

    @property
    def mean(self) -> float:
        return float(self.final) / self.people if self.people else 0.0

    @property
    def share(self) -> float:
        return self.reached / self.people if self.people else 0.0


def own_entries(db: Db, person_id: int, year: int) -> Sequence[HourEntry]:
    """Return a person's entries of a year, the latest first."""
    statement = select(HourEntry).where(HourEntry.person_id == person_id, HourEntry.year == year)
    return db.scalars(statement.order_by(HourEntry.day.desc(), HourEntry.id.desc())).all()


def own_totals(db: Db, person_id: int) -> Sequence[HourTotal]:
    """Return a person's totals of every year, the latest first."""
    return db.scalars(select(HourTotal).where(HourTotal.person_id == person_id).order_by(HourTotal.year.desc())).all()


def own_claims(db: Db, person_id: int) -> Sequence[HourClaim]:
    """Return what a person told of hours earned elsewhere, the latest first."""
    statement = select(HourClaim).where(HourClaim.person_id == person_id)
    return db.scalars(statement.order_by(HourClaim.ends_on.desc(), HourClaim.id.desc())).all()


def count_and_page(
    db: Db, wish: LedgerWish, policy: HourPolicy, narrowed: ColumnElement[bool], *, page: int, per_page: int
) -> tuple[int, list[LedgerLine]]:
    """Return how many people there are, and this page of them by name; two statements, however many people."""
    statement = _people(wish, policy, narrowed)
    count = db.scalar(
        select(func.count()).select_from(statement.order_by(None).with_only_columns(Person.id).subquery())
    )
    rows = db.execute(statement.limit(per_page).offset((page - 1) * per_page))
    return count or 0, [_line(row, policy) for row in rows]


def lines(db: Db, wish: LedgerWish, policy: HourPolicy, narrowed: ColumnElement[bool]) -> Any:
    """Give every line of the ledger, one by one, for a file."""
    for row in db.execute(_people(wish, policy, narrowed)):
        yield _line(row, policy)


def unit_hours(db: Db, year: int, policy: HourPolicy, narrowed: ColumnElement[bool]) -> list[UnitHours]:
    """Return every agency's hours of a year, its units counted with it, by name; one statement."""
    own, above = aliased(Unit), aliased(Unit)
    agency_id = func.coalesce(above.id, own.id)
    agency = func.coalesce(above.name, own.name)
    final = func.coalesce(HourTotal.final, 0)
    statement = (
        select(
            agency_id.label("unit_id"),
            agency.label("name"),
            func.count(Person.id).label("people"),
            func.count(case((final >= _target(policy), 1))).label("reached"),
            func.sum(final).label("final"),
            func.sum(func.coalesce(HourTotal.provisional, 0)).label("provisional"),
        )
        .select_from(Person)
        .outerjoin(own, own.id == Person.unit_id)
        .outerjoin(above, above.id == own.parent_id)
        .outerjoin(HourTotal, and_(HourTotal.person_id == Person.id, HourTotal.year == year))
        .where(Person.active.is_(True), Person.nip.is_not(None), narrowed)
        .group_by(agency_id, agency)
        .order_by(func.coalesce(agency, ""))
    )
    return [
        UnitHours(row.unit_id, row.name or "", row.people, row.reached, Decimal(row.final), Decimal(row.provisional))
        for row in db.execute(statement)
    ]


def years_known(db: Db, this_year: int) -> list[int]:
    """Return the years of which there are hours and this one, the latest first."""
    first = db.scalar(select(func.min(HourTotal.year))) or this_year
    last = max(this_year, db.scalar(select(func.max(HourTotal.year))) or this_year)
    return list(range(last, min(first, this_year) - 1, -1))


def waiting_claims(narrowed: ColumnElement[bool]) -> Select[HourClaim]:
    """Return the statement for claims nobody has decided on yet, the oldest first."""
    return select(HourClaim).where(HourClaim.state == "waiting", narrowed).order_by(HourClaim.made_at, HourClaim.id)


def last_day(year: int) -> date:
    """Return the day whose policy a year is measured by."""
    return date(year, 12, 31)


def _target(policy: HourPolicy) -> ColumnElement[Any]:
    return case((func.substr(Person.nip, 13, 2) >= "21", policy.pppk_guide), else_=policy.minimum)


def _people(wish: LedgerWish, policy: HourPolicy, narrowed: ColumnElement[bool]) -> Select[Any]:
    final = func.coalesce(HourTotal.final, 0)
    statement: Any = (
        select(
            Person.id,
            Person.name,
            Person.title_before,
            Person.title_after,
            Person.nip,
            Person.position,
            Unit.name.label("unit"),
            final.label("final"),
            func.coalesce(HourTotal.provisional, 0).label("provisional"),
        )
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .outerjoin(HourTotal, and_(HourTotal.person_id == Person.id, HourTotal.year == wish.year))
        # Staff from abroad and whoever has no number is nobody's duty here.
        .where(Person.active.is_(True), Person.nip.is_not(None), narrowed)
        .order_by(func.lower(Person.name), Person.id)
    )
    if wish.text:
        like = f"%{_escaped(wish.text.lower())}%"
        number = f"%{_escaped(normalise_login(wish.text))}%"
        statement = statement.where(
            or_(func.lower(Person.name).like(like, escape="\\"), Person.nip.like(number, escape="\\"))
        )
    if wish.unit_id is not None:
        below = select(Unit.id).where(or_(Unit.id == wish.unit_id, Unit.parent_id == wish.unit_id))
        statement = statement.where(Person.unit_id.in_(below))
    if wish.state == "below":
        statement = statement.where(final < _target(policy))
    elif wish.state == "reached":
        statement = statement.where(final >= _target(policy))
    return statement


def _line(row: Any, policy: HourPolicy) -> LedgerLine:
    return LedgerLine(
        row.id,
        with_titles(row.title_before, row.name, row.title_after),
        row.nip,
        row.unit or "",
        row.position,
        Decimal(str(row.final)),
        Decimal(str(row.provisional)),
        target_of(row.nip, policy),
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
