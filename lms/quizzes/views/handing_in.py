"""Files as answers: taken while a quiz is taken, and given back to whom they concern."""

from datetime import datetime
from typing import Any

from flask import Response, current_app, jsonify, request, send_file
from werkzeug.datastructures import FileStorage

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.courses import files
from lms.courses.files import Stored
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.quizzes.models import Answer, AnswerFile, Attempt
from lms.quizzes.rules.drafts import FileDraft
from lms.quizzes.service import handing_in
from lms.quizzes.views.blueprint import blueprint
from lms.web.forms import form
from lms.web.i18n import say

# Handed to whoever asks as a file, never opened in our pages: what is in it, somebody else wrote.
FILE_POLICY = "sandbox; default-src 'none'"
MEGABYTE = 1024 * 1024


@blueprint.post("/attempts/<int:attempt_id>/items/<int:item_id>/file")
def hand_in(attempt_id: int, item_id: int) -> Any:
    """Keep a file as the answer to one question; told like any other save, with the file's name and size."""
    draft = form(FileDraft)
    try:
        stored, name = _keep(attempt_id, item_id, request.files.get("file"))
        with writing() as db:
            attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
            row, saved = handing_in.hand_in(
                db, attempt, item_id, stored, name, seq=draft.seq, device=draft.device, at=clock.now()
            )
    except Invalid as refused:
        return jsonify(ok=True, status="refused", text=say(refused.problems[0]))
    return jsonify(ok=True, status=saved.status, seq=saved.seq, response=str(row.id), name=row.name, size=row.size)


@blueprint.get("/attempts/<int:attempt_id>/files/<int:file_id>")
def own_file(attempt_id: int, file_id: int) -> Response:
    """A file that she handed in herself."""
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE)
        return _send(handing_in.find_file(db, attempt, file_id))


@blueprint.get("/attempts/<int:attempt_id>/handed-in/<int:file_id>")
def handed_in_file(attempt_id: int, file_id: int) -> Response:
    """A file that a trainee handed in, for those who read results."""
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_RESULTS)
        return _send(handing_in.find_file(db, attempt, file_id))


def keep_form_files(attempt_id: int) -> tuple[list[tuple[int, Stored, str]], list[Problem]]:
    """Return the files of a form without script by item, in the store already, and what is wrong with others."""
    kept: list[tuple[int, Stored, str]] = []
    problems: list[Problem] = []
    for field, upload in request.files.items():
        prefix, _, item = field.partition("-")
        if prefix == "q" and item.isascii() and item.isdecimal() and len(item) < 10 and upload.filename:
            try:
                kept.append((int(item), *_keep(attempt_id, int(item), upload)))
            except Invalid as refused:
                problems += refused.problems
    return kept, problems


def hand_in_form(db: Db, attempt: Attempt, kept: list[tuple[int, Stored, str]], *, at: datetime) -> None:
    """Make the files of a form the answers to their questions. Raises Invalid as `handing_in.hand_in`."""
    for item_id, stored, name in kept:
        before = db.get(Answer, (attempt.id, item_id))
        seq = before.seq + 1 if before else 1
        handing_in.hand_in(db, attempt, item_id, stored, name, seq=seq, device="form", at=at)


def _keep(attempt_id: int, item_id: int, upload: FileStorage | None) -> tuple[Stored, str]:
    """Return the upload in the store and its name. Raises Invalid for none, too large, or of no known kind."""
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE)
        question = handing_in.file_question(db, attempt, item_id)
    if upload is None or not upload.filename:
        raise Invalid(Problem.of("file_missing", field="file"))
    settings = current_app.config["SETTINGS"]
    most = min(question.megabytes * MEGABYTE, settings.upload_limit)
    return files.keep(settings.uploads, upload.stream, most=most), upload.filename


def _send(row: AnswerFile) -> Response:
    path = files.path_of(current_app.config["SETTINGS"].uploads, row.sha256)
    if not path.is_file():
        current_app.logger.error("the store lacks %s, handed in as answer file %s", row.sha256, row.id)
        raise NotFound("file_lost")
    response = send_file(path, mimetype=row.media_type, as_attachment=True, download_name=row.name, etag=row.sha256)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
