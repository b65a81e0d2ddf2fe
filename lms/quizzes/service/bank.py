"""A course's bank of questions: what there is and where it is used, and writing, publishing and putting aside."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from lms.accounts.service.audit import record_act
from lms.courses.models import Course
from lms.courses.service.publishing import find_media_of
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.quizzes.models import Answer, Question, QuestionDraft, QuestionVersion, Quiz, QuizItem, QuizVersion
from lms.quizzes.rules.bank import Asked, BankWish, choose
from lms.quizzes.rules.question_form import Fields
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.rules.wording import Wording
from lms.quizzes.service.library import BANK, refresh, write_versions


@dataclass(frozen=True)
class Bank:
    """The lines that were asked for, all drafts of new questions, and what the list can be narrowed by."""

    lines: Sequence[Asked]
    drafts: Sequence[QuestionDraft]
    topics: Sequence[str]
    tags: Sequence[str]
    total: int
    quiz_titles: Mapping[int, Wording]


def read_bank(db: Db, course: Course, wish: BankWish) -> Bank:
    """Return the course's questions, those of files and those written here, narrowed by the wish. Five statements."""
    (uses, titles), answers = _uses(db, course.id), _answers(db, course.id)
    counts = dict(
        db.execute(
            select(QuestionVersion.question_id, func.count())
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.course_id == course.id)
            .group_by(QuestionVersion.question_id)
        ).all()
    )
    drafts = db.scalars(
        select(QuestionDraft).where(QuestionDraft.course_id == course.id).order_by(QuestionDraft.saved_at.desc())
    ).all()
    drafted = {draft.question_id for draft in drafts}
    rows = db.execute(in_force().where(Question.course_id == course.id).order_by(Question.origin, Question.key))
    lines = [
        Asked(
            id=question.id,
            question=load_question(version.content),
            origin=question.origin,
            is_here=question.origin == BANK,
            is_archived=question.archived_at is not None,
            versions=counts.get(question.id, 1),
            uses=uses.get(question.id, ()),
            answers=answers.get(question.id, 0),
            has_draft=question.id in drafted,
        )
        for question, version in rows
    ]
    return Bank(
        lines=choose(lines, wish),
        drafts=[draft for draft in drafts if draft.question_id is None],
        topics=sorted({line.question.topic for line in lines if line.question.topic}),
        tags=sorted({tag for line in lines for tag in line.question.tags}),
        total=len(lines),
        quiz_titles=titles,
    )


def find_question(db: Db, course: Course, question_id: int) -> tuple[Question, QuestionVersion]:
    """Return a question of the course with its version in force. Raises NotFound."""
    row = db.execute(in_force().where(Question.course_id == course.id, Question.id == question_id)).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1]


def versions_of(db: Db, question_id: int) -> Sequence[tuple[QuestionVersion, int]]:
    """Return every version of the question, newest first, each with how many answers were given to it."""
    rows = db.execute(
        select(QuestionVersion, func.count(Answer.item_id))
        .outerjoin(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .outerjoin(Answer, Answer.item_id == QuizItem.id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(QuestionVersion.id)
        .order_by(QuestionVersion.number.desc())
    )
    return [(version, count) for version, count in rows]


def find_draft(db: Db, course: Course, draft_id: int) -> QuestionDraft:
    """Return a draft of the course. Raises NotFound."""
    draft = db.scalars(
        select(QuestionDraft).where(QuestionDraft.id == draft_id, QuestionDraft.course_id == course.id)
    ).one_or_none()
    if draft is None:
        raise NotFound()
    return draft


def draft_of(db: Db, question_id: int) -> QuestionDraft | None:
    """Return what somebody began to change in this question and has not published."""
    return db.scalars(select(QuestionDraft).where(QuestionDraft.question_id == question_id)).one_or_none()


def save_draft(
    db: Db,
    course: Course,
    fields: Fields,
    *,
    draft: QuestionDraft | None,
    question_id: int | None,
    by: int,
    at: datetime,
) -> QuestionDraft:
    """Keep the fields as they were typed, whether or not they make a question yet."""
    if draft is None:
        draft = QuestionDraft(course_id=course.id, question_id=question_id)
        db.add(draft)
    draft.fields, draft.saved_by, draft.saved_at = fields, by, at
    db.flush()
    return draft


def publish(
    db: Db, course: Course, question: AnyQuestion, *, draft: QuestionDraft | None, known: Question | None,
    by: int, at: datetime,
) -> Question:  # fmt: skip
    """Make this the version in force, of a new question or of the one known; quizzes that ask it follow.

    Attempts keep the version they saw. Raises Invalid where a new question's key is taken.
    """
    if known is None and db.scalar(_of_bank(course, question.key)) is not None:
        raise Invalid(Problem.of("quiz_key_twice", field="key", key=question.key))
    find_media = find_media_of(db, course)
    (version,) = write_versions(db, course.id, BANK, [question], at=at, find_media=find_media)
    if draft is not None:
        db.delete(draft)
    db.flush()
    changed = refresh_quizzes(db, course, at=at)
    record_act(
        db, "question:published", "question", version.question_id, by=by, at=at,
        version=version.number, key=question.key, quizzes=changed,
    )  # fmt: skip
    return db.get_one(Question, version.question_id)


def put_aside(db: Db, course: Course, question: Question, *, by: int, at: datetime) -> None:
    """Ask the question no more; what was answered stays. Raises Conflict where a quiz would be left with nothing."""
    question.archived_at = at
    db.flush()
    refresh_quizzes(db, course, at=at)
    record_act(db, "question:archived", "question", question.id, by=by, at=at)


def take_back(db: Db, course: Course, question: Question, *, by: int, at: datetime) -> None:
    """Let quizzes ask the question again."""
    question.archived_at = None
    db.flush()
    refresh_quizzes(db, course, at=at)
    record_act(db, "question:restored", "question", question.id, by=by, at=at)


def discard(db: Db, draft: QuestionDraft) -> None:
    """Throw a draft away; what is published stays."""
    db.delete(draft)
    db.flush()


def refresh_quizzes(db: Db, course: Course, *, at: datetime) -> list[str]:
    """Bring every quiz that asks the bank's questions up to date; return the keys of those that changed."""
    find_media = find_media_of(db, course)
    changed = []
    for quiz, settings in db.execute(
        select(Quiz, QuizVersion.settings)
        .join(QuizVersion, and_(QuizVersion.quiz_id == Quiz.id, QuizVersion.number == Quiz.version))
        .where(Quiz.course_id == course.id, Quiz.archived_at.is_(None))
    ).all():
        if _asks_bank(db, quiz) or any(section.topic for section in load_settings(settings).sections):
            if refresh(db, quiz, at=at, find_media=find_media):
                changed.append(quiz.key)
            if db.scalar(_items_in_force(quiz).limit(1)) is None:
                raise Conflict("quiz_left_empty", quiz=quiz.key)
    return changed


def in_force():  # type: ignore[no-untyped-def]
    """Return the statement over questions with their version in force."""
    return select(Question, QuestionVersion).join(
        QuestionVersion,
        and_(QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.version),
    )


def _of_bank(course: Course, key: str):  # type: ignore[no-untyped-def]
    return select(Question.id).where(Question.course_id == course.id, Question.origin == BANK, Question.key == key)


def _items_in_force(quiz: Quiz):  # type: ignore[no-untyped-def]
    return (
        select(QuizItem.id)
        .join(QuizVersion, QuizVersion.id == QuizItem.quiz_version_id)
        .where(QuizVersion.quiz_id == quiz.id, QuizVersion.number == quiz.version)
    )


def _asks_bank(db: Db, quiz: Quiz) -> bool:
    asked = (
        _items_in_force(quiz)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.origin == BANK)
    )
    return db.scalar(asked.limit(1)) is not None


def _uses(db: Db, course_id: int) -> tuple[dict[int, list[tuple[int, str]]], dict[int, Wording]]:
    """Return the quizzes that ask each question now, id and key, and the title of each quiz."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    titles: dict[int, Wording] = {}
    rows = db.execute(
        select(QuestionVersion.question_id, Quiz.id, Quiz.key, QuizVersion.settings)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .join(QuizVersion, QuizVersion.id == QuizItem.quiz_version_id)
        .join(Quiz, and_(Quiz.id == QuizVersion.quiz_id, Quiz.version == QuizVersion.number))
        .where(Quiz.course_id == course_id, Quiz.archived_at.is_(None))
        .order_by(Quiz.key)
    )
    for question_id, quiz_id, key, settings in rows:
        found[question_id].append((quiz_id, key))
        if quiz_id not in titles:
            titles[quiz_id] = load_settings(settings).title
    return found, titles


def _answers(db: Db, course_id: int) -> dict[int, int]:
    """Return how often each question has been answered, in all its versions."""
    rows = db.execute(
        select(QuestionVersion.question_id, func.count())
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .join(Answer, Answer.item_id == QuizItem.id)
        .where(Question.course_id == course_id, Answer.response.is_not(None))
        .group_by(QuestionVersion.question_id)
    )
    return dict(rows.all())
