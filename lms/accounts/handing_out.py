"""Tables as files: made row by row into a temporary file, handed out, and written down who took what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

from flask import send_file

from lms.accounts import guard
from lms.accounts.service.audit import record_act
from lms.accounts.tables import Sheet, write_csv, write_xlsx
from lms.db import writing
from lms.web.i18n import reader

TYPES = {
    "csv": "text/csv",
    "gift": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}


@dataclass
class Made:
    """A file as it was made, at its beginning; `rows` are those of its first table."""

    file: IO[bytes]
    name: str
    kind: str
    rows: int


def make(kind: str, sheets: Sequence[Sheet]) -> Made:
    """Return these tables as a file: a workbook holds all, CSV the first.

    Rows that are read as they are asked for need the transaction they are read in: call this inside it.
    """
    # It lives as long as the answer: whoever sends it closes it, and closed it is gone.
    file = TemporaryFile(prefix="jembatan-")  # noqa: SIM115
    rows = write_csv(sheets[0], file, language=reader().language) if kind == "csv" else write_xlsx(sheets, file)
    file.seek(0)
    return Made(file, f"{sheets[0].stem}.{kind}", kind, rows)


def send(made: Made, action: str, subject: str, subject_id: int, *, at: datetime, **detail: Any) -> Any:
    """Answer with the file, after writing down who took it and how many rows of what."""
    note_taken(action, subject, subject_id, at=at, format=made.kind, rows=made.rows, **detail)
    response = send_file(made.file, mimetype=TYPES[made.kind], as_attachment=True, download_name=made.name, max_age=0)
    # Names and NIPs must not stay in a shared computer's cache.
    response.headers["Cache-Control"] = "no-store"
    return response


def note_taken(action: str, subject: str, subject_id: int, *, at: datetime, **detail: Any) -> None:
    """Write down who took which data out, and how much."""
    with writing() as db:
        record_act(db, action, subject, subject_id, by=guard.principal().id, at=at, **detail)
