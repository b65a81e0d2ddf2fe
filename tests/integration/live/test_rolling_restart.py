"""Two processes restarted one after the other under a running lecture: everyone moves over and back, nobody loses."""

import pytest

from lms.attendance.models import WorkerBoot
from lms.kernel.intervals import Interval
from tests.integration.live.room_page import Register, RoomPage, pages
from tests.integration.live.serving import Site, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


def test_a_rolling_restart_of_two_processes_costs_nobody_a_second(postgres_site: Site, queue_url: str) -> None:
    site = postgres_site
    site.redis = queue_url
    first, second = site.start(), site.start()
    session = site.lecture()
    citra = Register(session, site.person("Citra Dewi", "coordinator"))
    on_first, on_second = ([RoomPage(session, person) for person in site.people(4)] for _ in range(2))
    with pages(citra, *on_first, *on_second):
        citra.watch(second)
        for page in on_first:
            page.open(first).enter()
            page.turn_to(second)
        for page in on_second:
            page.open(second).enter()
        first.stop()
        wait_until(lambda: all(page.resumed_times for page in on_first))
        renewed = site.start()
        for page in (citra, *on_first, *on_second):
            page.turn_to(renewed)
        second.stop()
        wait_until(lambda: all(page.resumed_times == 2 for page in on_first))
        wait_until(lambda: all(page.resumed_times for page in on_second))
        # The watcher came over, too, and sees everyone by a snapshot and by changes.
        wait_until(lambda: citra.client.connected)
        citra._fill(citra.ask("register:watch"))
        everyone = [*on_first, *on_second]
        assert all(citra.lines[page.person_id]["group"] == "present" for page in everyone)
        assert on_first[0].tell("left")["ok"]
        on_first[0].inside = False
        citra.wait_for(on_first[0].person_id, "connected")
        renewed.stop()
    ended = site.end_of(site.boot_of(session))
    assert site.facts(session, kind="dropped") == []
    assert site.count(WorkerBoot, WorkerBoot.ended_at.is_not(None)) == 3
    for page in everyone[1:]:
        (joined,) = site.facts(session, page.person_id, kind="joined")
        assert site.presence(session, page.person_id, ended).intervals == [Interval(joined.claimed_at, ended)]
