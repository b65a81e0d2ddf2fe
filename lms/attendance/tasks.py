"""Jobs of attendance: judging sessions that have ended, and setting right what servers and networks left undone."""

import logging
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from lms.attendance.models import WorkerBoot
from lms.attendance.service import amnesties, checks, forgetting, marks, reconciling, server_events, server_witness
from lms.db import Db, reading, writing
from lms.outbox.jobs import every
from lms.sessions.jitsi.client import JitsiClient, JitsiError
from lms.sessions.jitsi.servers import MeetingServers
from lms.sessions.models import LiveSession

log = logging.getLogger(__name__)

# Sessions in which the server counted more people than it told us of when we last looked.
_suspected: set[int] = set()


@every(30, name="judge_ended_sessions")
def judge_ended_sessions(at: datetime) -> int:
    """Write the marks of sessions that have ended; return how many marks changed. Safe to run twice or at once."""
    return _judge(at, timedelta(days=30))


@every(3600, name="judge_sessions_of_long_ago")
def judge_sessions_of_long_ago(at: datetime) -> int:
    """Do the same for sessions of the last years: somebody may be enrolled with a day of months ago."""
    return _judge(at, timedelta(days=3 * 365))


def _judge(at: datetime, within: timedelta) -> int:
    with reading() as db:
        waiting = marks.sessions_to_judge(db, at=at, within=within)
    changed = 0
    for session_id in waiting:
        with writing() as db:
            session = locked_session(db, session_id)
            changed += marks.judge_marks(db, session, at=at)
            checks.tell_waiting(db, session, at=at)
    return changed


@every(10, name="interpret_server_events")
def interpret_server_events(at: datetime) -> None:
    """Make evidence of what the meeting server posted and nobody interpreted yet; only reads when nothing waits."""
    with reading() as db:
        if not server_events.any_waiting(db):
            return
    with writing() as db:
        server_events.interpret_waiting(db, at=at)


@every(60, name="propose_amnesties")
def propose_amnesties(at: datetime) -> int:
    """Find outages that struck many in sessions under way or just over; return how many are newly proposed."""
    with reading() as db:
        struck = amnesties.sessions_to_look_at(db, at=at)
        news = [one for one in struck if amnesties.has_news(db, db.get_one(LiveSession, one), at=at)]
    new = 0
    for session_id in news:
        with writing() as db:
            new += amnesties.propose_amnesties(db, locked_session(db, session_id), at=at)
    return new


@every(60, name="reconcile_meetings")
def reconcile_meetings(at: datetime) -> int:
    """Close what the meeting server left open, and tell coordinators once where it is silent or misses people.

    Return how many stays were closed. The server is asked outside any transaction.
    """
    with reading() as db:
        left_open = reconciling.sessions_left_open(db, at=at)
    closed = 0
    for session_id in left_open:
        with writing() as db:
            closed += reconciling.close_left_open(db, locked_session(db, session_id), at=at)
    with reading() as db:
        under_way = [
            (one.id, one.room_name, server, server_witness.is_silent(db, one, at=at))
            for one in reconciling.running(db, at=at)
            if (server := _servers().of(one.meeting_server)) is not None and server.gives_evidence
        ]
    for session_id, room, server, silent in under_way:
        if silent:
            _report(session_id, "server_silent", at)
        elif server.api_url:
            _compare(session_id, JitsiClient(server), room, at)
    _suspected.intersection_update(session_id for session_id, _, _, _ in under_way)
    return closed


def _servers() -> MeetingServers:
    return current_app.extensions["meeting_servers"]


def _compare(session_id: int, client: JitsiClient, room: str, at: datetime) -> None:
    """Compare the server's own count with what it told us; twice in a row, since posts may be a moment late."""
    try:
        counted = client.room_size(room)
    except JitsiError as error:
        log.warning("session %s: room size: %s", session_id, error.said.code)
        return
    with reading() as db:
        missed = reconciling.people_missed(db, db.get_one(LiveSession, session_id), counted)
    if missed and session_id in _suspected:
        _report(session_id, "server_misses", at, missed=missed)
    (_suspected.add if missed else _suspected.discard)(session_id)


def _report(session_id: int, template: str, at: datetime, **params: int) -> None:
    with writing() as db:
        reconciling.report(db, db.get_one(LiveSession, session_id), template, at=at, **params)


def locked_session(db: Db, session_id: int) -> LiveSession:
    """Return the session's row, locked for the rest of the transaction, so that one judge works at a time."""
    return db.execute(select(LiveSession).where(LiveSession.id == session_id).with_for_update()).scalar_one()


@every(6 * 3600, name="forget_scan_traces")
def forget_scan_traces(at: datetime) -> int:
    """Delete from where people scanned once that is of no more use; return of how many scans."""
    kept_for = timedelta(days=current_app.config["SETTINGS"].scan_trace_days)
    forgotten = 0
    while True:
        # Some at a time, so that nobody who checks in has to wait.
        with writing() as db:
            count = forgetting.forget_traces(db, kept_for=kept_for, at=at)
        forgotten += count
        if count < forgetting.AT_ONCE:
            return forgotten


def living_boots(db: Db, at: datetime) -> int:
    """Return how many serving processes beat within the last twenty seconds; for /healthz."""
    return len(
        db.scalars(
            select(WorkerBoot.id).where(WorkerBoot.ended_at.is_(None), WorkerBoot.beat_at > at - timedelta(seconds=20))
        ).all()
    )
