"""The database gone for a while, or its disk full: nothing is promised, nothing is half written, nothing is lost."""

import contextlib
import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
import socketio
from sqlalchemy import select

from lms.attendance.models import Connection, Outage, Visit
from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import Server, Site, now, wait_until

Away = Callable[[Site], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def locked_by_another(site: Site) -> Iterator[None]:
    """Hold SQLite's one write lock from outside the server."""
    other = sqlite3.connect(site.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.contextmanager
def shut(site: Site) -> Iterator[None]:
    """Let nobody into the PostgreSQL database, and throw out who is in it."""
    name = site.url.rpartition("/")[2]
    maintenance = site.url.replace("+psycopg", "").removesuffix("_live")
    with psycopg.connect(maintenance, autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.mark.parametrize(
    ("site", "away"),
    [
        pytest.param("sqlite", locked_by_another, id="sqlite"),
        pytest.param("postgres", shut, id="postgres", marks=pytest.mark.postgres),
    ],
    indirect=["site"],
)
def test_while_it_is_away_nothing_is_acknowledged_and_afterwards_nothing_is_missing(site: Site, away: Away) -> None:
    server, session = site.start(), site.lecture()
    ayu, budi, candra = (RoomPage(session, person) for person in site.people(3))
    budi.client.reconnection = False
    stored = threading.Event()

    def tell_until_stored() -> None:
        ayu.tell_until_stored("joined")
        stored.set()

    with pages(ayu, budi, candra):
        ayu.open(server)
        budi.open(server).enter()
        candra.open(server).enter()
        with away(site):
            began = now()
            with contextlib.suppress(socketio.exceptions.TimeoutError):
                assert not candra.tell("left", timeout=30)["ok"]
            threading.Thread(target=tell_until_stored, daemon=True).start()
            budi.cut()
            cut_at = now()
            # Away for twenty seconds in all: a beat fails in them, even one that first waits ten for SQLite's lock.
            time.sleep(max(0.0, (began + timedelta(seconds=20) - now()).total_seconds()))
            assert not stored.is_set()
            # Read before it is let in again: the beat that waits there may get in before this line would.
            back = now()
        wait_until(stored.is_set)
        wait_until(lambda: site.facts(session, budi.person_id, kind="dropped"))
        wait_until(lambda: site.count(Outage, Outage.ended_at >= back, Outage.kind == "database"))
        assert candra.tell("left")["ok"]

    (joined,) = site.facts(session, ayu.person_id, kind="joined")
    # She said it soon after the database went, whenever it could be stored.
    assert began - timedelta(seconds=1) <= joined.claimed_at < cut_at + timedelta(seconds=5)
    (dropped,) = site.facts(session, budi.person_id, kind="dropped")
    assert dropped.claimed_at <= cut_at + timedelta(seconds=1)
    with site.database.reading() as db:
        outage = db.scalars(select(Outage).where(Outage.ended_at >= back)).one()
    assert outage.started_at <= began + timedelta(seconds=1)


@contextlib.contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """Let the serving process write no file any further, as if the disk took nothing more."""
    soft, hard = resource.prlimit(server.worker, resource.RLIMIT_FSIZE)
    resource.prlimit(server.worker, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(server.worker, resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_the_event_is_refused_whole_and_service_goes_on_when_there_is_room(sqlite_site: Site) -> None:
    site = sqlite_site
    server, session = site.start(), site.lecture()
    page = RoomPage(session, site.person())
    with pages(page):
        page.open(server)
        with full_disk(server):
            answer = page.tell("joined")
            assert not answer["ok"] and answer["code"] == "http_500" and answer["text"]
            assert site.facts(session) == []
            assert site.count(Visit, Visit.session_id == session) == 0
            assert site.count(Connection, Connection.session_id == session) == 0
            # Reading goes on meanwhile.
            assert server.status_of("/sign-in") == 200
        assert page.enter()["new"]
        assert len(site.facts(session, page.person_id, kind="joined")) == 1
    check = sqlite3.connect(site.url.removeprefix("sqlite:///"))
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
