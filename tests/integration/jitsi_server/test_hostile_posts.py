"""Ten thousand spoilt posts, wrong secrets and bodies without end: a clear answer, and nothing stored."""

import io
import json
import random
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from lms.attendance.models import Evidence
from lms.kernel.errors import Invalid
from lms.sessions.jitsi import wire
from lms.sessions.jitsi.signature import sign
from lms.sessions.jitsi_views import LARGEST_BODY
from lms.sessions.models import JitsiEvent
from tests.factories import NINE, World
from tests.integration.jitsi_server import recorded
from tests.integration.jitsi_server.places import BEARER, WEBHOOK
from tests.integration.jitsi_server.test_posts import MINUTE, ROOM, count, session, webhook

__all__ = ["session"]

AT = NINE + 60 * MINUTE
NASTY: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, float("nan"), float("inf"), 2**63, 2**4000, "", " ", "\x00", "x" * 5000, "٣", "1e9",
    "../..", "'; drop table evidence; --", "<script>", "\ud800", [], [[]], {}, {"a": {}}, [None] * 50, "1795488512",
    1795488512000,
)  # fmt: skip
JAAS = json.dumps(
    {
        "idempotencyKey": "k1",
        "customerId": "c",
        "appId": "vpaas-magic-cookie-1",
        "eventType": "PARTICIPANT_JOINED",
        "sessionId": "s",
        "timestamp": int(NINE.timestamp() * 1000),
        "fqn": f"vpaas-magic-cookie-1/{ROOM}",
        "data": {"id": "7", "name": "Ayu", "participantJid": "a@8x8.vc", "moderator": "true"},
    }
).encode()


def spoilt(body: bytes, chance: random.Random) -> bytes:
    """Return the body with something broken in it: bytes, a value, a member, its nesting, or its end."""
    way = chance.randrange(6)
    if way == 0:
        at = chance.randrange(len(body))
        return body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]
    if way == 1:
        return body[: chance.randrange(len(body))]
    if way == 2:
        return b"[" * chance.choice((1, 50, 5000)) + body
    found = json.loads(body)
    inside = [found, *(value for value in found.values() if isinstance(value, dict))]
    target = chance.choice(inside)
    member = chance.choice(list(target))
    if way == 3:
        del target[member]
    elif way == 4:
        target[member] = chance.choice(NASTY)
    else:
        target[chance.choice(("room_name", "occupant", "event_name", "is_breakout", "data"))] = chance.choice(NASTY)
    return json.dumps(found).encode("utf-8", "surrogatepass")


def samples(world: World) -> list[bytes]:
    return [*recorded.breakout(ROOM, NINE, world.budi, world.ayu).posts, JAAS]


def test_ten_thousand_spoilt_bodies_are_read_or_refused_and_nothing_else(world: World) -> None:
    chance = random.Random(20261124)
    bodies = samples(world)
    outcomes: Counter[str] = Counter()
    for number in range(10_000):
        body = spoilt(bodies[number % len(bodies)], chance)
        for read in (wire.read_event_sync, wire.read_jaas):
            try:
                event = read(body, at=AT)
            except Invalid as invalid:
                outcomes[invalid.code] += 1
            else:
                outcomes["read"] += 1
                # Whatever was read fits where it is stored.
                assert event.room is not None and len(event.room) <= wire.LONGEST_TEXT and "\x00" not in event.room
                assert event.at.tzinfo is not None
    assert outcomes["event_not_json"] > 1000 and outcomes["read"] > 1000


def test_spoilt_posts_get_a_clear_answer_and_what_is_refused_is_not_stored(
    client: FlaskClient, world: World, session: int
) -> None:
    chance = random.Random(7)
    bodies = samples(world)[:-1]
    headers = {"Authorization": f"Bearer {BEARER}"}
    taken = 0
    for number in range(400):
        answer = client.post("/jitsi/events/x", data=spoilt(bodies[number % len(bodies)], chance), headers=headers)
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            assert answer.get_json()["code"].startswith("event_")
        else:
            taken += answer.get_json()["new"]
    assert count(JitsiEvent) == taken


# Refused before any database is asked: one engine will do.
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_ten_thousand_posts_without_the_secret_store_nothing(client: FlaskClient, world: World, session: int) -> None:
    chance = random.Random(9)
    bodies = samples(world)
    for number in range(10_000 // 4):
        body = spoilt(bodies[number % len(bodies)], chance)
        wrong = chance.choice(
            ("", "Bearer", f"Bearer {BEARER}x", f"Basic {BEARER}x", BEARER[:-1], "Bearer ü", "x" * 4000)
        )
        assert client.post("/jitsi/events/x", data=body, headers={"Authorization": wrong}).status_code == 401
        assert webhook(client, body, chance.choice((" ", "AAAA", "=" * 44, "x" * 4000))) == 401
        for path in ("/jitsi/reservations/conference", "/jitsi/webhook"):
            assert client.post(path, data=body, headers={"Authorization": wrong}).status_code == 401
    assert (count(JitsiEvent), count(Evidence)) == (0, 0)


def test_a_signature_of_another_body_or_of_long_ago_is_refused(client: FlaskClient, session: int) -> None:
    now = str(int(AT.timestamp()))
    assert webhook(client, JAAS + b" ", sign(now, JAAS, WEBHOOK)) == 401
    for stamp in (str(int(now) - 3600), str(int(now) + 3600), "0", "-1", "never", "9" * 40):
        header = f"t={stamp},v1={sign(stamp, JAAS, WEBHOOK)}"
        assert client.post("/jitsi/webhook", data=JAAS, headers={"X-Jaas-Signature": header}).status_code == 401
    assert count(JitsiEvent) == 0


class Endless(io.RawIOBase):
    """A body that never ends, counting how much of it was read."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


@pytest.mark.parametrize("path", ["/jitsi/events/x", "/jitsi/webhook", "/jitsi/reservations/conference"])
def test_a_body_without_end_is_not_read_to_its_end(app: Flask, session: int, path: str) -> None:
    for length in (str(10 * LARGEST_BODY), None):
        body = Endless()
        headers = {"Authorization": f"Bearer {BEARER}", "X-Jaas-Signature": "t=1,v1=A"}
        environ = create_environ(path, method="POST", headers=headers)
        environ["wsgi.input"] = body
        # Without a length there is no body by the rules of WSGI; a server that takes pieces says so.
        environ |= {"CONTENT_LENGTH": length} if length else {"wsgi.input_terminated": True}
        _, status, _ = run_wsgi_app(app.wsgi_app, environ)
        assert status[:3] in ("401", "413")
        assert body.taken <= 2 * LARGEST_BODY
    assert count(JitsiEvent) == 0
