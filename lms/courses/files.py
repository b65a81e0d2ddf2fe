"""The store of bytes: each content once, under its SHA-256, outside the web root. Written before a row names it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lms.courses.kinds import recognise
from lms.courses.rules import CourseSource, FileKind, Size
from lms.courses.sizes import measure
from lms.kernel.errors import Invalid, Problem

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Stored:
    """Content that lies in the store."""

    sha256: str
    size: int
    kind: FileKind
    # Of a picture that tells it.
    pixels: Size | None = None


def path_of(uploads: Path, sha256: str) -> Path:
    """Return where content with this hash lies; two letters a folder keep folders small."""
    return uploads / sha256[:2] / sha256


def keep(uploads: Path, stream: IO[bytes], *, most: int) -> Stored:
    """Return the stream's content as stored, durable when this returns; the same content is stored once.

    Raises Invalid with `file_too_large`, `file_empty`, `file_unknown`, `file_damaged`, `file_bomb`,
    `file_with_macros` or an SVG's problem; then nothing is left behind.
    """
    uploads.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=uploads)
    incoming = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
                if file.tell() > most:
                    raise Invalid(Problem.of("file_too_large", field="file", megabytes=most // 1024**2))
            size = file.tell()
            kind = recognise(file)
            if isinstance(kind, Problem):
                raise Invalid(Problem.of(kind.code, field="file", **kind.params))
            pixels = measure(file, kind)
            file.flush()
            os.fsync(file.fileno())
        place = path_of(uploads, digest.hexdigest())
        place.parent.mkdir(exist_ok=True)
        os.replace(incoming, place)
        return Stored(digest.hexdigest(), size, kind, pixels)
    finally:
        incoming.unlink(missing_ok=True)


def measure_stored(uploads: Path, sha256: str, kind: FileKind) -> Size | None:
    """Return the size of a picture in the store; None where it does not tell, or does not lie there."""
    try:
        with path_of(uploads, sha256).open("rb") as file:
            return measure(file, kind)
    except OSError:
        return None


def keep_media(uploads: Path, source: CourseSource) -> None:
    """Copy a course folder's media into the store; what lies there already is not copied again."""
    for media in source.media:
        place = path_of(uploads, media.sha256)
        if place.is_file() and place.stat().st_size == media.size:
            continue
        with open(media.path, "rb") as stream:
            stored = keep(uploads, stream, most=media.size)
        if stored.sha256 != media.sha256:
            raise Invalid(Problem.of("media_changed_meanwhile", where=media.path))
