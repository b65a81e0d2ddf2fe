"""Importing people from a sheet: handing it in, looking at what it would do, saying yes, and giving access after."""

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard, handing_out
from lms.accounts.permissions import Permission
from lms.accounts.principal import Principal
from lms.accounts.rules.sheets.columns import HEADINGS, TEMPLATE
from lms.accounts.rules.unit_names import nearest_units
from lms.accounts.service.sheet_people import Outcome
from lms.accounts.service.unit_book import open_unit_book
from lms.accounts.service.units import unit_tree
from lms.accounts.tables import Digits, Sheet
from lms.db import Db, reading, writing
from lms.kernel.errors import Forbidden, Invalid, NotFound, Problem
from lms.kernel.sheets import MOST_BYTES, read_pages
from lms.outbox import jobs
from lms.programmes.entrants import entrant_of, may_enter
from lms.programmes.models import Batch, PeopleImport
from lms.programmes.rules.said import said_of
from lms.programmes.service import imported, importing
from lms.programmes.service.giving_access import read_access
from lms.programmes.template_sheet import template_sheet
from lms.programmes.views.blueprint import blueprint
from lms.web.forms import problems_of
from lms.web.i18n import say, titled
from lms.web.row_numbers import row_number

P = Permission
PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/people/import")
def import_people() -> Any:
    """Where a sheet of people is handed in, and what became of earlier ones."""
    return _form(_asker())


@blueprint.post("/people/import")
def hand_in_people() -> Any:
    """Read the sheet and judge its first rows at once; a job does the rest of a long one."""
    who = _asker()
    at = clock.now()
    try:
        name, raw = _file()
        # Reading takes its time, so it happens outside the transaction.
        tables = importing.find_tables(read_pages(raw))
        with writing() as db:
            batch = _batch(db)
            import_id = importing.start(db, tables, file_name=name, batch=batch, by=who.id, at=at).id
            entrant = entrant_of(db, who)
            is_long = importing.judge_some(db, import_id, entrant, at=at)
    except Invalid as refused:
        return _form(who, problems_of(refused)), 422
    if is_long:
        jobs.soon(imported.PUSH_ON)
    return redirect(url_for("programmes.people_import", import_id=import_id))


@blueprint.get("/people/import/template.xlsx")
def people_template() -> Any:
    """The empty sheet, with the units there are."""
    _asker()
    with reading() as db:
        units = [(top.name, name) for top in unit_tree(db) for name in ("", *(below.name for below in top.below))]
    name = f"{say('sheet_of_people').lower().replace(' ', '-')}.xlsx"
    return send_file(template_sheet(units), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)


@blueprint.get("/people/import/<int:import_id>")
def people_import(import_id: int) -> Any:
    """What the sheet would do row by row, or did; while it is being read or applied, how far it is."""
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in set(Outcome) else ""
    with reading() as db:
        one = load_import(db, import_id)
        counts = imported.counts_of(db, one)
        count = counts.get(outcome, 0) if outcome else sum(counts.get(str(each), 0) for each in Outcome)
        pages = max(1, -(-count // PER_PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), pages)
        rows = db.scalars(
            imported.rows_statement(import_id, outcome or None).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        ).all()
        book = open_unit_book(db)
        asked = imported.unknown_units(db, import_id) if one.state == "ready" else {}
        access = read_access(db, one, at=clock.now()) if one.state == "applied" else None
    names = list(book.names.values())
    return render_template(
        "programmes/people_import.html",
        one=one,
        counts=counts,
        rows=rows,
        outcome=outcome,
        page=page,
        pages=pages,
        book=book,
        unit_choices=[(unit_id, book.full_name(unit_id)) for unit_id in sorted(book.names, key=book.full_name)],
        asked=[(words, number, nearest_units(words.rpartition(" › ")[2], names)) for words, number in asked.items()],
        may_add_units=guard.principal().can(P.UNIT_EDIT),
        access=access,
        said_of=said_of,
    )


@blueprint.get("/people/import/<int:import_id>/progress")
def people_import_progress(import_id: int) -> Any:
    """How far reading or applying is, for the bar on the page."""
    with reading() as db:
        one = load_import(db, import_id)
    return {"state": one.state, "done": one.done, "rows": one.rows}


@blueprint.post("/people/import/<int:import_id>/units")
def tell_import_units(import_id: int) -> Any:
    """Take what unknown words for units mean, for this sheet and every later one."""
    who = _asker()
    answers = dict(zip(request.form.getlist("words"), request.form.getlist("units"), strict=False))
    if "new" in answers.values():
        guard.everywhere(needs=P.UNIT_EDIT)
    with writing() as db:
        one = load_import(db, import_id, lock=True)
        told = importing.tell_units(db, one, answers, by=who.id, at=clock.now())
        importing.judge_some(db, import_id, entrant_of(db, who), at=clock.now())
    jobs.soon(imported.PUSH_ON)
    if told:
        flash(ngettext("One unit is known now.", "%(num)s units are known now.", told), "success")
    else:
        flash(gettext("Choose at least one unit."), "warning")
    return redirect(url_for("programmes.people_import", import_id=import_id))


@blueprint.post("/people/import/<int:import_id>/apply")
def apply_people_import(import_id: int) -> Any:
    """Enter what the preview shows; a second yes changes nothing."""
    who = _asker()
    at = clock.now()
    with writing() as db:
        one = load_import(db, import_id, lock=True)
        if one.batch_id is not None:
            guard.load(db, Batch, one.batch_id, needs=P.ENROLMENT_EDIT)
        importing.begin_applying(db, one, at=at)
        db.flush()
        is_long = importing.apply_some(db, import_id, entrant_of(db, who), at=at)
    if is_long:
        jobs.soon(imported.PUSH_ON)
    return redirect(url_for("programmes.people_import", import_id=import_id))


@blueprint.post("/people/import/<int:import_id>/drop")
def drop_people_import(import_id: int) -> Any:
    """Throw a sheet away that was looked at and not wanted."""
    with writing() as db:
        importing.drop(db, load_import(db, import_id, lock=True))
    flash(gettext("The sheet is thrown away. Nothing was entered."), "success")
    return redirect(url_for("programmes.import_people"))


@blueprint.get("/people/import/<int:import_id>/refused.xlsx")
def refused_people(import_id: int) -> Any:
    """The refused rows as a sheet to mend and hand in again: the template's columns, and why."""
    at = clock.now()
    with reading() as db:
        one = load_import(db, import_id)
        rows = db.scalars(imported.rows_statement(import_id, Outcome.REFUSED)).all()
        given = [field for field in HEADINGS if field in TEMPLATE or any(field in row.cells for row in rows)]
        fields = [*TEMPLATE, *(field for field in given if field not in TEMPLATE and field != "number")]
        sheet = Sheet(
            stem=f"{say('sheet_of_refused').lower().replace(' ', '-')}-{one.id}",
            title=say("sheet_of_refused"),
            header=(*(say(f"column_{field}") for field in fields), gettext("Why"), gettext("Line")),
            rows=[
                (
                    *(_cell(field, row.cells.get(field, "")) for field in fields),
                    "; ".join(say(said_of(problem)) for problem in row.problems),
                    row.place,
                )
                for row in rows
            ],
        )
        made = handing_out.make("xlsx", [sheet])
    return handing_out.send(made, "refused_rows_exported", "people_import", import_id, at=at)


def load_import(db: Db, import_id: int, *, lock: bool = False) -> PeopleImport:
    """Return the asker's own import; anybody else's does not exist for her."""
    who = _asker()
    statement = select(PeopleImport).where(PeopleImport.id == import_id, PeopleImport.by_id == who.id)
    statement = statement.options(joinedload(PeopleImport.batch).joinedload(Batch.programme))
    found = db.scalars(statement.with_for_update(of=PeopleImport) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _asker() -> Principal:
    """Return who asks, if she may enter people for everything or for units of hers."""
    who = guard.require(needs=P.PEOPLE_EDIT)
    if not may_enter(who):
        raise Forbidden(permission=str(P.PEOPLE_EDIT))
    return who


def _form(who: Principal, problems: tuple[Problem, ...] = ()) -> str:
    with reading() as db:
        batches = db.scalars(
            guard.visible(
                select(Batch)
                .where(Batch.archived_at.is_(None))
                .options(joinedload(Batch.programme))
                .order_by(Batch.starts_on.desc(), Batch.id.desc()),
                Batch,
                needs=P.ENROLMENT_EDIT,
            )
        ).all()
        past = imported.past(db, who.id)
        counts = {one.id: imported.counts_of(db, one) for one in past}
    return render_template(
        "programmes/import_people.html",
        problems=problems,
        batches=[(batch.id, f"{batch.name} · {titled(batch.programme)}") for batch in batches],
        chosen=request.values.get("batch", type=row_number),
        past=past,
        counts=counts,
        headings=[(field, ", ".join(HEADINGS[field][:4])) for field in TEMPLATE],
    )


def _file() -> tuple[str, bytes]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(Problem.of("sheet_missing", field="file"))
    return sent.filename.replace("\\", "/").rpartition("/")[2], sent.stream.read(MOST_BYTES + 1)


def _batch(db: Db) -> Batch | None:
    batch_id = request.form.get("batch", type=row_number)
    return guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT) if batch_id else None


def _cell(field: str, text: str) -> str:
    return Digits(text) if field in ("nip", "phone") else text
