"""A stop in good order with people in the room: one row says it, nobody counts as lost, everyone comes back."""

from lms.attendance.models import WorkerBoot
from lms.kernel.intervals import Interval
from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import Site, wait_until

# Longer than `stop` waits: a server that let the sockets leave by themselves would fail here.
GRACE = {"GRACEFUL_TIMEOUT": "300"}


def test_a_restart_costs_nobody_a_second(sqlite_site: Site) -> None:
    site = sqlite_site
    server, session = site.start(**GRACE), site.lecture()
    everyone = [RoomPage(session, person) for person in site.people(10)]
    with pages(*everyone):
        for page in everyone:
            page.open(server).enter()
        boot = site.boot_of(session)
        server.stop()
        assert server.process.returncode == 0
        assert site.facts(session, kind="dropped") == []
        assert site.count(WorkerBoot, WorkerBoot.ended_at.is_not(None)) == 1
        assert site.count(WorkerBoot) == 1 and site.end_of(boot)

        again = site.start(PORT=str(server.port), **GRACE)
        wait_until(lambda: all(page.resumed_times for page in everyone))
        again.stop()
    ended = site.end_of(site.boot_of(session))
    for page in everyone:
        (joined,) = site.facts(session, page.person_id, kind="joined")
        assert site.presence(session, page.person_id, ended).intervals == [Interval(joined.claimed_at, ended)]


def test_a_stop_with_nobody_there_says_so_too_and_what_was_just_lost_is_written_down(sqlite_site: Site) -> None:
    site = sqlite_site
    server, session = site.start(), site.lecture()
    everyone, before = [RoomPage(session, person) for person in site.people(5)], server.sockets()
    with pages(*everyone):
        for page in everyone:
            page.client.reconnection = False
            page.open(server).enter()
        boot = site.boot_of(session)
        for page in everyone:
            page.cut()
        wait_until(lambda: server.sockets() <= before)
        server.stop()
    assert site.end_of(boot)
    assert len(site.facts(session, kind="dropped")) == len(everyone)
