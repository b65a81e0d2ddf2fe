"""Rows of a sheet against the people known: new, changed, unchanged or refused, and entering what was judged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from lms.accounts.models import AuditEntry, Grant, Person
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.drafts import PersonDraft
from lms.accounts.rules.ranking import Right, may_manage
from lms.accounts.rules.sheets.rows import Reading
from lms.accounts.service.audit import record_act
from lms.accounts.service.unit_book import UnitBook, shown_words
from lms.db import Db
from lms.kernel.errors import Problem

_FIELDS = tuple(PersonDraft.model_fields)
# A sheet says nothing about these unless it has a column for them.
_DEFAULTS = {name: known.default for name, known in PersonDraft.model_fields.items() if name != "name"}


class Outcome(StrEnum):
    """What a row does to the register of people."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Entrant:
    """Whose rights a sheet is entered with: which people and units (None: all) they reach, and what they hold."""

    people: ColumnElement[bool]
    units: frozenset[int] | None
    rights: Sequence[Right]


@dataclass(frozen=True)
class Verdict:
    """What one row would do. `changes`: field → [old, new]; a unit is its id."""

    outcome: Outcome
    person_id: int | None = None
    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, list[Any]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    unknown_unit: str = ""


@dataclass(frozen=True)
class _Known:
    person: Person
    is_reached: bool
    is_stronger: bool


def judge_rows(db: Db, readings: Sequence[Reading], entrant: Entrant, book: UnitBook) -> list[Verdict]:
    """Return what each row would do, in order; two statements, however many rows. Writes nothing."""
    known = _people_named(db, readings, entrant)
    return [_judge(reading, known, entrant, book) for reading in readings]


def enter_rows(db: Db, verdicts: Sequence[Verdict], *, by: int | None, at: datetime) -> list[int | None]:
    """Enter new people and change known ones as judged in this transaction; return each row's person.

    Raises IntegrityError where somebody took a login since (another process): judge again then.
    """
    made: list[Person | None] = []
    for verdict in verdicts:
        person = None
        if verdict.outcome is Outcome.NEW:
            person = Person(**verdict.values, active=True, created_at=at, stamp=1)
            db.add(person)
        elif verdict.outcome is Outcome.CHANGED:
            person = db.get_one(Person, verdict.person_id)
            for name, (_old, new) in verdict.changes.items():
                setattr(person, name, new)
        made.append(person)
    db.flush()
    for verdict, person in zip(verdicts, made, strict=True):
        if person is not None and verdict.outcome is Outcome.NEW:
            db.add(_entry("person_created", person.id, by, at, {"source": "sheet"}))
        elif person is not None:
            db.add(_entry("person_edited", person.id, by, at, {"source": "sheet", "changes": dict(verdict.changes)}))
    return [verdict.person_id if person is None else person.id for verdict, person in zip(verdicts, made, strict=True)]


def note_sheet(db: Db, import_id: int, *, by: int | None, at: datetime, **detail: Any) -> None:
    """Write down that a sheet was applied, by whom and with what result."""
    record_act(db, "people_imported", "people_import", import_id, by=by, at=at, **detail)


def _entry(action: str, person_id: int, by: int | None, at: datetime, detail: dict[str, Any]) -> AuditEntry:
    return AuditEntry(at=at, by_id=by, action=action, subject_kind="person", subject_id=person_id, detail=detail)


def _people_named(db: Db, readings: Sequence[Reading], entrant: Entrant) -> dict[str, _Known]:
    """Return the people these rows name, under NIP and e-mail."""
    nips = {reading.nip for reading in readings if reading.nip}
    emails = {reading.email for reading in readings if reading.email}
    rows = db.execute(
        select(Person, entrant.people.label("reached")).where(or_(Person.nip.in_(nips), Person.email.in_(emails)))
    ).all()
    stronger = _stronger(db, [row.Person.id for row in rows], entrant.rights)
    found: dict[str, _Known] = {}
    for person, is_reached in rows:
        one = _Known(person, bool(is_reached), person.id in stronger)
        found |= {key: one for key in (person.nip, person.email) if key}
    return found


def _stronger(db: Db, ids: Collection[int], mine: Sequence[Right]) -> set[int]:
    """Return those whose accounts these rights may not change."""
    weighty = (Role.ADMIN, Role.COORDINATOR, Role.UNIT_HEAD)
    theirs: dict[int, list[Right]] = {}
    for grant in db.scalars(select(Grant).where(Grant.person_id.in_(ids), Grant.role.in_(weighty))):
        theirs.setdefault(grant.person_id, []).append((Role(grant.role), ScopeKind(grant.scope_kind), grant.scope_id))
    return {person_id for person_id, rights in theirs.items() if not may_manage(mine, rights)}


def _judge(reading: Reading, known: Mapping[str, _Known], entrant: Entrant, book: UnitBook) -> Verdict:
    problems = list(reading.problems)
    unit = book.find(reading.agency, reading.unit)
    unknown = ""
    if isinstance(unit, Problem):
        problems.append(unit)
        unknown = shown_words(reading.agency, reading.unit)
    by_nip, by_email = (known.get(key) if key else None for key in (reading.nip, reading.email))
    one = by_nip or by_email
    problems += _refusals(reading, by_nip, by_email)
    unit_id = unit if isinstance(unit, int) else None
    kept_unit = one.person.unit_id if one is not None else None
    if entrant.units is not None and not unknown:
        lands_in = unit_id if unit_id is not None else kept_unit
        if lands_in != kept_unit or one is None:
            problems += [Problem.of("unit_not_yours", field="unit_id")] if lands_in not in entrant.units else []
    name = reading.values.get("name", "")
    if problems:
        # Of somebody outside one's rights nothing is told, not even whose number it is.
        person_id = one.person.id if one is not None and one.is_reached else None
        return Verdict(Outcome.REFUSED, person_id, name, {}, {}, tuple(problems), reading.notes, unknown)
    values = {key: value for key, value in reading.values.items() if key in _FIELDS}
    if unit_id is not None:
        values["unit_id"] = unit_id  # type: ignore[assignment]
    if one is None:
        told = {key: [None, value] for key, value in values.items() if value and key not in ("name", "nip")}
        return Verdict(Outcome.NEW, None, name, _DEFAULTS | values, told, (), reading.notes)
    changes = _changes(one.person, values)
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return Verdict(outcome, one.person.id, one.person.name, values, changes, (), reading.notes)


def _refusals(reading: Reading, by_nip: _Known | None, by_email: _Known | None) -> list[Problem]:
    one = by_nip or by_email
    if one is None:
        return []
    if not one.is_reached or (by_email is not None and not by_email.is_reached):
        return [Problem.of("row_person_not_yours")]
    if by_nip is not None and by_email is not None and by_nip.person.id != by_email.person.id:
        return [Problem.of("row_names_two", field="email", name=by_email.person.name)]
    if by_nip is None and reading.nip and one.person.nip and one.person.nip != reading.nip:
        # The address is somebody's whose number is another: a shared mailbox, or the wrong line.
        return [Problem.of("row_email_of_other", field="email", name=one.person.name)]
    if not one.person.active:
        return [Problem.of("row_person_inactive")]
    if one.is_stronger:
        return [Problem.of("person_stronger")]
    return []


def _changes(person: Person, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    changes = {}
    for name, new in values.items():
        old = getattr(person, name)
        is_same = old.casefold() == new.casefold() if name == "name" else old == new
        if not is_same:
            changes[name] = [old, new]
    return changes
