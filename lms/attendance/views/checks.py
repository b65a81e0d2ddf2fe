"""Please check: contradictions decided one after the other, and outages that struck many."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.judgement import Excuse, Status
from lms.attendance.rules.petition_drafts import AmnestyDraft, ChoiceDraft
from lms.attendance.service import amnesties, decisions, register
from lms.attendance.service import checks as service
from lms.attendance.service.expecting import expected
from lms.attendance.service.reach import units_shown
from lms.attendance.views.blueprint import WITH_BATCH, blueprint, check_in_reach, names_of, unit_names_of
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.sessions.models import LiveSession
from lms.web import forms
from lms.web.errors import wants_json
from lms.web.i18n import say


@blueprint.get("/sessions/<int:session_id>/checks")
def checks(session_id: int) -> Any:
    """Show whom to check, both accounts side by side, and the outages for which an amnesty is proposed."""
    return _checks_page(session_id)


def _checks_page(
    session_id: int, problems: tuple[Problem, ...] = (), about: int = 0, values: dict[str, Any] | None = None
) -> str:
    """Return the page; `problems` and `values` belong to the mark typed for the person `about`."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, options=[WITH_BATCH])
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_CORRECT))
        found = [
            check for check in service.open_checks(db, session, at=at) if units is None or check.person.unit_id in units
        ]
        excused = [
            one for one in service.came_anyway(db, session, at=at) if units is None or one.person.unit_id in units
        ]
        # Whom an outage struck is told only as far as the asker's right reaches.
        reached = {one.id for one in expected(db, session) if units is None or one.unit_id in units}
        asked = [one for one in amnesties.of_session(db, session.id) if reached & set(one.people)]
        return render_template(
            "attendance/checks.html",
            session=session,
            checks=found,
            excused=excused,
            amnesties=asked,
            reached=reached,
            names=names_of(db, [person for one in asked for person in (*one.people, one.decided_by or 0)]),
            state=register.read_state(db, session, at=at),
            unit_names=unit_names_of(db),
            may=guard.rights_on(db, LiveSession, session.id, {Permission.REGISTER_SIGN}),
            statuses=[Status.ATTENDED, Status.PARTIAL, Status.ABSENT, Status.EXCUSED],
            excuses=list(Excuse),
            problems=problems,
            about=about,
            values=values or {},
            at=at,
        )


@blueprint.post("/sessions/<int:session_id>/checks/<int:person_id>")
def choose(session_id: int, person_id: int) -> Any:
    """Decide whose account counts for one person."""
    at = clock.now()
    draft = forms.form(ChoiceDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, lock=True)
        check_in_reach(db, session, [person_id])
        service.choose(
            db, session, person_id, draft.witness, seen=draft.seen, key=draft.key, by=guard.principal().id, at=at
        )
    return _decided(session_id, say(f"check_decided_{draft.witness}"))


@blueprint.post("/sessions/<int:session_id>/checks/<int:person_id>/mark")
def set_mark(session_id: int, person_id: int) -> Any:
    """Decide one person's mark with a reason, where neither account is right."""
    at = clock.now()
    try:
        draft = forms.form(CorrectionDraft)
        with writing() as db:
            session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, lock=True)
            check_in_reach(db, session, [person_id])
            decisions.correct(db, session, person_id, draft, by=guard.principal().id, at=at)
    except Invalid as invalid:
        if wants_json():
            raise
        # What was typed comes back with the complaint.
        return _checks_page(session_id, invalid.problems, person_id, request.form.to_dict()), 422
    if draft.status is None:
        mark = gettext("back to what the evidence says")
    else:
        mark = say(f"excuse_{draft.excuse.value}" if draft.excuse else f"status_{draft.status.value}")
    return _decided(session_id, gettext("Decided: %(mark)s", mark=mark))


def _decided(session_id: int, text: str) -> Any:
    """Answer a decision: JSON for the script that goes on to the next person, else the page with the text."""
    if wants_json():
        return {"ok": True, "text": text}
    flash(text, "success")
    return redirect(url_for("attendance.checks", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/amnesties/<int:amnesty_id>")
def amnesty(session_id: int, amnesty_id: int) -> Any:
    """Grant or refuse a proposed amnesty, or change that answer."""
    at = clock.now()
    draft = forms.form(AmnestyDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_SIGN, lock=True)
        amnesties.decide_amnesty(
            db, session, amnesty_id, grant=draft.grant, seen=draft.seen, by=guard.principal().id, at=at
        )
    if draft.grant:
        flash(gettext("The amnesty is granted; whoever's mark changes by it is told."), "success")
    else:
        flash(gettext("The amnesty is refused; the gap stays a gap."), "success")
    return redirect(url_for("attendance.checks", session_id=session_id))
