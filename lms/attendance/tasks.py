"""Jobs of attendance: judging sessions that have ended, and setting right what servers and networks left undone."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from lms.attendance.models import WorkerBoot
from lms.attendance.service import (
    amnesties,
    census,
    checks,
    forgetting,
    marks,
    reconciling,
    server_events,
    server_witness,
)
from lms.attendance.service.reconciling import OpenStay
from lms.db import Db, reading, writing
from lms.outbox.jobs import every
from lms.sessions.jitsi.client import JitsiClient, JitsiError
from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.jitsi.servers import MeetingServers
from lms.sessions.models import LiveSession

log = logging.getLogger(__name__)

# After so many rounds of interpreting the next look goes on.
MOST_ROUNDS = 40


@dataclass(frozen=True)
class _Suspicion:
    """What the last look at a session's meeting server found, to be believed if the next one agrees."""

    # The server knew the room at some look.
    was_there: bool = False
    missed: bool = False
    too_many: bool = False
    gone: Mapping[OpenStay, datetime] = field(default_factory=dict)


_suspected: dict[int, _Suspicion] = {}


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


@every(300, name="tell_of_later_checks")
def tell_of_later_checks(at: datetime) -> int:
    """Tell coordinators whom a witness who spoke late made doubtful; return how many were told. Each is told once."""
    with reading() as db:
        spoken = checks.sessions_with_late_words(db, at=at)
        news = [one for one in spoken if checks.waiting_people(db, db.get_one(LiveSession, one), at=at)]
    told = 0
    for session_id in news:
        with writing() as db:
            told += checks.tell_waiting(db, locked_session(db, session_id), at=at)
    return told


@every(10, name="interpret_server_events")
def interpret_server_events(at: datetime) -> None:
    """Make evidence of what the meeting server posted and nobody interpreted yet; only reads when nothing waits.

    A few at a time: a class that comes in at once must not keep everybody else from writing.
    """
    for _ in range(MOST_ROUNDS):
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
    """Close what the meeting server left open, and tell coordinators once where it is silent or miscounts.

    Return how many stays were closed. Servers are asked outside any transaction.
    """
    with reading() as db:
        left_open = reconciling.sessions_left_open(db, at=at)
    closed = 0
    for session_id in left_open:
        with writing() as db:
            closed += reconciling.close_left_open(db, locked_session(db, session_id), at=at)
    with reading() as db:
        under_way = [
            (one.id, one.room_name, server, server_witness.silence(db, one, at=at))
            for one in reconciling.running(db, at=at)
            if (server := _server_of(one)) is not None and server.gives_evidence
        ]
    for session_id, room, server, silence in under_way:
        if silence is not None:
            _report(session_id, "server_silent", at)
        if server.api_url:
            closed += _compare(session_id, JitsiClient(server), room, at)
    for gone in set(_suspected) - {session_id for session_id, _, _, _ in under_way}:
        del _suspected[gone]
    _end_what_overran(at)
    return closed


def _server_of(session: LiveSession) -> JitsiServer | None:
    servers: MeetingServers = current_app.extensions["meeting_servers"]
    return servers.of(session.meeting_server)


def _compare(session_id: int, client: JitsiClient, room: str, at: datetime) -> int:
    """Compare the server's own list with what it told us; return how many stays were closed by it.

    Believed when two looks in a row agree, since posts may be a moment late.
    """
    try:
        counted = census.Counted(client.room_size(room), client.room_occupants(room))
    except JitsiError as error:
        log.warning("session %s: room size: %s", session_id, error.said.code)
        return 0
    before = _suspected.get(session_id, _Suspicion())
    with reading() as db:
        found = census.compare(db, db.get_one(LiveSession, session_id), counted, was_there=before.was_there)
    now = _Suspicion(
        before.was_there or counted.size > 0,
        found.missed > 0,
        found.too_many > 0,
        census.seen_again(found.gone, before.gone, at),
    )
    _suspected[session_id] = now
    if now.missed and before.missed:
        _report(session_id, "server_misses", at, missed=found.missed)
    if now.too_many and before.too_many:
        _report(session_id, "server_overcounts", at, surplus=found.too_many)
    sure = {stay: since for stay, since in now.gone.items() if stay in before.gone}
    if not sure:
        return 0
    with writing() as db:
        return census.close_gone(db, locked_session(db, session_id), sure, at=at)


def _end_what_overran(at: datetime) -> None:
    """End meetings whose doors have just closed, on servers where only we can: elsewhere the reservation ends them."""
    with reading() as db:
        over = [
            (one.id, one.room_name, server)
            for one in reconciling.just_closed(db, at=at)
            if (server := _server_of(one)) is not None and server.system_key and server.api_url
        ]
    for session_id, room, server in over:
        try:
            if JitsiClient(server).end_meeting(room, at=at):
                log.info("session %s: its doors are closed, the meeting was ended", session_id)
        except JitsiError as error:
            log.warning("session %s: the meeting could not be ended: %s", session_id, error.said.code)


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
