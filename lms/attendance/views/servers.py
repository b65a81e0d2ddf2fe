"""What a register says about the meeting server: that it is silent, and whom it saw that nobody knows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import current_app

from lms.accounts.permissions import Permission
from lms.attendance.service import server_witness
from lms.db import Db
from lms.sessions.models import LiveSession


def server_words(db: Db, session: LiveSession, may: Collection[Permission], at: datetime) -> dict[str, Any]:
    """Return what templates/attendance/_server_events.html is given; strangers only to whoever keeps the register."""
    server = current_app.extensions["meeting_servers"].of(session.meeting_server)
    speaks = server is not None and server.gives_evidence
    return {
        "silence": server_witness.silence(db, session, at=at) if speaks else None,
        "strangers": server_witness.read_strangers(db, session.id) if Permission.REGISTER_CORRECT in may else [],
    }
