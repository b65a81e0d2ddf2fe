"""The films themselves: one file a recording, beside the uploads and not in the backups, since they expire."""

import os
import tempfile
from pathlib import Path
from typing import Protocol

from lms.kernel.errors import Invalid, Problem
from lms.sessions.recordings.rules import film_length
from lms.settings import Settings

_CHUNK = 1024 * 1024


class Readable(Protocol):
    """Where bytes come from: a request's body, an answer's, a file."""

    def read(self, size: int, /) -> bytes: ...


def path_of(settings: Settings, recording_id: int) -> Path:
    """Return where this recording's film lies."""
    return settings.recordings / f"{recording_id}.mp4"


def keep(settings: Settings, recording_id: int, stream: Readable) -> tuple[int, float]:
    """Store the stream as this recording's film; return its size in bytes and how many seconds it plays.

    It appears whole or not at all. Raises Invalid with `file_too_large`, or `recording_not_film`.
    """
    settings.recordings.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=settings.recordings)
    incoming = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)
                if file.tell() > settings.recording_limit:
                    most = settings.recording_limit // 1024**2
                    raise Invalid(Problem.of("file_too_large", field="file", megabytes=most))
            size = file.tell()
            seconds = film_length(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(incoming, path_of(settings, recording_id))
        return size, seconds
    finally:
        incoming.unlink(missing_ok=True)


def drop(settings: Settings, recording_id: int) -> None:
    """Delete the film; one that is gone already is fine."""
    path_of(settings, recording_id).unlink(missing_ok=True)
