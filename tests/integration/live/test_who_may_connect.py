"""Sockets and who is behind them: strangers get none, whoever is signed out loses hers, nobody fills our memory."""

import contextlib
import http.client
import json
import re
import urllib.parse

import pytest
import socketio
import websocket

from tests.integration.live.room_page import RoomPage, pages
from tests.integration.live.serving import Server, Site, cookie, wait_until


@pytest.mark.parametrize("query", ["transport=polling", "transport=websocket"])
@pytest.mark.parametrize("kept", ["", "jembatan=forged.by.somebody"])
def test_a_handshake_without_a_sign_in_is_refused_before_it_costs_a_socket(
    server: Server, query: str, kept: str
) -> None:
    before = server.threads()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Cookie": kept} if kept else {}
    if "websocket" in query:
        headers |= {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "x" * 22 + "==",
        }
    connection.request("GET", f"/socket.io/?EIO=4&{query}", headers=headers)
    assert connection.getresponse().status == 401
    connection.close()
    assert server.threads() <= before + 2


def test_a_page_of_another_origin_gets_no_socket(server: Server, sqlite_site: Site) -> None:
    page = RoomPage(sqlite_site.lecture(), sqlite_site.person())
    page.headers["Origin"] = "https://elsewhere.example"
    with pytest.raises(socketio.exceptions.ConnectionError):
        page.open(server)


def post(server: Server, path: str, person: int, form: dict[str, str]) -> int:
    """Return the status of a form sent by this person, with the token of a page she has open."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Cookie": cookie(person), "Host": f"127.0.0.1:{server.port}"}
    connection.request("GET", "/settings", headers=headers)
    answer = connection.getresponse()
    token = re.search(r'name="csrf-token" content="([^"]+)"', answer.read().decode())
    assert answer.status == 200 and token
    headers |= {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": (answer.getheader("Set-Cookie") or cookie(person)).split(";")[0],
        "Referer": f"{server.url}/settings",
    }
    connection.request("POST", path, urllib.parse.urlencode({"csrf_token": token[1], **form}), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def refused(server: Server, page: RoomPage) -> None:
    """Assert that this page's cookie opens no socket any more. With a client of its own: the page's own one may be
    trying to come back at this moment, and two attempts at once are the client's error, not the server's answer."""
    again = RoomPage(page.session_id, page.person_id)
    with pages(again), pytest.raises(socketio.exceptions.ConnectionError):
        again.open(server)


def test_signing_out_everywhere_ends_open_sockets_and_they_do_not_come_back(server: Server, sqlite_site: Site) -> None:
    session, person = sqlite_site.lecture(), sqlite_site.person()
    laptop, phone = RoomPage(session, person), RoomPage(session, person)
    with pages(laptop, phone):
        for page in (laptop, phone):
            page.open(server).enter()
        assert post(server, "/settings/sign-out-everywhere", person, {}) < 400
        for page in (laptop, phone):
            wait_until(lambda page=page: page.said("signed_out") and not page.client.connected)
        refused(server, laptop)
        wait_until(lambda: len(sqlite_site.facts(session, person, kind="dropped")) == 2)


def test_a_deactivated_person_loses_her_sockets_at_once(server: Server, sqlite_site: Site) -> None:
    session, person = sqlite_site.lecture(), sqlite_site.person()
    admin = sqlite_site.admin()
    page = RoomPage(session, person)
    with pages(page):
        page.open(server).enter()
        assert post(server, f"/people/{person}/deactivate", admin, {}) < 400
        wait_until(lambda: not page.client.connected)
        refused(server, page)


def raw_socket(server: Server, person: int) -> websocket.WebSocket:
    """Return a websocket past the Socket.IO handshake, without a client library's own limits."""
    address = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    raw = websocket.create_connection(address, cookie=cookie(person), timeout=30)
    assert json.loads(raw.recv()[1:])["sid"]
    raw.send("40")
    assert raw.recv().startswith("40")
    return raw


def test_a_huge_frame_ends_its_connection_and_is_never_held_in_memory(server: Server, sqlite_site: Site) -> None:
    person = sqlite_site.person()
    raw_socket(server, person).close()
    before = server.memory()
    for _ in range(3):
        raw = raw_socket(server, person)
        with contextlib.suppress(OSError, websocket.WebSocketException):
            raw.send("4" + "x" * 32 * 1024 * 1024)
        with pytest.raises((OSError, websocket.WebSocketException)):
            while True:
                if not raw.recv():
                    raise websocket.WebSocketConnectionClosedException("closed")
        raw.close()
    assert server.memory() - before < 16 * 1024 * 1024
    assert server.status_of("/healthz") == 200


@pytest.mark.parametrize(
    "payload",
    [None, 7, "joined", [], {}, {"session": "1; drop table evidence"}, {"session": 10**30}, {"session": -1}],
    ids=str,
)
def test_every_event_is_answered_whatever_is_in_it(server: Server, sqlite_site: Site, payload: object) -> None:
    page = RoomPage(sqlite_site.lecture(), sqlite_site.person())
    with pages(page):
        page.open(server)
        for event in ("attendance:joined", "attendance:left", "register:watch", "register:version", "room:watch"):
            answer = page.client.call(event, payload, timeout=20)
            assert answer["ok"] is False and answer["code"] and answer["text"]


def test_a_handler_that_raises_is_answered_as_our_fault_and_the_socket_lives_on(
    server: Server, sqlite_site: Site
) -> None:
    session = sqlite_site.lecture()
    page = RoomPage(session, sqlite_site.person())
    with pages(page):
        page.open(server)
        # No database keeps a number this large: the driver raises in the middle of the handler.
        answer = page.ask("attendance:joined", page.payload() | {"session": 10**30})
        assert (answer["ok"], answer["code"]) == (False, "http_500")
        assert page.enter()["ok"]


def test_somebody_of_another_batch_is_not_recorded_and_sees_nothing(server: Server, sqlite_site: Site) -> None:
    session = sqlite_site.lecture()
    page = RoomPage(session, sqlite_site.stranger())
    with pages(page):
        page.open(server)
        answer = page.tell("joined")
        assert (answer["ok"], answer["code"]) == (False, "not_found")
        for event in ("register:watch", "register:version", "room:watch"):
            assert page.ask(event)["code"] == "not_found"
    assert sqlite_site.facts(session) == []


def test_a_trainee_may_not_watch_the_register(server: Server, sqlite_site: Site) -> None:
    session = sqlite_site.lecture()
    page = RoomPage(session, sqlite_site.person())
    with pages(page):
        page.open(server)
        assert page.ask("register:watch")["code"] == "forbidden"
