"""The reference computation: marks worked out from the stored rows by cutting time into pieces and asking of each
whether the person was there. It shares no code with lms/attendance/rules and is as slow as it is plain."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import select

from lms.attendance.models import Connection, Evidence, WorkerBoot
from lms.db import Db
from lms.sessions.models import LiveSession

DEAD_AFTER, RESUME_WITHIN, RETURN_WITHIN = timedelta(seconds=20), timedelta(minutes=5), timedelta(seconds=60)


class Stretch(NamedTuple):
    start: datetime
    end: datetime


class Line(NamedTuple):
    """One connection: its stretches in the room, and when its process took it down with it (None: it did not)."""

    id: str
    visit: int
    boot: str
    stretches: list[Stretch]
    starts: list[datetime]
    taken_down: datetime | None


def reckon(db: Db, session: LiveSession, people: list[int], at: datetime) -> dict[int, tuple[str, int]]:
    """Return person → status and whole seconds attended."""
    boots = {boot.id: boot for boot in db.scalars(select(WorkerBoot))}
    facts = db.scalars(select(Evidence).where(Evidence.session_id == session.id).order_by(Evidence.id)).all()
    connections = db.scalars(select(Connection).where(Connection.session_id == session.id)).all()
    found = {}
    for person in people:
        own = [fact for fact in facts if fact.person_id == person]
        lines = [
            _read_line(connection, boots, [fact for fact in own if fact.connection_id == connection.id], at)
            for connection in connections
            if connection.person_id == person
        ]
        seen = [stretch for line in lines for stretch in line.stretches]
        given = [gift for line in lines if (gift := _given(line, lines, boots, at)) is not None]
        found[person] = _judge(session, seen + given, at)
    return found


def _died(boot: WorkerBoot, at: datetime) -> datetime | None:
    if boot.ended_at is not None:
        return boot.ended_at
    return boot.beat_at if at - boot.beat_at > DEAD_AFTER else None


def _read_line(connection: Connection, boots: dict[str, WorkerBoot], own: list[Evidence], at: datetime) -> Line:
    drops = [fact.claimed_at for fact in own if fact.kind == "dropped"]
    told = [fact for fact in own if fact.kind != "dropped"]
    death = _died(boots[connection.boot_id], at)
    if death is not None:
        death = max([death, *(fact.received_at for fact in told)])
    ends = drops + ([death] if death is not None else [])
    end = min(ends) if ends else at
    stretches, starts, since = [], [], None
    for fact in sorted(told, key=lambda f: (f.sequence, f.id)):
        if fact.kind in ("joined", "resumed"):
            starts.append(fact.claimed_at)
            since = since or fact.claimed_at
        elif fact.kind == "left" and since:
            stretches.append(Stretch(since, fact.claimed_at))
            since = None
    taken_down = None
    if since:
        stretches.append(Stretch(since, max(end, since)))
        taken_down = death if death is not None and not drops else None
    return Line(connection.id, connection.visit_id, connection.boot_id, stretches, starts, taken_down)


def _given(line: Line, lines: list[Line], boots: dict[str, WorkerBoot], at: datetime) -> Stretch | None:
    if line.taken_down is None:
        return None
    down = line.taken_down
    back = [
        max(boot.started_at, down)
        for boot in boots.values()
        if boot.id != line.boot and ((end := _died(boot, at)) is None or end > down)
    ]
    again = [
        start
        for other in lines
        if other.visit == line.visit and other.id != line.id
        for start in other.starts
        if start >= down
    ]
    if not back or not again or min(again) > min(back) + RESUME_WITHIN:
        return None
    return Stretch(down, min(min(again), min(back) + RETURN_WITHIN))


def _judge(session: LiveSession, there: list[Stretch], at: datetime) -> tuple[str, int]:
    edges = {session.starts_at, session.ends_at}
    edges |= {min(max(edge, session.starts_at), session.ends_at) for stretch in there for edge in stretch}
    pieces = [Stretch(a, b) for a, b in pairwise(sorted(edges))]
    kept = [any(s.start <= piece.start and piece.end <= s.end for s in there) for piece in pieces]
    if True in kept:
        first, last = kept.index(True), len(kept) - 1 - kept[::-1].index(True)
        gaps: list[list[int]] = []
        for n in range(first, last + 1):
            if not kept[n]:
                if gaps and gaps[-1][-1] == n - 1:
                    gaps[-1].append(n)
                else:
                    gaps.append([n])
        grace, left = (
            timedelta(seconds=session.policy["grace_seconds"]),
            timedelta(seconds=session.policy["bridged_limit_seconds"]),
        )
        for length, gap in sorted((pieces[gap[-1]].end - pieces[gap[0]].start, gap) for gap in gaps):
            if length <= grace and length <= left:
                left -= length
                for n in gap:
                    kept[n] = True
    attended = sum((p.end - p.start for p, k in zip(pieces, kept, strict=True) if k), timedelta())
    planned = session.ends_at - session.starts_at
    if attended >= planned * session.policy["minimum_share"]:
        return "attended", int(attended.total_seconds())
    return ("partial" if attended else "absent"), int(attended.total_seconds())
