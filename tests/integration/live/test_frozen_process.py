"""A process that stands still and runs on: its death was none, nobody who stayed loses, nobody who left gains."""

import os
import signal
import time
from datetime import timedelta

from sqlalchemy import select

from lms.attendance.models import Outage
from lms.kernel.intervals import Interval
from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import Site, now, wait_until

# Longer than it takes to count as dead, and than a page waits for the server's next word.
FROZEN = 26.0


def test_a_frozen_process_counts_as_dead_and_its_death_heals(sqlite_site: Site) -> None:
    site = sqlite_site
    server, session = site.start(), site.lecture()
    stayed = [RoomPage(session, person) for person in site.people(5)]
    gone, later = (RoomPage(session, person) for person in site.people(2))
    with pages(*stayed, gone, later):
        for page in (*stayed, gone):
            page.open(server).enter()
        later.open(server)
        boot = site.boot_of(session)
        beat = site.last_beat(boot)
        wait_until(lambda: site.last_beat(boot) > beat)
        worker = server.worker
        os.kill(worker, signal.SIGSTOP)
        stood_still = now()
        try:
            last_beat = site.last_beat(boot)
            gone.client.reconnection = False
            gone.cut()
            # What is told to a frozen process waits, and says how long ago it was.
            later.client.emit("attendance:joined", later.payload())
            wait_until(lambda: now() - last_beat > timedelta(seconds=21))
            for page in stayed:
                dead = site.presence(session, page.person_id)
                assert not dead.open and dead.intervals[-1].end == last_beat
            time.sleep(max(0.0, FROZEN - (now() - stood_still).total_seconds()))
        finally:
            os.kill(worker, signal.SIGCONT)
        thawed = now()
        # By then each page had given the old connection up.
        wait_until(lambda: all(page.resumed_times for page in stayed))
        assert all(site.presence(session, page.person_id).open for page in stayed)
        wait_until(lambda: site.count(Outage, Outage.boot_id == boot, Outage.kind == "freeze"))
        wait_until(lambda: site.facts(session, gone.person_id, kind="dropped"))
        server.stop()
    ended = site.end_of(boot)
    for page in stayed:
        (joined,) = site.facts(session, page.person_id, kind="joined")
        # Between the word of the old connection's end and the new one may lie a moment, which grace closes.
        assert site.line(session, page.person_id, ended).verdict.intervals == (Interval(joined.claimed_at, ended),)
    # The end of her line was read when the process ran again: that is the longest anybody can be credited.
    until = site.presence(session, gone.person_id, ended).intervals[-1].end
    assert until <= thawed + timedelta(seconds=10)
    assert not site.presence(session, gone.person_id, ended).open
    with site.database.reading() as db:
        outage = db.scalars(select(Outage).where(Outage.boot_id == boot)).one()
    assert outage.started_at == last_beat and outage.ended_at >= thawed - timedelta(seconds=1)
    (joined,) = site.facts(session, later.person_id, kind="joined")
    assert joined.claimed_at <= joined.received_at
