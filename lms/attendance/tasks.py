"""What a serving process does beside answering: beat, notice lost clients, judge ended sessions."""

import logging
import queue
import threading
import time
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from lms import clock
from lms.attendance.models import Connection, Evidence, WorkerBoot
from lms.attendance.service import marks, recording, world
from lms.db import Db, reading, writing
from lms.sessions.models import LiveSession
from lms.web import sockets

log = logging.getLogger(__name__)

SWEEP_SECONDS = 10.0


class Witness:
    """This process as a witness of its connections: one boot row, a beat, a queue of losses, and a sweep.

    A disconnect handler only enqueues here, since disconnects run one after another in one thread. A
    loss is retried until it is stored: with the database gone it waits, dated to when the client was
    last heard.
    """

    def __init__(self) -> None:
        self.boot_id = uuid.uuid4().hex
        self._lost: queue.Queue[tuple[str, datetime, str]] = queue.Queue()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._is_booted = False
        self._boot_lock = threading.Lock()

    def start(self) -> None:
        """Write the boot row and start the beat and the sweep."""
        self.ensure_booted()
        for work in (self._beat, self._store_losses):
            thread = threading.Thread(target=work, daemon=True, name=f"witness-{work.__name__}")
            thread.start()
            self._threads.append(thread)

    def ensure_booted(self) -> None:
        """Write the boot row once; connections refer to it."""
        with self._boot_lock:
            if not self._is_booted:
                with writing() as db:
                    world.boot(db, self.boot_id, at=clock.now())
                self._is_booted = True

    def stop(self) -> None:
        """End the boot with one row; the sockets that close from now on are not lost clients."""
        self._stopping.set()
        if self._is_booted:
            with writing() as db:
                world.end(db, self.boot_id, at=clock.now())

    def lost(self, connection_id: str, last_heard: datetime, reason: str) -> None:
        """Note that a connection ended; returns at once."""
        if not self._stopping.is_set():
            self._lost.put((connection_id, last_heard, reason))

    def _beat(self) -> None:
        """Beat every five seconds; a beat that comes late tells of a freeze, one that failed of a lost database."""
        last_wall, last_beat = clock.now(), time.monotonic()
        failed_since: datetime | None = None
        looked_at, swept = last_wall, time.monotonic()
        while not self._stopping.wait(world.BEAT_SECONDS):
            at, steady = clock.now(), time.monotonic()
            frozen = steady - last_beat > 3 * world.BEAT_SECONDS
            try:
                with writing() as db:
                    world.beat(db, self.boot_id, at=at)
                    if failed_since is not None:
                        world.note_outage(db, "database", failed_since, at, self.boot_id)
                    elif frozen:
                        world.note_outage(db, "freeze", last_wall, at, self.boot_id)
                    dead = world.newly_dead(db, at=at, looked_at=looked_at)
                    if dead:
                        world.touch_connections_of(db, dead)
                failed_since, looked_at = None, at
            except DBAPIError:
                failed_since = failed_since or last_wall
                log.warning("beat not stored: the database does not answer")
            if failed_since is None:
                last_wall = at
            last_beat = time.monotonic()
            if steady - swept >= SWEEP_SECONDS:
                swept = steady
                self._sweep(at)

    def _sweep(self, at: datetime) -> None:
        """Compare connections believed open with sockets that live; what has no socket is lost."""
        try:
            with reading() as db:
                opened = db.scalars(
                    select(Connection.id).where(
                        Connection.boot_id == self.boot_id, Connection.opened_at < at - timedelta(seconds=SWEEP_SECONDS)
                    )
                ).all()
                dropped = set(
                    db.scalars(
                        select(Evidence.connection_id)
                        .join(Connection, Connection.id == Evidence.connection_id)
                        .where(Connection.boot_id == self.boot_id, Evidence.kind == "dropped")
                    )
                )
        except DBAPIError:
            return
        living = sockets.living()
        for connection_id in opened:
            if connection_id not in dropped and connection_id not in living:
                self.lost(connection_id, at, "swept")

    def _store_losses(self) -> None:
        while not self._stopping.is_set():
            try:
                first = self._lost.get(timeout=0.5)
            except queue.Empty:
                continue
            batch = [first]
            while len(batch) < 200 and not self._lost.empty():
                batch.append(self._lost.get_nowait())
            self._store(batch)

    def _store(self, batch: list[tuple[str, datetime, str]]) -> None:
        at = clock.now()
        try:
            with writing() as db:
                for connection_id, last_heard, reason in batch:
                    recording.drop(db, connection_id, last_heard=last_heard, reason=reason, at=at)
        except DBAPIError:
            log.warning("%d losses not stored yet: the database does not answer", len(batch))
            for loss in batch:
                self._lost.put(loss)
            self._stopping.wait(1.0)


def judge_ended_sessions() -> int:
    """Write the marks of sessions that have ended; return how many marks changed. Safe to run twice or at once."""
    at = clock.now()
    with reading() as db:
        waiting = marks.sessions_to_judge(db, at=at)
    changed = 0
    for session_id in waiting:
        with writing() as db:
            changed += marks.judge_marks(db, locked_session(db, session_id), at=at)
    return changed


def locked_session(db: Db, session_id: int) -> LiveSession:
    """Return the session's row, locked for the rest of the transaction, so that one judge works at a time."""
    return db.execute(select(LiveSession).where(LiveSession.id == session_id).with_for_update()).scalar_one()


def living_boots(db: Db, at: datetime) -> int:
    """Return how many serving processes beat within the last twenty seconds; for /healthz."""
    return len(
        db.scalars(
            select(WorkerBoot.id).where(WorkerBoot.ended_at.is_(None), WorkerBoot.beat_at > at - timedelta(seconds=20))
        ).all()
    )
