"""What the settings say becomes servers, none, or a refusal with every mistake and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lms.kernel.errors import Invalid
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.servers import BUILT_IN, MeetingServers, only, servers_from_settings, where_to_mend
from lms.settings import JITSI_SETTINGS

SECRET = "a-shared-secret-of-more-than-32-bytes"
COOKIE = "vpaas-magic-cookie-" + "0a" * 16


@dataclass(frozen=True)
class Given:
    jitsi: Mapping[str, str] = field(default_factory=dict)
    jitsi_servers_file: str = ""


def one(domain: str, app_id: str = "", secret: str = "", **more: str) -> JitsiServer:
    named = {"JITSI_DOMAIN": domain, "JITSI_APP_ID": app_id, "JITSI_APP_SECRET": secret}
    (server,) = servers_from_settings(Given(named | more)).servers
    return server


def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, bare).decode()


def mistakes(given: Given) -> list[tuple[str, str | None]]:
    with pytest.raises(Invalid) as refusal:
        servers_from_settings(given)
    return [(problem.code, problem.field) for problem in refusal.value.problems]


def test_no_domain_means_the_built_in_room() -> None:
    found = servers_from_settings(Given(dict.fromkeys(JITSI_SETTINGS, "")))
    assert (found.servers, found.standard) == ((), "")
    assert found.of("") is None and found.key_of("") == BUILT_IN


def test_a_secret_without_a_domain_is_a_forgotten_setting() -> None:
    for name in ("JITSI_APP_SECRET", "JITSI_EVENTS_SECRET"):
        assert mistakes(Given({name: SECRET})) == [("jitsi_domain_missing", "JITSI_DOMAIN")]


def test_a_domain_alone_is_a_plain_link_and_no_witness() -> None:
    server = one("meet.jit.si", JITSI_EVENTS_SECRET="an-events-secret")
    assert server.kind is ServerKind.PLAIN
    assert not server.gives_evidence


def test_domain_application_and_secret_make_our_own_server() -> None:
    server = one(
        " Meet.Balikpapan.example ",
        "jembatan",
        SECRET,
        JITSI_XMPP_DOMAIN="meet.jitsi",
        JITSI_MUC_DOMAIN="muc.meet.jitsi",
        JITSI_API_URL="http://10.0.0.5:5280/",
        JITSI_JVB_URLS="http://10.0.0.6:8080/, http://10.0.0.7:8080",
    )
    assert (server.kind, server.domain, server.algorithm) == (
        ServerKind.SELF_HOSTED,
        "meet.balikpapan.example",
        "HS256",
    )
    assert (server.muc_host, server.rooms_host, server.api_url) == (
        "meet.jitsi",
        "muc.meet.jitsi",
        "http://10.0.0.5:5280",
    )
    assert server.jvb_urls == ("http://10.0.0.6:8080", "http://10.0.0.7:8080")
    assert one("meet.example", "jembatan", SECRET).rooms_host == "conference.meet.example"


def test_8x8_is_jaas_and_takes_its_key_from_one_line_of_environment() -> None:
    server = one("8x8.vc", COOKIE, pem().replace("\n", "\\n"), JITSI_KEY_ID=f"{COOKIE}/4f5e6d")
    assert (server.kind, server.algorithm, server.secret) == (ServerKind.JAAS, "RS256", "")


def test_every_mistake_stops_the_start() -> None:
    given = {
        "JITSI_DOMAIN": "meet.jit.si",
        "JITSI_APP_SECRET": "short",
        "JITSI_EVENTS_SECRET": "guessed",
        "JITSI_EVENTS_FROM": "office",
        "JITSI_WEBHOOK_SECRET": "0123",
        "JITSI_SYSTEM_KEY": "-----BEGIN nothing",
    }
    assert mistakes(Given(given)) == [
        ("jitsi_events_secret_short", "JITSI_EVENTS_SECRET"),
        ("jitsi_webhook_secret_form", "JITSI_WEBHOOK_SECRET"),
        ("jitsi_events_from_form", "JITSI_EVENTS_FROM"),
        ("jitsi_domain_public", "JITSI_DOMAIN"),
        ("jitsi_app_id_missing", "JITSI_APP_ID"),
        ("jitsi_secret_short", "JITSI_APP_SECRET"),
        ("jitsi_key_id_missing", "JITSI_SYSTEM_KEY_ID"),
        ("jitsi_key_unreadable", "JITSI_SYSTEM_KEY"),
    ]


LIST = """
standard = "diskominfo"
[servers.diskominfo]
title = "Server Diskominfo"
domain = "meet.diskominfo.example"
app_id = "jembatan"
secret_file = "diskominfo.pem"
key_id = "jembatan-2026"
jvb_urls = ["http://10.0.0.6:8080", "http://10.0.0.7:8080"]
events_secret = "the-events-secret-of-diskominfo"
[servers.umum]
domain = "meet.jit.si"
"""


def listed(folder: Path, text: str, **given: str) -> Given:
    (folder / "servers.toml").write_text(text, encoding="utf-8")
    (folder / "diskominfo.pem").write_text(pem(), encoding="utf-8")
    return Given(given, str(folder / "servers.toml"))


def test_a_file_names_further_servers_and_which_is_the_standard(tmp_path: Path) -> None:
    main = {"JITSI_DOMAIN": "meet.example", "JITSI_APP_ID": "jembatan", "JITSI_APP_SECRET": SECRET}
    found = servers_from_settings(listed(tmp_path, LIST, **main))
    assert [(server.key, server.kind, server.algorithm) for server in found.servers] == [
        ("main", ServerKind.SELF_HOSTED, "HS256"),
        ("diskominfo", ServerKind.SELF_HOSTED, "RS256"),
        ("umum", ServerKind.PLAIN, "HS256"),
    ]
    assert found.standard == "diskominfo"
    assert [server.name for server in found.servers] == ["meet.example", "Server Diskominfo", "meet.jit.si"]
    assert found.servers[1].jvb_urls == ("http://10.0.0.6:8080", "http://10.0.0.7:8080")
    without = servers_from_settings(listed(tmp_path, LIST.replace('standard = "diskominfo"', ""), **main))
    assert without.standard == "main"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('key_id = "jembatan-2026"', "", ("jitsi_key_id_missing", "key_id")),
        ('domain = "meet.jit.si"', 'domain = "https://meet.jit.si"', ("jitsi_domain_form", "domain")),
        ('domain = "meet.jit.si"', 'domian = "meet.jit.si"', ("jitsi_list_member", "domian")),
        ('domain = "meet.jit.si"', "domain = 7", ("jitsi_list_text", "domain")),
        ("diskominfo.pem", "lost.pem", ("jitsi_list_file", "secret_file")),
        ("[servers.umum]", "[servers.Umum]", ("jitsi_list_key", None)),
        ("[servers.umum]", "[servers.main]", ("jitsi_list_key", None)),
        ('standard = "diskominfo"', 'standard = "diskominf"', ("jitsi_list_standard", "standard")),
        ('standard = "diskominfo"', 'default = "diskominfo"', ("jitsi_list_member", "default")),
        (LIST, "standard = ", ("jitsi_list_unreadable", None)),
        (LIST, "", ("jitsi_list_empty", None)),
        (LIST, "[servers]\numum = 3", ("jitsi_list_empty", None)),
    ],
)
def test_a_mistake_in_the_file_names_its_place(
    tmp_path: Path, old: str, new: str, expected: tuple[str, str | None]
) -> None:
    given = listed(tmp_path, LIST.replace(old, new))
    with pytest.raises(Invalid) as refusal:
        servers_from_settings(given)
    assert [(problem.code, problem.field) for problem in refusal.value.problems] == [expected]
    assert str(tmp_path / "servers.toml") in str(refusal.value.problems[0].where)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert mistakes(Given({}, str(tmp_path / "none.toml"))) == [("jitsi_list_unreadable", None)]


def test_two_servers_that_prove_themselves_alike_are_refused(tmp_path: Path) -> None:
    main = {
        "JITSI_DOMAIN": "meet.example",
        "JITSI_APP_ID": "jembatan",
        "JITSI_APP_SECRET": SECRET,
        "JITSI_EVENTS_SECRET": "the-events-secret-of-diskominfo",
    }
    assert mistakes(listed(tmp_path, LIST, **main)) == [("jitsi_list_same_secret", "events_secret")]


def test_what_to_mend_is_named_where_it_is_written() -> None:
    main = JitsiServer(kind=ServerKind.PLAIN, domain="a.example", key="main")
    listed = JitsiServer(kind=ServerKind.PLAIN, domain="b.example", key="umum")
    both = "JITSI_APP_SECRET = JWT_APP_SECRET"
    assert where_to_mend(main, both) == both
    assert where_to_mend(listed, both) == "[servers.umum] secret = JWT_APP_SECRET"
    assert where_to_mend(listed, "PUBLIC_URL") == "PUBLIC_URL"


def test_a_session_keeps_its_server_and_falls_back_only_where_that_is_gone() -> None:
    old = JitsiServer(kind=ServerKind.PLAIN, domain="old.example", key="old")
    new = JitsiServer(kind=ServerKind.PLAIN, domain="new.example", key="new")
    servers = MeetingServers((old, new), "new")
    assert [servers.of(chosen) for chosen in ("old", "new", "", "sold", BUILT_IN)] == [old, new, new, new, None]
    assert [servers.is_gone(chosen) for chosen in ("old", "", "sold", BUILT_IN)] == [False, False, True, False]
    assert only(None).of("old") is None and only(old).of("") is old
