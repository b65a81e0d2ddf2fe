"""Quizzes made in the browser: put together from the course's bank, changed, put aside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from lms.accounts.service.audit import record_act
from lms.courses.models import Course
from lms.courses.service.publishing import find_media_of
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.quizzes.models import Question, QuestionVersion, Quiz, QuizItem
from lms.quizzes.rules.drawing import split
from lms.quizzes.rules.quiz_draft import QuizDraft
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service.library import bank_versions, current_version, put_in_force


def make_quiz(db: Db, course: Course, draft: QuizDraft, *, by: int, at: datetime) -> Quiz:
    """Return a new quiz of the course with the questions picked and drawn. Raises Invalid where there are none."""
    number = db.scalar(select(func.count()).where(Quiz.course_id == course.id, Quiz.made_here.is_(True)))
    # A point cannot stand in the name of a quiz file, so the two never meet.
    key = f"{draft.purpose.value}.{(number or 0) + 1}"
    quiz = Quiz(course_id=course.id, key=key, purpose=draft.purpose.value, version=0, made_here=True, created_at=at)
    db.add(quiz)
    db.flush()
    _put(db, course, quiz, draft, at=at)
    record_act(db, "quiz:made", "quiz", quiz.id, by=by, at=at, key=key)
    return quiz


def change_quiz(db: Db, course: Course, quiz: Quiz, draft: QuizDraft, *, by: int, at: datetime) -> bool:
    """Return whether the draft made a new version; attempts keep theirs. Raises Conflict for a quiz of a file."""
    if not quiz.made_here:
        raise Conflict("quiz_of_a_file")
    changed = _put(db, course, quiz, draft, at=at)
    if changed:
        record_act(db, "quiz:changed", "quiz", quiz.id, by=by, at=at, version=quiz.version)
    return changed


def set_aside(db: Db, quiz: Quiz, *, aside: bool, by: int, at: datetime) -> None:
    """Let nobody begin the quiz any more, or let them again; what was answered stays."""
    if not quiz.made_here:
        raise Conflict("quiz_of_a_file")
    quiz.archived_at = at if aside else None
    record_act(db, "quiz:archived" if aside else "quiz:restored", "quiz", quiz.id, by=by, at=at)


def picked_and_drawn(db: Db, quiz: Quiz) -> tuple[list[int], list[tuple[str, int]]]:
    """Return the ids of the questions picked, in their order, and the draws, of the version in force."""
    version = current_version(db, quiz)
    ids = db.scalars(
        select(QuestionVersion.question_id)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .where(QuizItem.quiz_version_id == version.id)
        .order_by(QuizItem.position)
    ).all()
    picks: list[int] = []
    draws: list[tuple[str, int]] = []
    for section, own in split(ids, load_settings(version.settings).sections):
        if section.topic:
            draws.append((section.topic, section.draw or section.count))
        else:
            picks += own
    return picks, draws


def pickable(db: Db, course: Course) -> Sequence[QuestionVersion]:
    """Return the bank's questions that a quiz may ask."""
    return bank_versions(db, course.id)


def _put(db: Db, course: Course, quiz: Quiz, draft: QuizDraft, *, at: datetime) -> bool:
    versions = {version.question_id: version for version in bank_versions(db, course.id)}
    unknown = [number for number in draft.picks if number not in versions]
    if unknown:
        known = db.scalar(select(Question.id).where(Question.id == unknown[0], Question.course_id == course.id))
        raise NotFound() if known is None else Invalid(Problem.of("quiz_question_not_pickable", field="picks"))
    own = [versions[number] for number in draft.picks]
    settings = replace(draft.settings, sections=draft.sections)
    changed = put_in_force(db, quiz, settings, own, at=at, find_media=find_media_of(db, course))
    sections = load_settings(current_version(db, quiz).settings).sections
    empty = next((section for section in sections if section.topic and section.count < (section.draw or 1)), None)
    if empty is not None:
        problem = Problem.of("quiz_topic_few", field="draw-0-count", topic=empty.topic, count=empty.count)
        raise Invalid(problem)
    return changed
