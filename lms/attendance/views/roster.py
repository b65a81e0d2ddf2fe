"""The roster: who is in the room, marked by the coordinator as fast as she can look."""

from typing import Any

from flask import jsonify, render_template
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.models import Register
from lms.attendance.rules.drafts import RosterDraft
from lms.attendance.service import checking, marks, register, seeing
from lms.attendance.service.expecting import expected
from lms.attendance.service.reach import units_shown
from lms.attendance.views.blueprint import WITH_BATCH, blueprint, unit_names_of
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy, doors
from lms.web import forms
from lms.web.i18n import say

P = Permission


@blueprint.get("/sessions/<int:session_id>/roster")
def roster(session_id: int) -> Any:
    """Show everyone expected with one big button each."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT, options=[WITH_BATCH])
        lines = _lines(db, session, at)
        return render_template(
            "attendance/roster.html",
            session=session,
            lines=lines,
            states={line.person.id: _state(line, is_running=at < session.ends_at) for line in lines},
            is_signed=db.get(Register, session.id) is not None,
            unit_names=unit_names_of(db),
            same_device=checking.same_device(db, session.id, {line.person.id for line in lines}),
            may=guard.rights_on(db, LiveSession, session.id, {P.SESSION_MODERATE}),
            policy=Policy.of(session.policy),
            doors=doors(session.starts_at, session.ends_at),
            at=at,
        )


@blueprint.post("/sessions/<int:session_id>/roster")
def mark(session_id: int) -> Any:
    """Store taps on the roster (JSON: `changes`); answer with the lines as they are now and what was refused."""
    at = clock.now()
    draft = forms.json_draft(RosterDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT)
        if db.get(Register, session.id) is not None:
            raise Conflict("register_already_signed")
        known = _within_reach(db, session, {change.person for change in draft.changes})
        changes = [change for change in draft.changes if change.person in known]
        strangers = gettext("This person is not on your roster.")
        unknown = {change.key: strangers for change in draft.changes if change.person not in known}
        refused = seeing.apply(db, session, changes, by=guard.principal().id, at=at)
        people = {change.person for change in changes}
        marks.judge_marks(db, session, at=at, person_ids=people)
        lines = register.read_lines(db, session, at=at, person_ids=people)
        body = {
            "ok": True,
            "at": at.isoformat(),
            "lines": [line.as_json() for line in lines],
            "refused": unknown | {key: say(said) for key, said in refused.items()},
        }
    return jsonify(body)


def _state(line: register.RegisterLine, *, is_running: bool) -> str:
    """Return `seen` by the coordinator, present by some `other` witness, or `away`."""
    if line.seen:
        return "seen"
    is_here = line.presence.open if is_running else bool(line.verdict.attended)
    return "other" if is_here else "away"


def _within_reach(db: Db, session: LiveSession, people: set[int]) -> set[int]:
    """Return which of these people this coordinator may mark."""
    units = units_shown(db, session.batch_id, guard.principal().scopes(P.REGISTER_CORRECT))
    return {person.id for person in expected(db, session, people) if units is None or person.unit_id in units}


def _lines(db: Db, session: LiveSession, at: Any) -> list[register.RegisterLine]:
    """Return the lines of those this coordinator may mark."""
    units = units_shown(db, session.batch_id, guard.principal().scopes(P.REGISTER_CORRECT))
    return [line for line in register.read_lines(db, session, at=at) if units is None or line.person.unit_id in units]
