"""From quiz files to quizzes: versions of what is asked, made only when something changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, update

from lms.courses.models import Course
from lms.courses.rules import FindMedia
from lms.db import Db
from lms.quizzes.models import Question, QuestionVersion, Quiz, QuizItem, QuizVersion
from lms.quizzes.rendering import RENDERER, no_media, render_question, render_wording
from lms.quizzes.rules.drawing import belongs, split
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.settings import QuizSettings, Section, dump_settings, load_settings
from lms.quizzes.rules.stored import dump_question, fingerprint, load_question
from lms.quizzes.source import QuizSource

BANK = "bank"
"""The origin of questions written in the browser; no quiz file can be named so."""


@dataclass(frozen=True)
class Synced:
    """What a sync did to the quizzes of one course: keys created, given a new version, archived, rendered again."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    rendered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.archived or self.rendered)


def sync(
    db: Db, course: Course, sources: Sequence[QuizSource], *, at: datetime, find_media: FindMedia = no_media
) -> Synced:
    """Make the course's quizzes what the files say; nothing is written when nothing changed.

    A quiz whose content changed gets a new version; attempts keep theirs. Quizzes made in the browser are left alone,
    but those of files may draw from the bank. A quiz whose file is gone is archived and
    comes back with its results when the file does. `find_media` finds a file of the course's media by its name.
    """
    of_files = select(Quiz).where(Quiz.course_id == course.id, Quiz.made_here.is_(False))
    quizzes = {quiz.key: quiz for quiz in db.scalars(of_files)}
    created: list[str] = []
    changed: list[str] = []
    rendered: list[str] = []
    for source in sources:
        quiz = quizzes.get(source.key)
        is_new = quiz is None
        if quiz is None:
            quiz = Quiz(course_id=course.id, key=source.key, purpose=source.purpose.value, version=0, created_at=at)
            db.add(quiz)
            db.flush()
        if _bring_up_to_date(db, quiz, source, at=at, find_media=find_media) or quiz.archived_at is not None:
            (created if is_new else changed).append(source.key)
            quiz.archived_at = None
        elif _render_again(db, quiz, find_media):
            rendered.append(source.key)
    kept = {source.key for source in sources}
    gone = [quiz for key, quiz in quizzes.items() if key not in kept and quiz.archived_at is None]
    for quiz in gone:
        quiz.archived_at = at
    db.flush()
    return Synced(tuple(created), tuple(changed), tuple(quiz.key for quiz in gone), tuple(rendered))


def current_version(db: Db, quiz: Quiz) -> QuizVersion:
    """Return the version in force."""
    return db.scalars(
        select(QuizVersion).where(QuizVersion.quiz_id == quiz.id, QuizVersion.number == quiz.version)
    ).one()


def _bring_up_to_date(db: Db, quiz: Quiz, source: QuizSource, *, at: datetime, find_media: FindMedia) -> bool:
    versions = write_versions(db, quiz.course_id, quiz.key, source.questions, at=at, find_media=find_media)
    return put_in_force(db, quiz, source.settings, versions, at=at, find_media=find_media)


def put_in_force(
    db: Db,
    quiz: Quiz,
    settings: QuizSettings,
    own: Sequence[QuestionVersion],
    *,
    at: datetime,
    find_media: FindMedia,
) -> bool:
    """Give the quiz a new version with these settings and questions; return False where they are in force already.

    `own` are the questions as written, section by section; those of a section's topic come from the bank.
    """
    settings, versions = _with_bank(db, quiz.course_id, settings, own)
    stored = dump_settings(settings)
    mark = fingerprint([stored, [version.content for version in versions]])
    in_force = None if quiz.version == 0 else current_version(db, quiz)
    if in_force is not None and in_force.fingerprint == mark:
        return False
    quiz.version += 1
    version = QuizVersion(
        quiz_id=quiz.id,
        number=quiz.version,
        fingerprint=mark,
        settings=stored,
        html=render_wording(settings.intro, find_media),
        renderer=RENDERER,
        created_at=at,
    )
    db.add(version)
    db.flush()
    db.add_all(
        QuizItem(quiz_version_id=version.id, question_version_id=one.id, position=position)
        for position, one in enumerate(versions, start=1)
    )
    db.flush()
    return True


def refresh(db: Db, quiz: Quiz, *, at: datetime, find_media: FindMedia) -> bool:
    """Bring a quiz's questions from the bank up to date; return whether that made a new version."""
    settings = load_settings(current_version(db, quiz).settings)
    rows = db.execute(
        select(QuestionVersion, Question)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuizItem.quiz_version_id == current_version(db, quiz).id)
        .order_by(QuizItem.position)
    ).all()
    newest = {version.question_id: version for version in bank_versions(db, quiz.course_id)}
    own: list[QuestionVersion] = []
    sections: list[Section] = []
    for section, items in split(rows, settings.sections):
        kept = [
            newest[question.id] if question.origin == BANK else version
            for version, question in items
            # A topic's questions are looked up again, and what was put aside is asked no more.
            if question.origin != BANK or (not section.topic and question.id in newest)
        ]
        own += kept
        sections.append(replace(section, count=len(kept)))
    return put_in_force(db, quiz, replace(settings, sections=tuple(sections)), own, at=at, find_media=find_media)


def bank_versions(db: Db, course_id: int) -> Sequence[QuestionVersion]:
    """Return the versions in force of the bank's questions that are not put aside, by key."""
    return db.scalars(
        select(QuestionVersion)
        .join(Question, and_(Question.id == QuestionVersion.question_id, Question.version == QuestionVersion.number))
        .where(Question.course_id == course_id, Question.origin == BANK, Question.archived_at.is_(None))
        .order_by(Question.key)
    ).all()


def _with_bank(
    db: Db, course_id: int, settings: QuizSettings, own: Sequence[QuestionVersion]
) -> tuple[QuizSettings, list[QuestionVersion]]:
    """Return settings and questions with those of the bank that belong to sections' topics, each asked once."""
    if not any(section.topic for section in settings.sections):
        return settings, list(own)
    bank = [(version.content.get("topic", ""), version) for version in bank_versions(db, course_id)]
    taken = {version.question_id for version in own}
    versions: list[QuestionVersion] = []
    sections: list[Section] = []
    for section, items in split(own, settings.sections):
        found = list(items)
        for topic, version in bank:
            if section.topic and belongs(topic, section.topic) and version.question_id not in taken:
                taken.add(version.question_id)
                found.append(version)
        versions += found
        sections.append(replace(section, count=len(found)))
    return replace(settings, sections=tuple(sections)), versions


def write_versions(
    db: Db,
    course_id: int,
    origin: str,
    questions: Sequence[AnyQuestion],
    *,
    at: datetime,
    find_media: FindMedia,
) -> list[QuestionVersion]:
    """Return the version of each question, stored if it is new; a question returning to old content finds its row."""
    known = {
        question.key: question
        for question in db.scalars(select(Question).where(Question.course_id == course_id, Question.origin == origin))
    }
    for question in questions:
        if question.key not in known:
            known[question.key] = Question(course_id=course_id, origin=origin, key=question.key, created_at=at)
            db.add(known[question.key])
    db.flush()
    ids = [question.id for question in known.values()]
    stored = {
        (one.question_id, one.fingerprint): one
        for one in db.scalars(select(QuestionVersion).where(QuestionVersion.question_id.in_(ids)))
    }
    newest: dict[int, int] = {}
    for question_id, _ in stored:
        newest[question_id] = max(one.number for one in stored.values() if one.question_id == question_id)
    versions = []
    for question in questions:
        content = dump_question(question)
        row, mark = known[question.key], fingerprint(content)
        version = stored.get((row.id, mark))
        if version is None:
            version = QuestionVersion(
                question_id=row.id,
                number=newest.get(row.id, 0) + 1,
                fingerprint=mark,
                content=content,
                html=render_question(question, find_media),
                renderer=RENDERER,
                created_at=at,
            )
            db.add(version)
        if row.version != version.number:
            row.version = version.number
        versions.append(version)
    db.flush()
    return versions


def _render_again(db: Db, quiz: Quiz, find_media: FindMedia) -> bool:
    """Renew the HTML of the version in force where an older renderer made it; return whether any was."""
    version = current_version(db, quiz)
    stale = version.renderer != RENDERER
    if stale:
        version.html = render_wording(load_settings(version.settings).intro, find_media)
        version.renderer = RENDERER
    for question in db.scalars(
        select(QuestionVersion)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .where(QuizItem.quiz_version_id == version.id, QuestionVersion.renderer != RENDERER)
    ):
        question.html = render_question(load_question(question.content), find_media)
        question.renderer = RENDERER
        stale = True
    return stale


def forget_html(db: Db, course: Course) -> None:
    """Let the HTML of the course's quizzes count as an older renderer's, since a picture in it may have changed."""
    db.execute(update(QuizVersion).where(QuizVersion.id.in_(_quizzes_in_force(course.id))).values(renderer=0))
    db.execute(update(QuestionVersion).where(QuestionVersion.id.in_(_questions_in_force(course.id))).values(renderer=0))


def courses_with_old_html(db: Db) -> Sequence[Course]:
    """Return the courses that have a quiz or a question in force whose HTML an older renderer made."""
    quizzes = select(QuizVersion.quiz_id).where(
        QuizVersion.renderer != RENDERER, QuizVersion.id.in_(_quizzes_in_force())
    )
    questions = select(QuestionVersion.question_id).where(
        QuestionVersion.renderer != RENDERER, QuestionVersion.id.in_(_questions_in_force())
    )
    return db.scalars(
        select(Course)
        .where(
            or_(
                Course.id.in_(select(Quiz.course_id).where(Quiz.id.in_(quizzes))),
                Course.id.in_(select(Question.course_id).where(Question.id.in_(questions))),
            )
        )
        .order_by(Course.slug)
    ).all()


def render_again(db: Db, course: Course, find_media: FindMedia) -> None:
    """Renew what an older renderer made of the course's quizzes and questions in force, wherever they were written."""
    for version in db.scalars(
        select(QuizVersion).where(QuizVersion.renderer != RENDERER, QuizVersion.id.in_(_quizzes_in_force(course.id)))
    ):
        version.html = render_wording(load_settings(version.settings).intro, find_media)
        version.renderer = RENDERER
    for question in db.scalars(
        select(QuestionVersion).where(
            QuestionVersion.renderer != RENDERER, QuestionVersion.id.in_(_questions_in_force(course.id))
        )
    ):
        question.html = render_question(load_question(question.content), find_media)
        question.renderer = RENDERER
    db.flush()


def _quizzes_in_force(course_id: int | None = None) -> Select[int]:
    found = select(QuizVersion.id).join(Quiz, and_(Quiz.id == QuizVersion.quiz_id, Quiz.version == QuizVersion.number))
    return found if course_id is None else found.where(Quiz.course_id == course_id)


def _questions_in_force(course_id: int | None = None) -> Select[int]:
    found = select(QuestionVersion.id).join(
        Question, and_(Question.id == QuestionVersion.question_id, Question.version == QuestionVersion.number)
    )
    return found if course_id is None else found.where(Question.course_id == course_id)
