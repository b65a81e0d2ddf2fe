"""Tokens against what Prosody was seen to accept and refuse (the table in docs/jitsi.md)."""

import base64
import dataclasses
import json
import logging
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lms.kernel.errors import Conflict, Invalid
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import Token, key_problems, mint, system_token

AT = datetime(2026, 11, 24, 1, 0, 0, 250_000, tzinfo=UTC)
END = AT.replace(hour=2, minute=30, microsecond=0)
MARGIN = timedelta(minutes=45)
SECRET = "a-shared-secret-of-more-than-32-bytes"
OURS = JitsiServer(kind=ServerKind.SELF_HOSTED, domain="meet.balikpapan.example:8443", app_id="jembatan", secret=SECRET)
COOKIE = "vpaas-magic-cookie-" + "0a" * 16


def pem(key: Any, encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()) -> str:  # noqa: B008 immutable
    form = serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(serialization.Encoding.PEM, form, encryption).decode())


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JAAS = JitsiServer(
    kind=ServerKind.JAAS, domain="8x8.vc", app_id=COOKIE, private_key=pem(RSA_KEY), key_id=f"{COOKIE}/4f5e6d"
)


def ticket(server: JitsiServer = OURS, **changes: Any) -> Token:
    wishes: dict[str, Any] = {
        "room": "kelas-abc123",
        "person_id": 42,
        "name": "Ayu Lestari",
        "moderator": False,
        "window_end": END,
        "margin": MARGIN,
        "at": AT,
    }
    return mint(server, **(wishes | changes))


def parts(token: Token) -> tuple[dict[str, Any], dict[str, Any]]:
    header, body, _ = token.reveal().split(".")
    decode = base64.urlsafe_b64decode
    return json.loads(decode(header + "==")), json.loads(decode(body + "=="))


def test_header_names_type_and_algorithm_exactly() -> None:
    header, _ = parts(ticket())
    assert header == {"typ": "JWT", "alg": "HS256"}


def test_the_signature_is_made_with_the_shared_secret() -> None:
    jwt.decode(ticket().reveal(), SECRET, algorithms=["HS256"], options={"verify_aud": False, "verify_exp": False})
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(ticket().reveal(), "another-secret-" * 3, algorithms=["HS256"], options={"verify_aud": False})


def test_claims_name_issuer_audience_and_domain_as_strings() -> None:
    _, claims = parts(ticket())
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("jembatan", "jitsi", "meet.balikpapan.example")


def test_the_room_is_the_one_literal_name() -> None:
    _, claims = parts(ticket())
    assert claims["room"] == "kelas-abc123"


@pytest.mark.parametrize("room", ["*", "Kelas-ABC", "kelas-.*", "", "kelas abc"])
def test_a_wildcard_or_pattern_or_upper_case_room_is_refused(room: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ticket(room=room)
    assert refusal.value.code == "jitsi_room_name"


def test_the_person_is_known_by_a_string_and_by_no_address() -> None:
    _, claims = parts(ticket())
    assert claims["context"]["user"] == {"id": "42", "name": "Ayu Lestari", "moderator": False}
    assert "email" not in json.dumps(claims)


@pytest.mark.parametrize("moderator", [True, False])
def test_moderator_is_a_true_boolean_by_role(moderator: bool) -> None:
    _, claims = parts(ticket(moderator=moderator))
    assert claims["context"]["user"]["moderator"] is moderator


def test_expiry_is_a_whole_number_at_the_sessions_end_plus_the_margin() -> None:
    token = ticket()
    _, claims = parts(token)
    assert type(claims["exp"]) is int
    assert claims["exp"] == int((END + MARGIN).timestamp())
    assert token.expires == END + MARGIN


def test_a_fraction_of_a_second_is_never_cut_off_the_end() -> None:
    _, claims = parts(ticket(window_end=END + timedelta(milliseconds=1)))
    assert claims["exp"] == int((END + MARGIN).timestamp()) + 1


def test_the_token_began_a_minute_ago_for_servers_whose_clock_is_behind() -> None:
    _, claims = parts(ticket())
    assert type(claims["nbf"]) is int
    assert claims["nbf"] == claims["iat"] == int(AT.timestamp()) - 60


def test_the_readers_zone_does_not_move_the_end() -> None:
    wita = timezone(timedelta(hours=8))
    assert ticket(window_end=END.astimezone(wita)).expires == END + MARGIN


def test_no_token_is_made_that_is_dead_on_arrival() -> None:
    with pytest.raises(Conflict) as refusal:
        ticket(at=END + MARGIN)
    assert refusal.value.code == "jitsi_session_over"
    ticket(at=END + MARGIN - timedelta(seconds=1))


@pytest.mark.parametrize("change", [{"at": AT.replace(tzinfo=None)}, {"window_end": END.replace(tzinfo=None)}])
def test_a_time_without_zone_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="aware"):
        ticket(**change)


def test_a_plain_server_gets_no_token() -> None:
    with pytest.raises(ValueError, match="no tokens"):
        ticket(JitsiServer(kind=ServerKind.PLAIN, domain="meet.jit.si"))


@pytest.mark.parametrize("moderator", [True, False])
def test_what_the_meeting_offers_goes_by_role_and_all_of_it_is_said(moderator: bool) -> None:
    for server in (OURS, JAAS):
        _, claims = parts(ticket(server, moderator=moderator))
        offered = claims["context"]["features"]
        assert all(type(value) is bool for value in offered.values())
        for name in ("transcription", "lobby", "moderation"):
            assert offered[name] is moderator
        for name in ("screen-sharing", "send-groupchat", "send-private-message", "create-polls", "file-upload"):
            assert offered[name] is True
        assert (offered["livestreaming"], offered["outbound-call"]) == (False, False)


@pytest.mark.parametrize(
    ("moderator", "may_record", "offered"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_only_a_moderator_of_a_session_that_may_be_recorded_can_record(
    moderator: bool, may_record: bool, offered: bool
) -> None:
    _, claims = parts(ticket(moderator=moderator, may_record=may_record))
    assert claims["context"]["features"]["recording"] is offered


def test_a_system_token_is_signed_by_a_key_of_its_own_and_lives_a_minute() -> None:
    system = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    server = dataclasses.replace(OURS, system_key=pem(system), system_key_id="jembatan-system")
    token = system_token(server, at=AT)
    header, claims = parts(token)
    assert header == {"typ": "JWT", "alg": "RS256", "kid": "jembatan-system"}
    assert 60 <= claims["exp"] - AT.timestamp() <= 61 and claims["nbf"] < AT.timestamp()
    jwt.decode(token.reveal(), system.public_key(), algorithms=["RS256"], audience="jitsi", options=UNTIMED)
    with pytest.raises(ValueError, match="no system key"):
        system_token(OURS, at=AT)


def test_our_own_server_may_know_us_by_an_rsa_key() -> None:
    server = dataclasses.replace(OURS, secret="", private_key=pem(RSA_KEY), key_id="jembatan-2026")
    header, _ = parts(ticket(server))
    assert header == {"typ": "JWT", "alg": "RS256", "kid": "jembatan-2026"}
    claims = jwt.decode(
        ticket(server).reveal(), RSA_KEY.public_key(), algorithms=["RS256"], audience="jitsi", options=UNTIMED
    )
    assert claims["iss"] == "jembatan"


UNTIMED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


def test_jaas_knows_the_customer_as_subject_and_chat_as_issuer() -> None:
    header, claims = parts(ticket(JAAS, moderator=True))
    assert header == {"typ": "JWT", "alg": "RS256", "kid": f"{COOKIE}/4f5e6d"}
    assert header["kid"].split("/")[0] == claims["sub"] == COOKIE
    assert (claims["iss"], claims["aud"], claims["room"]) == ("chat", "jitsi", "kelas-abc123")
    assert claims["context"]["room"] == {"regex": False}
    assert claims["context"]["user"] == {"id": "42", "name": "Ayu Lestari", "moderator": True}


def test_a_token_is_seen_by_reveal_alone(caplog: pytest.LogCaptureFixture) -> None:
    token = ticket()
    logging.getLogger("test").warning("let in: %s %r", token, {"jwt": token})
    shown = f"{token} {token!r} {[token]} {caplog.text} {dataclasses.replace(token)}"
    assert "2026" in shown
    assert all(piece not in shown for piece in token.reveal().split("."))


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        (pem(RSA_KEY), []),
        ("", []),
        ("-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----", ["jitsi_key_unreadable"]),
        (pem(RSA_KEY, serialization.BestAvailableEncryption(b"locked")), ["jitsi_key_unreadable"]),
        (pem(ec.generate_private_key(ec.SECP256R1())), ["jitsi_key_unreadable"]),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), ["jitsi_key_short"]),  # noqa: S505 weak on purpose
    ],
)
def test_a_key_that_cannot_sign_is_found_before_the_first_lecture(key: str, codes: list[str]) -> None:
    assert [problem.code for problem in key_problems(dataclasses.replace(JAAS, private_key=key))] == codes
