"""A course folder's content → rows: a new revision only where a text differs, nothing where nothing does."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from lms.accounts.service.audit import record_act
from lms.courses import render
from lms.courses.models import Course, Media, Module, Revision
from lms.courses.rules import CourseSource, MediaSource, ModuleSource, ModuleText, Origin
from lms.courses.service.publishing import add_revision, current_revisions
from lms.db import Db


@dataclass
class Synced:
    """What a sync of one course did. False when nothing changed."""

    course: Course
    is_new: bool = False
    changed_head: bool = False
    # "key.language" of each text that got a new revision; `rendered` only got new HTML.
    revised: tuple[str, ...] = ()
    rendered: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    # Whether a picture under a known name has another size: then what shows it is rendered again.
    has_resized: bool = False

    def __bool__(self) -> bool:
        parts = (self.revised, self.rendered, self.moved, self.archived, self.restored, self.media)
        return self.is_new or self.changed_head or any(parts)


def sync(db: Db, source: CourseSource, *, at: datetime, by: int | None = None) -> Synced:
    """Make the course what its folder says and return what changed; writes nothing when nothing did.

    A text that was edited in the browser after the last sync stays current as long as its file is unchanged.
    Modules whose files are gone are archived; they come back with their readings. The bytes of media must be
    in the store before (`files.keep_media`), since copying does not belong into a transaction.
    """
    course = db.scalar(select(Course).where(Course.slug == source.slug).with_for_update())
    is_new = course is None
    if course is None:
        course = Course(slug=source.slug, created_at=at, created_by=by, origin=Origin.FOLDER, **_head(source))
        db.add(course)
        db.flush()
    synced = Synced(course, is_new, changed_head=not is_new and _update_head(course, source))
    synced.media, synced.has_resized = _sync_media(db, course, source.media, at)
    if synced.has_resized:
        _forget_html(db, course)
    _sync_modules(db, synced, source.modules, at=at, by=by)
    db.flush()
    if synced:
        record_act(
            db,
            "course_synced",
            "course",
            course.id,
            by=by,
            at=at,
            revised=list(synced.revised),
            archived=list(synced.archived),
        )
    return synced


def _head(source: CourseSource) -> dict[str, object]:
    return {
        "position": source.order,
        "languages": list(source.languages),
        "title_id": source.title.get("id", ""),
        "title_en": source.title.get("en", ""),
        "summary_id": source.summary.get("id", ""),
        "summary_en": source.summary.get("en", ""),
    }


def _update_head(course: Course, source: CourseSource) -> bool:
    wanted = {**_head(source), "origin": str(Origin.FOLDER), "archived_at": None}
    different = {name: value for name, value in wanted.items() if getattr(course, name) != value}
    for name, value in different.items():
        setattr(course, name, value)
    return bool(different)


def _sync_media(db: Db, course: Course, files: tuple[MediaSource, ...], at: datetime) -> tuple[tuple[str, ...], bool]:
    """Return the names of what is new, changed or gone, and whether a known picture has another size now."""
    known = {media.name: media for media in db.scalars(select(Media).where(Media.course_id == course.id))}
    changed, has_resized = [], False
    for file in files:
        media = known.get(file.name)
        if media is None:
            media = Media(course_id=course.id, name=file.name, origin=Origin.FOLDER, added_at=at)
            db.add(media)
        elif (media.sha256, media.kind, media.pixels) == (file.sha256, file.kind, file.pixels):
            continue
        has_resized = has_resized or media.pixels not in (None, file.pixels)
        media.width, media.height = file.pixels or (None, None)
        media.kind, media.size, media.sha256, media.origin = str(file.kind), file.size, file.sha256, Origin.FOLDER
        changed.append(file.name)
    kept = {file.name for file in files}
    gone = [name for name, media in known.items() if name not in kept and media.origin == Origin.FOLDER]
    if gone:
        db.execute(delete(Media).where(Media.course_id == course.id, Media.name.in_(gone)))
    return (*changed, *gone), has_resized


def _forget_html(db: Db, course: Course) -> None:
    """Let the HTML that readers see now count as an older renderer's."""
    modules = select(Module.id).where(Module.course_id == course.id)
    current = (Revision.module_id.in_(modules), Revision.is_current.is_(True))
    db.execute(update(Revision).where(*current).values(renderer=0))


def _sync_modules(db: Db, synced: Synced, sources: tuple[ModuleSource, ...], *, at: datetime, by: int | None) -> None:
    course_id = synced.course.id
    modules = {module.key: module for module in db.scalars(select(Module).where(Module.course_id == course_id))}
    revised, rendered, moved, restored = [], [], [], []
    for source in sources:
        module = modules.get(source.key)
        if module is None:
            module = Module(course_id=course_id, key=source.key, position=source.position, created_at=at)
            db.add(module)
        elif module.position != source.position:
            module.position = source.position
            moved.append(source.key)
        if module.archived_at is not None:
            module.archived_at = None
            restored.append(source.key)
    db.flush()
    modules = {module.key: module for module in db.scalars(select(Module).where(Module.course_id == course_id))}
    ids = [modules[source.key].id for source in sources]
    current = current_revisions(db, ids)
    from_folder = _last_from_folder(db, ids)
    for source in sources:
        module = modules[source.key]
        for language, text in source.texts.items():
            place = (module.id, language)
            if from_folder.get(place) != text.hash:
                add_revision(
                    db,
                    module.id,
                    language,
                    title=text.title,
                    markdown=text.markdown,
                    rendered=text.rendered,
                    origin=Origin.FOLDER,
                    by=by,
                    at=at,
                )
                revised.append(f"{source.key}.{language}")
            elif _render_again(current.get(place), text):
                rendered.append(f"{source.key}.{language}")
    synced.archived = _archive_gone(db, modules, {source.key for source in sources}, at)
    synced.revised, synced.rendered, synced.moved = tuple(revised), tuple(rendered), tuple(moved)
    synced.restored = tuple(restored)


def _last_from_folder(db: Db, module_ids: list[int]) -> dict[tuple[int, str], str]:
    """Return, by module and language, the hash of the newest revision that came from the folder."""
    rows = db.execute(
        select(Revision.module_id, Revision.language, Revision.hash)
        .where(Revision.module_id.in_(module_ids), Revision.origin == Origin.FOLDER)
        .order_by(Revision.number)
    )
    return {(row.module_id, row.language): row.hash for row in rows}


def _render_again(revision: Revision | None, text: ModuleText) -> bool:
    """Give a current revision the HTML of today's renderer if an older one made it and the text is this one."""
    if revision is None or revision.renderer == render.VERSION or revision.hash != text.hash:
        return False
    revision.html = text.rendered.html
    revision.headings = [[heading.level, heading.anchor, heading.text] for heading in text.rendered.headings]
    revision.minutes = text.rendered.minutes
    revision.renderer = render.VERSION
    return True


def _archive_gone(db: Db, modules: dict[str, Module], kept: set[str], at: datetime) -> tuple[str, ...]:
    """Archive modules that came from the folder and are no longer in it; one written in the browser stays."""
    candidates = [m for key, m in modules.items() if key not in kept and m.archived_at is None]
    if not candidates:
        return ()
    ids = [module.id for module in candidates]
    from_folder = set(
        db.scalars(
            select(Revision.module_id).where(Revision.module_id.in_(ids), Revision.origin == Origin.FOLDER).distinct()
        )
    )
    gone = [module for module in candidates if module.id in from_folder]
    for module in gone:
        module.archived_at = at
    return tuple(module.key for module in gone)
