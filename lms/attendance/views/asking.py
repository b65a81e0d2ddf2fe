"""What a trainee asks about her own mark: to be excused, to have it looked at again, and to take that back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.models import Petition
from lms.attendance.rules.judgement import Excuse
from lms.attendance.rules.petition_drafts import DisputeDraft, ExcuseDraft
from lms.attendance.service import petitions, register
from lms.attendance.views.blueprint import WITH_BATCH, blueprint
from lms.attendance.views.letters import received_letter, send_letter
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.sessions.models import LiveSession
from lms.web import forms


@blueprint.route("/attendance/<int:session_id>/excuse", methods=["GET", "POST"])
def excuse(session_id: int) -> Any:
    """A form to ask for being excused from one session, before it or after."""
    at = clock.now()
    who = guard.principal()
    problems: Any = ()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.ATTENDANCE_OWN, options=[WITH_BATCH])
        lines = register.read_lines(db, session, at=at, person_ids=[who.id])
        if not lines:
            raise NotFound()
        asked = petitions.of_person(db, session.id, who.id)
    values = forms.form_values(ExcuseDraft, request.form)
    if request.method == "POST":
        try:
            draft = forms.draft_from(ExcuseDraft, values)
            letter = received_letter()
            with writing() as db:
                kept = guard.load(db, LiveSession, session_id, needs=Permission.ATTENDANCE_OWN)
                petitions.ask_excuse(db, kept, who.id, draft, letter, at=at)
            flash(gettext("Your request is with the coordinator. You will be told the answer."), "success")
            return redirect(url_for("attendance.own", session_id=session_id))
        except (Invalid, Conflict) as refusal:
            problems = forms.problems_of(refusal)
    page = render_template(
        "attendance/excuse.html",
        session=session,
        values=values,
        kinds=list(Excuse),
        is_open=any(one.topic == "excuse" and one.state == "asked" for one in asked),
        problems=problems,
        at=at,
    )
    return page, 422 if problems else 200


@blueprint.post("/attendance/<int:session_id>/dispute")
def dispute(session_id: int) -> Any:
    """Say that one's own record of a session is not right."""
    at = clock.now()
    who = guard.principal()
    draft = forms.form(DisputeDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.ATTENDANCE_OWN)
        petitions.dispute(db, session, who.id, draft, at=at)
    flash(gettext("The coordinator will look at it. You will be told what came of it."), "success")
    return redirect(url_for("attendance.own", session_id=session_id))


@blueprint.post("/attendance/<int:session_id>/petitions/<int:petition_id>/withdraw")
def withdraw(session_id: int, petition_id: int) -> Any:
    """Take back what one asked, before it is answered."""
    at = clock.now()
    with writing() as db:
        petition = guard.load(
            db, Petition, petition_id, needs=Permission.ATTENDANCE_OWN, lock=True, session_id=session_id
        )
        petitions.withdraw(db, petition, at=at)
    flash(gettext("Taken back."), "success")
    return redirect(url_for("attendance.own", session_id=session_id))


@blueprint.get("/attendance/<int:session_id>/petitions/<int:petition_id>/letter")
def own_letter(session_id: int, petition_id: int) -> Any:
    """The letter one handed in oneself."""
    with reading() as db:
        petition = guard.load(db, Petition, petition_id, needs=Permission.ATTENDANCE_OWN, session_id=session_id)
        return send_letter(petition)
