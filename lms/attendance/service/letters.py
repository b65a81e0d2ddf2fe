"""A letter that goes with a request or a correction: a scan or a photograph of paper, its bytes in the store."""

from dataclasses import dataclass
from typing import Any

from lms.courses.files import Stored
from lms.courses.kinds import safe_filename
from lms.courses.rules import FileKind
from lms.kernel.errors import Invalid, Problem

LETTER_KINDS = frozenset({FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.WEBP})
MOST_BYTES = 10 * 1024**2

NO_LETTER: dict[str, Any] = {"file_sha256": None, "file_name": "", "file_kind": ""}


@dataclass(frozen=True)
class Letter:
    """A letter whose bytes are in the store."""

    stored: Stored
    filename: str


def letter_columns(letter: Letter | None) -> dict[str, Any]:
    """Return what a row keeps of a letter: hash, name, kind. Raises Invalid for a file that is no letter."""
    if letter is None:
        return NO_LETTER
    if letter.stored.kind not in LETTER_KINDS:
        raise Invalid(Problem.of("letter_kind_refused", field="file"))
    return {
        "file_sha256": letter.stored.sha256,
        "file_name": safe_filename(letter.filename, letter.stored.kind)[:160],
        "file_kind": str(letter.stored.kind),
    }
