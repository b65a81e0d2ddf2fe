"""The register: live, provisional, signed."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.attendance.rules.drafts import SeenDraft, SignDraft
from lms.attendance.service import checking, decisions, marks, register, seeing
from lms.attendance.service.reach import units_shown
from lms.attendance.views.blueprint import (
    WITH_BATCH,
    back_to_register,
    blueprint,
    check_in_reach,
    spans_of,
    unit_names_of,
)
from lms.db import reading, writing
from lms.sessions.models import LiveSession
from lms.web import forms


@blueprint.get("/sessions/<int:session_id>/register", endpoint="register")
def show_register(session_id: int) -> Any:
    """Show the register: live before and during the session, provisional marks after it, signed in the end."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[WITH_BATCH])
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_READ))
        lines = [
            line for line in register.read_lines(db, session, at=at) if units is None or line.person.unit_id in units
        ]
        state = register.read_state(db, session, at=at)
        return render_template(
            "attendance/register.html",
            session=session,
            lines=lines,
            all_spans={line.person.id: spans_of(line, session) for line in lines},
            counts=register.counts(lines),
            state=state,
            same_device=checking.same_device(db, session.id, {line.person.id for line in lines}),
            signer=db.get(Person, state.signed.signed_by) if state.signed else None,
            unit_names=unit_names_of(db),
            may=guard.rights_on(
                db,
                LiveSession,
                session.id,
                {
                    Permission.REGISTER_CORRECT,
                    Permission.REGISTER_EXPORT,
                    Permission.REGISTER_SIGN,
                    Permission.SESSION_MODERATE,
                },
            ),
            at=at,
            problems=(),
        )


@blueprint.post("/sessions/<int:session_id>/register/seen")
def seen(session_id: int) -> Any:
    """Record that the coordinator saw people in the room."""
    at = clock.now()
    draft = forms.form(SeenDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        check_in_reach(db, session, draft.people)
        since = session.starts_at if draft.since == "start" else at
        count = seeing.see(db, session, draft.people, since=since, key=draft.key, by=guard.principal().id, at=at)
        marks.judge_marks(db, session, at=at, person_ids=draft.people)
    return back_to_register(session_id, gettext("%(n)s people recorded as seen in the room.", n=count))


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/unseen")
def unseen(session_id: int, person_id: int) -> Any:
    """Take back what a coordinator recorded as seen; both rows stay in the ledger."""
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        check_in_reach(db, session, [person_id])
        seeing.unsee(db, session, person_id, key=request.form.get("key", ""), by=guard.principal().id, at=at)
        marks.judge_marks(db, session, at=at, person_ids=[person_id])
    return back_to_register(session_id, gettext("Taken back."))


@blueprint.post("/sessions/<int:session_id>/register/sign")
def sign(session_id: int) -> Any:
    """Make the register final."""
    at = clock.now()
    draft = forms.form(SignDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_SIGN, lock=True)
        decisions.sign(db, session, seen_version=draft.version, by=guard.principal().id, at=at)
    return back_to_register(session_id, gettext("The register is signed and final."))
