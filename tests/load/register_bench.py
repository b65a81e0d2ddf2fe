"""The register of a thousand: from fact to screen while all of them come, what watching costs, judging a whole session
anew, and the matrix and its file for ten thousand people."""

import contextlib
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete, event

from lms.attendance.models import Mark
from lms.attendance.service.marks import write_marks
from lms.attendance.service.register import read_lines
from lms.sessions.models import LiveSession
from tests.factories import enrol, make_person
from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import SECRET, Server, Site, cookie, now
from tests.load.measuring import Crowd, median, tell
from tests.load.multitude import Multitude, make_multitude, mark, witness
from tests.load.stage import Class, make_crowd

HERE = Path(__file__).resolve().parent
WATCHERS = 20
LEAVING = 20
SESSIONS = 50


class Watching:
    """A process of watchers: asked, it tells what they were told since it was last asked."""

    def __init__(self, server: Server, session: int, people: Sequence[int]) -> None:
        command = [sys.executable, str(HERE / "watchers.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        task = {"url": server.url, "session": session, "cookies": [cookie(person) for person in people]}
        self._say(json.dumps(task))
        assert self._hear() == "ready"

    def so_far(self) -> dict[str, Any]:
        self._say("so far")
        found: dict[str, Any] = json.loads(self._hear())
        found["told"] = {int(person): times for person, times in found["told"].items()}
        return found

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait(timeout=60)

    def _say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def measure_register(site: Site, number: int) -> None:
    """Print how long after its acknowledgement a join stands on twenty watchers' screens while so many join at once,
    and that a change costs the same bytes whether forty are in the room or all of them."""
    small, large = make_crowd(site, 40), make_crowd(site, number)
    server = site.start()
    costs = []
    for everyone in (small, large):
        with _watched(site, server, everyone) as watching:
            crowd = Crowd(server, everyone.lecture, [(person, cookie(person)) for person in everyone.people], hold=True)
            storm = crowd.go()
            told = _settled(watching, len(everyone.people) * WATCHERS)
            if everyone is large:
                _tell_delays(told, storm.acknowledged, number)
            costs.append(_cost_of_leaving(site, server, everyone, watching))
            crowd.leave()
    server.stop()
    tell(
        "register_bytes_per_change",
        costs[1],
        "bytes",
        baseline=costs[0],
        people=number,
        baseline_people=40,
        watchers=WATCHERS,
    )


@contextlib.contextmanager
def _watched(site: Site, server: Server, everyone: Class) -> Iterator[Watching]:
    with site.database.writing() as db:
        watchers = []
        for place in range(WATCHERS):
            person = make_person(db, f"Pengamat {place}")
            enrol(db, everyone.batch, person.id, "coordinator", starts_at=now() - timedelta(days=1))
            watchers.append(person.id)
    watching = Watching(server, everyone.lecture, watchers)
    try:
        yield watching
    finally:
        watching.close()


def _settled(watching: Watching, expected: int) -> dict[str, Any]:
    """Return what the watchers were told once all of it has come."""
    whole: dict[str, Any] = {"told": {}, "bytes": 0, "messages": 0, "lines": 0}
    give_up = time.monotonic() + 60
    while sum(map(len, whole["told"].values())) < expected and time.monotonic() < give_up:
        time.sleep(0.5)
        part = watching.so_far()
        for person, times in part["told"].items():
            whole["told"].setdefault(person, []).extend(times)
        for name in ("bytes", "messages", "lines"):
            whole[name] += part[name]
    return whole


def _tell_delays(told: dict[str, Any], acknowledged: dict[int, float], number: int) -> None:
    delays = sorted(
        max(0.0, at - acknowledged[person])
        for person, times in told["told"].items()
        if person in acknowledged
        for at in times
    )
    tell(
        "register_fact_to_screen_p95",
        delays[int(0.95 * len(delays))] * 1000,
        "ms",
        people=number,
        watchers=WATCHERS,
        median_ms=round(median(delays) * 1000),
        never_shown=number * WATCHERS - len(delays),
        messages_per_watcher=round(told["messages"] / WATCHERS),
        lines_per_person=round(told["lines"] / WATCHERS / number, 2),
    )


def _cost_of_leaving(site: Site, server: Server, everyone: Class, watching: Watching) -> float:
    """Return the bytes each watcher is sent for each of some people who come and go while the others sit there."""
    with site.database.writing() as db:
        extra = []
        for place in range(LEAVING):
            person = make_person(db, f"Pergi {place}")
            enrol(db, everyone.batch, person.id, starts_at=now() - timedelta(days=1))
            extra.append(person.id)
    devices = [RoomPage(everyone.lecture, person) for person in extra]
    with pages(*devices):
        for device in devices:
            device.open(server).enter()
        _settled(watching, LEAVING * WATCHERS)
        watching.so_far()
        for device in devices:
            device.tell("left")
        return float(_settled(watching, LEAVING * WATCHERS)["bytes"]) / WATCHERS / LEAVING


def measure_recompute(site: Site, number: int) -> None:
    """Print how long it takes to judge a session of so many people with twenty-one events each anew, against a tenth of
    them ten times, and how long to read its register."""
    found = {}
    for people in (number // 10, number):
        begun = now() - timedelta(hours=3)
        with site.database.writing() as db:
            crowd = make_multitude(db, site.programme, people=people, starts=[begun], name=f"Angkatan {people}")
            session = db.get_one(LiveSession, crowd.sessions[0])
            facts = witness(db, session, crowd.people, until=now(), losses=9)
        found[people] = [_judge(site, crowd) for _ in range(3)]
    small, large = (found[people] for people in (number // 10, number))
    tell(
        "recompute_session",
        median([one[0] for one in large]),
        "s",
        baseline=10 * median([one[0] for one in small]),
        people=number,
        facts=facts,
        statements=large[0][2],
        statements_for_a_tenth=small[0][2],
        register_read_s=round(median([one[1] for one in large]), 3),
    )


def _judge(site: Site, crowd: Multitude) -> tuple[float, float, int]:
    """Return the seconds to judge everyone anew and to read the register, and the statements of the first."""
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(site.database.writer, "before_cursor_execute", count)
    with site.database.writing() as db:
        session = db.get_one(LiveSession, crowd.sessions[0])
        db.execute(delete(Mark).where(Mark.session_id == session.id))
        db.flush()
        statements, begun = 0, time.monotonic()
        changed = write_marks(db, session, at=now(), person_ids=None)
        db.flush()
        judged = time.monotonic() - begun
    event.remove(site.database.writer, "before_cursor_execute", count)
    assert changed == len(crowd.people)
    with site.database.reading() as db:
        begun = time.monotonic()
        read_lines(db, db.get_one(LiveSession, crowd.sessions[0]), at=now())
        return judged, time.monotonic() - begun, statements


def measure_files(site: Site, number: int) -> None:
    """Print processor time and memory of the matrix page and its files for ten times so many people and fifty
    sessions, time against ten times that of a tenth."""
    crowds = {}
    for people in (number, 10 * number):
        starts = [now() - timedelta(days=2 * day, hours=3) for day in range(SESSIONS)]
        with site.database.writing() as db:
            crowd = make_multitude(db, site.programme, people=people, starts=starts, name=f"Angkatan {people}")
            sessions = [db.get_one(LiveSession, session) for session in crowd.sessions]
            mark(db, sessions, crowd.people, at=now())
        crowds[people] = crowd
    site.database.dispose()
    for name, path in (("matrix_page", "matrix"), ("matrix_xlsx", "matrix.xlsx"), ("matrix_csv", "matrix.csv")):
        small, large = (_apart(site, crowds[people], path, warm=crowds[number]) for people in (number, 10 * number))
        tell(
            name,
            large["seconds"],
            "s",
            baseline=10 * small["seconds"],
            people=10 * number,
            sessions=SESSIONS,
            megabytes=round(large["bytes"] / 1e6, 2),
            memory_mb=round(large["memory"] / 1e6),
            memory_mb_for_a_tenth=round(small["memory"] / 1e6),
        )


def _apart(site: Site, crowd: Multitude, path: str, *, warm: Multitude) -> dict[str, float]:
    """Return what asking for this file costs in a process of its own, after it was asked for a small one: seconds, its
    size, and the memory it took."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    asked = [(one.coordinator, f"/batches/{one.batch}/{path}") for one in (warm, crowd)]
    process = context.Process(target=_ask, args=(theirs, site.url, str(site.home), asked))
    process.start()
    found: dict[str, float] = ours.recv()
    process.join()
    return found


def _ask(pipe: Any, url: str, home: str, asked: Sequence[tuple[int, str]]) -> None:
    from lms.accounts import principal
    from lms.app import create_app
    from lms.settings import Settings

    app = create_app(
        Settings.read({"JEMBATAN_HOME": home, "DATABASE_URL": url, "SECRET_KEY": SECRET, "LOG_FORMAT": "json"})
    )
    for person, address in asked:
        client: FlaskClient = app.test_client()
        who = principal.cached(person)
        assert who is not None
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = who.get_id(), True
        before, begun = _peak(), time.process_time()
        size = _take(client, address)
        # Of the processor's time: nothing here waits for anybody, and others may be using the machine.
        cost = {"seconds": time.process_time() - begun, "bytes": size, "memory": _peak() - before}
    pipe.send(cost)


def _take(client: FlaskClient, address: str) -> int:
    """Return the size of the answer, read piece by piece as a browser does."""
    answer = client.get(address, buffered=False)
    assert answer.status_code == 200, answer.status
    size = sum(len(piece) for piece in answer.response)
    answer.close()
    return size


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


PARTS: dict[str, Callable[[Site, int], None]] = {
    "register": measure_register,
    "recompute": measure_recompute,
    "files": measure_files,
}
