"""Answers of a meeting server, right and wrong; nobody is asked more than twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses

from lms.kernel.errors import Invalid
from lms.sessions.jitsi.client import (
    JitsiClient,
    JitsiError,
    JitsiNonsense,
    JitsiNotAsked,
    JitsiRefused,
    JitsiUnreachable,
    OpenRoom,
    Reach,
)
from lms.sessions.jitsi.rules import JitsiServer, ServerKind

API = "http://10.0.0.5:5280"
OURS = JitsiServer(
    kind=ServerKind.SELF_HOSTED,
    domain="meet.balikpapan.example",
    app_id="jembatan",
    secret="s3cret-" * 6,
    xmpp_domain="meet.jitsi",
    api_url=API,
)
SCRIPT = "https://meet.balikpapan.example/external_api.js"


class Pauses(list[float]):
    """Remembers how long the client meant to wait, and does not wait."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def client(pauses: Pauses) -> JitsiClient:
    return JitsiClient(OURS, sleep=pauses)


@responses.activate
def test_room_size_is_asked_by_literal_name_and_xmpp_domain(client: JitsiClient) -> None:
    responses.get(f"{API}/room-size?room=kelas-1&domain=meet.jitsi", body='{"participants":17}', content_type="")
    assert client.room_size("kelas-1") == 17


@responses.activate
def test_a_room_nobody_opened_has_nobody_in_it(client: JitsiClient, pauses: Pauses) -> None:
    responses.get(f"{API}/room-size", status=404)
    assert client.room_size("kelas-1") == 0
    assert pauses == []


def test_a_name_the_server_could_not_look_up_is_never_asked(client: JitsiClient) -> None:
    with pytest.raises(Invalid):
        client.room_size("Kelas 1")


@responses.activate
def test_the_census_gives_rooms_people_and_the_servers_time(client: JitsiClient) -> None:
    responses.get(
        f"{API}/room-census",
        json={
            "room_census": [
                {
                    "room_name": "kelas-1@conference.meet.jitsi",
                    "participants": 3,
                    "created_time": "1795487463250",
                    "leaked": False,
                }
            ]
        },
    )
    created = datetime(2026, 11, 24, 2, 31, 3, 250_000, tzinfo=UTC)
    assert client.room_census() == (OpenRoom("kelas-1", 3, created),)


@responses.activate
@pytest.mark.parametrize("failure", [requests.ConnectionError(), requests.ConnectTimeout(), requests.ReadTimeout()])
def test_one_silence_is_forgiven(client: JitsiClient, pauses: Pauses, failure: Exception) -> None:
    responses.get(f"{API}/room-size", body=failure)
    responses.get(f"{API}/room-size", json={"participants": 2})
    assert client.room_size("kelas-1") == 2
    assert pauses == [0.2]


@responses.activate
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (requests.ConnectionError(), "jitsi_unreachable"),
        (requests.ReadTimeout(), "jitsi_slow"),
        (requests.exceptions.SSLError(), "jitsi_certificate"),
    ],
)
def test_a_second_silence_is_believed(client: JitsiClient, failure: Exception, code: str) -> None:
    responses.get(f"{API}/room-size", body=failure)
    with pytest.raises(JitsiUnreachable) as silence:
        client.room_size("kelas-1")
    assert silence.value.said.code == code
    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_restart_behind_a_proxy_is_asked_once_more(client: JitsiClient, status: int) -> None:
    responses.get(f"{API}/room-census", status=status)
    with pytest.raises(JitsiRefused) as refusal:
        client.room_census()
    assert refusal.value.status == status
    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize("status", [301, 400, 401, 403, 500])
def test_a_refusal_is_final_and_no_redirect_followed(client: JitsiClient, status: int) -> None:
    responses.get(f"{API}/room-size", status=status, headers={"Location": "http://elsewhere.example/"})
    with pytest.raises(JitsiRefused) as refusal:
        client.room_size("kelas-1")
    assert (refusal.value.status, refusal.value.said.params["status"]) == (status, status)
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    "body",
    [
        "",
        "OK",
        "17",
        "[]",
        "null",
        "{}",
        '{"participants":"17"}',
        '{"participants":-1}',
        '{"participants":true}',
        '{"participants":1.5}',
        "<html>Welcome to nginx</html>",
        "\x00\xff",
        "[" * 100_000,
        '{"participants":1}' + " " * 1_100_000,
    ],
    ids=lambda body: body[:20],
)
def test_what_is_no_room_size_is_nonsense(client: JitsiClient, body: str) -> None:
    responses.get(f"{API}/room-size", body=body)
    with pytest.raises(JitsiNonsense):
        client.room_size("kelas-1")


@responses.activate
@pytest.mark.parametrize(
    "census",
    [
        {},
        {"room_census": {}},
        {"room_census": [None]},
        {"room_census": [{"room_name": "a@b", "participants": 1}]},
        {"room_census": [{"room_name": 7, "participants": 1, "created_time": "1"}]},
        {"room_census": [{"room_name": "a@b", "participants": 1, "created_time": "soon"}]},
        {"room_census": [{"room_name": "a@b", "participants": 1, "created_time": "9" * 30}]},
        {"room_census": [{"room_name": "a@b", "participants": 1, "created_time": "9" * 5000}]},
        {"room_census": [{"room_name": "a@b", "participants": None, "created_time": "1"}]},
    ],
)
def test_what_is_no_census_is_nonsense(client: JitsiClient, census: object) -> None:
    responses.get(f"{API}/room-census", json=census)
    with pytest.raises(JitsiNonsense):
        client.room_census()


@pytest.mark.parametrize(
    "server",
    [
        JitsiServer(kind=ServerKind.PLAIN, domain="meet.jit.si", api_url=API),
        JitsiServer(kind=ServerKind.JAAS, domain="8x8.vc", api_url=API),
        JitsiServer(kind=ServerKind.SELF_HOSTED, domain="meet.example"),
    ],
)
def test_a_server_without_a_private_address_is_not_asked(server: JitsiServer) -> None:
    with pytest.raises(JitsiNotAsked):
        JitsiClient(server).room_size("kelas-1")


@responses.activate
def test_a_server_that_serves_the_script_is_healthy(client: JitsiClient) -> None:
    responses.get(SCRIPT, body="!function(){}()", content_type="application/javascript")
    assert client.health().reach is Reach.ANSWERS


@responses.activate
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"body": requests.ConnectionError()}, "jitsi_unreachable"),
        ({"body": requests.ReadTimeout()}, "jitsi_slow"),
        ({"body": requests.exceptions.SSLError()}, "jitsi_certificate"),
        ({"status": 404}, "jitsi_refused"),
        ({"status": 302, "headers": {"Location": "https://portal.example/"}}, "jitsi_refused"),
        ({"body": "<!doctype html><p>This domain is for sale"}, "jitsi_nonsense"),
        ({"body": ""}, "jitsi_nonsense"),
    ],
)
def test_health_says_why_and_never_raises_or_asks_again(client: JitsiClient, answer: dict[str, Any], code: str) -> None:
    responses.get(SCRIPT, **answer)
    health = client.health()
    assert health.reach is Reach.SILENT
    assert health.said is not None
    assert health.said.code == code
    assert len(responses.calls) == 1


def test_every_error_is_one_kind_to_catch() -> None:
    for kind in (JitsiNotAsked, JitsiUnreachable, JitsiRefused, JitsiNonsense):
        assert issubclass(kind, JitsiError)
