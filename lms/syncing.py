"""Course folders into the library: courses and their quizzes in one transaction, or none of it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from lms.courses import files
from lms.courses import source as course_source
from lms.courses.models import Course
from lms.courses.render import VERSION as RENDERER
from lms.courses.rules import is_error
from lms.courses.service import renewing
from lms.courses.service import syncing as courses
from lms.courses.service.publishing import find_media_of
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.quizzes import source as quiz_source
from lms.quizzes.service import library as quizzes
from lms.settings import Settings


@dataclass
class FolderReport:
    """What syncing one folder did: every problem with its place, and what changed (empty: nothing)."""

    slug: str
    problems: list[Problem] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(is_error(problem) for problem in self.problems)


def sync_folder(
    folder: Path, settings: Settings, *, at: datetime, by: int | None = None, unless_same: bool = False
) -> FolderReport:
    """Sync one course folder and return what happened; a folder with an error changes nothing.

    `unless_same` leaves a folder alone whose files are those of the last sync to the byte; a start uses it.
    """
    mark = folder_hash(folder)
    if unless_same and _hash_kept(folder.name) == mark:
        return FolderReport(folder.name)
    source, problems = course_source.read_folder(folder)
    report = FolderReport(folder.name, list(problems))
    quiz_sources = []
    for file in source.quizzes if source else ():
        quiz, found = quiz_source.read_quiz(file.path, file.text)
        report.problems.extend(found)
        if quiz is not None:
            quiz_sources.append(quiz)
    if source is None or report.failed:
        return report
    try:
        files.keep_media(settings.uploads, source)
    except Invalid as invalid:
        report.problems.extend(invalid.problems)
        return report
    with writing() as db:
        synced = courses.sync(db, source, at=at, by=by)
        synced.course.folder_hash = mark
        if synced.has_resized:
            quizzes.forget_html(db, synced.course)
        known = {media.name: media.pixels for media in source.media}
        find_media = course_source.media_finder(source.slug, known)
        asked = quizzes.sync(db, synced.course, quiz_sources, at=at, find_media=find_media)
    report.changes = _changes(synced, asked)
    return report


def renew(settings: Settings) -> list[str]:
    """Return what was made anew of what an older version left, whether of a folder or written in the browser.

    Sizes of pictures are read from the store and texts are rendered before anything is written; where nothing is old,
    nothing is written.
    """
    with reading() as db:
        waiting = renewing.unmeasured(db)
    measured = {media_id: files.measure_stored(settings.uploads, sha256, kind) for media_id, sha256, kind in waiting}
    if sizes := {media_id: size for media_id, size in measured.items() if size}:
        with writing() as db:
            renewing.write_sizes(db, sizes)
    with reading() as db:
        texts = renewing.render_again(db)
        slugs = [course.slug for course in quizzes.courses_with_old_html(db)]
    if texts or slugs:
        with writing() as db:
            renewing.write_renewed(db, texts)
            for course in quizzes.courses_with_old_html(db):
                quizzes.render_again(db, course, find_media_of(db, course))
    return [*(text.name for text in texts), *(f"{slug}/quizzes" for slug in slugs)]


def folder_hash(folder: Path) -> str:
    """Return SHA-256 (hex) over the folder's files, names and contents, and the renderers that would read them."""
    digest = hashlib.sha256(f"{RENDERER}\n".encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}:{content}\n".encode())
    return digest.hexdigest()


def _hash_kept(slug: str) -> str | None:
    with reading() as db:
        return db.scalar(select(Course.folder_hash).where(Course.slug == slug, Course.archived_at.is_(None)))


def _changes(synced: courses.Synced, asked: quizzes.Synced) -> list[str]:
    parts = {
        "new course": ("course",) if synced.is_new else (),
        "head": ("course.toml",) if synced.changed_head else (),
        "new revision": synced.revised,
        "rendered again": synced.rendered + asked.rendered,
        "moved": synced.moved,
        "archived": synced.archived + asked.archived,
        "restored": synced.restored,
        "media": synced.media,
        "new quiz": asked.created,
        "changed quiz": asked.changed,
    }
    return [f"{what}: {', '.join(names)}" for what, names in parts.items() if names]


def folders(place: Path) -> list[Path]:
    """Return the course folders at this place: the place itself if it is one, else every folder in it."""
    if (place / "course.toml").exists():
        return [place]
    if not place.is_dir():
        return []
    return sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))
