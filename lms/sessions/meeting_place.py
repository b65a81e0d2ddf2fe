"""Where a session meets: the server it was scheduled on, among those this installation is set up with."""

from datetime import datetime

from flask import Flask, current_app

from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.outbox.jobs import every
from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.jitsi.servers import MeetingServers, servers_from_settings
from lms.sessions.models import LiveSession
from lms.sessions.service import server_events as places
from lms.settings import BadSetting
from lms.web.i18n import Reader, reading_as, say


def init_app(app: Flask) -> None:
    """Read the meeting servers from the settings. Raises BadSetting with every mistake and the setting to mend."""
    try:
        found = servers_from_settings(app.config["SETTINGS"])
    except Invalid as refusal:
        with app.app_context(), reading_as(Reader("en")):
            told = "\n".join(f"  {_worded(problem)}" for problem in refusal.problems)
        raise BadSetting(f"the meeting servers are not set up rightly:\n{told}") from None
    app.extensions["meeting_servers"] = found


def _worded(problem: Problem) -> str:
    place = " ".join(part for part in (problem.where, problem.field) if part)
    return f"{place}: {say(problem)}"


def meeting_servers() -> MeetingServers:
    """Return the meeting servers of this installation, read when the app was made."""
    return current_app.extensions["meeting_servers"]


@every(60, name="settle_meeting_places")
def settle_meeting_places(at: datetime) -> int:
    """Let sessions whose doors are about to open keep their server; return how many."""
    with reading() as db:
        if not meeting_servers().standard or not places.any_unsettled(db, at=at):
            return 0
    with writing() as db:
        return places.settle_places(db, meeting_servers(), at=at)


def server_of(session: LiveSession) -> JitsiServer | None:
    """Return the server this session meets on; None means the built-in room."""
    return meeting_servers().of(session.meeting_server)
