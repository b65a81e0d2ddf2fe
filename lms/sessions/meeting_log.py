"""The page of everything a meeting server told of a session, for the people who lead it."""

from flask import Blueprint, render_template
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import reading
from lms.programmes.models import Batch
from lms.sessions.meeting_place import server_of
from lms.sessions.models import LiveSession
from lms.sessions.service.server_log import read_log


def register(blueprint: Blueprint) -> None:
    """Bind the page to the sessions blueprint."""
    blueprint.add_url_rule("/sessions/<int:session_id>/meeting-log", "meeting_log", meeting_log)


def meeting_log(session_id: int) -> str:
    """Every event of the session in order, who spoke how long, and what means nothing to a lecture."""
    at = clock.now()
    with reading() as db:
        found = guard.load(
            db,
            LiveSession,
            session_id,
            needs=Permission.REGISTER_READ,
            options=[joinedload(LiveSession.batch).joinedload(Batch.programme)],
        )
        story = read_log(db, found.id, at=at)
    return render_template("sessions/meeting_log.html", session=found, story=story, server=server_of(found), at=at)
