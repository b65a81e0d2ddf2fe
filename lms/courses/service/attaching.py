"""Files handed out with a module, and pictures that lessons show. Bytes are in the store before a row names them."""

import re
from datetime import datetime

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.courses.files import Stored
from lms.courses.kinds import safe_filename
from lms.courses.models import Attachment, Course, Media, Module
from lms.courses.rules import PICTURES, UPLOADS, AttachmentDraft, FileKind, Origin
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem


def attach(
    db: Db, module: Module, stored: Stored, filename: str, draft: AttachmentDraft, *, by: int, at: datetime
) -> Attachment:
    """Return the file as an attachment of the module; the same content attached twice is one attachment."""
    kind = _uploadable(stored)
    same = db.scalar(
        select(Attachment).where(
            Attachment.module_id == module.id, Attachment.sha256 == stored.sha256, Attachment.removed_at.is_(None)
        )
    )
    if same is not None:
        return same
    name = safe_filename(filename, kind)
    attachment = Attachment(
        module_id=module.id,
        title=draft.title or name.rpartition(".")[0],
        filename=name,
        kind=str(kind),
        size=stored.size,
        sha256=stored.sha256,
        attached_at=at,
        attached_by=by,
    )
    db.add(attachment)
    db.flush()
    record_act(db, "file_attached", "module", module.id, by=by, at=at, filename=name, sha256=stored.sha256)
    return attachment


def find_attachment(db: Db, module: Module, attachment_id: int) -> Attachment:
    """Return an attachment of this module that is handed out. Raises NotFound."""
    attachment = db.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id, Attachment.module_id == module.id, Attachment.removed_at.is_(None)
        )
    )
    if attachment is None:
        raise NotFound()
    return attachment


def remove_attachment(db: Db, attachment: Attachment, *, by: int, at: datetime) -> None:
    """Stop handing the file out; its row and its bytes stay."""
    attachment.removed_at = at
    record_act(db, "file_removed", "module", attachment.module_id, by=by, at=at, filename=attachment.filename)


def add_picture(db: Db, course: Course, stored: Stored, filename: str, *, at: datetime) -> Media:
    """Return the picture or film as media of the course, under a name lessons can write. Never replaces another's.

    Raises Invalid for what a lesson cannot show.
    """
    kind = _uploadable(stored)
    if kind not in PICTURES | {FileKind.MP4, FileKind.WEBM}:
        raise Invalid(Problem.of("file_not_a_picture", field="file"))
    taken = {media.name: media for media in db.scalars(select(Media).where(Media.course_id == course.id))}
    same = next((media for media in taken.values() if media.sha256 == stored.sha256), None)
    if same is not None:
        return same
    if len(taken) >= 1000:
        raise Conflict("course_too_many_media")
    stem = re.sub(r"[^a-z0-9]+", "-", filename.rpartition(".")[0].lower()).strip("-")[:60] or "gambar"
    name, number = f"{stem}{kind.endings[0]}", 2
    while name in taken:
        name, number = f"{stem}-{number}{kind.endings[0]}", number + 1
    media = Media(
        course_id=course.id,
        name=name,
        kind=str(kind),
        size=stored.size,
        sha256=stored.sha256,
        width=stored.pixels and stored.pixels.width,
        height=stored.pixels and stored.pixels.height,
        origin=Origin.WEB,
        added_at=at,
    )
    db.add(media)
    db.flush()
    return media


def _uploadable(stored: Stored) -> FileKind:
    if stored.kind not in UPLOADS:
        raise Invalid(Problem.of("file_kind_refused", field="file"))
    return stored.kind
