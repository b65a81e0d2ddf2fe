"""What an older version left behind, made anew: sizes of pictures, and HTML of whatever text readers see now.

A folder's sync does the same for its own files; this reaches what was written or added in the browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from lms.courses import render
from lms.courses.models import Course, Media, Module, Revision
from lms.courses.rules import PICTURES, FileKind, Rendered, Size
from lms.courses.service.publishing import render_draft
from lms.db import Db


@dataclass(frozen=True)
class Renewed:
    """A text with the HTML of today's renderer; `name` says which it is."""

    revision_id: int
    name: str
    rendered: Rendered


def unmeasured(db: Db) -> list[tuple[int, str, FileKind]]:
    """Return number, hash and kind of each picture whose size is not known."""
    kinds = [str(kind) for kind in PICTURES]
    rows = db.execute(select(Media.id, Media.sha256, Media.kind).where(Media.kind.in_(kinds), Media.width.is_(None)))
    return [(row.id, row.sha256, FileKind(row.kind)) for row in rows]


def write_sizes(db: Db, sizes: Mapping[int, Size]) -> None:
    """Note the size of each of these pictures."""
    for media_id, size in sizes.items():
        db.execute(update(Media).where(Media.id == media_id).values(width=size.width, height=size.height))


def render_again(db: Db) -> list[Renewed]:
    """Return the current texts that an older renderer made, rendered; reads only, for outside of a writer."""
    rows = db.execute(
        select(Course, Module.key, Revision.id, Revision.language, Revision.markdown)
        .join(Module, Module.course_id == Course.id)
        .join(Revision, Revision.module_id == Module.id)
        .where(Revision.is_current.is_(True), Revision.renderer != render.VERSION)
        .order_by(Course.slug, Module.key, Revision.language)
    ).all()
    renewed = [
        Renewed(number, f"{course.slug}/{key}.{language}", render_draft(db, course, language, markdown))
        for course, key, number, language, markdown in rows
    ]
    # What today's limits refuse stays as it is: an empty page would be worse than an old one.
    return [one for one in renewed if one.rendered.html]


def write_renewed(db: Db, renewed: list[Renewed]) -> None:
    """Store the HTML; a text's words stay, so this is no new revision."""
    for one in renewed:
        db.execute(
            update(Revision)
            .where(Revision.id == one.revision_id)
            .values(
                html=one.rendered.html,
                headings=[[heading.level, heading.anchor, heading.text] for heading in one.rendered.headings],
                minutes=one.rendered.minutes,
                renderer=render.VERSION,
            )
        )
