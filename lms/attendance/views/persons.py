"""One person's line: why it says what it says, and what a coordinator decides about it; one's own record."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.models import Correction, Evidence
from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.judgement import Excuse, Status
from lms.attendance.service import beside, checking, decisions, lanes, petitions, register
from lms.attendance.views.blueprint import (
    WITH_BATCH,
    WITH_CONTACT,
    blueprint,
    check_in_reach,
    names_of,
    unit_names_of,
)
from lms.attendance.views.letters import received_letter, send_letter
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.sessions.models import LiveSession
from lms.sessions.recordings.service import watching
from lms.web import forms


@blueprint.get("/sessions/<int:session_id>/register/<int:person_id>", endpoint="person")
def show_person(session_id: int, person_id: int) -> Any:
    """Show one person's line: the timeline, the reasons, every piece of evidence, every decision."""
    return _person_page(session_id, person_id, draft={}, problems=())


def _person_page(session_id: int, person_id: int, *, draft: dict[str, Any], problems: tuple[Problem, ...]) -> Any:
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[WITH_BATCH])
        check_in_reach(db, session, [person_id], needs=Permission.REGISTER_READ)
        lines = register.read_lines(db, session, at=at, person_ids=[person_id])
        if not lines:
            raise NotFound()
        history = decisions.history(db, session.id, person_id)
        return render_template(
            "attendance/person.html",
            **_why(db, session, lines[0], at),
            history=history,
            deciders=names_of(db, [row.by_id for row in history]),
            petitions=petitions.of_person(db, session.id, person_id),
            unit_names=unit_names_of(db),
            may=guard.rights_on(db, LiveSession, session.id, {Permission.REGISTER_CORRECT, Permission.REGISTER_SIGN}),
            statuses=[Status.ATTENDED, Status.PARTIAL, Status.ABSENT, Status.EXCUSED],
            excuses=list(Excuse),
            draft=draft,
            problems=problems,
            at=at,
        )


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/correct")
def correct(session_id: int, person_id: int) -> Any:
    """Decide one mark with a reason."""
    at = clock.now()
    try:
        draft = forms.form(CorrectionDraft)
        letter = received_letter()
    except Invalid as invalid:
        # What was typed comes back with the complaint; a reason written with care is not thrown away.
        return _person_page(session_id, person_id, draft=request.form.to_dict(), problems=invalid.problems), 422
    try:
        with writing() as db:
            session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, lock=True)
            check_in_reach(db, session, [person_id])
            decisions.correct(db, session, person_id, draft, letter, by=guard.principal().id, at=at)
    except Invalid as invalid:
        return _person_page(session_id, person_id, draft=request.form.to_dict(), problems=invalid.problems), 422
    except Conflict as conflict:
        # Somebody else decided meanwhile: her decision is shown beside what was typed here.
        problems = forms.problems_of(conflict)
        return _person_page(session_id, person_id, draft=request.form.to_dict(), problems=problems), 409
    flash(gettext("The correction is stored; whoever's mark changes by it is told."), "success")
    return redirect(url_for("attendance.person", session_id=session_id, person_id=person_id))


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/accept-late")
def accept_late(session_id: int, person_id: int) -> Any:
    """Judge a signed line anew with evidence that came after the signature, as a numbered amendment."""
    at = clock.now()
    reason = request.form.get("reason", "").strip()
    if len(reason) < 5:
        problem = Problem.of("reason_too_short", field="reason")
        return _person_page(session_id, person_id, draft=request.form.to_dict(), problems=(problem,)), 422
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_SIGN, lock=True)
        amendment = decisions.accept_late_evidence(
            db, session, person_id, reason=reason, by=guard.principal().id, at=at
        )
        number = amendment.number
    flash(gettext("Amendment no. %(n)s is stored.", n=number), "success")
    return redirect(url_for("attendance.person", session_id=session_id, person_id=person_id))


@blueprint.get("/sessions/<int:session_id>/register/<int:person_id>/corrections/<int:correction_id>/document")
def document(session_id: int, person_id: int, correction_id: int) -> Any:
    """The document a correction rests on, for who decides about this mark."""
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        check_in_reach(db, session, [person_id])
        return send_letter(_correction(db, session_id, person_id, correction_id))


@blueprint.get("/attendance/<int:session_id>/corrections/<int:correction_id>/document")
def own_document(session_id: int, correction_id: int) -> Any:
    """The document a correction of one's own mark rests on."""
    with reading() as db:
        guard.load(db, LiveSession, session_id, needs=Permission.ATTENDANCE_OWN)
        return send_letter(_correction(db, session_id, guard.principal().id, correction_id))


def _correction(db: Db, session_id: int, person_id: int, correction_id: int) -> Correction:
    found = db.get(Correction, correction_id)
    if found is None or (found.session_id, found.person_id) != (session_id, person_id):
        raise NotFound()
    return found


@blueprint.get("/attendance/<int:session_id>")
def own(session_id: int) -> Any:
    """Show one's own record of a session and why it says what it says."""
    at = clock.now()
    who = guard.principal()
    with reading() as db:
        session = guard.load(
            db, LiveSession, session_id, needs=Permission.ATTENDANCE_OWN, options=[WITH_BATCH, WITH_CONTACT]
        )
        lines = register.read_lines(db, session, at=at, person_ids=[who.id])
        if not lines:
            raise NotFound()
        history = decisions.history(db, session.id, who.id)
        asked = petitions.of_person(db, session.id, who.id)
        return render_template(
            "attendance/own.html",
            petitions=asked,
            **_why(db, session, lines[0], at),
            history=history,
            deciders=names_of(db, [*(row.by_id for row in history), *(one.decided_by or 0 for one in asked)]),
            at=at,
        )


def _why(db: Db, session: LiveSession, line: register.RegisterLine, at: datetime) -> dict[str, Any]:
    """Return what the page needs to say why a mark is what it is; the same for trainee and coordinator."""
    evidence = evidence_of(db, session.id, line.person.id)
    spans, heard = line.spans(session), lanes.read_lanes(db, session, line.person.id, at=at)
    return {
        "session": session,
        "line": line,
        "spans": spans,
        "lanes": heard,
        "axis": lanes.axis(session, heard),
        "evidence": evidence,
        "hosts": checking.hosts_of(db, [row.host_visit_id for row in evidence if row.host_visit_id]),
        "state": register.read_state(db, session, at=at),
        "beside": beside.beside(db, session, line.person.id, line.presence.intervals),
        "watched": watching.of_person(db, session.id, line.person.id),
    }


def evidence_of(db: Db, session_id: int, person_id: int) -> list[Evidence]:
    return list(
        db.scalars(
            select(Evidence)
            .where(Evidence.session_id == session_id, Evidence.person_id == person_id)
            .order_by(Evidence.claimed_at, Evidence.id)
        )
    )
