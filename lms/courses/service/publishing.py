"""Writing in the browser: courses, modules, drafts, and publication as a new revision."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from lms.accounts.models import Person
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.service.audit import record_act
from lms.accounts.service.rights import grant_role
from lms.courses import render
from lms.courses.models import Course, Media, Module, ModuleDraft, Revision
from lms.courses.rules import CourseDraft, FindMedia, Origin, Rendered, TextDraft, is_error, make_slug, text_hash
from lms.courses.rules import ModuleDraft as NewModule
from lms.courses.source import media_finder, module_address
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem


def create_course(db: Db, draft: CourseDraft, *, by: int, at: datetime) -> Course:
    """Return a new, empty course; its author becomes its instructor, so that she can go on writing."""
    slug = make_slug(draft.main_title(), set(db.scalars(select(Course.slug))))
    course = Course(
        slug=slug,
        title_id=draft.title_id,
        title_en=draft.title_en,
        summary_id=draft.summary_id,
        summary_en=draft.summary_en,
        languages=draft.languages(),
        origin=Origin.WEB,
        created_at=at,
        created_by=by,
    )
    db.add(course)
    db.flush()
    grant_role(db, by, Role.INSTRUCTOR, ScopeKind.COURSE, course.id, by=by, at=at, source="course_created")
    record_act(db, "course_created", "course", course.id, by=by, at=at, slug=slug)
    return course


def edit_course(db: Db, course: Course, draft: CourseDraft, *, by: int, at: datetime) -> None:
    """Change title and summary. Raises Conflict for a course from a folder, whose next sync would undo it."""
    if course.origin == Origin.FOLDER:
        raise Conflict("course_from_folder")
    course.title_id, course.title_en = draft.title_id, draft.title_en
    course.summary_id, course.summary_en = draft.summary_id, draft.summary_en
    main = [language for language in course.languages if language in draft.languages()]
    course.languages = [*main, *(language for language in draft.languages() if language not in main)]
    record_act(db, "course_edited", "course", course.id, by=by, at=at)


def create_module(db: Db, course: Course, draft: NewModule, *, by: int, at: datetime) -> Module:
    """Return a new module at the end of the course, with a draft that holds its title; nobody sees it yet."""
    rows = db.execute(select(Module.key, Module.position).where(Module.course_id == course.id)).all()
    module = Module(
        course_id=course.id,
        key=make_slug(draft.title, {row.key for row in rows}),
        position=max((row.position for row in rows), default=0) + 1,
        created_at=at,
    )
    db.add(module)
    db.flush()
    db.add(
        ModuleDraft(
            module_id=module.id, language=draft.language, title=draft.title, markdown="", saved_at=at, saved_by=by
        )
    )
    record_act(db, "module_created", "module", module.id, by=by, at=at, key=module.key)
    return module


def move_module(db: Db, course: Course, module_id: int, step: int, *, by: int, at: datetime) -> None:
    """Put a module one place up (-1) or down (1); at the end of the list nothing happens. Raises NotFound.

    Raises Conflict for a course from a folder, where the files' numbers say the order.
    """
    if course.origin == Origin.FOLDER:
        raise Conflict("course_from_folder")
    modules = db.scalars(
        select(Module)
        .where(Module.course_id == course.id, Module.archived_at.is_(None))
        .order_by(Module.position, Module.id)
    ).all()
    order = [module.id for module in modules]
    if module_id not in order:
        raise NotFound()
    here = order.index(module_id)
    there = here + step
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for module in modules:
        module.position = order.index(module.id) + 1
    record_act(db, "modules_reordered", "course", course.id, by=by, at=at, order=order)


def archive_module(db: Db, module: Module, *, archived: bool, by: int, at: datetime) -> None:
    """Take a module out of the outline, or put it back; revisions and readings stay either way."""
    if (module.archived_at is not None) == archived:
        return
    module.archived_at = at if archived else None
    record_act(db, "module_archived" if archived else "module_restored", "module", module.id, by=by, at=at)


def render_draft(db: Db, course: Course, language: str, markdown: str) -> Rendered:
    """Return the text as it would be published in this course; reads only, for outside of a writing transaction."""
    keys = set(db.scalars(select(Module.key).where(Module.course_id == course.id, Module.archived_at.is_(None))))
    return render.render(
        markdown,
        language=language,
        find_media=find_media_of(db, course),
        module_url=lambda key: module_address(course.slug, key) if key in keys else None,
    )


def find_media_of(db: Db, course: Course) -> FindMedia:
    """Return what finds the course's media as they are now."""
    rows = db.scalars(select(Media).where(Media.course_id == course.id))
    return media_finder(course.slug, {media.name: media.pixels for media in rows})


def save_draft(db: Db, module: Module, draft: TextDraft, *, by: int, at: datetime) -> ModuleDraft:
    """Keep what somebody has written so far. Raises Conflict("draft_newer") if a colleague saved in between."""
    row = db.scalar(
        select(ModuleDraft)
        .where(ModuleDraft.module_id == module.id, ModuleDraft.language == draft.language)
        .with_for_update()
    )
    if row is None:
        row = ModuleDraft(module_id=module.id, language=draft.language, version=0)
        db.add(row)
    elif row.version != draft.seen:
        raise Conflict("draft_newer", name=_name_of(db, row.saved_by), at=row.saved_at)
    row.title, row.markdown, row.base = draft.title, draft.markdown, draft.base
    row.version, row.saved_at, row.saved_by = row.version + 1, at, by
    db.flush()
    return row


def discard_draft(db: Db, module: Module, language: str) -> None:
    """Throw away what was written since the last publication."""
    db.execute(delete(ModuleDraft).where(ModuleDraft.module_id == module.id, ModuleDraft.language == language))


def publish(
    db: Db, course: Course, module: Module, draft: TextDraft, rendered: Rendered, *, by: int, at: datetime
) -> Revision:
    """Return the revision that readers see from now on; publishing an unchanged text gives the present one.

    `rendered` is the draft's text through `render_draft`, made before the transaction. Raises Invalid if it has
    errors or is empty, Conflict("revision_newer") if a colleague published since the writer began.
    """
    if not draft.markdown.strip():
        raise Invalid(Problem.of("text_empty", field="markdown"))
    errors = [
        Problem.of(problem.code, field="markdown", **problem.params)
        for problem in rendered.problems
        if is_error(problem)
    ]
    if errors:
        raise Invalid(errors)
    current = current_revisions(db, [module.id]).get((module.id, draft.language))
    if current is not None and current.number != draft.base:
        raise Conflict("revision_newer", name=_name_of(db, current.published_by), at=current.published_at)
    discard_draft(db, module, draft.language)
    if current is not None and current.hash == text_hash(draft.title, draft.markdown):
        return current
    if draft.language not in course.languages:
        course.languages = [*course.languages, draft.language]
    revision = add_revision(
        db,
        module.id,
        draft.language,
        title=draft.title,
        markdown=draft.markdown,
        rendered=rendered,
        origin=Origin.WEB,
        by=by,
        at=at,
    )
    record_act(
        db, "module_published", "module", module.id, by=by, at=at, language=draft.language, number=revision.number
    )
    return revision


def current_revisions(db: Db, module_ids: Collection[int]) -> dict[tuple[int, str], Revision]:
    """Return what is published now, by module and language; texts are not loaded."""
    rows = db.scalars(select(Revision).where(Revision.module_id.in_(module_ids), Revision.is_current.is_(True)))
    return {(row.module_id, row.language): row for row in rows}


def add_revision(
    db: Db,
    module_id: int,
    language: str,
    *,
    title: str,
    markdown: str,
    rendered: Rendered,
    origin: Origin,
    by: int | None,
    at: datetime,
) -> Revision:
    """Return a new current revision; the one before stays, no longer current."""
    here: Any = (Revision.module_id == module_id, Revision.language == language)
    number = (db.scalar(select(func.max(Revision.number)).where(*here)) or 0) + 1
    db.execute(update(Revision).where(*here, Revision.is_current.is_(True)).values(is_current=False))
    revision = Revision(
        module_id=module_id,
        language=language,
        number=number,
        is_current=True,
        title=title,
        markdown=markdown,
        html=rendered.html,
        headings=[[heading.level, heading.anchor, heading.text] for heading in rendered.headings],
        minutes=rendered.minutes,
        renderer=render.VERSION,
        hash=text_hash(title, markdown),
        origin=origin,
        published_at=at,
        published_by=by,
    )
    db.add(revision)
    db.flush()
    return revision


def _name_of(db: Db, person_id: int | None) -> str:
    return (db.scalar(select(Person.name).where(Person.id == person_id)) if person_id else None) or "—"
