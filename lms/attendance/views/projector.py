"""The projector: a huge code that changes every fifteen seconds, for the phones of those in the room."""

from datetime import datetime, timedelta
from typing import Any

from flask import jsonify, render_template, request
from sqlalchemy import func, select

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.models import Evidence
from lms.attendance.rules.codes import Purpose
from lms.attendance.rules.evidence import Kind
from lms.attendance.service.expecting import expected
from lms.attendance.views.blueprint import WITH_BATCH, blueprint
from lms.attendance.views.showing import shown, typed_at
from lms.db import Db, reading
from lms.sessions.models import LiveSession
from lms.sessions.rules import Phase, Policy, doors, phase

# Towards the end of a session that asks for it the projector shows the way out by itself.
_OUT_BEFORE_END = timedelta(minutes=10)


@blueprint.get("/sessions/<int:session_id>/projector")
def projector(session_id: int) -> Any:
    """Show the code to project, drawn once for a page without script, which then reloads itself."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_MODERATE, options=[WITH_BATCH])
        purpose = _purpose(session, at)
        return render_template(
            "attendance/projector.html",
            session=session,
            purpose="out" if purpose is Purpose.CHECK_OUT else "in",
            asks_check_out=Policy.of(session.policy).check_out,
            state=_state(session, purpose, at),
            shown=_shown(db, session, purpose, at),
            doors=doors(session.starts_at, session.ends_at),
            typed_at=typed_at(),
            at=at,
        )


@blueprint.get("/sessions/<int:session_id>/projector/code")
def projector_code(session_id: int) -> Any:
    """Give the page the code of this instant, and how many have scanned; never cached."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_MODERATE)
        purpose = _purpose(session, at)
        body = {"ok": True, "state": _state(session, purpose, at), **(_shown(db, session, purpose, at) or {})}
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _purpose(session: LiveSession, at: datetime) -> Purpose:
    """Return what the projected code is for: as asked, else by the time."""
    if not Policy.of(session.policy).check_out:
        return Purpose.CHECK_IN
    wanted = request.args.get("purpose")
    is_late = at >= session.ends_at - _OUT_BEFORE_END
    return Purpose.CHECK_OUT if wanted == "out" or (wanted != "in" and is_late) else Purpose.CHECK_IN


def _state(session: LiveSession, purpose: Purpose, at: datetime) -> str:
    """Return `open` while a code is shown, else why none is: `elsewhere`, `cancelled`, `early` or `over`."""
    if session.mode == "teleconference":
        return "elsewhere"
    now = phase(starts_at=session.starts_at, ends_at=session.ends_at, cancelled=session.status == "cancelled", at=at)
    if now is Phase.OVERRUN and purpose is Purpose.CHECK_OUT:
        return "open"
    return {Phase.OPEN: "open", Phase.OVERRUN: "over"}.get(now, now.value)


def _shown(db: Db, session: LiveSession, purpose: Purpose, at: datetime) -> dict[str, Any] | None:
    if _state(session, purpose, at) != "open":
        return None
    kind = Kind.CHECKED_OUT if purpose is Purpose.CHECK_OUT else Kind.CHECKED_IN
    people = [person.id for person in expected(db, session)]
    scanned = db.scalar(
        select(func.count(func.distinct(Evidence.person_id))).where(
            Evidence.session_id == session.id, Evidence.kind == kind.value, Evidence.person_id.in_(people)
        )
    )
    return {**shown(purpose, session.id, at), "scanned": scanned or 0, "expected": len(people)}
