"""Files of a course, for those who may read it: pictures of lessons and what is attached to modules."""

from typing import Any

from flask import Response, current_app, send_file

from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.courses import files
from lms.courses.models import Course
from lms.courses.rules import SHOWN_INLINE, FileKind
from lms.courses.service import attaching
from lms.courses.service import reading as service
from lms.courses.views.blueprint import blueprint
from lms.db import reading
from lms.kernel.errors import NotFound

# A file is looked at, never run: an SVG opened by its address stays a picture.
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'"


@blueprint.get("/courses/<slug>/media/<name>")
def media(slug: str, name: str) -> Any:
    """A picture, film or document that a lesson shows or links."""
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_READ)
        shown = service.find_media(db, found, name)
    return _send(shown.sha256, shown.kind, shown.name)


@blueprint.get("/courses/<slug>/<key>/attachments/<int:attachment_id>")
def attachment(slug: str, key: str, attachment_id: int) -> Any:
    """A file attached to a module; films play in the page, the rest is downloaded."""
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_READ)
        attached = attaching.find_attachment(db, service.find_module(db, found, key), attachment_id)
    return _send(attached.sha256, attached.kind, attached.filename)


def _send(sha256: str, kind: str, name: str) -> Response:
    """Return the stored bytes, in parts where the browser asks for a range."""
    path = files.path_of(current_app.config["SETTINGS"].uploads, sha256)
    if not path.is_file():
        current_app.logger.error("the store lacks %s (%s)", sha256, name)
        raise NotFound("file_lost")
    response = send_file(
        path,
        mimetype=kind,
        as_attachment=FileKind(kind) not in SHOWN_INLINE,
        download_name=name,
        conditional=True,
        etag=sha256,
        last_modified=None,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Only this browser may keep it, and asks again each time: a right may have ended.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
