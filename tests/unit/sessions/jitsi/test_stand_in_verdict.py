"""The stand-in's door is as strict as the real one was seen to be, and our tokens pass it."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import mint
from tests.browser.jitsi_stand_in.verdict import verdict

SECRET = "a-shared-secret-of-more-than-32-bytes"
NOW = 1_795_488_000
SOUND: dict[str, Any] = {
    "iss": "jembatan",
    "aud": "jitsi",
    "sub": "meet.example",
    "room": "kelas-1",
    "nbf": NOW - 60,
    "exp": NOW + 3600,
}


def at_the_door(token: str) -> str | None:
    return verdict(token, room="kelas-1", secret=SECRET, app_id="jembatan", now=NOW)


def signed(*, alg: str = "HS256", key: str = SECRET, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in (SOUND | changes).items() if value is not ...}
    return jwt.encode(claims, key, algorithm=alg, headers=header)


@pytest.mark.parametrize("clock", [timedelta(0), timedelta(seconds=-50), timedelta(minutes=74)])
def test_what_we_mint_passes_even_where_the_servers_clock_is_a_little_behind(clock: timedelta) -> None:
    server = JitsiServer(kind=ServerKind.SELF_HOSTED, domain="meet.example", app_id="jembatan", secret=SECRET)
    at = datetime.fromtimestamp(NOW, UTC)
    token = mint(
        server,
        room="kelas-1",
        person_id=7,
        name="Iskandar",
        moderator=True,
        window_end=at + timedelta(minutes=60),
        margin=timedelta(minutes=15),
        at=at,
    )
    now = (at + clock).timestamp()
    assert verdict(token.reveal(), room="kelas-1", secret=SECRET, app_id="jembatan", now=now) is None
    other = dataclasses.replace(server, secret="another-secret-" * 3)
    assert verdict(token.reveal(), room="kelas-1", secret=other.secret, app_id="jembatan", now=now) is not None
    assert verdict(token.reveal(), room="kelas-2", secret=SECRET, app_id="jembatan", now=now) == "room-mismatch"


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        (signed(), None),
        (signed(room="KELAS-1"), None),
        (signed(room="*"), None),
        (signed(exp=...), None),
        (signed(exp=NOW + 0.5), None),
        (signed(key="another-secret-" * 3), "Invalid signature"),
        (signed(exp=NOW), "Not acceptable by exp"),
        (signed(nbf=NOW + 1), "Not acceptable by nbf"),
        (signed(iss="somebody"), "invalid 'iss' claim"),
        (signed(iss=...), "'iss' claim is missing"),
        (signed(aud=["jitsi"]), "invalid 'aud' claim"),
        (signed(aud=...), "'aud' claim is missing"),
        (signed(room=...), "'room' claim is missing"),
        (signed(sub=...), "'sub' claim is missing"),
        (signed(room="kelas-2"), "room-mismatch"),
        (signed(alg="HS512", key=SECRET * 2), "Invalid or incorrect alg"),
        (signed(header={"typ": "JOSE"}), "Invalid typ"),
        ("", "Invalid token"),
        ("a.b.c", "Invalid token"),
    ],
)
def test_the_door_answers_as_recorded(token: str, answer: str | None) -> None:
    assert at_the_door(token) == answer


def test_an_end_written_as_text_is_refused() -> None:
    server_side = jwt.api_jws.encode(
        b'{"iss":"jembatan","aud":"jitsi","sub":"x","room":"kelas-1","exp":"1895488000"}',
        SECRET,
        algorithm="HS256",
        headers={"typ": "JWT"},
    )
    assert at_the_door(server_side) == "exp must be number"
