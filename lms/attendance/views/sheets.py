"""The daftar hadir for paper: as a page to print, and as PDF."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import render_template, request, send_file
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.accounts.service.audit import record_act
from lms.attendance.rules.judgement import LETTERS
from lms.attendance.service import register
from lms.attendance.service.reach import units_shown
from lms.attendance.service.sealing import Seal, read_seal
from lms.attendance.views.blueprint import WITH_BATCH, WITH_CONTACT, blueprint, unit_names_of
from lms.attendance.views.papers import PARTIAL, WAYS, file_name, on_paper
from lms.db import Db, reading, writing
from lms.sessions.models import LiveSession, SessionInstructor
from lms.web.paper import typeset


@blueprint.get("/sessions/<int:session_id>/sheet")
def sheet(session_id: int) -> Any:
    """Show the daftar hadir for paper: empty for signatures, or filled with times and method."""
    at = clock.now()
    with reading() as db:
        session, lines, is_partial = _load(db, session_id, at, needs=Permission.REGISTER_EXPORT)
        seal = read_seal(db, session, at=at)
        return render_template(
            "attendance/sheet.html",
            session=session,
            lines=lines,
            seal=seal,
            filled=_is_filled(seal),
            unit_names=unit_names_of(db),
            letters=LETTERS,
            ways=WAYS,
            officer=_officer(db, session, seal),
            instructors=instructors_of(db, session.id),
            partial=PARTIAL if is_partial else "",
            at=at,
        )


@blueprint.get("/sessions/<int:session_id>/sheet.pdf")
def sheet_pdf(session_id: int) -> Any:
    """Hand out the daftar hadir as PDF; who took it is written down."""
    at = clock.now()
    with reading() as db:
        session, lines, is_partial = _load(db, session_id, at, needs=Permission.REGISTER_EXPORT)
        seal = read_seal(db, session, at=at)
        filled = _is_filled(seal)
        content = on_paper(
            session,
            lines,
            seal,
            filled=filled,
            unit_names=unit_names_of(db),
            officer=_officer(db, session, seal),
            instructors=instructors_of(db, session.id),
            is_partial=is_partial,
        )
    made = typeset("daftar-hadir", content)
    _note_export(session, seal, filled, at)
    response = send_file(
        BytesIO(made),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=file_name(session, filled),
        max_age=0,
    )
    # Names and NIPs must not stay in a shared computer's cache.
    response.headers["Cache-Control"] = "no-store"
    return response


def _load(
    db: Db, session_id: int, at: datetime, *, needs: Permission
) -> tuple[LiveSession, list[register.RegisterLine], bool]:
    """Return session and lines, and whether they are only those of the asker's units. A sheet shows whole NIPs."""
    session = guard.load(db, LiveSession, session_id, needs=needs, options=[WITH_BATCH, WITH_CONTACT])
    units = units_shown(db, session.batch_id, guard.principal().scopes(needs))
    lines = register.read_lines(db, session, at=at)
    return session, [line for line in lines if units is None or line.person.unit_id in units], units is not None


def _is_filled(seal: Seal) -> bool:
    return request.args.get("filled", "1" if seal.state in ("signed", "provisional") else "0") == "1"


def _officer(db: Db, session: LiveSession, seal: Seal) -> Person | None:
    return db.get(Person, seal.signed_by) if seal.signed_by else session.batch.contact


def _note_export(session: LiveSession, seal: Seal, filled: bool, at: datetime) -> None:
    with writing() as db:
        record_act(
            db,
            "sheet_exported",
            "session",
            session.id,
            by=guard.principal().id,
            at=at,
            filled=filled,
            version=seal.version,
            fingerprint=seal.fingerprint,
        )


def instructors_of(db: Db, session_id: int) -> list[Person]:
    return list(
        db.scalars(
            select(Person)
            .join(SessionInstructor, SessionInstructor.person_id == Person.id)
            .where(SessionInstructor.session_id == session_id)
            .order_by(Person.name)
        )
    )
