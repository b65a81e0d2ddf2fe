"""Having a programme's report sent: asked for, ended, due, and sent once however many processes look."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from lms.db import Db
from lms.outbox import service as outbox
from lms.programmes.models import Programme
from lms.reports.models import ReportSubscription
from lms.reports.rhythm import Rhythm, next_due


def find_subscription(db: Db, person_id: int, programme_id: int) -> ReportSubscription | None:
    """Return how this person is sent the report, None where she is not."""
    return db.scalars(
        select(ReportSubscription).where(
            ReportSubscription.person_id == person_id, ReportSubscription.programme_id == programme_id
        )
    ).one_or_none()


def subscribe(
    db: Db, person_id: int, programme: Programme, rhythm: Rhythm, *, zone: ZoneInfo, at: datetime
) -> ReportSubscription:
    """Return the subscription as asked for now; there is one a person and programme. `programme` must be locked."""
    own = find_subscription(db, person_id, programme.id)
    if own is None:
        own = ReportSubscription(person_id=person_id, programme_id=programme.id, created_at=at)
        db.add(own)
    own.rhythm, own.day = rhythm.every, rhythm.day
    own.due_at = next_due(rhythm, zone, after=at)
    db.flush()
    return own


def unsubscribe(db: Db, person_id: int, programme_id: int) -> None:
    """Send this person the report no more."""
    db.execute(
        delete(ReportSubscription).where(
            ReportSubscription.person_id == person_id, ReportSubscription.programme_id == programme_id
        )
    )


def due_subscriptions(db: Db, *, at: datetime) -> Sequence[tuple[int, int, int, datetime]]:
    """Return (id, person, programme, when it was due) of the reports to be sent by now, the oldest first."""
    rows = db.execute(
        select(
            ReportSubscription.id,
            ReportSubscription.person_id,
            ReportSubscription.programme_id,
            ReportSubscription.due_at,
        )
        .where(ReportSubscription.due_at <= at)
        .order_by(ReportSubscription.due_at, ReportSubscription.id)
    )
    return [(row.id, row.person_id, row.programme_id, row.due_at) for row in rows]


def send(
    db: Db,
    subscription_id: int,
    due_at: datetime,
    params: Mapping[str, Any],
    link: str,
    *,
    zone: ZoneInfo,
    at: datetime,
) -> bool:
    """Send the report that was due then, and move the subscription on; return whether it was ours to send.

    The UPDATE asks for the old moment again: of two processes that found it due, one moves it. Reports missed
    while nothing ran are not made up for: one letter tells how things stand now.
    """
    own = db.get(ReportSubscription, subscription_id)
    if own is None:
        return False
    following = next_due(Rhythm(own.rhythm, own.day), zone, after=at)
    moved = db.execute(
        update(ReportSubscription)
        .where(ReportSubscription.id == subscription_id, ReportSubscription.due_at == due_at)
        .values(due_at=following)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if not moved:
        return False
    key = f"report-{subscription_id}-{due_at.isoformat()}"
    return outbox.tell(db, own.person_id, "programme_report", params, key, link, at=at)


def drop(db: Db, subscription_id: int) -> None:
    """Forget a subscription of somebody who may no longer read the report."""
    db.execute(delete(ReportSubscription).where(ReportSubscription.id == subscription_id))
