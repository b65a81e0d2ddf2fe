"""The page before the room: test the device, read what is recorded, enter. Nothing on it keeps anybody out."""

import os
import re
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import reading, writing
from lms.programmes.models import Batch
from lms.sessions.devices import service
from lms.sessions.devices.rules import FoundDraft
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors
from lms.sessions.service import listing
from lms.web.forms import json_draft
from lms.web.security import allow_meeting

P = Permission

# So much is sent down and up to measure a line: enough to see a thin one, little enough for forty in one office.
DOWN_BYTES, UP_BYTES = 96 * 1024, 48 * 1024
# What a page without script, or without storage, is called.
_NO_DEVICE = "0" * 24

_WITH_CONTACT = (
    joinedload(LiveSession.batch).joinedload(Batch.contact),
    joinedload(LiveSession.batch).joinedload(Batch.programme),
)


def register(blueprint: Blueprint) -> None:
    """Bind the page to the sessions blueprint."""
    one = "/sessions/<int:session_id>"
    blueprint.add_url_rule(f"{one}/check", "check", check)
    blueprint.add_url_rule(f"{one}/check", "tested", tested, methods=["POST"])
    blueprint.add_url_rule(f"{one}/check/line", "line_down", line_down)
    blueprint.add_url_rule(f"{one}/check/line", "line_up", line_up, methods=["POST"])
    blueprint.add_url_rule(f"{one}/enter", "enter", enter, methods=["POST"])


def check(session_id: int) -> Any:
    """Offer the test of camera, microphone, speaker and line, and the way into the room."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.SESSION_ATTEND, options=_WITH_CONTACT)
        phase = listing.phase_of(session, at)
        if session.mode != "teleconference" or phase in ("over", "cancelled"):
            return redirect(url_for("sessions.session", session_id=session_id))
        allow_meeting("")
        return render_template(
            "sessions/check.html",
            session=session,
            phase=phase,
            doors=doors(session.starts_at, session.ends_at),
            recording_days=current_app.config["SETTINGS"].recording_days,
            at=at,
        )


def tested(session_id: int) -> Any:
    """Keep what the page found out; answer what that means for the line."""
    draft = json_draft(FoundDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.SESSION_ATTEND)
        service.note_tested(db, session, draft, by=guard.principal().id, at=clock.now())
    return {"ok": True, "line": draft.line.code.value if draft.line else None}


def line_down(session_id: int) -> Response:
    """Send bytes that nobody can compress, or with `none` only an answer: for measuring the line."""
    with reading() as db:
        guard.load(db, LiveSession, session_id, needs=P.SESSION_ATTEND)
    body = b"" if "none" in request.args else os.urandom(DOWN_BYTES)
    return Response(body, mimetype="application/octet-stream", headers={"Cache-Control": "no-store"})


def line_up(session_id: int) -> Any:
    """Take bytes and throw them away."""
    request.max_content_length = UP_BYTES
    request.get_data(cache=False)
    with reading() as db:
        guard.load(db, LiveSession, session_id, needs=P.SESSION_ATTEND)
    return {"ok": True}


def enter(session_id: int) -> Any:
    """Go into the room, having been told what is recorded; tested or not."""
    given = request.form.get("device", "")
    device = given if re.fullmatch(r"[a-z0-9]{16,40}", given) else _NO_DEVICE
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.SESSION_ATTEND)
        service.note_entering(db, session, device, by=guard.principal().id, at=clock.now())
    return redirect(url_for("sessions.room", session_id=session_id))
