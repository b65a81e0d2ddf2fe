"""kill -9: what was acknowledged is there, whoever resumes loses nothing, whoever stays away gains nothing."""

import contextlib
import secrets
import threading
import time
from datetime import timedelta

import pytest
import socketio

from lms.attendance.models import Evidence, WorkerBoot
from lms.kernel.intervals import Interval
from tests.integration.live.room_page import Register, RoomPage, pages
from tests.integration.live.serving import Site, now, wait_until

on_both_engines = pytest.mark.parametrize(
    "site", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@on_both_engines
def test_every_acknowledged_fact_is_in_the_database_after_a_kill(site: Site) -> None:
    server, session = site.start(), site.lecture()
    acknowledged: list[str] = []

    def tell_on_and_on(page: RoomPage) -> None:
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            while True:
                key = secrets.token_hex(10)
                if page.tell("joined", key=key)["ok"]:
                    acknowledged.append(f"b:{page.person_id}:{key}")

    with pages(*(RoomPage(session, person) for person in site.people(8))) as opened:
        for page in opened:
            page.client.reconnection = False
            page.open(server)
        threads = [threading.Thread(target=tell_on_and_on, args=(page,)) for page in opened]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(acknowledged) > 100)
        server.kill()
        for thread in threads:
            thread.join()
    stored = {fact.key for fact in site.facts(session)}
    assert len(acknowledged) > 100
    assert set(acknowledged) <= stored


@on_both_engines
def test_who_resumes_after_a_kill_loses_no_second_and_who_stays_away_gains_none(site: Site) -> None:
    first, session = site.start(), site.lecture()
    early, late, away = (RoomPage(session, person) for person in site.people(3))
    away.client.reconnection = False
    with pages(early, late, away):
        for page in (early, away):
            page.open(first).enter()
        # At least one beat must come after these two joined; the third joins after the last beat.
        boot = site.boot_of(session)
        beat = site.last_beat(boot)
        wait_until(lambda: site.last_beat(boot) > beat)
        late.open(first).enter()
        first.kill()
        last_beat, killed_at = site.last_beat(boot), now()
        second = site.start()
        for page in (early, late):
            page.turn_to(second)
        wait_until(lambda: early.resumed_times and late.resumed_times)
        time.sleep(1)
        # A stop in good order ends what is witnessed, so that there is something to compare with.
        second.stop()
        ended = site.end_of(site.boot_of(session))

    later = ended + timedelta(minutes=2)
    for page in (early, late):
        (joined,) = site.facts(session, page.person_id, kind="joined")
        assert site.presence(session, page.person_id, later).intervals == [Interval(joined.claimed_at, ended)]
    (joined,) = site.facts(session, away.person_id, kind="joined")
    assert site.presence(session, away.person_id, later).intervals == [Interval(joined.claimed_at, last_beat)]
    assert last_beat <= killed_at


@pytest.mark.postgres
@pytest.mark.redis
def test_clients_of_a_killed_process_go_on_at_the_other_and_watchers_there_see_it(
    postgres_site: Site, queue_url: str
) -> None:
    site = postgres_site
    site.redis = queue_url
    doomed, other = site.start(), site.start()
    session = site.lecture()
    citra = Register(session, site.person("Citra Dewi", "coordinator"))
    ayu, budi = (RoomPage(session, person) for person in site.people(2))
    budi.client.reconnection = False
    with pages(citra, ayu, budi):
        citra.watch(other)
        for page in (ayu, budi):
            page.open(doomed).enter()
            citra.wait_for(page.person_id, "present")
        boot = site.boot_of(session)
        beat = site.last_beat(boot)
        wait_until(lambda: site.last_beat(boot) > beat)
        ayu.turn_to(other)
        doomed.kill()
        wait_until(lambda: ayu.resumed_times)
        line = citra.wait_for(budi.person_id, "missing")
        assert line["last_heard"] == site.last_beat(boot).isoformat()
        assert citra.lines[ayu.person_id]["group"] == "present"
        (joined,) = site.facts(session, ayu.person_id, kind="joined")
        (whole,) = site.presence(session, ayu.person_id).intervals
        assert whole.start == joined.claimed_at
        assert site.presence(session, ayu.person_id).open
        other.stop()
    assert site.count(Evidence, Evidence.session_id == session, Evidence.kind == "dropped") == 0
    assert site.count(WorkerBoot, WorkerBoot.ended_at.is_not(None)) >= 1
