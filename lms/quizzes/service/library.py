"""From quiz files to quizzes: versions of what is asked, made only when something changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.courses.models import Course
from lms.db import Db
from lms.quizzes.models import Question, QuestionVersion, Quiz, QuizItem, QuizVersion
from lms.quizzes.rendering import RENDERER, MediaUrl, no_media, render_question, render_wording
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.settings import dump_settings, load_settings
from lms.quizzes.rules.stored import dump_question, fingerprint, load_question
from lms.quizzes.source import QuizSource


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
    db: Db, course: Course, sources: Sequence[QuizSource], *, at: datetime, media_url: MediaUrl = no_media
) -> Synced:
    """Make the course's quizzes what the files say; nothing is written when nothing changed.

    A quiz whose content changed gets a new version; attempts keep theirs. A quiz whose file is gone is archived and
    comes back with its results when the file does. `media_url` turns a media file's name into its address.
    """
    quizzes = {quiz.key: quiz for quiz in db.scalars(select(Quiz).where(Quiz.course_id == course.id))}
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
        if _bring_up_to_date(db, quiz, source, at=at, media_url=media_url) or quiz.archived_at is not None:
            (created if is_new else changed).append(source.key)
            quiz.archived_at = None
        elif _render_again(db, quiz, media_url):
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


def _bring_up_to_date(db: Db, quiz: Quiz, source: QuizSource, *, at: datetime, media_url: MediaUrl) -> bool:
    settings = dump_settings(source.settings)
    contents = [dump_question(question) for question in source.questions]
    mark = fingerprint([settings, contents])
    in_force = None if quiz.version == 0 else current_version(db, quiz)
    if in_force is not None and in_force.fingerprint == mark:
        return False
    quiz.version += 1
    version = QuizVersion(
        quiz_id=quiz.id,
        number=quiz.version,
        fingerprint=mark,
        settings=settings,
        html=render_wording(source.settings.intro, media_url),
        renderer=RENDERER,
        created_at=at,
    )
    db.add(version)
    db.flush()
    versions = _question_versions(db, quiz, source.questions, contents, at=at, media_url=media_url)
    db.add_all(
        QuizItem(quiz_version_id=version.id, question_version_id=one.id, position=position)
        for position, one in enumerate(versions, start=1)
    )
    return True


def _question_versions(
    db: Db,
    quiz: Quiz,
    questions: Sequence[AnyQuestion],
    contents: list[dict[str, Any]],
    *,
    at: datetime,
    media_url: MediaUrl,
) -> list[QuestionVersion]:
    known = {
        question.key: question
        for question in db.scalars(
            select(Question).where(Question.course_id == quiz.course_id, Question.origin == quiz.key)
        )
    }
    for question in questions:
        if question.key not in known:
            known[question.key] = Question(course_id=quiz.course_id, origin=quiz.key, key=question.key, created_at=at)
            db.add(known[question.key])
    db.flush()
    ids = [question.id for question in known.values()]
    stored = {
        (one.question_id, one.fingerprint): one
        for one in db.scalars(select(QuestionVersion).where(QuestionVersion.question_id.in_(ids)))
    }
    newest = dict(
        db.execute(
            select(QuestionVersion.question_id, func.max(QuestionVersion.number))
            .where(QuestionVersion.question_id.in_(ids))
            .group_by(QuestionVersion.question_id)
        ).all()
    )
    versions = []
    for question, content in zip(questions, contents, strict=True):
        question_id, mark = known[question.key].id, fingerprint(content)
        version = stored.get((question_id, mark))
        if version is None:
            version = QuestionVersion(
                question_id=question_id,
                number=newest.get(question_id, 0) + 1,
                fingerprint=mark,
                content=content,
                html=render_question(question, media_url),
                renderer=RENDERER,
                created_at=at,
            )
            db.add(version)
        versions.append(version)
    db.flush()
    return versions


def _render_again(db: Db, quiz: Quiz, media_url: MediaUrl) -> bool:
    """Renew the HTML of the version in force where an older renderer made it; return whether any was."""
    version = current_version(db, quiz)
    stale = version.renderer != RENDERER
    if stale:
        version.html = render_wording(load_settings(version.settings).intro, media_url)
        version.renderer = RENDERER
    for question in db.scalars(
        select(QuestionVersion)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .where(QuizItem.quiz_version_id == version.id, QuestionVersion.renderer != RENDERER)
    ):
        question.html = render_question(load_question(question.content), media_url)
        question.renderer = RENDERER
        stale = True
    return stale
