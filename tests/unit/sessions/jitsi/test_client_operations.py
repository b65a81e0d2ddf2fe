"""Jicofo and the bridges asked how they are, and a meeting ended only where no trainee could do the same."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa

from lms.kernel.errors import Invalid
from lms.sessions.jitsi.client import (
    NO_ROOM,
    BridgeStats,
    EndPoint,
    FocusStats,
    JitsiClient,
    JitsiNonsense,
    JitsiNotAsked,
    JitsiRefused,
    JitsiUnsafe,
    Reach,
)
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from tests.unit.sessions.jitsi.test_tokens import pem

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
API, FOCUS, BRIDGE = "http://10.0.0.5:5280", "http://10.0.0.5:8888", "http://10.0.0.6:8080"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OURS = JitsiServer(
    kind=ServerKind.SELF_HOSTED,
    domain="meet.balikpapan.example",
    app_id="jembatan",
    secret="s3cret-" * 6,
    xmpp_domain="meet.jitsi",
    muc_domain="muc.meet.jitsi",
    api_url=API,
    jicofo_url=FOCUS,
    jvb_urls=(BRIDGE,),
    system_key=pem(KEY),
    system_key_id="system",
)


@pytest.fixture
def client() -> JitsiClient:
    return JitsiClient(OURS, sleep=lambda _seconds: None)


@responses.activate
@pytest.mark.parametrize(
    ("answer", "reach", "code"),
    [
        ({"status": 200, "body": "OK"}, Reach.ANSWERS, None),
        ({"status": 500, "body": "no bridge"}, Reach.SICK, "jitsi_refused"),
        ({"status": 404}, Reach.SILENT, "jitsi_refused"),
        ({"body": requests.ConnectionError()}, Reach.SILENT, "jitsi_unreachable"),
    ],
)
def test_jicofo_and_bridges_say_themselves_how_they_are(
    client: JitsiClient, answer: dict[str, Any], reach: Reach, code: str | None
) -> None:
    for base, ask in ((FOCUS, client.focus_health), (BRIDGE, lambda: client.bridge_health(BRIDGE))):
        responses.get(f"{base}/about/health", **answer)
        health = ask()
        assert (health.reach, health.said.code if health.said else None) == (reach, code)
    assert len(responses.calls) == 2


@responses.activate
def test_what_they_count(client: JitsiClient) -> None:
    selector = {"bridge_count": 2, "operational_bridge_count": 1, "total_least_loaded": 9}
    responses.get(f"{FOCUS}/stats", json={"conferences": 3, "participants": 40, "bridge_selector": selector})
    responses.get(f"{FOCUS}/debug/conferences", json=["kelas-1@muc.meet.jitsi", "kelas-2@muc.meet.jitsi"])
    counts = {"conferences": 3, "participants": 40, "largest_conference": 31, "stress_level": 0.25, "version": "2.3"}
    responses.get(f"{BRIDGE}/colibri/stats", json=counts)
    assert client.focus_stats() == FocusStats(3, 40, 2, 1)
    assert client.focus_rooms() == ("kelas-1", "kelas-2")
    assert client.bridge_stats(BRIDGE) == BridgeStats(3, 40, 31, 0.25)


@responses.activate
@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        "OK",
        '{"conferences":"3","participants":1,"largest_conference":1,"bridge_selector":{}}',
        '{"conferences":3,"participants":1,"largest_conference":1,"stress_level":"high","bridge_selector":[]}',
        '{"conferences":3,"participants":1,"largest_conference":1,"stress_level":NaN,"bridge_selector":{}}',
    ],
)
def test_what_is_no_count_is_nonsense(client: JitsiClient, body: str) -> None:
    responses.get(f"{FOCUS}/stats", body=body)
    responses.get(f"{BRIDGE}/colibri/stats", body=body)
    responses.get(f"{FOCUS}/debug/conferences", body="[1]")
    for ask in (client.focus_stats, client.focus_rooms, lambda: client.bridge_stats(BRIDGE)):
        with pytest.raises(JitsiNonsense):
            ask()


def test_what_is_not_set_up_is_not_asked() -> None:
    client = JitsiClient(dataclasses.replace(OURS, jicofo_url="", jvb_urls=(), api_url=""))
    assert client.focus_health().reach is Reach.UNKNOWN
    for ask in (client.focus_stats, client.focus_rooms, lambda: client.end_meeting("kelas-1", at=AT)):
        with pytest.raises(JitsiNotAsked):
            ask()


class Prosody:
    """A `muc_end_meeting` that takes the tokens it is told to, and remembers whom it ended."""

    def __init__(self, takes_ordinary: bool) -> None:
        self.takes_ordinary = takes_ordinary
        self.rooms = {"kelas-1@muc.meet.jitsi"}
        self.asked: list[str] = []

    def __call__(self, request: Any) -> tuple[int, dict[str, str], str]:
        room = parse_qs(urlsplit(request.url).query)["conference"][0]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.asked.append(room)
        if not token:
            return 401, {}, ""
        is_system = jwt.get_unverified_header(token).get("kid") == "system"
        if is_system:
            jwt.decode(token, KEY.public_key(), algorithms=["RS256"], audience="jitsi", options={"verify_exp": False})
        if not is_system and not self.takes_ordinary:
            return 401, {}, ""
        if room not in self.rooms:
            return 404, {}, ""
        self.rooms.remove(room)
        return 200, {}, ""


@responses.activate
def test_a_meeting_is_ended_by_the_system_key_where_ordinary_tokens_are_refused(client: JitsiClient) -> None:
    prosody = Prosody(takes_ordinary=False)
    responses.add_callback("POST", f"{API}/end-meeting", prosody)
    assert client.who_may_end(at=AT) is EndPoint.GUARDED
    assert client.end_meeting("kelas-1", at=AT) is True
    assert client.end_meeting("kelas-1", at=AT) is False
    assert prosody.rooms == set()
    assert {room.partition("@")[0] for room in prosody.asked} == {NO_ROOM, "kelas-1"}


@responses.activate
def test_where_any_token_ends_meetings_none_is_ended(client: JitsiClient) -> None:
    prosody = Prosody(takes_ordinary=True)
    responses.add_callback("POST", f"{API}/end-meeting", prosody)
    assert client.who_may_end(at=AT) is EndPoint.OPEN
    with pytest.raises(JitsiUnsafe):
        client.end_meeting("kelas-1", at=AT)
    assert prosody.rooms == {"kelas-1@muc.meet.jitsi"}


@responses.activate
def test_without_the_module_or_the_key_nothing_is_ended(client: JitsiClient) -> None:
    responses.post(f"{API}/end-meeting", status=404)
    assert client.who_may_end(at=AT) is EndPoint.ABSENT
    with pytest.raises(JitsiNotAsked) as absent:
        client.end_meeting("kelas-1", at=AT)
    with pytest.raises(JitsiNotAsked) as keyless:
        JitsiClient(dataclasses.replace(OURS, system_key="")).end_meeting("kelas-1", at=AT)
    assert (absent.value.said.code, keyless.value.said.code) == ("jitsi_end_absent", "jitsi_end_no_key")


@responses.activate
def test_a_refusal_of_our_own_key_is_told_and_a_wrong_name_never_sent(client: JitsiClient) -> None:
    def prosody(request: Any) -> tuple[int, dict[str, str], str]:
        return 401, {}, json.dumps({})

    responses.add_callback("POST", f"{API}/end-meeting", prosody)
    with pytest.raises(JitsiRefused) as refusal:
        client.end_meeting("kelas-1", at=AT)
    assert refusal.value.status == 401
    before = len(responses.calls)
    with pytest.raises(Invalid):
        client.end_meeting("*", at=AT)
    assert len(responses.calls) == before
