"""What the settings say becomes one server, none, or a refusal with every mistake."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lms.kernel.errors import Invalid
from lms.sessions.jitsi.rules import ServerKind
from lms.sessions.jitsi.servers import server_from_settings

SECRET = "a-shared-secret-of-more-than-32-bytes"
COOKIE = "vpaas-magic-cookie-" + "0a" * 16


@dataclass(frozen=True)
class Given:
    jitsi_domain: str = ""
    jitsi_app_id: str = ""
    jitsi_app_secret: str = ""
    jitsi_key_id: str = ""
    jitsi_xmpp_domain: str = ""
    jitsi_api_url: str = ""


def test_no_domain_means_the_practice_room() -> None:
    assert server_from_settings(Given()) is None


def test_a_secret_without_a_domain_is_a_forgotten_setting() -> None:
    with pytest.raises(Invalid) as refusal:
        server_from_settings(Given(jitsi_app_secret=SECRET))
    assert [(problem.code, problem.field) for problem in refusal.value.problems] == [
        ("jitsi_domain_missing", "JITSI_DOMAIN")
    ]


def test_a_domain_alone_is_a_plain_link() -> None:
    server = server_from_settings(Given(jitsi_domain="meet.jit.si"))
    assert server is not None
    assert server.kind is ServerKind.PLAIN


def test_domain_application_and_secret_make_our_own_server() -> None:
    server = server_from_settings(
        Given(" Meet.Balikpapan.example ", "jembatan", SECRET, "", "meet.jitsi", "http://10.0.0.5:5280/")
    )
    assert server is not None
    assert (server.kind, server.domain, server.algorithm) == (
        ServerKind.SELF_HOSTED,
        "meet.balikpapan.example",
        "HS256",
    )
    assert (server.muc_host, server.api_url) == ("meet.jitsi", "http://10.0.0.5:5280")


def test_8x8_is_jaas_and_takes_its_key_from_one_line_of_environment() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    line = key.private_bytes(serialization.Encoding.PEM, form, bare).decode().replace("\n", "\\n")
    server = server_from_settings(Given("8x8.vc", COOKIE, line, f"{COOKIE}/4f5e6d"))
    assert server is not None
    assert (server.kind, server.algorithm, server.secret) == (ServerKind.JAAS, "RS256", "")


def test_every_mistake_stops_the_start() -> None:
    with pytest.raises(Invalid) as refusal:
        server_from_settings(Given("meet.jit.si", "", "short"))
    assert [problem.code for problem in refusal.value.problems] == [
        "jitsi_domain_public",
        "jitsi_app_id_missing",
        "jitsi_secret_short",
    ]
