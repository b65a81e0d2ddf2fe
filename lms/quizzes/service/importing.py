"""Questions from files: kept as they were read, looked at beside the bank, taken in when told to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.courses.files import Stored
from lms.courses.models import Course, Media
from lms.courses.rules import FileKind, Size
from lms.courses.service.attaching import add_picture
from lms.courses.service.publishing import find_media_of
from lms.db import Db
from lms.kernel.errors import NotFound, Said
from lms.quizzes.formats.found import Bundle, Entry
from lms.quizzes.formats.pictures import pictures_of, renamed
from lms.quizzes.models import Question, QuestionImport, QuestionVersion
from lms.quizzes.rules.importing import Fate, Known, Sorted, sort_out
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.stored import dump_question, load_question
from lms.quizzes.service.bank import in_force, refresh_quizzes
from lms.quizzes.service.library import BANK, write_versions

# What was looked at and never taken in is forgotten after this.
FORGOTTEN_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    """One question of a file on the page that shows what would happen; `number` is its place in the file."""

    number: int
    line: int
    part: str
    name: str
    problems: Sequence[Said]
    notes: Sequence[Said]
    sorted: Sorted

    @property
    def fate(self) -> Fate:
        return self.sorted.fate

    @property
    def question(self) -> AnyQuestion | None:
        return self.sorted.question

    @property
    def may_be_taken(self) -> bool:
        return self.fate in (Fate.NEW, Fate.CHANGED, Fate.BACK)


def media_by_hash(db: Db, course: Course) -> dict[str, str]:
    """Return the name of each file in the course's media by the hash of its content."""
    return {sha256: name for name, sha256 in db.execute(
        select(Media.name, Media.sha256).where(Media.course_id == course.id).order_by(Media.name.desc())
    )}  # fmt: skip


def media_by_name(db: Db, course: Course) -> dict[str, str]:
    """Return the hash of each file in the course's media by its name."""
    return dict(db.execute(select(Media.name, Media.sha256).where(Media.course_id == course.id)).all())


def keep(
    db: Db, course: Course, bundle: Bundle, pictures: Mapping[str, Stored], *, file_name: str, sha256: str, by: int,
    at: datetime,
) -> QuestionImport:  # fmt: skip
    """Keep what a file brought, to be looked at; the bank is as it was. `pictures` lie in the store already."""
    db.execute(
        delete(QuestionImport).where(
            QuestionImport.course_id == course.id, QuestionImport.applied_at.is_(None),
            QuestionImport.uploaded_at < at - FORGOTTEN_AFTER,
        )
    )  # fmt: skip
    known = media_by_hash(db, course)
    there = set(known.values())
    names, new = {}, {}
    for name, stored in pictures.items():
        if stored.sha256 in known:
            names[name] = known[stored.sha256]
        else:
            # Never shown by mistake: the course's picture of the same name.
            stem, _, ending = name.rpartition(".")
            names[name] = name if name not in there else f"{stem}-{stored.sha256[:6]}.{ending}"
            new[names[name]] = {
                "sha256": stored.sha256, "size": stored.size, "kind": str(stored.kind), "pixels": stored.pixels,
            }  # fmt: skip
    entries = [_dump(entry, names, there | set(names.values())) for entry in bundle.entries]
    row = QuestionImport(
        course_id=course.id, format=bundle.format, encoding=bundle.encoding, file_name=file_name, sha256=sha256,
        entries=entries, pictures=new, uploaded_by=by, uploaded_at=at, counts={},
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row


def _dump(entry: Entry, names: Mapping[str, str], there: Collection[str]) -> dict[str, Any]:
    question = renamed(entry.question, names) if entry.question else None
    notes = list(entry.notes)
    if question is not None:
        notes += [Said("import_picture_missing", {"name": name}) for name in pictures_of(question) if name not in there]
    return {
        "line": entry.line,
        "part": entry.part,
        "name": entry.name,
        "has_id": entry.has_id,
        "question": dump_question(question) if question else None,
        "problems": [{"code": one.code, "params": _plain(one.params)} for one in entry.problems],
        "notes": [{"code": one.code, "params": _plain(one.params)} for one in notes],
    }


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | float) else str(value) for name, value in params.items()}


def find_import(db: Db, course: Course, import_id: int) -> QuestionImport:
    """Return a file that was brought to this course. Raises NotFound."""
    found = db.scalars(
        select(QuestionImport).where(QuestionImport.id == import_id, QuestionImport.course_id == course.id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def past_imports(db: Db, course: Course) -> Sequence[tuple[QuestionImport, str | None]]:
    """Return the latest files, newest first, each with who brought it."""
    rows = db.execute(
        select(QuestionImport, Person.name)
        .outerjoin(Person, Person.id == QuestionImport.uploaded_by)
        .where(QuestionImport.course_id == course.id)
        .order_by(QuestionImport.id.desc())
        .limit(20)
    )
    return [(row, name) for row, name in rows]


def look(db: Db, course: Course, row: QuestionImport) -> list[Line]:
    """Return every question of the file beside what the course has now."""
    known = [
        Known(question.id, load_question(version.content), question.origin == BANK, question.archived_at is not None)
        for question, version in db.execute(in_force().where(Question.course_id == course.id).order_by(Question.id))
    ]
    stored = [one["question"] for one in row.entries]
    incoming = [(load_question(one) if one else None, entry["has_id"]) for one, entry in
                zip(stored, row.entries, strict=True)]  # fmt: skip
    fates = sort_out(incoming, known)
    return [
        Line(number, entry["line"], entry["part"], entry["name"], _said(entry["problems"]), _said(entry["notes"]), fate)
        for number, (entry, fate) in enumerate(zip(row.entries, fates, strict=True))
    ]


def _said(stored: Sequence[Mapping[str, Any]]) -> list[Said]:
    return [Said(one["code"], one["params"]) for one in stored]


def take_in(
    db: Db, course: Course, row: QuestionImport, numbers: Collection[int], *, by: int, at: datetime
) -> dict[Fate, int]:
    """Store the questions of these numbers that are new or changed now; return how many of each there were.

    Attempts keep the version they saw, quizzes that ask a changed question follow. Taking the same in again stores
    nothing.
    """
    lines = [line for line in look(db, course, row) if line.number in numbers and line.may_be_taken]
    questions = [line.question for line in lines if line.question is not None]
    names = _add_pictures(db, course, row, {name for one in questions for name in pictures_of(one)}, at=at)
    questions = [renamed(one, names) for one in questions]
    versions: list[QuestionVersion] = []
    if questions:
        versions = write_versions(db, course.id, BANK, questions, at=at, find_media=find_media_of(db, course))
        for question in db.scalars(select(Question).where(Question.id.in_([one.question_id for one in versions]))):
            question.archived_at = None
        db.flush()
    changed = refresh_quizzes(db, course, at=at) if questions else []
    counts = {fate: sum(line.fate is fate for line in lines) for fate in (Fate.NEW, Fate.CHANGED, Fate.BACK)}
    if questions:
        row.counts = {fate.value: row.counts.get(fate.value, 0) + count for fate, count in counts.items()}
        row.applied_at = at
        record_act(
            db, "questions:imported", "question_import", row.id, by=by, at=at, file=row.file_name, sha256=row.sha256,
            keys=[one.key for one in questions], quizzes=changed,
        )  # fmt: skip
    return counts


def _add_pictures(
    db: Db, course: Course, row: QuestionImport, wanted: Collection[str], *, at: datetime
) -> dict[str, str]:
    names = {}
    for name, stored in row.pictures.items():
        if name in wanted:
            # What was brought before pictures were measured says nothing of pixels.
            pixels = Size(*stored["pixels"]) if stored.get("pixels") else None
            kept = Stored(stored["sha256"], stored["size"], FileKind(stored["kind"]), pixels)
            names[name] = add_picture(db, course, kept, name, at=at).name
    return names
