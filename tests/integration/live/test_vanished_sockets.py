"""Clients that vanish without a goodbye: shown within 30 seconds, dated to when last heard, and their threads freed."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import socketio

from lms.attendance.models import Connection
from tests.integration.live.room_page import Register, RoomPage, pages
from tests.integration.live.serving import Server, Site, now, wait_until
from tests.integration.live.wire import TO_CLIENT, Wire

VANISHING = 60
# Enough for everyone at once, not for everyone twice.
THREADS = 40 + VANISHING + 25
# What the register promises.
SHOWN_WITHIN = 30


@dataclass
class Vanishing:
    """Sixty people whose wire went still, and one who moved to another network in the same moment."""

    server: Server
    session: int
    gone: list[RoomPage]
    mover: RoomPage
    citra: Register
    at: datetime
    threads_before: int
    sockets_before: int


@pytest.fixture(scope="module")
def vanishing(sqlite_site: Site) -> Iterator[Vanishing]:
    server = sqlite_site.start(THREADS=str(THREADS))
    session = sqlite_site.lecture()
    citra = Register(session, sqlite_site.person("Citra Dewi", "coordinator"))
    greedy = RoomPage(session, sqlite_site.person("Dewi Anggraini", "coordinator"))
    gone = [RoomPage(session, person) for person in sqlite_site.people(VANISHING)]
    mover = RoomPage(session, sqlite_site.person())
    wire, clogged = Wire(server.port), Wire(server.port)
    with contextlib.closing(wire), contextlib.closing(clogged), pages(citra, greedy, mover, *gone):
        citra.watch(server)
        threads_before, sockets_before = server.threads(), server.sockets()
        for page in (*gone, mover):
            page.client.reconnection = False
            page.open(wire.url).enter()
        greedy.client.reconnection = False
        greedy.open(clogged.url)
        clogged.clogged = {TO_CLIENT}
        for _ in range(400):
            # Sixty lines each time, read by nobody: the server's send() must block on it.
            greedy.client.emit("register:watch", {"session": session}, callback=lambda *_: None)
        wire.hold_still()
        yield Vanishing(server, session, gone, mover, citra, now(), threads_before, sockets_before)


def test_they_are_shown_as_missing_in_time_and_dated_to_when_they_were_last_heard(
    vanishing: Vanishing, sqlite_site: Site
) -> None:
    # The same device comes in over another network before the old connection is known to be dead.
    mover = RoomPage(vanishing.session, vanishing.mover.person_id, device=vanishing.mover.device)
    with pages(mover):
        mover.open(vanishing.server)
        resumed = mover.tell("resumed")
        for page in vanishing.gone:
            left = SHOWN_WITHIN - (now() - vanishing.at).total_seconds()
            line = vanishing.citra.wait_for(page.person_id, "missing", seconds=max(left, 0.1))
            heard = datetime.fromisoformat(line["last_heard"])
            # Asked every ten seconds at most, answered at once.
            assert vanishing.at - timedelta(seconds=15) < heard <= vanishing.at
            counted = sqlite_site.presence(vanishing.session, page.person_id).intervals
            # Whoever was not heard again after joining has no length of presence at all.
            assert counted == [] or counted[-1].end == heard
        assert vanishing.citra.lines[mover.person_id]["group"] == "present"
        wait_until(lambda: sqlite_site.facts(vanishing.session, mover.person_id, kind="dropped"))
        found = sqlite_site.presence(vanishing.session, mover.person_id)
        assert found.open
        # Heard until some seconds before the move at worst, and grace closes that.
        first, last = found.seen[0], found.seen[-1]
        assert len(found.seen) <= 2 and last.end - last.start >= timedelta()
        assert last.start <= datetime.fromisoformat(resumed["at"]) and last.start - first.end < timedelta(seconds=15)
        line = sqlite_site.line(vanishing.session, mover.person_id)
        assert line.verdict.attended == line.verdict.intervals[0].length and len(line.verdict.intervals) == 1


def test_the_server_serves_on_and_has_their_threads_back(vanishing: Vanishing, sqlite_site: Site) -> None:
    assert vanishing.server.status_of("/healthz") == 200
    # The one stuck in send() included.
    wait_until(lambda: vanishing.server.sockets() <= vanishing.sockets_before)
    # One thread each may stay with gunicorn for the next request; those that read, wrote and asked are gone.
    wait_until(lambda: vanishing.server.threads() < vanishing.threads_before + VANISHING + 15)
    newcomers = [RoomPage(vanishing.session, person) for person in sqlite_site.people(VANISHING)]
    with pages(*newcomers):
        for page in newcomers:
            assert page.open(vanishing.server).enter()["ok"]
        assert vanishing.server.status_of("/healthz") == 200


def test_more_sockets_than_there_is_room_for_are_refused_and_pages_still_answer(
    vanishing: Vanishing, sqlite_site: Site
) -> None:
    crowd = [RoomPage(vanishing.session, person) for person in sqlite_site.people(THREADS - 40)]
    refused = 0
    with pages(*crowd):
        for page in crowd:
            page.client.reconnection = False
            try:
                page.open(vanishing.server)
            except socketio.exceptions.ConnectionError:
                refused += 1
        assert 0 < refused < len(crowd)
        assert vanishing.server.status_of("/healthz") == 200


def test_a_client_process_that_is_stopped_is_missing_until_it_goes_on(server: Server, sqlite_site: Site) -> None:
    session = sqlite_site.lecture()
    ayu = RoomPage(session, sqlite_site.person())
    citra = Register(session, sqlite_site.person("Citra Dewi", "coordinator"))
    with pages(citra):
        citra.watch(server)
        child = os.fork()
        if child == 0:
            # Only this process's own connection may live here; it ends without running anything of pytest's.
            try:
                ayu.open(server).enter()
                time.sleep(300)
            finally:
                os._exit(0)
        try:
            citra.wait_for(ayu.person_id, "present")
            os.kill(child, signal.SIGSTOP)
            citra.wait_for(ayu.person_id, "missing", SHOWN_WITHIN)
            os.kill(child, signal.SIGCONT)
            citra.wait_for(ayu.person_id, "present", 60)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def test_a_join_that_races_its_own_disconnect_leaves_nobody_present(server: Server, sqlite_site: Site) -> None:
    session = sqlite_site.lecture()
    everyone = sqlite_site.people(40)

    def join_and_vanish(person: int) -> None:
        page = RoomPage(session, person)
        page.client.reconnection = False
        with pages(page):
            page.open(server)
            page.client.emit("attendance:joined", page.payload())
            if person % 2:
                time.sleep(0.005)
            page.cut()

    for batch in (everyone[:20], everyone[20:]):
        threads = [threading.Thread(target=join_and_vanish, args=(person,)) for person in batch]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    wait_until(lambda: not any(sqlite_site.presence(session, person).connected for person in everyone))
    assert not any(sqlite_site.presence(session, person).open for person in everyone)
    joined = {fact.connection_id for fact in sqlite_site.facts(session, kind="joined")}
    dropped = {fact.connection_id for fact in sqlite_site.facts(session, kind="dropped")}
    assert joined == dropped
    assert len(joined) == sqlite_site.count(Connection, Connection.session_id == session)
