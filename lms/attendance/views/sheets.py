"""The daftar hadir for paper."""

from typing import Any

from flask import render_template, request
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.attendance.rules.judgement import LETTERS
from lms.attendance.service import register
from lms.attendance.service.reach import units_shown
from lms.attendance.views.blueprint import WITH_BATCH, WITH_CONTACT, blueprint, unit_names_of
from lms.db import Db, reading
from lms.sessions.models import LiveSession, SessionInstructor


@blueprint.get("/sessions/<int:session_id>/sheet")
def sheet(session_id: int) -> Any:
    """Show the daftar hadir for paper: empty for signatures, or filled with times and method."""
    at = clock.now()
    with reading() as db:
        session = guard.load(
            db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[WITH_BATCH, WITH_CONTACT]
        )
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_READ))
        lines = [
            line for line in register.read_lines(db, session, at=at) if units is None or line.person.unit_id in units
        ]
        state = register.read_state(db, session, at=at)
        return render_template(
            "attendance/sheet.html",
            session=session,
            lines=lines,
            state=state,
            filled=request.args.get("filled", "1" if state.state in ("signed", "provisional") else "0") == "1",
            unit_names=unit_names_of(db),
            letters=LETTERS,
            officer=db.get(Person, state.signed.signed_by) if state.signed else session.batch.contact,
            instructors=instructors_of(db, session.id),
            at=at,
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
