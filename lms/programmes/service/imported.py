"""Imports as they are kept: which wait for a step, what became of their rows, and when these are forgotten."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import joinedload

from lms.accounts.service.sheet_people import Outcome
from lms.db import Db
from lms.programmes.models import PeopleImport, PeopleImportRow

# How long what people typed into sheets is kept; the counts stay.
KEPT = timedelta(days=30)
# The job that pushes on what is too long for a page.
PUSH_ON = "push_on_people_imports"


def forget_old(db: Db, *, at: datetime) -> int:
    """Drop the rows of imports older than `KEPT`; return how many imports. Their counts stay."""
    has_rows = select(PeopleImportRow.id).where(PeopleImportRow.import_id == PeopleImport.id).exists()
    old = db.scalars(select(PeopleImport).where(PeopleImport.created_at < at - KEPT, has_rows)).all()
    for one in old:
        one.counts = one.counts or counts_of(db, one)
        one.state = one.state if one.state == "applied" else "dropped"
        db.execute(delete(PeopleImportRow).where(PeopleImportRow.import_id == one.id))
    return len(old)


def waiting(db: Db) -> list[tuple[int, int]]:
    """Return (import, maker) of those that a job should push on, the oldest first."""
    statement = (
        select(PeopleImport.id, PeopleImport.by_id)
        .where(PeopleImport.state.in_(("judging", "applying")))
        .order_by(PeopleImport.id)
    )
    return [(row.id, row.by_id) for row in db.execute(statement)]


def counts_of(db: Db, one: PeopleImport) -> dict[str, int]:
    """Return how many rows have which outcome, how many were enrolled and applied; from the rows or what is kept."""
    if one.counts:
        return {key: int(value) for key, value in one.counts.items()}
    statement = (
        select(PeopleImportRow.outcome, func.count())
        .where(PeopleImportRow.import_id == one.id)
        .group_by(PeopleImportRow.outcome)
    )
    found = {str(outcome): number for outcome, number in db.execute(statement) if outcome}
    enrolled = select(func.count()).where(PeopleImportRow.import_id == one.id, PeopleImportRow.is_enrolled.is_(True))
    return {str(outcome): found.get(outcome, 0) for outcome in Outcome} | {"enrolled": db.scalar(enrolled) or 0}


def rows_statement(import_id: int, outcome: str | None = None) -> Select[PeopleImportRow]:
    """Return the statement for an import's rows in their order, of one outcome or all."""
    statement = select(PeopleImportRow).where(PeopleImportRow.import_id == import_id).order_by(PeopleImportRow.number)
    return statement.where(PeopleImportRow.outcome == outcome) if outcome else statement


def unknown_units(db: Db, import_id: int) -> dict[str, int]:
    """Return the words for units nobody could match, and how many rows have them; most first."""
    statement = select(PeopleImportRow.unknown_unit).where(
        PeopleImportRow.import_id == import_id, PeopleImportRow.unknown_unit != ""
    )
    return dict(Counter(db.scalars(statement)).most_common(50))


def past(db: Db, by: int, most: int = 20) -> list[PeopleImport]:
    """Return this person's imports, the latest first."""
    statement = (
        select(PeopleImport)
        .where(PeopleImport.by_id == by)
        .options(joinedload(PeopleImport.batch))
        .order_by(PeopleImport.id.desc())
    )
    return list(db.scalars(statement.limit(most)))


def people_of(import_id: int) -> Select[int]:
    """Return the statement for the ids of the people an import entered or found."""
    return select(PeopleImportRow.person_id).where(  # type: ignore[return-value]
        PeopleImportRow.import_id == import_id,
        PeopleImportRow.person_id.is_not(None),
        PeopleImportRow.outcome != Outcome.REFUSED,
    )
