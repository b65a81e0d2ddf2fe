"""This process as a witness: it beats, notices lost clients, and knows when it could not see."""

import logging
import queue
import threading
import time
import uuid
from datetime import datetime, timedelta

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lms import clock
from lms.attendance.service import recording, world
from lms.db import reading, writing
from lms.web import sockets

log = logging.getLogger(__name__)

SWEEP_SECONDS = 10.0

# Connection, when its client was last heard, and why it ended.
Loss = tuple[str, datetime, str]


class Witness:
    """This process as a witness of its connections: one boot row, a beat, a queue of losses, and a sweep.

    A disconnect handler only enqueues here, since disconnects run one after another in one thread. A
    loss is retried until it is stored: with the database gone it waits, dated to when the client was
    last heard.
    """

    def __init__(self) -> None:
        self.boot_id = uuid.uuid4().hex
        self._lost: queue.Queue[Loss | None] = queue.Queue()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._is_booted = False
        self._boot_lock = threading.Lock()
        self._heard: dict[str, datetime] = {}

    def start(self) -> None:
        """Write the boot row and start the beat and the sweep."""
        self.ensure_booted()
        for work in (self._beat, self._store_losses):
            thread = threading.Thread(target=work, daemon=True, name=f"witness-{work.__name__}")
            thread.start()
            self._threads.append(thread)

    def ensure_booted(self) -> None:
        """Write the boot row once; connections refer to it."""
        if self._is_booted:
            return
        with self._boot_lock:
            if not self._is_booted:
                with writing() as db:
                    world.boot(db, self.boot_id, at=clock.now())
                self._is_booted = True

    def stop(self) -> None:
        """End the boot with one row; the sockets that close from now on are not lost clients."""
        self._stopping.set()
        self._lost.put(None)
        for thread in self._threads:
            thread.join(timeout=0.5)
        self._store(self._waiting(), is_last=True)
        if self._is_booted:
            with writing() as db:
                world.end(db, self.boot_id, at=clock.now())

    def lost(self, connection_id: str, last_heard: datetime, reason: str) -> None:
        """Note that a connection ended; returns at once."""
        if not self._stopping.is_set():
            self._lost.put((connection_id, last_heard, reason))

    def _beat(self) -> None:
        """Beat every five seconds; a beat that comes late tells of a freeze or, if it had to wait or failed, of a
        database that was away."""
        last, last_steady, has_failed = clock.now(), time.monotonic(), False
        swept = last_steady
        while not self._stopping.wait(world.BEAT_SECONDS):
            woke = time.monotonic()
            try:
                with writing() as db:
                    # Read once the database has let us in, which it does at the first word to it: while we waited we
                    # could not witness.
                    db.connection()
                    at, steady = clock.now(), time.monotonic()
                    world.beat(db, self.boot_id, at=at)
                    if has_failed or steady - last_steady > 3 * world.BEAT_SECONDS:
                        is_away = has_failed or steady - woke > world.BEAT_SECONDS
                        world.note_outage(db, "database" if is_away else "freeze", last, at, self.boot_id)
                    dead = world.newly_dead(db, at=at, looked_at=last)
                    if dead:
                        world.touch_connections_of(db, dead)
            except Exception as error:
                # Whatever it was: a process that stops beating counts as killed, with everyone in it.
                has_failed = True
                log.warning("beat not stored: %s", type(error).__name__)
                continue
            last, last_steady, has_failed = at, steady, False
            if steady - swept >= SWEEP_SECONDS:
                swept = steady
                self._sweep(at)

    def _sweep(self, at: datetime) -> None:
        """Compare connections believed open with sockets that live; what has no socket is lost, and was last heard
        when we last saw it alive."""
        try:
            with reading() as db:
                opened = recording.believed_open(db, self.boot_id, at - timedelta(seconds=SWEEP_SECONDS), at=at)
        except SQLAlchemyError:
            return
        living = sockets.living()
        for connection_id, opened_at in opened:
            if connection_id not in living:
                self.lost(connection_id, self._heard.get(connection_id, opened_at), "swept")
        self._heard = living

    def _store_losses(self) -> None:
        while not self._stopping.is_set():
            first = self._lost.get()
            if first is not None:
                self._store([first, *self._waiting(199)])

    def _waiting(self, most: int = 100_000) -> list[Loss]:
        """Take losses out of the queue, as many as wait."""
        taken: list[Loss] = []
        while len(taken) < most:
            try:
                loss = self._lost.get_nowait()
            except queue.Empty:
                break
            if loss is not None:
                taken.append(loss)
        return taken

    def _store(self, batch: list[Loss], *, is_last: bool = False) -> None:
        if not batch:
            return
        at = clock.now()
        try:
            with writing() as db:
                for connection_id, last_heard, reason in batch:
                    recording.drop(db, connection_id, last_heard=last_heard, reason=reason, at=at)
        except (OperationalError, InterfaceError, InternalError, PoolTimeout):
            log.warning("%d losses not stored yet: the database does not answer", len(batch))
            if not is_last:
                for loss in batch:
                    self._lost.put(loss)
                self._stopping.wait(1.0)
        except Exception:
            # One that cannot be stored must not keep the others waiting for ever.
            if len(batch) == 1:
                log.exception("a loss cannot be stored")
                return
            for loss in batch:
                self._store([loss], is_last=is_last)
