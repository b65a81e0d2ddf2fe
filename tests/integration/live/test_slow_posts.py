"""Posts to the meeting server's endpoints that drip, never end, or are far too large, against a real process: each gets
its answer, others are answered meanwhile, and nothing of them is stored."""

import contextlib
import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from lms.sessions.jitsi_views import LARGEST_BODY
from lms.sessions.models import JitsiEvent
from tests.integration.live.serving import Server, Site, now, wait_until

BEARER = "an-events-secret-of-decent-length"
WEBHOOK = "whsec_" + "0" * 32
ROOM = "sesi-ruang-lambat"
SLOW = 40
PATHS = ("/jitsi/events/occupant/joined", "/jitsi/reservations/conference", "/jitsi/webhook")


@pytest.fixture(scope="module")
def meeting(sqlite_site: Site) -> Iterator[Server]:
    """A process with a meeting server set up and few threads to spare."""
    given = {
        "JITSI_DOMAIN": "meet.example.test",
        "JITSI_APP_ID": "jembatan",
        "JITSI_APP_SECRET": "s" * 32,
        "JITSI_EVENTS_SECRET": BEARER,
        "JITSI_WEBHOOK_SECRET": WEBHOOK,
        "THREADS": str(SLOW + 40),
    }
    yield sqlite_site.start(**given)


def opened(server: Server, path: str, *headers: str, length: int | None = 400) -> socket.socket:
    """Return a connection on which a post has begun, without any of its body."""
    wire = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    size = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", size, "Content-Type: application/json", *headers)
    wire.sendall("\r\n".join([*lines, "", ""]).encode())
    return wire


def drip(wires: list[socket.socket], over: threading.Event, piece: bytes = b"x") -> threading.Thread:
    """Send one byte a while on each, until told to stop or cut off."""

    def run() -> None:
        while not over.wait(0.2):
            for wire in wires:
                with contextlib.suppress(OSError):
                    wire.sendall(piece)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def answered(wire: socket.socket) -> int:
    """Return the status of the answer; 0 where the connection was closed without one."""
    try:
        response = http.client.HTTPResponse(wire)
        response.begin()
        return response.status
    except (OSError, http.client.HTTPException):
        return 0


def event(site: Site, number: int) -> dict[str, Any]:
    at = int((now() - timedelta(minutes=1)).timestamp())
    occupant = {"occupant_jid": f"occupant-{number}@meet/x", "joined_at": at, "id": "999999", "name": "X"}
    base = {"event_name": "muc-occupant-joined", "room_name": ROOM, "room_jid": f"{ROOM}@muc", "is_breakout": False}
    return base | {"occupant": occupant}


def post(server: Server, body: bytes, secret: str = BEARER) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("POST", PATHS[0], body, {"Authorization": f"Bearer {secret}"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_posts_that_drip_hold_up_nobody_and_end_in_an_answer(sqlite_site: Site, meeting: Server) -> None:
    over = threading.Event()
    bearer = f"Authorization: Bearer {BEARER}"
    stamp = int(time.time())
    signed = f"X-Jaas-Signature: t={stamp},v1=AAAA"
    slow = [opened(meeting, path, bearer, signed) for path in PATHS for _ in range(SLOW // len(PATHS))]
    thread = drip(slow, over)
    before = sqlite_site.count(JitsiEvent)
    try:
        # All of these are taken while the slow ones are still under way: none has its answer yet.
        for number in range(30):
            assert post(meeting, json.dumps(event(sqlite_site, number)).encode()) == 200
        assert meeting.status_of("/healthz") == 200
        statuses = [answered(wire) for wire in slow]
    finally:
        over.set()
        thread.join()
        for wire in slow:
            wire.close()
    assert set(statuses) == {408}
    assert sqlite_site.count(JitsiEvent) == before + 30


def test_whoever_lacks_the_secret_is_answered_before_a_body_comes(sqlite_site: Site, meeting: Server) -> None:
    before = sqlite_site.count(JitsiEvent)
    wires = [
        opened(meeting, PATHS[0], "Authorization: Bearer wrong"),
        opened(meeting, PATHS[1], "Authorization: Bearer wrong"),
        opened(meeting, PATHS[2], "X-Jaas-Signature: t=1,v1=AAAA"),
        opened(meeting, PATHS[2]),
        opened(meeting, PATHS[0], "Authorization: Bearer wrong", length=None),
    ]
    assert [answered(wire) for wire in wires] == [401] * len(wires)
    # The rest of such a post is not waited for: the connection is closed.
    for wire in wires:
        wait_until(lambda wire=wire: _is_closed(wire))
        wire.close()
    assert sqlite_site.count(JitsiEvent) == before


def _is_closed(wire: socket.socket) -> bool:
    try:
        return wire.recv(1024) == b""
    except OSError:
        return True


def test_a_body_far_too_large_is_refused_without_being_kept(sqlite_site: Site, meeting: Server) -> None:
    before, memory = sqlite_site.count(JitsiEvent), meeting.memory()
    bearer = f"Authorization: Bearer {BEARER}"
    told = opened(meeting, PATHS[0], bearer, length=200 * LARGEST_BODY)
    assert answered(told) == 413
    told.close()
    for _ in range(3):
        endless = opened(meeting, PATHS[0], bearer, length=None)
        piece = os.urandom(64 * 1024)
        chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        with contextlib.suppress(OSError):  # cut off on the way
            for _ in range(400):
                endless.sendall(chunk)
        assert answered(endless) in (0, 413)
        endless.close()
    assert meeting.memory() - memory < 40 * 1024 * 1024
    assert sqlite_site.count(JitsiEvent) == before
    assert post(meeting, json.dumps(event(sqlite_site, 1000)).encode()) == 200


def test_a_thousand_spoilt_posts_leave_the_process_as_it_was(sqlite_site: Site, meeting: Server) -> None:
    before = sqlite_site.count(JitsiEvent)
    good = json.dumps(event(sqlite_site, 2000)).encode()
    connection = http.client.HTTPConnection("127.0.0.1", meeting.port, timeout=60)
    statuses = set()
    for number in range(1000):
        body = good[: number % len(good)] + bytes([number % 256]) + b"["
        connection.request("POST", PATHS[0], body, {"Authorization": f"Bearer {BEARER}"})
        response = connection.getresponse()
        response.read()
        statuses.add(response.status)
    connection.close()
    assert statuses == {400}
    assert sqlite_site.count(JitsiEvent) == before
    assert meeting.status_of("/healthz") == 200


def test_a_post_is_answered_as_soon_as_it_is_stored_and_interpreted_beside(sqlite_site: Site, meeting: Server) -> None:
    session = sqlite_site.lecture(room_name="sesi-ruang-bukti")
    people = sqlite_site.people(12)
    for person in people:
        body = event(sqlite_site, person) | {"room_name": "sesi-ruang-bukti", "room_jid": "sesi-ruang-bukti@muc"}
        body["occupant"]["id"] = str(person)
        assert post(meeting, json.dumps(body).encode()) == 200
    wait_until(lambda: len(sqlite_site.facts(session, kind="joined")) == len(people))
