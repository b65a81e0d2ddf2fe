"""The chain from our settings to an event that arrives, link by link: good, bad, or not tried, with the reason.

It proves our half and the way back to us through the public address. That Prosody itself posts is proved by the last
event of a real meeting alone.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from lms.kernel.errors import Said
from lms.sessions.jitsi import servers
from lms.sessions.jitsi.client import JitsiClient, Reach
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.signature import sign
from lms.sessions.jitsi.tokens import mint

# A room of this name belongs to no session, ever: sessions' rooms are named otherwise.
TEST_ROOM = "uji-mandiri-"
LASTS = timedelta(minutes=10)
ANSWER_SECONDS = (3.0, 8.0)
# Whom the test lets in: a trainee and the one who teaches. No person of ours has such an id.
TRAINEE, TEACHER = "self-test-trainee", "self-test-teacher"
# How long the trainee of our own posts was in the room.
STAYED = timedelta(seconds=60)

# (address, how) → (status, body as JSON or None); raises requests.RequestException.
Post = Callable[..., tuple[int, Any]]


class State(StrEnum):
    GOOD = "good"
    BAD = "bad"
    UNTRIED = "untried"


@dataclass(frozen=True)
class Link:
    """One link of the chain: `name` is a code; `setting` names what to mend, empty when nothing is."""

    name: str
    state: State
    said: Said
    setting: str = ""


def new_room(secret: str, *, at: datetime) -> str:
    """Return a room that no session has, and that only this site can name: for ten minutes it may be opened."""
    made = f"{int(at.timestamp()):x}-{secrets.token_hex(4)}"
    return f"{TEST_ROOM}{made}-{_mark(made, secret)}"


def is_test_room(room: str, secret: str, *, at: datetime) -> bool:
    """Return whether this is a room of a self-test of ours that is going on."""
    made, _, mark = room.removeprefix(TEST_ROOM).rpartition("-")
    if not room.startswith(TEST_ROOM) or not hmac.compare_digest(mark.encode(), _mark(made, secret).encode()):
        return False
    begun = int(made.partition("-")[0], 16)
    return begun <= at.timestamp() + 1 and at.timestamp() < begun + LASTS.total_seconds()


def _mark(made: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"self-test:{made}".encode(), hashlib.sha256).hexdigest()[:20]


def post(address: str, **how: Any) -> tuple[int, Any]:
    """Return status and JSON (None: other words) of a POST. Redirects are not followed: Prosody does not either."""
    answer = requests.post(address, timeout=ANSWER_SECONDS, allow_redirects=False, **how)
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, None


def try_chain(
    server: JitsiServer,
    public_url: str,
    room: str,
    *,
    at: datetime,
    client: JitsiClient | None = None,
    post: Post = post,
) -> list[Link]:
    """Return the links that can be tried from here, in order. Takes seconds: never inside a transaction."""
    links = [_configuration(server), _host(client or JitsiClient(server))]
    if server.kind is ServerKind.PLAIN:
        return [*links, Link("jitsi_link_token", State.UNTRIED, Said("jitsi_test_plain"), "JITSI_APP_ID")]
    links.append(_token(server, room, at))
    if server.kind is ServerKind.SELF_HOSTED:
        return [*links, _reservation(server, public_url, room, post), _event(server, public_url, room, at, post)]
    return [*links, _webhook(server, public_url, room, at, post)]


def _configuration(server: JitsiServer) -> Link:
    found = servers.problems(server)
    if found:
        return Link("jitsi_link_settings", State.BAD, found[0], found[0].field or "")
    return Link("jitsi_link_settings", State.GOOD, Said(f"jitsi_test_kind_{server.kind}", {"domain": server.domain}))


def _host(client: JitsiClient) -> Link:
    health = client.health()
    if health.reach is Reach.ANSWERS:
        return Link("jitsi_link_host", State.GOOD, Said("jitsi_test_answers"))
    said = health.said or Said("jitsi_unreachable")
    # A certificate is mended on the server; its words say how.
    return Link("jitsi_link_host", State.BAD, said, "" if said.code == "jitsi_certificate" else "JITSI_DOMAIN")


def _token(server: JitsiServer, room: str, at: datetime) -> Link:
    """Mint a token and read it as the server will, from its bytes alone."""
    key: str | bytes = server.secret
    try:
        token = mint(
            server,
            room=room,
            person_id="self-test",
            name="Self-test",
            moderator=True,
            window_end=at + timedelta(minutes=5),
            margin=timedelta(0),
            at=at,
        )
        if server.private_key:
            private = load_pem_private_key(server.private_key.encode(), password=None)
            key = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        told = jwt.decode(token.reveal(), key, algorithms=[server.algorithm], audience="jitsi")
    except (ValueError, TypeError, jwt.PyJWTError):
        return Link("jitsi_link_token", State.BAD, Said("jitsi_test_token_bad"), "JITSI_APP_SECRET")
    is_right = told["room"] == room and told["context"]["user"]["moderator"] is True
    state = State.GOOD if is_right else State.BAD
    return Link("jitsi_link_token", state, Said("jitsi_test_token_good" if is_right else "jitsi_test_token_bad"))


def _ask(name: str, setting: str, post: Post, address: str, **how: Any) -> tuple[int, Any] | Link:
    """Return the answer, or the link as broken: no answer, secret refused, somebody else answering."""
    try:
        status, body = post(address, **how)
    except requests.RequestException:
        return Link(name, State.BAD, Said("jitsi_test_unreachable", {"address": address}), "PUBLIC_URL")
    if status == 401:
        return Link(name, State.BAD, Said("jitsi_test_secret"), setting)
    if status == 403 and body == {}:
        return Link(name, State.UNTRIED, Said("jitsi_test_from"), "JITSI_EVENTS_FROM")
    if body is None or status >= 500 or 300 <= status < 400:
        return Link(name, State.BAD, Said("jitsi_test_other", {"address": address, "status": status}), "PUBLIC_URL")
    return status, body


def _reservation(server: JitsiServer, public_url: str, room: str, post: Post) -> Link:
    name = "jitsi_link_reservation"
    if not server.events_secret:
        return Link(name, State.BAD, Said("jitsi_test_no_secret"), "JITSI_EVENTS_SECRET")
    address = f"{public_url}/jitsi/reservations/conference"
    form = {"name": room, "mail_owner": "self-test@localhost"}
    found = _ask(name, "JITSI_EVENTS_SECRET", post, address, data=form, headers=_bearer(server))
    if isinstance(found, Link):
        return found
    status, body = found
    if status == 409 or (status == 200 and isinstance(body, Mapping) and _fits(body, room)):
        return Link(name, State.GOOD, Said("jitsi_test_reservation"))
    if status == 404 and isinstance(body, Mapping) and body.get("message"):
        return Link(name, State.BAD, Said("jitsi_test_other_house", {"address": address}), "PUBLIC_URL")
    return Link(name, State.BAD, Said("jitsi_test_other", {"address": address, "status": status}), "PUBLIC_URL")


def _fits(body: Mapping[str, Any], room: str) -> bool:
    """Return whether Prosody would take this for a reservation."""
    return (
        isinstance(body.get("id"), str)
        and body.get("name") == room
        and body.get("mail_owner") is not None
        and isinstance(body.get("start_time"), str)
        and isinstance(body.get("duration"), int)
    )


def _event(server: JitsiServer, public_url: str, room: str, at: datetime, post: Post) -> Link:
    """Post what event_sync posts of somebody who came and went."""
    name = "jitsi_link_event"
    if not server.events_secret:
        return Link(name, State.BAD, Said("jitsi_test_no_secret"), "JITSI_EVENTS_SECRET")
    since, until = int((at - STAYED).timestamp()), int(at.timestamp())
    occupant: dict[str, Any] = {"occupant_jid": f"{TRAINEE}@self-test/1", "id": TRAINEE, "joined_at": since}
    base = {"room_name": room, "room_jid": f"{room}@self-test", "is_breakout": False}
    for event, told in (("joined", occupant), ("left", occupant | {"left_at": until})):
        address = f"{public_url}/jitsi/events/occupant/{event}"
        body = base | {"event_name": f"muc-occupant-{event}", "occupant": told}
        found = _ask(name, "JITSI_EVENTS_SECRET", post, address, json=body, headers=_bearer(server))
        link = found if isinstance(found, Link) else _taken(name, address, *found)
        if link.state is not State.GOOD:
            return link
    return link


def _webhook(server: JitsiServer, public_url: str, room: str, at: datetime, post: Post) -> Link:
    """Post what JaaS posts of somebody who came and went, signed."""
    name = "jitsi_link_event"
    if not server.webhook_secret:
        return Link(name, State.BAD, Said("jitsi_test_no_secret"), "JITSI_WEBHOOK_SECRET")
    stamp, address = str(int(at.timestamp())), f"{public_url}/jitsi/webhook"
    for kind, when in (("PARTICIPANT_JOINED", at - STAYED), ("PARTICIPANT_LEFT", at)):
        event = {
            "idempotencyKey": f"{room}-{kind}",
            "eventType": kind,
            "timestamp": int(when.timestamp()) * 1000,
            "fqn": f"self-test/{room}",
            "data": {"id": TRAINEE, "participantJid": f"{TRAINEE}@self-test"},
        }
        body = json.dumps(event).encode()
        headers = {"X-Jaas-Signature": f"t={stamp},v1={sign(stamp, body, server.webhook_secret)}"}
        found = _ask(name, "JITSI_WEBHOOK_SECRET", post, address, data=body, headers=headers)
        link = found if isinstance(found, Link) else _taken(name, address, *found)
        if link.state is not State.GOOD:
            return link
    return link


def _taken(name: str, address: str, status: int, body: Any) -> Link:
    if status == 200 and isinstance(body, Mapping) and body.get("ok"):
        return Link(name, State.GOOD, Said("jitsi_test_event"))
    return Link(name, State.BAD, Said("jitsi_test_other", {"address": address, "status": status}), "PUBLIC_URL")


def _bearer(server: JitsiServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.events_secret}"}
