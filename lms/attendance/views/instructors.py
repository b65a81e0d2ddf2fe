"""Who taught a session, by evidence, and in whose place; the daftar hadir pengajar for paper."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.attendance.rules.petition_drafts import StandInDraft
from lms.attendance.service import register, seeing, teaching
from lms.attendance.views.blueprint import WITH_BATCH, WITH_CONTACT, blueprint
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.programmes.service.members import everyone_ever
from lms.sessions.models import LiveSession
from lms.sessions.service import listing
from lms.sessions.service.standing_in import stand_in
from lms.web import forms

P = Permission


@blueprint.get("/sessions/<int:session_id>/instructors")
def instructors(session_id: int) -> Any:
    """Show who teaches the session, the time by evidence, and the form for somebody who stands in."""
    return _page(session_id, {}, ())


def _page(session_id: int, values: dict[str, Any], problems: Sequence[Problem]) -> str:
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_READ, options=[WITH_BATCH])
        teachers = teaching.read_teachers(db, session, at=at)
        here = {teacher.person.id for teacher in teachers}
        others = [
            member
            for member in everyone_ever(db, session.batch_id, roles=("instructor",))
            if member.ends_at is None and member.person_id not in here
        ]
        return render_template(
            "attendance/instructors.html",
            session=session,
            teachers=teachers,
            others=others,
            values=values,
            problems=problems,
            may=guard.rights_on(db, LiveSession, session.id, {P.SESSION_SCHEDULE, P.REGISTER_CORRECT}),
            at=at,
        )


@blueprint.post("/sessions/<int:session_id>/instructors")
def replace_instructor(session_id: int) -> Any:
    """Let somebody teach in another's place."""
    at = clock.now()
    values = forms.form_values(StandInDraft, request.form)
    try:
        draft = forms.draft_from(StandInDraft, values)
        with writing() as db:
            session = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, lock=True)
            stand_in(
                db,
                session,
                draft.person,
                instead_of=draft.instead_of,
                reason=draft.reason,
                by=guard.principal().id,
                at=at,
            )
    except (Invalid, Conflict) as refusal:
        return _page(session_id, values, forms.problems_of(refusal)), 422
    flash(gettext("Noted, and both are told."), "success")
    return redirect(url_for("attendance.instructors", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/instructors/<int:person_id>/seen")
def seen_instructor(session_id: int, person_id: int) -> Any:
    """Record that the coordinator saw an instructor teach from the start to the end."""
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT)
        if person_id not in listing.instructor_ids(db, session.id):
            raise NotFound()
        key = request.form.get("key", "")
        seeing.see(db, session, [person_id], since=session.starts_at, key=key, by=guard.principal().id, at=at)
    flash(gettext("Recorded as seen from the start to the end."), "success")
    return redirect(url_for("attendance.instructors", session_id=session_id))


@blueprint.get("/sessions/<int:session_id>/instructors/sheet")
def instructor_sheet(session_id: int) -> Any:
    """Show the daftar hadir pengajar for paper, with the hours taught."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_EXPORT, options=[WITH_BATCH, WITH_CONTACT])
        state = register.read_state(db, session, at=at)
        return render_template(
            "attendance/instructor_sheet.html",
            session=session,
            teachers=teaching.read_teachers(db, session, at=at),
            state=state,
            officer=db.get(Person, state.signed.signed_by) if state.signed else session.batch.contact,
            at=at,
        )
