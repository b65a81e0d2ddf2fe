"""Letters handed in with a request: for whoever wrote it and whoever decides on it, never for a cache."""

from flask import Response, current_app, send_file

from lms.attendance.models import Petition
from lms.courses import files
from lms.kernel.errors import NotFound


def send_letter(petition: Petition) -> Response:
    """Return the letter's bytes as a download. Raises NotFound without one, or when its bytes are lost."""
    if petition.file_sha256 is None:
        raise NotFound()
    path = files.path_of(current_app.config["SETTINGS"].uploads, petition.file_sha256)
    if not path.is_file():
        current_app.logger.error("the store lacks the letter of petition %s", petition.id)
        raise NotFound("file_lost")
    response = send_file(path, mimetype=petition.file_kind, as_attachment=True, download_name=petition.file_name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
