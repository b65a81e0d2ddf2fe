"""Jobs of recordings: taking over what JaaS uploaded while its link works, and deleting what has expired."""

import logging
from datetime import datetime

import requests
from flask import current_app

from lms.db import reading, writing
from lms.kernel.errors import Invalid
from lms.outbox.jobs import every
from lms.sessions.recordings import files
from lms.sessions.recordings.models import Recording
from lms.sessions.recordings.service import arriving, showing
from lms.settings import Settings

log = logging.getLogger(__name__)

# Seconds to connect, and without a byte; the whole of a long film may take its time.
TIMEOUT = (5, 30)


@every(60, name="take_recordings")
def take_recordings(at: datetime) -> None:
    """Make recordings of the uploads a meeting server told of, and fetch their films."""
    settings: Settings = current_app.config["SETTINGS"]
    with writing() as db:
        arriving.note_uploads(db, days=settings.recording_days, at=at)
        arriving.give_up(db, at=at)
    with reading() as db:
        waiting = arriving.to_fetch(db, at=at)
    for recording_id, link in waiting:
        _fetch(settings, recording_id, link, at)


def _fetch(settings: Settings, recording_id: int, link: str, at: datetime) -> None:
    """Fetch one film; what fails is tried again in the next round, until its address no longer works."""
    try:
        # No redirect is followed: the address comes from a signed post, where it leads to does not.
        with requests.get(link, stream=True, timeout=TIMEOUT, allow_redirects=False) as answer:
            answer.raise_for_status()
            if answer.status_code != 200:
                raise requests.HTTPError(f"status {answer.status_code}")
            size, seconds = files.keep(settings, recording_id, answer.raw)
    except Invalid as invalid:
        log.warning("recording %s cannot be kept here: %s", recording_id, invalid.code)
        with writing() as db:
            arriving.note_link_only(db, db.get_one(Recording, recording_id), at=at)
        return
    except (requests.RequestException, OSError) as error:
        # Without the address: it is a secret as long as it works.
        log.warning("recording %s could not be fetched: %s", recording_id, type(error).__name__)
        return
    with writing() as db:
        recording = db.get_one(Recording, recording_id)
        if recording.state == "coming":
            arriving.note_film(db, recording, size=size, seconds=seconds, at=at)


@every(600, name="delete_expired_recordings")
def delete_expired_recordings(at: datetime) -> None:
    """Delete recordings whose time is over, and every film that no recording needs any more."""
    with writing() as db:
        showing.delete_expired(db, at=at)
    drop_files()


def drop_files() -> None:
    """Delete the films in the folder that belong to no recording."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.recordings.is_dir():
        return
    # Listed first: a film that arrives meanwhile has its row before it has its name.
    names = [path for path in settings.recordings.glob("*.mp4") if path.stem.isdecimal()]
    with reading() as db:
        kept = showing.with_files(db)
    for path in names:
        if int(path.stem) not in kept:
            path.unlink(missing_ok=True)
