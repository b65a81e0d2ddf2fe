"""Pages and files of reports: one's own record, a batch's matrix, registers and quiz results as spreadsheets."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard, handing_out
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.attendance.rules.balance import TROUBLE
from lms.attendance.service.reach import units_shown
from lms.db import Db, reading
from lms.programmes.models import Batch, Enrolment
from lms.quizzes.models import Quiz
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service.library import current_version
from lms.quizzes.service.results import read_results
from lms.reports.pulse_sheets import pulse_sheets
from lms.reports.queries.matrix import read_attended, read_matrix, read_outline, read_seals, with_cells
from lms.reports.queries.own import OwnWish, is_worth_narrowing, narrow, read_own_record, statuses_of, together
from lms.reports.queries.register import read_facts, read_register
from lms.reports.quiz_sheets import QuizReport, choices_sheet, items_sheet, results_sheet
from lms.reports.rules import Cell, Column, Line, Matrix, Wish, choose, spark, unit_totals
from lms.reports.sheets import (
    about_sheet,
    facts_sheet,
    flag_words,
    matrix_sheet,
    register_sheet,
    sessions_sheet,
    status_words,
    title_of,
)
from lms.sessions.models import LiveSession
from lms.web.i18n import locale, reader

blueprint = Blueprint("reports", __name__)

# Of a page with more people nobody reads the end, and every line is fifty links.
_LINES_A_PAGE = 200


@blueprint.get("/attendance")
def own_record() -> Any:
    """Show the asker's own sessions with what became of each, and the share against the minimum.

    The address may ask for one batch and one status (`?batch=3&status=absent`).
    """
    at = clock.now()
    wish = OwnWish.read(request.args)
    who = guard.require(needs=Permission.ATTENDANCE_OWN)
    with reading() as db:
        batches = read_own_record(db, who.id, at=at)
    return render_template(
        "reports/own_record.html",
        batches=narrow(batches, wish),
        every_batch=batches,
        statuses=statuses_of(batches),
        may_narrow=wish.is_narrow or is_worth_narrowing(batches),
        wish=wish,
        at=at,
    )


@blueprint.get("/people/<int:person_id>/attendance")
def person_record(person_id: int) -> Any:
    """Show a person's attendance across all programmes the asker looks after."""
    at = clock.now()
    with reading() as db:
        person = guard.load(db, Person, person_id, needs=Permission.PEOPLE_READ, options=[joinedload(Person.unit)])
        narrowed = guard.allowed(Enrolment, needs=Permission.REGISTER_READ)
        batches = read_own_record(db, person_id, narrowed, at=at)
        return render_template(
            "reports/person_record.html",
            person=person,
            unit=person.unit.name if person.unit else "",
            batches=batches,
            whole=together(batches),
            at=at,
        )


@blueprint.get("/batches/<int:batch_id>/matrix")
def matrix(batch_id: int) -> Any:
    """Show person × session of the batch, filtered and sorted as the address says."""
    at = clock.now()
    wish = Wish.read(request.args.to_dict())
    with reading() as db:
        batch, found = _load_outline(db, batch_id, needs=Permission.REGISTER_READ, at=at)
        chosen = choose(found.lines, wish)
        pages = max(1, -(-len(chosen) // _LINES_A_PAGE))
        page = min(wish.page, pages)
        lines = list(with_cells(db, batch, found, chosen[(page - 1) * _LINES_A_PAGE : page * _LINES_A_PAGE]))
        attended = read_attended(db, batch, _shown(Permission.REGISTER_READ))
        may_export = db.scalar(
            select(Batch.id).where(Batch.id == batch_id, guard.allowed(Batch, needs=Permission.REGISTER_EXPORT))
        )
    return render_template(
        "reports/matrix.html",
        batch=batch,
        matrix=found,
        lines=lines,
        attended=[attended.get(column.session_id, (0, 0)) for column in found.columns],
        totals=unit_totals(chosen),
        spark=spark,
        page=page,
        pages=pages,
        query={"batch_id": batch_id, **wish.as_query()},
        wish=wish,
        heads=[_head(column) for column in found.columns],
        # Asking for eight hundred addresses one by one would take longer than reading the marks.
        registers=[url_for("attendance.register", session_id=column.session_id) for column in found.columns],
        in_trouble=sum(line.outlook in TROUBLE and line.ends_at is None for line in found.lines),
        gone=sum(line.ends_at is not None for line in found.lines),
        words=_words(lines),
        may_export=may_export is not None,
        address=_addresses("reports.matrix", batch_id, wish),
        csv_address=_addresses("reports.matrix_csv", batch_id, wish)(),
        xlsx_address=_addresses("reports.matrix_xlsx", batch_id, wish)(),
    )


@blueprint.get("/batches/<int:batch_id>/matrix.csv")
def matrix_csv(batch_id: int) -> Any:
    """Hand out the matrix as CSV, filtered and sorted like the page it was asked from."""
    return _matrix_file(batch_id, "csv", needs=Permission.REGISTER_EXPORT)


@blueprint.get("/batches/<int:batch_id>/matrix.xlsx")
def matrix_xlsx(batch_id: int) -> Any:
    """Hand out the matrix as an Excel workbook: people, and on a second page the sessions with their hashes."""
    return _matrix_file(batch_id, "xlsx", needs=Permission.REGISTER_EXPORT)


@blueprint.get("/sessions/<int:session_id>/register.csv")
def register_csv(session_id: int) -> Any:
    """Hand out the session's register as CSV."""
    return _register_file(session_id, "csv", needs=Permission.REGISTER_EXPORT)


@blueprint.get("/sessions/<int:session_id>/register.xlsx")
def register_xlsx(session_id: int) -> Any:
    """Hand out the session's register as an Excel workbook: marks, raw evidence, what the file is, what was asked."""
    return _register_file(session_id, "xlsx", needs=Permission.REGISTER_EXPORT)


@blueprint.get(
    "/quizzes/<int:quiz_id>/batches/<int:batch_id>/<any(results, questions, choices):table>.<any(csv, xlsx):kind>"
)
def quiz_table(quiz_id: int, batch_id: int, table: str, kind: str) -> Any:
    """Hand out a quiz's results in one batch, per trainee, per question or per choice."""
    at = clock.now()
    with reading() as db:
        quiz = guard.load(db, Quiz, quiz_id, needs=Permission.QUIZ_RESULTS)
        # The right on the quiz may come from another batch; the batch named must be the asker's too.
        batch = guard.load(db, Batch, batch_id, needs=Permission.QUIZ_RESULTS)
        settings = load_settings(current_version(db, quiz).settings)
        may = guard.rights_on(db, Batch, batch_id, [Permission.REGISTER_EXPORT])
        report = QuizReport(quiz, settings, batch, read_results(db, quiz, batch_id), with_nip=bool(may))
    sheet = {"results": results_sheet, "questions": items_sheet, "choices": choices_sheet}[table](report)
    return handing_out.send(
        handing_out.make(kind, [sheet]), "quiz_exported", "quiz", quiz_id, at=at, table=table, batch=batch_id
    )


def _matrix_file(batch_id: int, kind: str, *, needs: Permission) -> Any:
    at = clock.now()
    wish = Wish.read(request.args.to_dict())
    with reading() as db:
        batch, found = _load_outline(db, batch_id, needs=needs, at=at)
        lines = with_cells(db, batch, found, choose(found.lines, wish))
        people = matrix_sheet(found, lines, batch, at=at)
        made = handing_out.make(kind, [people, sessions_sheet(found, read_seals(db, batch))])
    return handing_out.send(made, "matrix_exported", "batch", batch_id, at=at, **wish.as_query())


def _load_outline(db: Db, batch_id: int, *, needs: Permission, at: datetime) -> tuple[Batch, Matrix]:
    batch = guard.load(db, Batch, batch_id, needs=needs, options=[joinedload(Batch.programme)])
    found = read_outline(db, batch, minimum=batch.programme.minimum_share, at=at, narrowed=_shown(needs))
    return batch, found


def _load_matrix(db: Db, batch_id: int, *, needs: Permission, at: datetime) -> tuple[Batch, Matrix]:
    batch = guard.load(db, Batch, batch_id, needs=needs, options=[joinedload(Batch.programme)])
    found = read_matrix(db, batch, minimum=batch.programme.minimum_share, at=at, narrowed=_shown(needs))
    return batch, found


def _register_file(session_id: int, kind: str, *, needs: Permission) -> Any:
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=needs, options=[joinedload(LiveSession.batch)])
        units = units_shown(db, session.batch_id, guard.principal().scopes(needs))
        found = read_register(db, session, at=at, units=units)
        facts = read_facts(db, session, [row.person for row in found.rows])
        made = handing_out.make(
            kind,
            [
                register_sheet(found, session, session.batch),
                facts_sheet(facts, found),
                about_sheet(found, session, session.batch, at=at),
                *pulse_sheets(db, session, [row.person.id for row in found.rows], at=at),
            ],
        )
    seal = found.seal
    return handing_out.send(
        made, "register_exported", "session", session_id, at=at, version=seal.version, fingerprint=seal.fingerprint
    )


def _shown(needs: Permission) -> ColumnElement[bool]:
    """Return the condition "the asker may see this trainee's line": her batches', or her units' people."""
    return guard.allowed(Enrolment, needs=needs)


def _addresses(endpoint: str, batch_id: int, wish: Wish) -> Callable[..., str]:
    """Return what makes addresses of this batch with the wish in them, some of it changed."""

    def address(**changed: str) -> str:
        values: dict[str, Any] = dict(wish.as_query(**changed))
        return url_for(endpoint, batch_id=batch_id, **values)

    return address


def _head(column: Column) -> dict[str, str]:
    """Return a column's short heading: day and month on two lines, and its title for the hint."""
    local = column.starts_at.astimezone(reader().zone)
    return {
        "day": str(local.day),
        "month": locale().months["format"]["abbreviated"][local.month],
        "title": title_of(column),
    }


def _words(lines: Iterable[Line]) -> dict[Cell, str]:
    """Return each different cell in words; a class of forty has a dozen of them, not eight hundred."""
    cells = {cell for line in lines for cell in line.cells if cell is not None}
    return {cell: ", ".join(part for part in (status_words(cell), flag_words(cell)) if part) for cell in cells}
