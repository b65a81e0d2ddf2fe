"""What a register says about the meeting server: that it is silent, and whom it saw that nobody knows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import current_app

from lms.accounts.permissions import Permission
from lms.attendance.service import server_witness
from lms.db import Db
from lms.sessions.jitsi.rules import ServerKind
from lms.sessions.models import LiveSession


def expects_words() -> bool:
    """Return whether this installation's meeting server is one that tells who is in."""
    server, settings = current_app.extensions["jitsi_server"], current_app.config["SETTINGS"]
    if server is None or server.kind is ServerKind.PLAIN:
        return False
    return bool(settings.jitsi_events_secret or settings.jitsi_webhook_secret)


def server_words(db: Db, session: LiveSession, may: Collection[Permission], at: datetime) -> dict[str, Any]:
    """Return what templates/attendance/_server_events.html is given; strangers only to whoever keeps the register."""
    return {
        "server_silent": expects_words() and server_witness.is_silent(db, session, at=at),
        "strangers": server_witness.read_strangers(db, session.id) if Permission.REGISTER_CORRECT in may else [],
    }
