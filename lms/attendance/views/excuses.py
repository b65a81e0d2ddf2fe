"""The coordinator's inbox: requests to be excused, disputed marks, walk-ins to enrol, outages to decide."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.models import Amnesty, Petition, WalkIn
from lms.attendance.rules.judgement import Excuse, Status
from lms.attendance.rules.petition_drafts import AnswerDraft
from lms.attendance.service import inbox, petitions, walk_ins
from lms.attendance.views.blueprint import blueprint, unit_names_of
from lms.attendance.views.letters import send_letter
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.sessions.models import LiveSession
from lms.web import forms

P = Permission


@blueprint.get("/excuses")
def excuses() -> Any:
    """Show everything about marks and registers that waits for the asker's answer."""
    return _inbox()


def _inbox(problems: tuple[Problem, ...] = (), about: int = 0, values: dict[str, Any] | None = None) -> str:
    """Return the page; `problems` and `values` belong to the answer given on the petition `about`."""
    at = clock.now()
    guard.require(needs=P.REGISTER_CORRECT)
    with reading() as db:
        mine = guard.allowed(Petition, needs=P.REGISTER_CORRECT)
        everything = petitions.waiting(db, mine)
        topic, order = request.args.get("topic", ""), request.args.get("order", "")
        waiting = [one for one in everything if topic in ("", one.petition.topic) or one.petition.id == about]
        if order == "asked":
            waiting.sort(key=lambda one: one.petition.asked_at)
        lines = inbox.lines_of(db, waiting, at=at)
        return render_template(
            "attendance/excuses.html",
            everything=everything,
            waiting=waiting,
            topic=topic,
            order=order,
            lines=lines,
            all_spans={
                one.petition.id: lines[one.petition.id].spans(one.session)
                for one in waiting
                if one.petition.id in lines
            },
            outdated=petitions.outdated(db, mine, at=at),
            guests=walk_ins.undecided(db, guard.allowed(WalkIn, needs=P.ENROLMENT_EDIT)),
            outages=inbox.proposed(db, guard.allowed(Amnesty, needs=P.REGISTER_SIGN)),
            unit_names=unit_names_of(db),
            statuses=[Status.ATTENDED, Status.PARTIAL, Status.ABSENT, Status.EXCUSED],
            kinds=list(Excuse),
            problems=problems,
            about=about,
            values=values or {},
            at=at,
        )


@blueprint.post("/excuses/<int:petition_id>")
def answer(petition_id: int) -> Any:
    """Answer a request or a dispute."""
    at = clock.now()
    values = forms.form_values(AnswerDraft, request.form)
    try:
        draft = forms.draft_from(AnswerDraft, values)
        with writing() as db:
            petition, session = _load(db, petition_id)
            petitions.answer(db, session, petition, draft, by=guard.principal().id, at=at)
    except Invalid as invalid:
        # What was typed comes back with the complaint.
        return _inbox(invalid.problems, petition_id, values), 422
    if draft.approve:
        flash(gettext("Approved. The mark is changed and the person is told."), "success")
    else:
        flash(gettext("Refused. The person is told why."), "success")
    return redirect(url_for("attendance.excuses", topic=request.args.get("topic"), order=request.args.get("order")))


@blueprint.post("/excuses/<int:petition_id>/keep")
def keep(petition_id: int) -> Any:
    """Let an excuse stand for the time to which its session was moved."""
    at = clock.now()
    with writing() as db:
        petition, session = _load(db, petition_id)
        petitions.keep(db, session, petition, by=guard.principal().id, at=at)
    flash(gettext("The excuse holds for the new time."), "success")
    return redirect(url_for("attendance.excuses"))


@blueprint.post("/excuses/<int:petition_id>/revoke")
def revoke(petition_id: int) -> Any:
    """Take an excuse back whose session was moved."""
    at = clock.now()
    with writing() as db:
        petition, session = _load(db, petition_id)
        petitions.revoke(db, session, petition, by=guard.principal().id, at=at)
    flash(gettext("The excuse is taken back; the person is told."), "success")
    return redirect(url_for("attendance.excuses"))


@blueprint.get("/excuses/<int:petition_id>/letter")
def letter(petition_id: int) -> Any:
    """The letter handed in with a request."""
    with reading() as db:
        petition = guard.load(db, Petition, petition_id, needs=P.REGISTER_CORRECT)
        return send_letter(petition)


def _load(db: Db, petition_id: int) -> tuple[Petition, LiveSession]:
    """Return the petition and its session, locked: two who decide about one register do so one after the other."""
    petition = guard.load(db, Petition, petition_id, needs=P.REGISTER_CORRECT)
    session = guard.load(db, LiveSession, petition.session_id, needs=P.REGISTER_CORRECT, lock=True)
    return petition, session
