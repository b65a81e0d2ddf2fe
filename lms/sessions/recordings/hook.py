"""Where Jibri's finalize script brings a recording: first what it is of, then the film.

    POST /jitsi/recordings/<name>        body: metadata.json as Jibri wrote it
    PUT  /jitsi/recordings/<name>/film   body: the MP4 itself

`<name>` is the folder Jibri made for the recording, so a repeated run of the script changes nothing. Authenticated
like event_sync; deploy/jitsi/finalize.sh is the script.
"""

from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from lms import clock
from lms.accounts import guard
from lms.db import writing
from lms.kernel.errors import NotFound, Refusal
from lms.sessions.jitsi_views import refused
from lms.sessions.recordings import files
from lms.sessions.recordings.models import Recording
from lms.sessions.recordings.rules import AnnouncedDraft
from lms.sessions.recordings.service import arriving
from lms.settings import Settings
from lms.web.forms import json_draft
from lms.web.i18n import say

LARGEST_METADATA = 512 * 1024
LONGEST_NAME = 100

blueprint = Blueprint("recording_hook", __name__, url_prefix="/jitsi/recordings")


def init_app(app: Flask, csrf: Any) -> None:
    """Bind the endpoints; no browser calls them, so they carry no form token."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)


@blueprint.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """Answer a script: a code for the machine, a sentence for whoever reads Jibri's log."""
    response = jsonify({"ok": False, "code": refusal.code, "text": say(refusal.said)})
    response.status_code = refusal.status
    return response


@blueprint.post("/<name>")
@guard.public
def announce(name: str) -> Response:
    """Take what a recording is of."""
    if (refusal := refused()) is not None:
        return refusal
    request.max_content_length = LARGEST_METADATA
    if len(name) > LONGEST_NAME:
        raise NotFound()
    draft = json_draft(AnnouncedDraft)
    with writing() as db:
        recording = arriving.announce(db, name, draft, days=_settings().recording_days, at=clock.now())
        state = recording.state
    return jsonify({"ok": True, "state": state})


@blueprint.put("/<name>/film")
@guard.public
def film(name: str) -> Response:
    """Take the film. It is written outside any transaction, under its recording's number."""
    if (refusal := refused()) is not None:
        return refusal
    settings = _settings()
    with writing() as db:
        recording_id = arriving.awaited(db, name).id
    request.max_content_length = settings.recording_limit + 1
    size, seconds = files.keep(settings, recording_id, request.stream)
    with writing() as db:
        arriving.awaited(db, name)
        arriving.note_film(db, db.get_one(Recording, recording_id), size=size, seconds=seconds, at=clock.now())
    return jsonify({"ok": True, "seconds": round(seconds)})


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
