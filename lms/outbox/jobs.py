"""Work beside the requests: a queue (huey) and jobs that come round, run by one consumer.

Small installations: the queue is a SQLite file and the consumer lives in the one web process. With REDIS_URL
the queue is in Redis and a process of its own runs the jobs (`flask run-jobs`); exactly one such process, since
each would run every periodic job. What must not be lost is a row first and a job only looks for rows: a job
that was dropped, or ran twice, changes nothing.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.consumer import Consumer, Scheduler

from lms import clock
from lms.settings import Settings

log = logging.getLogger(__name__)

Call = Callable[[datetime], Any]

# Seconds between two looks at what is due; periods are multiples of it.
STEP = 5


@dataclass
class Job:
    """A function that comes round every so many seconds."""

    name: str
    seconds: int
    call: Call
    running: threading.Lock = field(default_factory=threading.Lock)
    last_round: int = -1

    def is_due(self, at: datetime) -> bool:
        """Return whether a round of this job begins with this look; true for the first look of all."""
        turn = int(at.timestamp()) // self.seconds
        is_due, self.last_round = turn != self.last_round, turn
        return is_due


class _Steps(Scheduler):
    """Huey's scheduler, which looks at periodic tasks once a minute, looking every few seconds."""

    periodic_task_seconds = STEP


class _Consumer(Consumer):
    scheduler_class = _Steps


_jobs: dict[str, Job] = {}
_app: Any = None
_queue: Huey | None = None
_queue_of: Settings | None = None
_ask: Callable[[str], Any] | None = None
_lock = threading.Lock()


def every(seconds: int, name: str | None = None) -> Callable[[Call], Call]:
    """Register `function(at)` to run every so many seconds, in the application's context, one run at a time."""
    if seconds < STEP or seconds % STEP:
        raise ValueError(f"every({seconds}): expected a multiple of {STEP} seconds")

    def register(call: Call) -> Call:
        job = Job(name or f"{call.__module__}.{call.__qualname__}", seconds, call)
        _jobs[job.name] = job
        return call

    return register


def configure(app: Any) -> None:
    """Tell which application jobs run in; opens nothing yet."""
    global _app
    _app = app


def queue(settings: Settings) -> Huey:
    """Return this process's queue, opened on first use: Redis when there is one, else a file of its own."""
    global _queue, _queue_of, _ask
    with _lock:
        if _queue is None or _queue_of != settings:
            if settings.redis_url:
                _queue = RedisHuey("jembatan", url=settings.redis_url, results=False)
            else:
                _queue = SqliteHuey("jembatan", filename=str(settings.home / "queue.sqlite"), results=False)
            _queue_of = settings
            _ask = _queue.task(name="run_job")(run)
        return _queue


def soon(name: str) -> None:
    """Ask the consumer to run this job now. Never raises: the job comes round by itself later."""
    if _app is None:
        return
    try:
        queue(_app.config["SETTINGS"])
        if _ask is not None:
            _ask(name)
    except Exception:
        log.exception("job %s could not be asked for", name)


def run(name: str) -> None:
    """Run a job once; a run that would overlap the last one of this process is left out."""
    job = _jobs[name]
    if not job.running.acquire(blocking=False):
        return
    try:
        with _app.app_context():
            job.call(clock.now())
    except Exception:
        log.exception("job %s failed", name)
    finally:
        job.running.release()


def _consumer(app: Any) -> Consumer:
    configure(app)
    huey = queue(app.config["SETTINGS"])
    for job in _jobs.values():
        huey.periodic_task(lambda _moment, job=job: job.is_due(clock.now()), name=f"every_{job.name}")(
            lambda name=job.name: run(name)
        )
    # A short longest delay, so that an invitation leaves while the coordinator still looks at the page.
    return _Consumer(huey, workers=2, periodic=True, initial_delay=0.1, max_delay=1.0)


def start_embedded(app: Any) -> Consumer | None:
    """Start the jobs inside this web process and return their consumer; None where they have a process of their own.

    For the one web worker only, never in commands, tests or a process that forks afterwards. Its threads end with
    the process; `stop()` ends them earlier.
    """
    if app.config["SETTINGS"].redis_url:
        return None
    consumer = _consumer(app)
    # The signals belong to the web server.
    consumer._set_signal_handlers = lambda: None
    consumer.start()
    return consumer


def run_forever(app: Any) -> None:
    """Run the jobs in the foreground until the process is told to stop."""
    _consumer(app).run()
