"""A sheet of people from handing in to applied: kept row by row, judged and applied in steps that may be repeated.

Each step locks the import and takes the next rows that nobody has dealt with, so that a page and a job, or two
processes, may push the same import on: no row is dealt with twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update

from lms.accounts.models import Unit
from lms.accounts.rules.drafts import UnitDraft
from lms.accounts.rules.sheets.columns import HEADINGS, NEEDED
from lms.accounts.rules.sheets.rows import Reading, is_nobody, read_row
from lms.accounts.service.people import HERE
from lms.accounts.service.sheet_people import Entrant, Outcome, Verdict, enter_rows, judge_rows, note_sheet
from lms.accounts.service.unit_book import open_unit_book, tell_alias
from lms.accounts.service.units import add_unit
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.kernel.headings import Table, find_table
from lms.kernel.sheets import MOST_ROWS, Page, text_of
from lms.programmes.models import Batch, PeopleImport, PeopleImportRow
from lms.programmes.rules.said import stored
from lms.programmes.service.enrolling import enrol
from lms.programmes.service.imported import counts_of, unknown_units

# Rows a step deals with: some tenths of a second, so that others may write between two steps.
AT_ONCE = 200
_SHOWN_PASSED_OVER = 30


def find_tables(pages: Sequence[Page]) -> list[Table]:
    """Return the tables of people in these worksheets. Raises Invalid where there is none, or nobody in them."""
    tables = [table for page in pages if (table := find_table(page, HEADINGS, NEEDED)) is not None]
    if not tables:
        raise Invalid(Problem.of("sheet_without_headings", field="file"))
    if not any(not is_nobody(line) for table in tables for line in table.lines):
        raise Invalid(Problem.of("sheet_without_people", field="file"))
    if sum(len(table.lines) for table in tables) > MOST_ROWS:
        raise Invalid(Problem.of("sheet_too_long", field="file", most=MOST_ROWS))
    return tables


def start(
    db: Db, tables: Sequence[Table], *, file_name: str, batch: Batch | None, by: int, at: datetime
) -> PeopleImport:
    """Return the import with its rows kept and none judged yet."""
    if batch is not None and batch.archived_at is not None:
        raise Conflict("batch_archived", batch=batch.name)
    several = len(tables) > 1
    lines = [line for table in tables for line in table.lines]
    people = [line for line in lines if not is_nobody(line)]
    places = {id(line): f"{line.page[:40]} · {line.line}" if several else str(line.line) for line in lines}
    made = PeopleImport(
        by_id=by,
        file_name=file_name[:160],
        batch_id=batch.id if batch is not None else None,
        rows=len(people),
        columns=[list(pair) for table in tables[:1] for pair in table.columns.items()],
        other_columns=list(dict.fromkeys(other[:60] for table in tables for other in table.others))[:40],
        passed_over=[
            [places[id(line)], " · ".join(filter(None, line.cells.values()))[:120]] for line in lines if is_nobody(line)
        ][:_SHOWN_PASSED_OVER],
        created_at=at,
    )
    db.add(made)
    db.flush()
    rows = [
        {"import_id": made.id, "number": number, "place": places[id(line)], "cells": _shortened(line.cells)}
        for number, line in enumerate(people, start=1)
    ]
    db.execute(insert(PeopleImportRow), rows)
    return made


def judge_some(db: Db, import_id: int, entrant: Entrant, *, at: datetime, most: int = AT_ONCE) -> bool:
    """Judge the next rows; return whether any are left. The last step makes the import ready to look at."""
    one = _locked(db, import_id)
    if one is None or one.state != "judging":
        return False
    rows = _next_rows(db, PeopleImportRow.import_id == import_id, PeopleImportRow.outcome.is_(None), most=most)
    readings = _readings(rows, at)
    verdicts = judge_rows(db, readings, entrant, open_unit_book(db))
    earlier = _earlier(db, import_id, rows[0].number if rows else 0, readings)
    for row, reading, verdict in zip(rows, readings, verdicts, strict=True):
        _keep(row, reading, _unless_repeated(row, reading, verdict, earlier))
    one.done += len(rows)
    db.flush()
    if len(rows) < most:
        one.state, one.done = "ready", one.rows
        return False
    return True


def judge_anew(db: Db, one: PeopleImport) -> None:
    """Let every row be judged once more: units were told, or the register changed since. Raises Conflict if applied."""
    _refuse_unless(one, "ready")
    db.execute(
        update(PeopleImportRow).where(PeopleImportRow.import_id == one.id).values(outcome=None, nip=None, email=None)
    )
    one.state, one.done = "judging", 0


def begin_applying(db: Db, one: PeopleImport, *, at: datetime) -> None:
    """Say yes to what the preview shows; the steps follow. Once only: a second yes changes nothing."""
    if one.state in ("applying", "applied"):
        return
    _refuse_unless(one, "ready")
    one.state, one.done, one.applied_at = "applying", 0, at
    one.counts = {}


def apply_some(db: Db, import_id: int, entrant: Entrant, *, at: datetime, most: int = AT_ONCE) -> bool:
    """Enter the next rows and enrol their people; return whether any are left.

    Rows are judged once more within the transaction that enters them, since the register may have moved on since
    the preview: what no longer fits is refused with its reason.
    """
    one = _locked(db, import_id)
    if one is None or one.state != "applying":
        return False
    wanted = (Outcome.NEW, Outcome.CHANGED, *((Outcome.UNCHANGED,) if one.batch_id else ()))
    open_rows = and_(
        PeopleImportRow.import_id == import_id,
        PeopleImportRow.outcome.in_(wanted),
        PeopleImportRow.applied_at.is_(None),
    )
    rows = _next_rows(db, open_rows, most=most)
    readings = _readings(rows, at)
    verdicts = judge_rows(db, readings, entrant, open_unit_book(db))
    people = enter_rows(db, verdicts, by=one.by_id, at=at)
    batch = db.get(Batch, one.batch_id) if one.batch_id else None
    for row, reading, verdict, person_id in zip(rows, readings, verdicts, people, strict=True):
        was = row.outcome
        if verdict.outcome is Outcome.REFUSED:
            _keep(row, reading, verdict)
            continue
        row.person_id, row.applied_at = person_id, at
        if verdict.outcome is Outcome.UNCHANGED and was != Outcome.UNCHANGED:
            row.outcome = str(Outcome.UNCHANGED)
        if batch is not None and person_id is not None:
            row.is_enrolled = enrol(db, batch, person_id, "trainee", by=one.by_id, at=at)
    one.done += len(rows)
    db.flush()
    if len(rows) < most:
        _finish(db, one, at)
        return False
    return True


def tell_units(db: Db, one: PeopleImport, answers: dict[str, str], *, by: int, at: datetime) -> int:
    """Take what a coordinator says the unknown words for units mean; return how many were told, and judge anew.

    An answer is a unit's id, or `new` for an OPD of that name to be added. Raises Invalid for an unknown unit.
    """
    _refuse_unless(one, "ready")
    asked = set(unknown_units(db, one.id))
    told = 0
    for words, answer in answers.items():
        if words not in asked or not answer:
            continue
        if answer == "new":
            # Agency and unit in one: the unit goes below its agency where that is known.
            unit_id = _add(db, words, by=by, at=at)
        else:
            unit_id = int(answer) if answer.isascii() and answer.isdigit() else 0
            if db.get(Unit, unit_id) is None:
                raise Invalid(Problem.of("unit_unknown", field="units"))
        tell_alias(db, words, unit_id, by=by, at=at)
        told += 1
    if told:
        judge_anew(db, one)
    return told


def _add(db: Db, words: str, *, by: int, at: datetime) -> int:
    agency, _, unit = words.rpartition(" › ")
    parent = open_unit_book(db).find(agency, "") if agency else None
    parent_id = parent if isinstance(parent, int) else None
    if agency and parent_id is None:
        parent_id = add_unit(db, UnitDraft(name=agency[:200]), by=by, at=at).id
    return add_unit(db, UnitDraft(name=unit[:200], parent_id=parent_id), by=by, at=at).id


def drop(db: Db, one: PeopleImport) -> None:
    """Throw an import away that was looked at and not wanted, with everything the sheet said."""
    if one.state == "applied":
        return
    _refuse_unless(one, "judging", "ready")
    one.counts = counts_of(db, one)
    one.state = "dropped"
    db.execute(delete(PeopleImportRow).where(PeopleImportRow.import_id == one.id))


def give_up(db: Db, import_id: int) -> None:
    """Stop an import whose maker's account is closed; what it entered so far stays."""
    one = _locked(db, import_id)
    if one is not None and one.state in ("judging", "applying"):
        one.counts = counts_of(db, one)
        one.state = "dropped"


def _locked(db: Db, import_id: int) -> PeopleImport | None:
    return db.scalars(select(PeopleImport).where(PeopleImport.id == import_id).with_for_update()).one_or_none()


def _refuse_unless(one: PeopleImport, *states: str) -> None:
    if one.state not in states:
        raise Conflict("import_not_ready")


def _next_rows(db: Db, *conditions: Any, most: int) -> Sequence[PeopleImportRow]:
    statement = select(PeopleImportRow).where(*conditions).order_by(PeopleImportRow.number).limit(most)
    return db.scalars(statement).all()


def _readings(rows: Iterable[PeopleImportRow], at: datetime) -> list[Reading]:
    today = at.astimezone(HERE).date()
    return [read_row(row.cells, today) for row in rows]


def _earlier(db: Db, import_id: int, number: int, readings: Iterable[Reading]) -> dict[str, str]:
    """Return the places of the rows before this step that name the same people."""
    nips = {reading.nip for reading in readings if reading.nip}
    emails = {reading.email for reading in readings if reading.email}
    statement = select(PeopleImportRow.nip, PeopleImportRow.email, PeopleImportRow.place).where(
        PeopleImportRow.import_id == import_id,
        PeopleImportRow.number < number,
        or_(PeopleImportRow.nip.in_(nips), PeopleImportRow.email.in_(emails)),
    )
    return {key: row.place for row in db.execute(statement) for key in (row.nip, row.email) if key}


def _unless_repeated(row: PeopleImportRow, reading: Reading, verdict: Verdict, earlier: dict[str, str]) -> Verdict:
    """Return the verdict, or a refusal where an earlier row of the sheet names the same person."""
    keys = [key for key in (reading.nip, reading.email) if key]
    place = next((earlier[key] for key in keys if key in earlier), None)
    for key in keys:
        earlier.setdefault(key, row.place)
    if place is None:
        return verdict
    problem = Problem.of("row_repeated", place=place)
    return Verdict(Outcome.REFUSED, None, verdict.name, {}, {}, (*verdict.problems, problem), verdict.notes)


def _keep(row: PeopleImportRow, reading: Reading, verdict: Verdict) -> None:
    row.outcome = str(verdict.outcome)
    row.nip, row.email = reading.nip, reading.email
    row.name = verdict.name[:200]
    row.person_id = verdict.person_id
    row.changes = dict(verdict.changes)
    row.problems = [stored(problem) for problem in verdict.problems]
    row.notes = [stored(note) for note in verdict.notes]
    row.unknown_unit = verdict.unknown_unit


def _finish(db: Db, one: PeopleImport, at: datetime) -> None:
    one.state, one.done = "applied", one.rows
    one.counts = {}
    counts = counts_of(db, one)
    note_sheet(db, one.id, by=one.by_id, at=at, **counts)


def _shortened(cells: Any) -> dict[str, str]:
    return {field: text_of(cell)[:300] for field, cell in cells.items() if cell}
