"""What a reader sees: the library, a course's outline with ticks, a lesson, and what has been read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, select
from sqlalchemy.orm import joinedload, undefer

from lms.courses.models import Attachment, Course, Media, Module, ModuleDraft, Progress, Revision
from lms.db import Db, built_once, insert_new
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Place:
    """A module in an outline, in the language the reader will get; `language` is None while nothing is published."""

    id: int
    key: str
    number: int
    title: str
    language: str | None
    languages: tuple[str, ...]
    minutes: int
    read_at: datetime | None
    archived_at: datetime | None = None
    # Languages in which somebody is writing; filled for editors only.
    drafts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outline:
    """A course's modules in order, and how far the reader is."""

    places: tuple[Place, ...]

    @property
    def read(self) -> int:
        return sum(place.read_at is not None for place in self.places)

    @property
    def minutes_left(self) -> int:
        return sum(place.minutes for place in self.places if place.read_at is None)

    @property
    def next(self) -> Place | None:
        """The first module not read yet."""
        return next((place for place in self.places if place.read_at is None), None)

    def around(self, key: str) -> tuple[Place | None, Place | None]:
        """Return the modules before and after this one."""
        keys = [place.key for place in self.places]
        at = keys.index(key)
        return (
            self.places[at - 1] if at else None,
            self.places[at + 1] if at + 1 < len(self.places) else None,
        )


@dataclass(frozen=True)
class Summary:
    """A course in the library, with how many of its modules this reader has read."""

    course: Course
    modules: int
    read: int


def summaries(db: Db, courses: Sequence[Course], person_id: int) -> list[Summary]:
    """Return the courses in their order with the reader's progress; one statement."""
    published = select(Revision.module_id).where(Revision.is_current.is_(True))
    counted = {
        row.course_id: row
        for row in db.execute(
            select(Module.course_id, func.count().label("modules"), func.count(Progress.id).label("read"))
            .outerjoin(Progress, and_(Progress.module_id == Module.id, Progress.person_id == person_id))
            .where(Module.course_id.in_([course.id for course in courses]))
            .where(Module.archived_at.is_(None), Module.id.in_(published))
            .group_by(Module.course_id)
        )
    }
    return [
        Summary(course, row.modules if row else 0, row.read if row else 0)
        for course in courses
        for row in (counted.get(course.id),)
    ]


def outline(db: Db, course: Course, person_id: int, language: str, *, for_editor: bool = False) -> Outline:
    """Return the published modules as this person reads them; an editor also sees unpublished ones. One statement.

    A module missing in the wanted language is listed in the course's main one.
    """
    rows: dict[int, list[Any]] = {}
    for row in db.execute(*_modules(course.id, person_id)):
        if row.archived_at is not None and not for_editor:
            continue
        rows.setdefault(row.id, []).append(row)
    drafts = _drafts(db, course.id) if for_editor else {}
    places: list[Place] = []
    for module_id, versions in rows.items():
        published = {row.language: row for row in versions if row.language is not None}
        if not published and not for_editor:
            continue
        chosen = _choose(published, language, course.languages)
        mine = drafts.get(module_id, {})
        places.append(
            Place(
                id=module_id,
                key=versions[0].key,
                number=len(places) + 1,
                title=chosen.title if chosen else next(iter(mine.values()), versions[0].key),
                language=chosen.language if chosen else None,
                languages=tuple(sorted(published, key=_by_course(course))),
                minutes=chosen.minutes if chosen else 0,
                read_at=versions[0].read_at,
                archived_at=versions[0].archived_at,
                drafts=tuple(sorted(mine)),
            )
        )
    return Outline(tuple(places))


@built_once
def _modules(course_id: Any, person_id: Any) -> Any:
    return (
        select(
            Module.id, Module.key, Module.archived_at, Revision.language, Revision.title, Revision.minutes,
            Progress.read_at,
        )
        .outerjoin(Revision, and_(Revision.module_id == Module.id, Revision.is_current.is_(True)))
        .outerjoin(Progress, and_(Progress.module_id == Module.id, Progress.person_id == person_id))
        .where(Module.course_id == course_id)
        .order_by(Module.position, Module.id)
    )  # fmt: skip


def _drafts(db: Db, course_id: int) -> dict[int, dict[str, str]]:
    rows = db.execute(
        select(ModuleDraft.module_id, ModuleDraft.language, ModuleDraft.title)
        .join(Module, Module.id == ModuleDraft.module_id)
        .where(Module.course_id == course_id)
    )
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.module_id, {})[row.language] = row.title
    return found


def _choose(published: Mapping[str, Any], wanted: str, languages: Sequence[str]) -> Any:
    for language in (wanted, *languages, *published):
        if language in published:
            return published[language]
    return None


def _by_course(course: Course) -> Any:
    order = list(course.languages)
    return lambda language: order.index(language) if language in order else len(order)


def find_module(db: Db, course: Course, key: str, *, lock: bool = False) -> Module:
    """Return the course's module with this key. Raises NotFound."""
    statement = select(Module).where(Module.course_id == course.id, Module.key == key)
    module = db.scalar(statement.with_for_update() if lock else statement)
    if module is None:
        raise NotFound()
    return module


def lesson(db: Db, module_id: int, language: str) -> Revision:
    """Return the published text with its HTML. Raises NotFound if there is none in this language."""
    revision: Revision | None = db.scalar(*_current(module_id, language))
    if revision is None:
        raise NotFound()
    return revision


@built_once
def _current(module_id: Any, language: Any) -> Any:
    return (
        select(Revision)
        .where(Revision.module_id == module_id, Revision.language == language, Revision.is_current.is_(True))
        .options(undefer(Revision.html))
    )


def revisions(db: Db, module: Module) -> list[Revision]:
    """Return every publication of the module, the newest first, with who published it."""
    return list(
        db.scalars(
            select(Revision)
            .where(Revision.module_id == module.id)
            .order_by(Revision.published_at.desc(), Revision.id.desc())
            .options(joinedload(Revision.publisher))
        )
    )


def find_revision(db: Db, module: Module, language: str, number: int) -> Revision:
    """Return one publication with its text. Raises NotFound."""
    revision = db.scalar(
        select(Revision)
        .where(Revision.module_id == module.id, Revision.language == language, Revision.number == number)
        .options(undefer(Revision.html), undefer(Revision.markdown), joinedload(Revision.publisher))
    )
    if revision is None:
        raise NotFound()
    return revision


def find_draft(db: Db, module: Module, language: str) -> ModuleDraft | None:
    """Return what is being written in this language, if anything."""
    return db.scalar(select(ModuleDraft).where(ModuleDraft.module_id == module.id, ModuleDraft.language == language))


def attachments(db: Db, module_id: int) -> list[Attachment]:
    """Return the files handed out with the module, in the order they came."""
    return list(db.scalars(*_handed_out(module_id)))


@built_once
def _handed_out(module_id: Any) -> Any:
    return (
        select(Attachment)
        .where(Attachment.module_id == module_id, Attachment.removed_at.is_(None))
        .order_by(Attachment.attached_at, Attachment.id)
    )


def find_media(db: Db, course: Course, name: str) -> Media:
    """Return the course's media file of this name. Raises NotFound."""
    media = db.scalar(select(Media).where(Media.course_id == course.id, Media.name == name))
    if media is None:
        raise NotFound()
    return media


def mark_read(db: Db, module_id: int, person_id: int, *, at: datetime) -> bool:
    """Return whether the module is newly read; saying it again changes nothing, the first time counts."""
    values = {"person_id": person_id, "module_id": module_id, "read_at": at}
    return bool(insert_new(db, Progress, values, ["person_id", "module_id"]))


def mark_unread(db: Db, module_id: int, person_id: int) -> None:
    """Take the tick away."""
    db.execute(delete(Progress).where(Progress.module_id == module_id, Progress.person_id == person_id))


def progress(db: Db, course_id: int, person_ids: Collection[int]) -> dict[int, int]:
    """Return how many published modules of the course each of these people has read."""
    is_read = case((Progress.id.is_not(None), 1), else_=0)
    rows = db.execute(
        select(Progress.person_id, func.sum(is_read).label("read"))
        .join(Module, Module.id == Progress.module_id)
        .where(Module.course_id == course_id, Module.archived_at.is_(None), Progress.person_id.in_(person_ids))
        .group_by(Progress.person_id)
    )
    found = {row.person_id: int(row.read) for row in rows}
    return {person_id: found.get(person_id, 0) for person_id in person_ids}
