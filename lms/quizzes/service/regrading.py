"""Scoring a batch's submitted attempts again after a question was corrected: looked at first, then done, and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.outbox import service as outbox
from lms.quizzes.models import Answer, Attempt, Question, QuestionVersion, Quiz, QuizItem, QuizVersion, Regrade
from lms.quizzes.rules.questions import AnyQuestion, FeedbackPolicy
from lms.quizzes.rules.regrading import Ruling, can_follow
from lms.quizzes.rules.settings import QuizSettings, load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.rules.wording import LANGUAGES
from lms.quizzes.service.library import current_version
from lms.quizzes.service.scoring import Scored, read_scored

Rulings = Mapping[int, Ruling]


@dataclass(frozen=True)
class Correctable:
    """A question that submitted attempts answered, and what may be ruled about it; `question` is its newest version.

    `newest` is None where nobody saw an older one or the newest is of another kind: then there is nothing to apply.
    """

    question_id: int
    question: AnyQuestion
    number: int
    seen: Sequence[int]
    newest: int | None
    answers: int
    ruling: Ruling


@dataclass(frozen=True)
class Change:
    """What becomes of one attempt's result, in per cent."""

    attempt_id: int
    person_id: int
    name: str
    before: float
    after: float
    passed_before: bool | None
    passed_after: bool | None


@dataclass(frozen=True)
class _Asked:
    """A question of the quiz with the versions that matter here, by their ids."""

    id: int
    newest: QuestionVersion


def correctable(db: Db, quiz: Quiz, batch_id: int) -> list[Correctable]:
    """Return the questions that were answered, those of the version in force first, in its order."""
    scored = _submitted(db, quiz, batch_id)
    asked = _asked(db, quiz)
    position = _positions(db, quiz)
    found: dict[int, list[Scored]] = {}
    for one in scored:
        for line in one.lines:
            found.setdefault(line.question_id, []).append(replace(one, lines=[line]))
    result = []
    for question_id, ones in found.items():
        lines = [one.lines[0] for one in ones]
        newest = asked[question_id].newest
        question = load_question(newest.content)
        seen = sorted({line.version_number for line in lines})
        has_newer = seen[0] < newest.number and can_follow(lines[0].question, question)
        result.append(
            Correctable(
                question_id=question_id,
                question=question,
                number=position.get(question_id, 0),
                seen=seen,
                newest=newest.number if has_newer else None,
                answers=sum(line.answer.response is not None for line in lines),
                ruling=_ruling_of([line.answer for line in lines], newest.id),
            )
        )
    return sorted(result, key=lambda one: (one.number == 0, one.number, one.question_id))


def preview(db: Db, quiz: Quiz, batch_id: int, rulings: Rulings) -> list[Change]:
    """Return whose result would change by these rulings; questions not named keep the ruling they have."""
    return [change for change, _ in _recompute(db, quiz, batch_id, rulings, lock=False)]


def regrade(
    db: Db, quiz: Quiz, batch_id: int, rulings: Rulings, reason: str, *, by: int, at: datetime
) -> Regrade | None:
    """Score the batch's submitted attempts by these rulings and tell whose result changed; None if nothing did.

    Attempts still open are scored by the version they see when they are submitted; regrading again takes them along.
    """
    asked = _asked(db, quiz)
    changes = []
    touched = False
    for change, one in _recompute(db, quiz, batch_id, rulings, lock=True, changed_only=False):
        for line in one.lines:
            if line.question_id in rulings:
                touched |= _rule(line.answer, rulings[line.question_id], asked[line.question_id].newest.id)
        one.store()
        if change.before != change.after or change.passed_before != change.passed_after:
            changes.append(change)
    if not touched:
        return None
    row = Regrade(
        quiz_id=quiz.id,
        batch_id=batch_id,
        by_id=by,
        at=at,
        reason=reason,
        rulings={
            str(question_id): {"ruling": ruling.value, "version": asked[question_id].newest.number}
            for question_id, ruling in rulings.items()
        },
        changes=[vars(change) for change in changes],
    )
    db.add(row)
    db.flush()
    record_act(
        db, "quiz:regraded", "quiz", quiz.id, by=by, at=at, note=reason,
        batch_id=batch_id, regrade_id=row.id, rulings=row.rulings, changed=len(changes),
    )  # fmt: skip
    _tell(db, load_settings(current_version(db, quiz).settings), row, changes, at=at)
    return row


def history(db: Db, quiz_id: int, batch_id: int) -> Sequence[Regrade]:
    """Return the regrades of the quiz in this batch, newest first, with who did them."""
    return db.scalars(
        select(Regrade)
        .where(Regrade.quiz_id == quiz_id, Regrade.batch_id == batch_id)
        .options(joinedload(Regrade.by))
        .order_by(Regrade.at.desc(), Regrade.id.desc())
    ).all()


def _recompute(
    db: Db, quiz: Quiz, batch_id: int, rulings: Rulings, *, lock: bool, changed_only: bool = True
) -> list[tuple[Change, Scored]]:
    asked = _asked(db, quiz)
    found = []
    for one in _submitted(db, quiz, batch_id, lock=lock):
        attempt = one.attempt
        ruled = one.under({question_id: _key(ruling, asked[question_id]) for question_id, ruling in rulings.items()})
        change = Change(
            attempt.id,
            attempt.person_id,
            attempt.person.name,
            attempt.percent or 0.0,
            ruled.grade.percent,
            attempt.passed,
            ruled.grade.passed,
        )
        is_changed = change.before != change.after or change.passed_before != change.passed_after
        if is_changed or not changed_only:
            found.append((change, ruled))
    return found


def _key(ruling: Ruling, asked: _Asked) -> tuple[AnyQuestion | None, bool]:
    newest = load_question(asked.newest.content) if ruling is Ruling.NEWEST else None
    return newest, ruling is Ruling.EVERYONE


def _rule(answer: Answer, ruling: Ruling, newest_id: int) -> bool:
    """Note by what the answer is scored from now on; return whether that is new."""
    key = newest_id if ruling is Ruling.NEWEST else None
    word = ruling.value if ruling is Ruling.EVERYONE else None
    is_new = (answer.key_version_id, answer.ruling) != (key, word)
    answer.key_version_id, answer.ruling = key, word
    return is_new


def _ruling_of(answers: Sequence[Answer], newest_id: int) -> Ruling:
    """Return the ruling that holds for all of these answers; one that holds only for some is their own version's."""
    if all(one.ruling == Ruling.EVERYONE for one in answers):
        return Ruling.EVERYONE
    return Ruling.NEWEST if all(one.key_version_id == newest_id for one in answers) else Ruling.OWN


def _submitted(db: Db, quiz: Quiz, batch_id: int, *, lock: bool = False) -> list[Scored]:
    statement = (
        select(Attempt)
        .where(Attempt.quiz_id == quiz.id, Attempt.batch_id == batch_id, Attempt.submitted_at.is_not(None))
        .options(joinedload(Attempt.person, innerjoin=True))
        .order_by(Attempt.id)
    )
    return read_scored(db, db.scalars(statement.with_for_update(of=Attempt) if lock else statement).all())


def _asked(db: Db, quiz: Quiz) -> dict[int, _Asked]:
    """Return every question that any version of the quiz asked, with its newest version."""
    used = (
        select(QuestionVersion.question_id)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .join(QuizVersion, QuizVersion.id == QuizItem.quiz_version_id)
        .where(QuizVersion.quiz_id == quiz.id)
    )
    rows = db.execute(
        select(Question.id, QuestionVersion)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(Question.id.in_(used))
        .order_by(Question.id, QuestionVersion.number)
    )
    # Returning to an older wording finds its row again, so "newest" is what the version in force asks, if it does.
    asked = {question_id: _Asked(question_id, version) for question_id, version in rows}
    in_force = db.execute(
        select(QuestionVersion)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .where(QuizItem.quiz_version_id == current_version(db, quiz).id)
    ).scalars()
    return asked | {version.question_id: _Asked(version.question_id, version) for version in in_force}


def _positions(db: Db, quiz: Quiz) -> dict[int, int]:
    rows = db.execute(
        select(QuestionVersion.question_id, QuizItem.position)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .where(QuizItem.quiz_version_id == current_version(db, quiz).id)
    )
    return dict(rows.all())


def _tell(db: Db, settings: QuizSettings, row: Regrade, changes: Sequence[Change], *, at: datetime) -> None:
    """Tell whose result changed, unless the quiz shows no results at all."""
    if settings.feedback is FeedbackPolicy.NONE:
        return
    title: dict[str, Any] = {language: settings.title.read(language)[0] for language in LANGUAGES}
    for change in changes:
        params = {"title": title, "before": change.before, "after": change.after, "reason": row.reason}
        link = f"/attempts/{change.attempt_id}/review"
        outbox.tell(db, change.person_id, "quiz_regraded", params, f"regrade:{row.id}:{change.attempt_id}", link, at=at)


def names_in(db: Db, regrades: Sequence[Regrade]) -> dict[int, str]:
    """Return the names of those whose results these regrades changed, as they are called now."""
    people = {change["person_id"] for one in regrades for change in one.changes}
    if not people:
        return {}
    return dict(db.execute(select(Person.id, Person.name).where(Person.id.in_(people))).all())
