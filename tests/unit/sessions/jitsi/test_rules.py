"""A server's configuration is refused with the setting to mend, and a room has one name everywhere."""

import dataclasses
from typing import Any

import pytest

from lms.sessions.jitsi.rules import JitsiServer, ServerKind, problems, room_name, room_problems

OURS = JitsiServer(
    kind=ServerKind.SELF_HOSTED, domain="meet.balikpapan.example", app_id="jembatan", secret="s3cret-" * 6
)
COOKIE = "vpaas-magic-cookie-" + "0a" * 16
JAAS = JitsiServer(
    kind=ServerKind.JAAS,
    domain="8x8.vc",
    app_id=COOKIE,
    private_key="-----BEGIN PRIVATE KEY-----",
    key_id=f"{COOKIE}/4f5e6d",
)


def codes(server: JitsiServer) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.field) for problem in problems(server)]


@pytest.mark.parametrize(
    "server",
    [
        OURS,
        dataclasses.replace(OURS, domain="127.0.0.1:8443", api_url="http://10.0.0.5:5280"),
        dataclasses.replace(OURS, secret="", private_key="-----BEGIN PRIVATE KEY-----", key_id="jembatan-1"),
        JAAS,
        JitsiServer(kind=ServerKind.PLAIN, domain="meet.jit.si"),
    ],
)
def test_a_sound_configuration_has_no_problem(server: JitsiServer) -> None:
    assert codes(server) == []


@pytest.mark.parametrize(
    ("change", "code", "setting"),
    [
        ({"domain": ""}, "jitsi_domain_missing", "JITSI_DOMAIN"),
        ({"domain": "https://meet.example"}, "jitsi_domain_form", "JITSI_DOMAIN"),
        ({"domain": "meet.example/"}, "jitsi_domain_form", "JITSI_DOMAIN"),
        ({"domain": "meet example"}, "jitsi_domain_form", "JITSI_DOMAIN"),
        ({"domain": "meet.example; script-src *"}, "jitsi_domain_form", "JITSI_DOMAIN"),
        ({"domain": "meet.jit.si"}, "jitsi_domain_public", "JITSI_DOMAIN"),
        ({"app_id": ""}, "jitsi_app_id_missing", "JITSI_APP_ID"),
        ({"secret": ""}, "jitsi_secret_missing", "JITSI_APP_SECRET"),
        ({"secret": "short"}, "jitsi_secret_short", "JITSI_APP_SECRET"),
        ({"private_key": "-----BEGIN", "secret": ""}, "jitsi_key_id_missing", "JITSI_KEY_ID"),
        ({"api_url": "10.0.0.5:5280"}, "jitsi_api_url_form", "JITSI_API_URL"),
        ({"api_url": "ftp://10.0.0.5"}, "jitsi_api_url_form", "JITSI_API_URL"),
        ({"api_url": "http://10.0.0.5/?room=1"}, "jitsi_api_url_form", "JITSI_API_URL"),
    ],
)
def test_a_mistake_names_the_setting_to_mend(change: dict[str, Any], code: str, setting: str) -> None:
    assert codes(dataclasses.replace(OURS, **change)) == [(code, setting)]


@pytest.mark.parametrize(
    ("change", "code", "setting"),
    [
        ({"app_id": "jembatan", "key_id": "jembatan/1"}, "jitsi_jaas_app_id", "JITSI_APP_ID"),
        ({"private_key": ""}, "jitsi_jaas_key_missing", "JITSI_APP_SECRET"),
        ({"key_id": ""}, "jitsi_key_id_missing", "JITSI_KEY_ID"),
        ({"key_id": "another-customer/4f5e6d"}, "jitsi_jaas_key_id", "JITSI_KEY_ID"),
    ],
)
def test_jaas_wants_a_key_that_belongs_to_the_customer(change: dict[str, Any], code: str, setting: str) -> None:
    assert codes(dataclasses.replace(JAAS, **change)) == [(code, setting)]


def test_every_mistake_is_told_at_once() -> None:
    assert codes(JitsiServer(kind=ServerKind.SELF_HOSTED, domain="")) == [
        ("jitsi_domain_missing", "JITSI_DOMAIN"),
        ("jitsi_app_id_missing", "JITSI_APP_ID"),
        ("jitsi_secret_missing", "JITSI_APP_SECRET"),
    ]


def test_a_server_in_a_log_line_keeps_its_secrets() -> None:
    locked = dataclasses.replace(OURS, secret="never-shown", private_key="nor-this-one")
    assert "never-shown" not in f"{locked!r} {locked}"
    assert "nor-this-one" not in f"{locked!r} {locked}"


def test_a_jaas_room_stands_under_its_customer() -> None:
    assert JAAS.room_path("kelas-1") == f"{COOKIE}/kelas-1"
    assert JAAS.script_url == f"https://8x8.vc/{COOKIE}/external_api.js"
    assert OURS.room_path("kelas-1") == "kelas-1"
    assert OURS.script_url == "https://meet.balikpapan.example/external_api.js"


def test_rooms_belong_to_the_xmpp_domain_and_never_to_a_port() -> None:
    assert dataclasses.replace(OURS, domain="meet.example:8443").muc_host == "meet.example"
    assert dataclasses.replace(OURS, xmpp_domain="meet.jitsi").muc_host == "meet.jitsi"


def test_a_generated_room_is_sound_and_carries_all_its_entropy() -> None:
    names = {room_name(bytes(15) + bytes([last])) for last in range(256)}
    assert len(names) == 256
    assert all(room_problems(name) == () for name in names)
    with pytest.raises(ValueError, match="16 random bytes"):
        room_name(b"too little")


@pytest.mark.parametrize(
    "room", ["", "*", "Algebra", "algebra_1", "kelas 1", "a/b", "phys%69cs", "-a", "a-", "a" * 64, "kelas-1\n", "kélas"]
)
def test_a_name_that_some_surface_would_read_differently_is_refused(room: str) -> None:
    (problem,) = room_problems(room)
    assert (problem.code, problem.field) == ("jitsi_room_name", "room")
