"""What we know of our own processes: boots, beats, and when they could not witness."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from lms.attendance.models import Connection, Evidence, Outage, WorkerBoot
from lms.attendance.rules.evidence import Blindness, Boot
from lms.attendance.rules.presence import DEAD_AFTER_SECONDS, World
from lms.db import Db
from lms.kernel.intervals import Interval, clip, gaps

BEAT_SECONDS = 5.0


def boot(db: Db, boot_id: str, *, at: datetime) -> None:
    """Note that a serving process has started."""
    db.add(WorkerBoot(id=boot_id, started_at=at, beat_at=at))


def beat(db: Db, boot_id: str, *, at: datetime) -> None:
    """Note that the process is alive."""
    db.execute(update(WorkerBoot).where(WorkerBoot.id == boot_id).values(beat_at=at))


def end(db: Db, boot_id: str, *, at: datetime) -> None:
    """Note a graceful stop: one row speaks for every connection the process held."""
    db.execute(update(WorkerBoot).where(WorkerBoot.id == boot_id).values(beat_at=at, ended_at=at))
    touch_connections_of(db, [boot_id])


def note_outage(db: Db, kind: str, started_at: datetime, ended_at: datetime, boot_id: str | None) -> None:
    """Note a stretch in which we ran but could not witness; the lines it may concern are re-read."""
    db.add(Outage(kind=kind, started_at=started_at, ended_at=ended_at, boot_id=boot_id))
    if boot_id is not None:
        touch_connections_of(db, [boot_id], since=started_at - timedelta(hours=12))


def touch_connections_of(db: Db, boot_ids: list[str], since: datetime | None = None) -> None:
    """Have every line re-read that a connection of these processes may have changed."""
    rows = select(Connection.session_id, Connection.person_id).where(Connection.boot_id.in_(boot_ids)).distinct()
    if since is not None:
        rows = rows.where(Connection.opened_at >= since)
    watching = (
        select(Evidence.session_id, Evidence.person_id)
        .join(Connection, Connection.visit_id == Evidence.host_visit_id)
        .where(Connection.boot_id.in_(boot_ids))
        .distinct()
    )
    for statement in (rows, watching):
        for session_id, person_id in db.execute(statement):
            db.touch(session_id, person_id)


def newly_dead(db: Db, *, at: datetime, looked_at: datetime) -> list[str]:
    """Return boots that crossed from beating to dead between two looks, so that watchers see it."""
    limit = timedelta(seconds=DEAD_AFTER_SECONDS)
    return list(
        db.scalars(
            select(WorkerBoot.id).where(
                WorkerBoot.ended_at.is_(None),
                WorkerBoot.beat_at < at - limit,
                WorkerBoot.beat_at >= looked_at - limit,
            )
        )
    )


def read_world(db: Db, window: Interval) -> World:
    """Return the boots and outages that can matter for a session with these doors.

    A boot matters if it beat after the doors opened; one started much later still tells when service
    was back.
    """
    boots = {
        row.id: Boot(row.id, row.started_at, row.beat_at, row.ended_at)
        for row in db.scalars(
            select(WorkerBoot).where(
                or_(WorkerBoot.ended_at.is_(None), WorkerBoot.ended_at >= window.start),
                WorkerBoot.beat_at >= window.start,
                WorkerBoot.started_at <= window.end + timedelta(hours=1),
            )
        )
    }
    outages = db.scalars(
        select(Outage).where(Outage.started_at <= window.end, Outage.ended_at >= window.start).order_by(Outage.id)
    )
    blindness = [Blindness(Interval(row.started_at, row.ended_at), row.boot_id) for row in outages]
    return World(boots, tuple(blindness))


def outages_between(db: Db, start: datetime, end: datetime) -> list[Interval]:
    """Return the stretches between two instants in which nobody could be served: no process ran, or all were blind.

    Before the first process that ever ran nothing is known, and nothing is given.
    """
    window = Interval(start, end)
    rows = db.execute(
        select(WorkerBoot.started_at, WorkerBoot.beat_at, WorkerBoot.ended_at).where(
            WorkerBoot.started_at < end, WorkerBoot.beat_at >= start - timedelta(days=30)
        )
    ).all()
    limit = timedelta(seconds=DEAD_AFTER_SECONDS)
    served = [
        # A process that beat a moment ago is alive until it is late.
        Interval(row.started_at, row.ended_at or (end if row.beat_at + limit >= end else row.beat_at))
        for row in rows
    ]
    if not served:
        return []
    first = min(interval.start for interval in served)
    dark = gaps(served, Interval(max(start, first), end)) if first < end else []
    blind = db.execute(
        select(Outage.started_at, Outage.ended_at).where(Outage.started_at < end, Outage.ended_at > start)
    ).all()
    return clip([*dark, *(Interval(row.started_at, row.ended_at) for row in blind)], window)
