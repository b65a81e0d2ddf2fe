"""Pages of one recording: to watch it, and to decide how long it is kept; the film itself in pieces."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession
from lms.sessions.recordings import files
from lms.sessions.recordings.models import Recording
from lms.sessions.recordings.rules import KeptUntilDraft, LinkDraft, PlayedDraft, end_of_day
from lms.sessions.recordings.service import arriving, showing, watching
from lms.settings import Settings
from lms.web.forms import draft_from, form, json_draft

P = Permission

# A browser asks for "everything from here on" and then reads as slowly as it plays: in pieces of this size an answer
# is soon over, and holds none of the server's threads while somebody watches.
PIECE = 4 * 1024 * 1024
# A file is looked at, never run.
FILM_POLICY = "sandbox; default-src 'none'; media-src 'self'"

_WITH_SESSION = joinedload(Recording.session).joinedload(LiveSession.batch).joinedload(Batch.programme)


def register(blueprint: Blueprint) -> None:
    """Bind the pages to the sessions blueprint."""
    one = "/recordings/<int:recording_id>"
    blueprint.add_url_rule(one, "recording", recording)
    blueprint.add_url_rule(f"{one}/film", "recording_film", film)
    blueprint.add_url_rule(f"{one}/played", "recording_played", played, methods=["POST"])
    blueprint.add_url_rule(f"{one}/kept-until", "recording_kept_until", kept_until, methods=["POST"])
    blueprint.add_url_rule(f"{one}/release", "recording_release", release, methods=["POST"])
    blueprint.add_url_rule(f"{one}/delete", "recording_delete", delete, methods=["POST"])
    blueprint.add_url_rule("/sessions/<int:session_id>/recordings", "recording_add", add_link, methods=["POST"])


def recording(recording_id: int) -> Any:
    """Show one recording: the player, what one has watched, and to those who lead the session who watched what."""
    return _page(recording_id, ())


def _page(recording_id: int, problems: tuple[Problem, ...]) -> Any:
    with reading() as db:
        found = guard.load(db, Recording, recording_id, needs=P.SESSION_ATTEND, options=[_WITH_SESSION])
        may = guard.rights_on(db, LiveSession, found.session_id, {P.SESSION_MODERATE, P.REGISTER_READ})
        _check_shown(found, P.SESSION_MODERATE in may)
        mine = watching.of_people(db, found.session_id, [guard.principal().id]).get(guard.principal().id, [])
        return render_template(
            "sessions/recording.html",
            recording=found,
            session=found.session,
            may=may,
            mine=next((one for one in mine if one.recording.id == found.id), None),
            watchers=_watchers(db, found) if P.REGISTER_READ in may else [],
            problems=problems,
            until=request.form.get("until") or _last_day(found),
        )


def _last_day(found: Recording) -> str:
    """Return the last day on which it may be watched, as the reader's calendar has it."""
    return (found.expires_at - timedelta(seconds=1)).astimezone(guard.principal().zone).date().isoformat()


def _watchers(db: Db, found: Recording) -> list[tuple[Person, watching.Watched]]:
    """Return who opened the recording, of those whom the asker may read about."""
    readable = guard.visible(select(Person.id), Person, needs=P.REGISTER_READ)
    return watching.who_watched(db, found, among=readable)


def _check_shown(found: Recording, moderates: bool) -> None:
    """Refuse whoever may not see it (yet), as if it were not there."""
    if not moderates and found.shown_at is None:
        raise NotFound("recording_not_shown")


def film(recording_id: int) -> Response:
    """The film, piece by piece as the player asks for it."""
    with reading() as db:
        found = guard.load(db, Recording, recording_id, needs=P.SESSION_ATTEND)
        may = guard.rights_on(db, LiveSession, found.session_id, {P.SESSION_MODERATE})
    _check_shown(found, P.SESSION_MODERATE in may)
    settings: Settings = current_app.config["SETTINGS"]
    path = files.path_of(settings, found.id)
    if found.state != "ready" or not path.is_file():
        raise NotFound("recording_not_here")
    _ask_for_a_piece()
    response = send_file(path, mimetype="video/mp4", conditional=True, etag=f"recording-{found.id}", last_modified=None)
    response.headers["Content-Security-Policy"] = FILM_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _ask_for_a_piece() -> None:
    """Shorten an asked range to one piece; a server may answer with part of what was asked (RFC 9110, 15.3.7)."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return
    start, stop = asked.ranges[0]
    if start >= 0 and (stop is None or stop - start > PIECE):
        request.environ["HTTP_RANGE"] = f"bytes={start}-{start + PIECE - 1}"


def played(recording_id: int) -> Any:
    """Take what the player played since its last report."""
    draft = json_draft(PlayedDraft)
    with writing() as db:
        found = guard.load(db, Recording, recording_id, needs=P.SESSION_ATTEND)
        may = guard.rights_on(db, LiveSession, found.session_id, {P.SESSION_MODERATE})
        _check_shown(found, P.SESSION_MODERATE in may)
        seconds = watching.note_played(db, found, draft, by=guard.principal().id, at=clock.now())
    return {"ok": True, "seconds": seconds}


def _load(db: Db, recording_id: int) -> Recording:
    return guard.load(db, Recording, recording_id, needs=P.SESSION_MODERATE, lock=True)


def kept_until(recording_id: int) -> Any:
    """Keep a recording longer or shorter than planned."""
    try:
        draft = form(KeptUntilDraft)
        with writing() as db:
            end = end_of_day(draft.until, guard.principal().zone)
            showing.keep_until(db, _load(db, recording_id), end, by=guard.principal().id, at=clock.now())
    except Invalid as invalid:
        return _page(recording_id, invalid.problems), 422
    flash(gettext("Saved."), "success")
    return redirect(url_for("sessions.recording", recording_id=recording_id))


def release(recording_id: int) -> Any:
    """Show the batch a recording that was held back."""
    with writing() as db:
        arriving.release(db, _load(db, recording_id), by=guard.principal().id, at=clock.now())
    flash(gettext("The recording is shown to the batch, and everyone is told."), "success")
    return redirect(url_for("sessions.recording", recording_id=recording_id))


def delete(recording_id: int) -> Any:
    """Delete a recording now; its film is gone at once."""
    with writing() as db:
        found = _load(db, recording_id)
        showing.delete(db, found, by=guard.principal().id, at=clock.now())
        session_id = found.session_id
    files.drop(current_app.config["SETTINGS"], recording_id)
    flash(gettext("The recording is deleted."), "success")
    return redirect(url_for("sessions.session", session_id=session_id))


def add_link(session_id: int) -> Any:
    """Add a recording that lies elsewhere."""
    draft = draft_from(LinkDraft, request.form)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.SESSION_MODERATE)
        days = current_app.config["SETTINGS"].recording_days
        found = arriving.add_link(db, session, draft.link, days=days, by=guard.principal().id, at=clock.now())
        recording_id = found.id
    flash(gettext("The recording is shown to the batch, and everyone is told."), "success")
    return redirect(url_for("sessions.recording", recording_id=recording_id))
