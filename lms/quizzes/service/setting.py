"""What a batch does differently with a quiz, and what follows from it for attempts under way and submitted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.db import Db, built_once
from lms.quizzes.models import Attempt, ExtraTime, Quiz, QuizSetting, QuizVersion
from lms.quizzes.rules.settings import QuizSettings, end_of, load_settings, with_overrides
from lms.quizzes.service.scoring import read_scored


def find_setting(db: Db, quiz_id: int, batch_id: int) -> QuizSetting | None:
    """Return what the batch has set; None where it takes the quiz as it is."""
    return db.get(QuizSetting, (quiz_id, batch_id))


def settings_for(stored: Mapping[str, Any], setting: QuizSetting | None) -> QuizSettings:
    """Return a version's stored settings as the batch has them."""
    return with_overrides(load_settings(stored), setting.overrides if setting else {})


def settings_in(db: Db, quiz: Quiz, batch_id: int) -> QuizSettings:
    """Return the settings in force for the batch: the current version's, with what it sets differently."""
    stored = db.scalars(
        select(QuizVersion.settings).where(QuizVersion.quiz_id == quiz.id, QuizVersion.number == quiz.version)
    ).one()
    return settings_for(stored, find_setting(db, quiz.id, batch_id))


def save_setting(
    db: Db,
    quiz: Quiz,
    batch_id: int,
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    code: str,
    overrides: Mapping[str, Any],
    by: int,
    at: datetime,
) -> QuizSetting:
    """Set what the batch does differently; attempts under way end by the new times, others pass by the new mark.

    `overrides` holds JSON values of what differs (`rules.settings.OVERRIDABLE`); what is not in it is as the quiz says.
    """
    setting = find_setting(db, quiz.id, batch_id)
    before = _told(setting)
    if setting is None:
        setting = QuizSetting(quiz_id=quiz.id, batch_id=batch_id, overrides={})
        db.add(setting)
    marked_differently = setting.overrides.get("pass_mark", "") != overrides.get("pass_mark", "")
    setting.opens_at, setting.closes_at, setting.code = opens_at, closes_at, code
    setting.overrides = dict(overrides)
    setting.changed_by, setting.changed_at = by, at
    db.flush()
    after = _told(setting)
    if before != after:
        record_act(db, "quiz:set", "quiz", quiz.id, by=by, at=at, batch_id=batch_id, before=before, after=after)
    attempts = db.scalars(
        select(Attempt).where(Attempt.quiz_id == quiz.id, Attempt.batch_id == batch_id).with_for_update()
    ).all()
    _end_by_new_times(db, quiz, setting, [one for one in attempts if one.submitted_at is None])
    if marked_differently:
        for scored in read_scored(db, [one for one in attempts if one.submitted_at is not None]):
            scored.store()
    db.flush()
    return setting


def settings_by_batch(db: Db, quiz_ids: Collection[int]) -> dict[tuple[int, int], QuizSetting]:
    """Return what batches set for these quizzes, by quiz and batch."""
    return {(one.quiz_id, one.batch_id): one for one in db.scalars(*_of_quizzes(list(quiz_ids)))}


@built_once
def _of_quizzes(quiz_ids: Any) -> Any:
    return select(QuizSetting).where(QuizSetting.quiz_id.in_(quiz_ids))


def _end_by_new_times(db: Db, quiz: Quiz, setting: QuizSetting, attempts: Sequence[Attempt]) -> None:
    if not attempts:
        return
    extra = dict(
        db.execute(
            select(ExtraTime.person_id, ExtraTime.minutes).where(
                ExtraTime.quiz_id == quiz.id, ExtraTime.batch_id == setting.batch_id
            )
        ).all()
    )
    versions: dict[int, dict[str, Any]] = dict(
        db.execute(
            select(QuizVersion.id, QuizVersion.settings).where(QuizVersion.id.in_({one.version_id for one in attempts}))
        ).all()
    )
    for one in attempts:
        limit = settings_for(versions[one.version_id], setting).limit
        more = timedelta(minutes=extra.get(one.person_id, 0))
        one.ends_at = end_of(one.started_at, limit, more, setting.closes_at)


def _told(setting: QuizSetting | None) -> dict[str, Any] | None:
    """Return the setting as the audit trail keeps it; of the code only that there is one."""
    if setting is None:
        return None
    return {
        "opens_at": setting.opens_at.isoformat() if setting.opens_at else None,
        "closes_at": setting.closes_at.isoformat() if setting.closes_at else None,
        "has_code": bool(setting.code),
        "overrides": setting.overrides,
    }
