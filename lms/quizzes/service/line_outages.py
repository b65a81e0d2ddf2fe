"""Lines that were away during an attempt: told by her device, believed within limits, given back by one click."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.intervals import Interval
from lms.quizzes.models import Answer, Attempt, LateAnswer, LineOutage
from lms.quizzes.rules.deadlines import RECONNECT_ALLOWANCE
from lms.quizzes.rules.drafts import LineOutageDraft
from lms.quizzes.rules.line_outages import believed, worth
from lms.quizzes.service import outages
from lms.quizzes.service.late import accept_late
from lms.quizzes.service.submitting import ends_at

MOST_PER_ATTEMPT = 50


@dataclass(frozen=True)
class Lost:
    """An outage of her line with what it is worth; `can_give` says whether the attempt can still be given time."""

    outage: LineOutage
    worth: timedelta
    can_give: bool


def note(db: Db, attempt: Attempt, draft: LineOutageDraft, *, at: datetime) -> bool:
    """Keep what her device tells of its line; return whether that is new and worth keeping."""
    of_device = (Answer.attempt_id == attempt.id, Answer.device == draft.device)
    span = believed(
        at - timedelta(seconds=draft.lost_ago),
        at - timedelta(seconds=draft.back_ago),
        began=attempt.started_at,
        ends=attempt.submitted_at or ends_at(db, attempt, at=at),
        saved=db.scalars(select(Answer.saved_at).where(*of_device)),
    )
    if span is None or len(_of(db, attempt)) >= MOST_PER_ATTEMPT:
        return False
    row = {"attempt_id": attempt.id, "key": draft.key, "began_at": span.start, "ended_at": span.end, "told_at": at}
    return bool(insert_new(db, LineOutage, row, ["attempt_id", "key"]))


def lost_lines(db: Db, attempt: Attempt) -> list[Lost]:
    """Return the attempt's outages, first to last."""
    rows = _of(db, attempt)
    ours = _ours(db, attempt, rows[-1].ended_at) if rows else []
    given = [Interval(one.began_at, one.ended_at) for one in rows if one.given_at]
    found = []
    for one in rows:
        if one.given_at:
            found.append(Lost(one, timedelta(seconds=one.given_seconds or 0), False))
            continue
        left = worth(Interval(one.began_at, one.ended_at), ours=ours, given=given)
        found.append(Lost(one, left, bool(left) and _can_be_given(attempt)))
    return found


def give_back(db: Db, attempt: Attempt, outage_id: int, *, by: int, at: datetime) -> timedelta:
    """Return how much time the attempt was given for this outage; twice is once.

    An attempt under way ends later. Of one that the end of its time submitted, the answers count that she changed
    before the time would have been over. Raises Conflict where there is nothing to give: no time limit, submitted by
    herself, or all of it was ours and is given already.
    """
    lost = next((one for one in lost_lines(db, attempt) if one.outage.id == outage_id), None)
    if lost is None:
        raise NotFound()
    if lost.outage.given_at is not None:
        return lost.worth
    if not lost.can_give or attempt.ends_at is None:
        raise Conflict("quiz_outage_nothing_to_give")
    attempt.ends_at += lost.worth
    if attempt.submitted_at is not None:
        _accept_until(db, attempt, attempt.submitted_at + lost.worth, by=by, at=at)
    lost.outage.given_seconds = round(lost.worth.total_seconds())
    lost.outage.given_by, lost.outage.given_at = by, at
    record_act(
        db, "quiz:outage_given", "attempt", attempt.id, by=by, at=at,
        outage=outage_id, seconds=lost.outage.given_seconds,
    )  # fmt: skip
    db.flush()
    return lost.worth


def _can_be_given(attempt: Attempt) -> bool:
    return attempt.ends_at is not None and attempt.submitted_by != "person"


def _accept_until(db: Db, attempt: Attempt, until: datetime, *, by: int, at: datetime) -> None:
    """Accept what she changed, by her own device, before the time would have been over."""
    waiting = db.scalars(
        select(LateAnswer)
        .where(LateAnswer.attempt_id == attempt.id, LateAnswer.decision.is_(None))
        .order_by(LateAnswer.arrived_at, LateAnswer.id)
    ).all()
    for one in waiting:
        if one.arrived_at - timedelta(seconds=one.claimed_age) <= until:
            accept_late(db, attempt, one.id, by=by, at=at)


def _of(db: Db, attempt: Attempt) -> Sequence[LineOutage]:
    return db.scalars(
        select(LineOutage).where(LineOutage.attempt_id == attempt.id).order_by(LineOutage.began_at, LineOutage.id)
    ).all()


def _ours(db: Db, attempt: Attempt, until: datetime) -> list[Interval]:
    """Return the stretches for which the deadline stood still anyway."""
    known = outages.between(db, attempt.started_at, until)
    return [Interval(one.start, one.end + RECONNECT_ALLOWANCE) for one in known]
