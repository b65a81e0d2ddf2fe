"""Letters handed in with a request or a correction: for whom they concern and who decides, never for a cache."""

from flask import Response, current_app, request, send_file

from lms.attendance.models import Correction, Petition
from lms.attendance.service.letters import MOST_BYTES, Letter
from lms.courses import files
from lms.kernel.errors import NotFound


def received_letter() -> Letter | None:
    """Return the letter that came with the form, its bytes safe before any row names them; None without one."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    stored = files.keep(current_app.config["SETTINGS"].uploads, sent.stream, most=MOST_BYTES)
    return Letter(stored, sent.filename)


def send_letter(of: Petition | Correction) -> Response:
    """Return the letter's bytes as a download. Raises NotFound without one, or when its bytes are lost."""
    if of.file_sha256 is None:
        raise NotFound()
    path = files.path_of(current_app.config["SETTINGS"].uploads, of.file_sha256)
    if not path.is_file():
        current_app.logger.error("the store lacks the letter of %s %s", of.__tablename__, of.id)
        raise NotFound("file_lost")
    response = send_file(path, mimetype=of.file_kind, as_attachment=True, download_name=of.file_name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
