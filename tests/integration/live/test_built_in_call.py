"""What the built-in room's browsers tell each other passes between people of one call, and nobody else."""

import pytest

from tests.integration.live.room_page import RoomPage
from tests.integration.live.serving import Server, Site, wait_until

OFFER = {"description": {"type": "offer", "sdp": "v=0"}}


@pytest.fixture
def lecture(sqlite_site: Site) -> int:
    return sqlite_site.lecture()


def test_a_signal_reaches_whom_it_is_for_and_only_them(server: Server, sqlite_site: Site, lecture: int) -> None:
    pages = [RoomPage(lecture, person).open(server) for person in sqlite_site.people(3)]
    ayu, budi, dewi = pages
    places = [page.ask("room:call") for page in pages]
    assert [len(answer["others"]) for answer in places] == [0, 1, 2]
    assert budi.ask("room:signal", {"session": lecture, "to": places[0]["place"], **OFFER})["ok"]
    (heard,) = wait_until(lambda: ayu.said("room:signal"))
    assert heard["from"]["place"] == places[1]["place"]
    assert heard["description"] == OFFER["description"]
    assert dewi.said("room:signal") == []
    # Whoever leaves, or is lost, is gone for the others.
    assert ayu.ask("room:hang_up")["ok"]
    wait_until(lambda: [m["place"] for m in dewi.said("room:gone")] == [places[0]["place"]])
    budi.close()
    wait_until(lambda: [m["place"] for m in dewi.said("room:gone")][1:] == [places[1]["place"]])
    ayu.close()
    dewi.close()


def test_a_stranger_gets_no_place_and_nobody_signals_without_one(
    server: Server, sqlite_site: Site, lecture: int
) -> None:
    other_lecture = sqlite_site.lecture()
    people = sqlite_site.people(2)
    ayu = RoomPage(lecture, people[0]).open(server)
    budi = RoomPage(other_lecture, people[1]).open(server)
    stranger = RoomPage(lecture, sqlite_site.stranger()).open(server)
    place = ayu.ask("room:call")["place"]
    assert stranger.ask("room:call")["code"] == "not_found"
    assert stranger.ask("room:signal", {"session": lecture, "to": place, **OFFER})["code"] == "not_found"
    assert budi.ask("room:signal", {"session": lecture, "to": place, **OFFER})["code"] == "not_found"
    # In another session's call, in the same batch: still not in this one.
    assert budi.ask("room:call")["ok"]
    for session in (lecture, other_lecture):
        assert budi.ask("room:signal", {"session": session, "to": place, **OFFER})["code"] == "not_found"
    assert ayu.said("room:signal") == []
    for page in (ayu, budi, stranger):
        page.close()


@pytest.mark.parametrize(
    "message",
    [
        {},
        {**OFFER, "sending": {"audio": True, "camera": True, "screen": True}},
        {"description": {"type": "offer", "sdp": "x" * 50_000}},
        {"description": {"type": "command"}},
        {"candidate": "everything"},
    ],
)
def test_a_message_that_is_none_is_refused(
    server: Server, sqlite_site: Site, lecture: int, message: dict[str, object]
) -> None:
    ayu, budi = (RoomPage(lecture, person).open(server) for person in sqlite_site.people(2))
    place = ayu.ask("room:call")["place"]
    budi.ask("room:call")
    assert not budi.ask("room:signal", {"session": lecture, "to": place, **message})["ok"]
    assert ayu.said("room:signal") == []
    ayu.close()
    budi.close()


def test_hands_are_listed_in_the_order_of_raising_and_outlive_a_reconnect(
    server: Server, sqlite_site: Site, lecture: int
) -> None:
    ayu, budi, dewi = pages = [RoomPage(lecture, person).open(server) for person in sqlite_site.people(3)]
    for page in pages:
        page.ask("room:watch")
    up = {"session": lecture, "up": True}
    assert budi.ask("room:hand", up)["ok"] and ayu.ask("room:hand", up)["ok"]
    # Raised once more it keeps its place.
    assert [one["id"] for one in budi.ask("room:hand", up)["hands"]] == [budi.person_id, ayu.person_id]
    wait_until(lambda: [one["id"] for one in dewi.said("room:hands")[-1]["hands"]] == [budi.person_id, ayu.person_id])
    budi.close()
    assert [one["id"] for one in dewi.ask("room:hands")["hands"]] == [budi.person_id, ayu.person_id]
    # Nobody but whoever leads lowers somebody else's.
    other = {"session": lecture, "up": False, "person": budi.person_id}
    assert ayu.ask("room:hand", other)["code"] == "forbidden"
    assert ayu.ask("room:hand", {**up, "person": dewi.person_id})["code"] == "forbidden"
    leader = RoomPage(lecture, sqlite_site.person("Iskandar", "instructor")).open(server)
    assert [one["id"] for one in leader.ask("room:hand", other)["hands"]] == [ayu.person_id]
    assert ayu.ask("room:hand", {"session": lecture, "up": False})["hands"] == []
    for page in (ayu, dewi, leader):
        page.close()


@pytest.mark.parametrize(("event", "told"), [("room:mute_all", "room:mute"), ("room:end_all", "room:end")])
def test_only_whoever_leads_asks_something_of_everybody(
    server: Server, sqlite_site: Site, lecture: int, event: str, told: str
) -> None:
    ayu, budi = (RoomPage(lecture, person).open(server) for person in sqlite_site.people(2))
    leader = RoomPage(lecture, sqlite_site.person("Iskandar", "instructor")).open(server)
    for page in (ayu, budi):
        page.ask("room:watch")
    assert ayu.ask(event)["code"] == "forbidden"
    assert leader.ask(event)["ok"]
    for page in (ayu, budi):
        (heard,) = wait_until(lambda p=page: p.said(told))
        assert (heard["session"], heard["person"]) == (lecture, leader.person_id)
    for page in (ayu, budi, leader):
        page.close()
