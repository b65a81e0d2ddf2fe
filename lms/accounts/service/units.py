"""Work units on two levels: an OPD, and the units (UPTD, bagian, puskesmas) below it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from lms.accounts.models import Grant, Person, Unit
from lms.accounts.permissions import ScopeKind
from lms.accounts.rules.drafts import UnitDraft
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem


@dataclass(frozen=True)
class UnitLine:
    """A unit as a list shows it: how many active people belong to it itself, and the units below."""

    id: int
    name: str
    people: int
    below: tuple["UnitLine", ...] = ()


def unit_tree(db: Db) -> list[UnitLine]:
    """Return the OPDs by name, each with its units; two statements, however many units there are."""
    units = db.execute(select(Unit.id, Unit.name, Unit.parent_id).order_by(Unit.name)).all()
    counts = dict(
        db.execute(select(Person.unit_id, func.count()).where(Person.active.is_(True)).group_by(Person.unit_id)).all()
    )
    below: dict[int, list[UnitLine]] = {}
    for unit in units:
        if unit.parent_id is not None:
            below.setdefault(unit.parent_id, []).append(UnitLine(unit.id, unit.name, counts.get(unit.id, 0)))
    return [
        UnitLine(unit.id, unit.name, counts.get(unit.id, 0), tuple(below.get(unit.id, ())))
        for unit in units
        if unit.parent_id is None
    ]


def unit_names(db: Db, unit_ids: Collection[int]) -> list[str]:
    """Return the names of these units in their order."""
    return list(db.scalars(select(Unit.name).where(Unit.id.in_(unit_ids)).order_by(Unit.name)))


def names_above(db: Db) -> dict[str, str]:
    """Return the OPD's name by the name of each unit below one; a name that stands below two is left out."""
    parent = aliased(Unit)
    rows = db.execute(select(Unit.name, parent.name).join(parent, parent.id == Unit.parent_id)).all()
    times = Counter(name for name, _ in rows)
    return {name: above for name, above in rows if times[name] == 1}


def add_unit(db: Db, draft: UnitDraft, *, by: int | None, at: datetime) -> Unit:
    """Return the new unit. Raises Invalid for a name taken beside it or a third level."""
    _check(db, draft, None)
    unit = Unit(name=draft.name, parent_id=draft.parent_id)
    db.add(unit)
    _flush(db)
    record_act(db, "unit_added", "unit", unit.id, by=by, at=at, name=unit.name)
    return unit


def edit_unit(db: Db, unit: Unit, draft: UnitDraft, *, by: int | None, at: datetime) -> None:
    """Rename or move a unit. Raises Invalid as adding does, also for moving one that has units below it."""
    _check(db, draft, unit.id)
    before = {"name": unit.name, "parent_id": unit.parent_id}
    unit.name, unit.parent_id = draft.name, draft.parent_id
    _flush(db)
    record_act(db, "unit_edited", "unit", unit.id, by=by, at=at, before=before, after=draft.model_dump())


def remove_unit(db: Db, unit: Unit, *, by: int | None, at: datetime) -> None:
    """Remove a unit that nothing points to. Raises Conflict("unit_in_use") otherwise."""
    is_used = db.scalar(
        select(
            exists().where(Person.unit_id == unit.id)
            | exists().where(Unit.parent_id == unit.id)
            | exists().where(Grant.scope_kind == ScopeKind.UNIT, Grant.scope_id == unit.id)
        )
    )
    if is_used:
        raise Conflict("unit_in_use")
    record_act(db, "unit_removed", "unit", unit.id, by=by, at=at, name=unit.name)
    db.delete(unit)


def _check(db: Db, draft: UnitDraft, unit_id: int | None) -> None:
    if draft.parent_id is not None:
        parent = db.get(Unit, draft.parent_id)
        if parent is None:
            raise Invalid(Problem.of("unit_unknown", field="parent_id"))
        has_below = unit_id is not None and db.scalar(select(exists().where(Unit.parent_id == unit_id)))
        if parent.parent_id is not None or parent.id == unit_id or has_below:
            raise Invalid(Problem.of("unit_two_levels", field="parent_id"))
    twin = db.scalar(
        select(Unit.id).where(
            func.lower(Unit.name) == draft.name.lower(),
            func.coalesce(Unit.parent_id, 0) == (draft.parent_id or 0),
        )
    )
    if twin is not None and twin != unit_id:
        raise Invalid(Problem.of("unit_name_taken", field="name"))


def _flush(db: Db) -> None:
    try:
        db.flush()
    except IntegrityError:
        raise Invalid(Problem.of("unit_name_taken", field="name")) from None
