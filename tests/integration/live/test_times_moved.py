"""A session is put off or ended while people sit in it: every page in the room hears of it, and a new one is told."""

import http.client
from datetime import datetime, timedelta
from urllib.parse import urlencode

from lms.sessions.models import LiveSession
from tests.integration.live.quiz_page import headers
from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import Server, Site, wait_until


def press(server: Server, path: str, person: int, sequence: int) -> int:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    sent = headers(person) | {"Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", path, urlencode({"sequence": sequence}), sent)
    status = line.getresponse().status
    line.close()
    return status


def ends(site: Site, session: int) -> datetime:
    with site.database.reading() as db:
        return db.get_one(LiveSession, session).ends_at


def test_everyone_in_the_room_sees_the_new_end_and_nobody_of_another_session(server: Server, sqlite_site: Site) -> None:
    session, other = sqlite_site.lecture(), sqlite_site.lecture()
    teacher = sqlite_site.person("Iskandar Rahman", "instructor")
    inside, lobby, elsewhere = (RoomPage(s, sqlite_site.person()) for s in (session, session, other))
    planned = ends(sqlite_site, session)
    with pages(inside, lobby, elsewhere):
        inside.open(server).enter()
        assert lobby.open(server).tell("connected")["times"]["sequence"] == 0
        elsewhere.open(server).enter()
        assert press(server, f"/sessions/{session}/extend", teacher, 0) == 200
        for page in (inside, lobby):
            wait_until(lambda page=page: page.said("session:times"))  # type: ignore[misc]
            told = page.said("session:times")[-1]
            assert told["session"] == session and told["sequence"] == 1 and not told["over"]
            assert datetime.fromisoformat(told["ends"]) == planned + timedelta(minutes=15)
        assert press(server, f"/sessions/{session}/end", teacher, 1) == 200
        wait_until(lambda: len(inside.said("session:times")) == 2)
        assert inside.said("session:times")[-1]["over"]
        assert elsewhere.said("session:times") == []
        # Whoever missed the message is told with her next word.
        assert lobby.tell("connected")["times"] == {**inside.said("session:times")[-1]}
