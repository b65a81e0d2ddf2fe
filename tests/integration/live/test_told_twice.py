"""Duplicated tabs and lost acknowledgements: one fact, one presence, counted once."""

import contextlib
import secrets
import time

import pytest
import socketio

from lms.kernel.intervals import Interval
from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import Server, Site, wait_until
from tests.integration.live.wire import Wire


def test_a_duplicated_tab_counts_once_and_closing_one_leaves_the_other(server: Server, sqlite_site: Site) -> None:
    session, person = sqlite_site.lecture(), sqlite_site.person()
    first = RoomPage(session, person)
    second = RoomPage(session, person, device=first.device)
    with pages(first, second):
        first.open(server).enter()
        time.sleep(0.5)
        second.open(server).enter()
        time.sleep(0.5)
        assert first.tell("left")["ok"]
        first.close()
        assert sqlite_site.line(session, person).group == "present"
        time.sleep(0.5)
        assert second.tell("left")["ok"]
    facts = sqlite_site.facts(session, person)
    told = [fact for fact in facts if fact.kind in ("joined", "left")]
    assert [fact.kind for fact in told] == ["joined", "joined", "left", "left"]
    assert sqlite_site.presence(session, person).intervals == [Interval(told[0].claimed_at, told[3].claimed_at)]
    assert len({fact.connection_id for fact in told}) == 2


def test_an_acknowledgement_that_was_lost_is_asked_for_again_and_the_fact_is_stored_once(
    server: Server, sqlite_site: Site
) -> None:
    session, person = sqlite_site.lecture(), sqlite_site.person()
    page, key = RoomPage(session, person), secrets.token_hex(10)
    page.client.reconnection = False
    wire = Wire(server.port)
    with contextlib.closing(wire), pages(page):
        page.open(wire.url)
        wire.swallow_answers()
        with pytest.raises(socketio.exceptions.TimeoutError):
            page.tell("joined", key=key, timeout=2)
        wait_until(lambda: sqlite_site.facts(session, person, kind="joined"))
        wire.cut()
        wait_until(lambda: not page.client.connected)

        again = RoomPage(session, person, device=page.device)
        with pages(again):
            again.open(server)
            answer = again.tell("joined", key=key)
            assert answer["ok"] and not answer["new"]
            assert again.tell("resumed")["ok"]
            (joined,) = sqlite_site.facts(session, person, kind="joined")
            assert answer["since"] == joined.claimed_at.isoformat()
            wait_until(lambda: sqlite_site.facts(session, person, kind="dropped"))
            found = sqlite_site.presence(session, person)
            assert found.open and found.seen[0].start == joined.claimed_at


def test_the_same_key_told_at_once_from_both_sides_of_a_reconnect_is_one_fact(
    server: Server, sqlite_site: Site
) -> None:
    session, person = sqlite_site.lecture(), sqlite_site.person()
    tabs = [RoomPage(session, person, device="d" * 20) for _ in range(6)]
    key = secrets.token_hex(10)
    with pages(*tabs):
        for tab in tabs:
            tab.open(server)
        answers: list[bool] = []
        for tab in tabs:
            payload = tab.payload(key=key)
            tab.client.emit("attendance:joined", payload, callback=lambda answer: answers.append(answer["new"]))
        wait_until(lambda: len(answers) == len(tabs))
        assert sorted(answers) == [False] * 5 + [True]
        assert len(sqlite_site.facts(session, person, kind="joined")) == 1
