"""Real server processes on a database of their own, and what is in that database afterwards."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import func, select

from lms.attendance.models import Connection, Evidence, WorkerBoot
from lms.attendance.rules.presence import Presence
from lms.attendance.service.register import RegisterLine, read_lines
from lms.attendance.service.standing import read_standing
from lms.db import Database
from lms.sessions.models import LiveSession
from tests.factories import enrol, make_batch, make_person, make_session

ROOT = Path(__file__).resolve().parents[3]
SECRET = "live-tests-secret"
# A machine with others at work may be slow; only a server that never answers should fail.
PATIENCE = 60.0
START_SECONDS = 90.0


def now() -> datetime:
    return datetime.now(UTC)


def wait_until(holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Return the first true answer; AssertionError when there is none in time."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if answer := holds():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"did not come true within {seconds:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cookie(person_id: int, stamp: int = 1) -> str:
    """Return the cookie header of a browser on which this person has signed in."""
    return f"jembatan={sealed({'_user_id': f'{person_id}.{stamp}', '_fresh': True})}"


def _cookie_signer() -> Any:
    signer = Flask(__name__)
    signer.secret_key = SECRET
    return SecureCookieSessionInterface().get_signing_serializer(signer)


# Made once and here: an app made in several threads at once makes Python 3.11 fail in its parser now and then.
_SIGNER = _cookie_signer()


def sealed(session: dict[str, Any]) -> str:
    """Return the session as its cookie keeps it."""
    return str(_SIGNER.dumps(session))


@dataclass
class Server:
    """One gunicorn process serving the site."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def worker(self) -> int:
        """Return the process id of the worker, which holds the sockets; its parent only watches it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    def kill(self) -> None:
        """End both processes as a power cut would."""
        worker = self.worker
        for pid in (self.process.pid, worker):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)

    def status_of(self, path: str, person_id: int | None = None, timeout: float = 30) -> int:
        """Return the status of this page, asked for on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Cookie": cookie(person_id)} if person_id else {})
            return connection.getresponse().status
        finally:
            connection.close()

    def memory(self) -> int:
        """Return the worker's resident memory in bytes."""
        for line in Path(f"/proc/{self.worker}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def sockets(self) -> int:
        """Return how many sockets the worker holds, its listening one included."""
        found = 0
        for number in os.listdir(f"/proc/{self.worker}/fd"):
            with contextlib.suppress(OSError):
                found += os.readlink(f"/proc/{self.worker}/fd/{number}").startswith("socket:")
        return found

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.worker}/task"))


@dataclass
class Site:
    """A database with a programme's batch in it, and the servers started on it."""

    home: Path
    url: str
    batch: int
    programme: int
    redis: str = ""
    servers: list[Server] = field(default_factory=list)
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.url)

    def start(self, **environment: str) -> Server:
        """Return a server that answers; what is not named here is as in production."""
        port = int(environment.get("PORT") or free_port())
        log = self.home / f"server-{len(self.servers)}.log"
        env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "JITSI_DOMAIN")}
        env |= {
            "JEMBATAN_HOME": str(self.home),
            "DATABASE_URL": self.url,
            "REDIS_URL": self.redis,
            "SECRET_KEY": SECRET,
            "PORT": str(port),
            "GRACEFUL_TIMEOUT": "30",
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.py", "wsgi:app"]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=env | environment, stdout=out, stderr=out)
        server = Server(process, port, log)
        self.servers.append(server)

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError, http.client.HTTPException):
                return server.status_of("/healthz") == 200
            return False

        try:
            wait_until(answers, START_SECONDS)
        except AssertionError:
            raise AssertionError(f"no answer within {START_SECONDS:.0f} s:\n{log.read_text()}") from None
        return server

    def close(self) -> None:
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()
        self.database.dispose()

    def lecture(self, **fields: Any) -> int:
        """Return a lecture that began five minutes ago and goes on for an hour and a half."""
        values = {"starts_at": now() - timedelta(minutes=5)} | fields
        with self.database.writing() as db:
            return make_session(db, self.batch, **values).id

    def person(self, name: str = "Ayu Lestari", role: str = "trainee") -> int:
        """Return somebody enrolled in the batch."""
        with self.database.writing() as db:
            person = make_person(db, name)
            enrol(db, self.batch, person.id, role, starts_at=now() - timedelta(days=30))
            return person.id

    def people(self, number: int) -> list[int]:
        return [self.person(f"Peserta {n}") for n in range(number)]

    def stranger(self) -> int:
        """Return somebody enrolled in another batch."""
        with self.database.writing() as db:
            person = make_person(db, "Mallory Siregar")
            enrol(
                db, make_batch(db, self.programme, "Angkatan III").id, person.id, starts_at=now() - timedelta(days=30)
            )
            return person.id

    def admin(self) -> int:
        with self.database.writing() as db:
            return make_person(db, "Admin Jembatan", role="admin").id

    def facts(self, session_id: int, *people: int, kind: str = "") -> list[Evidence]:
        """Return the evidence of these people (none named: everyone), in the order it was stored."""
        rows = select(Evidence).where(Evidence.session_id == session_id).order_by(Evidence.id)
        if people:
            rows = rows.where(Evidence.person_id.in_(people))
        if kind:
            rows = rows.where(Evidence.kind == kind)
        with self.database.reading() as db:
            return list(db.scalars(rows))

    def presence(self, session_id: int, person_id: int, at: datetime | None = None) -> Presence:
        """Return what the rules say about this person, no gap bridged."""
        with self.database.reading() as db:
            return read_standing(db, db.get_one(LiveSession, session_id)).presence(person_id, at or now())

    def lines(self, session_id: int) -> list[RegisterLine]:
        """Return the whole register as of now."""
        with self.database.reading() as db:
            return read_lines(db, db.get_one(LiveSession, session_id), at=now())

    def line(self, session_id: int, person_id: int, at: datetime | None = None) -> RegisterLine:
        """Return this person's line of the register."""
        with self.database.reading() as db:
            session = db.get_one(LiveSession, session_id)
            (line,) = read_lines(db, session, at=at or now(), person_ids=[person_id])
            return line

    def boot_of(self, session_id: int) -> str:
        """Return the run of the process that took this lecture's newest connection."""
        newest = (
            select(Connection.boot_id).where(Connection.session_id == session_id).order_by(Connection.opened_at.desc())
        )
        with self.database.reading() as db:
            return db.scalars(newest.limit(1)).one()

    def last_beat(self, boot_id: str) -> datetime:
        with self.database.reading() as db:
            return db.get_one(WorkerBoot, boot_id).beat_at

    def end_of(self, boot_id: str) -> datetime:
        """Return when this process noted that it stops."""
        with self.database.reading() as db:
            ended = db.get_one(WorkerBoot, boot_id).ended_at
        assert ended is not None
        return ended

    def count(self, model: Any, *where: Any) -> int:
        with self.database.reading() as db:
            return db.scalar(select(func.count()).select_from(model).where(*where)) or 0


@contextlib.contextmanager
def site_on(url: str, home: Path, *, redis: str = "") -> Iterator[Site]:
    """Give a site on this migrated database, and end its servers afterwards."""
    from lms.migrating import upgrade
    from tests.factories import make_world

    upgrade(url)
    database = Database(url)
    with database.writing() as db:
        world = make_world(db)
    database.dispose()
    site = Site(home, url, world.batch, world.programme, redis)
    try:
        yield site
    finally:
        site.close()
