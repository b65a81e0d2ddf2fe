"""What the server told stands on the session's page for whoever leads it, and for nobody else."""

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from lms.attendance.models import Evidence
from lms.sessions.jitsi.signature import sign
from lms.sessions.models import JitsiEvent
from tests.factories import NINE, World
from tests.integration.jitsi_server.places import WEBHOOK
from tests.integration.jitsi_server.test_posts import MINUTE, ROOM, count, post, presence, session, stay, webhook

__all__ = ["session"]
AsPerson = Callable[[int], FlaskClient]
LINK = "https://files.8x8.example/chat?signature=secret"


def told(client: FlaskClient, kind: str, minute: float, data: Any) -> int:
    event = {
        "idempotencyKey": f"{kind}-{minute}",
        "customerId": "c",
        "eventType": kind,
        "timestamp": int((NINE + minute * MINUTE).timestamp() * 1000),
        "fqn": f"vpaas-magic-cookie-1/{ROOM}",
        "data": data,
    }
    return webhook(client, json.dumps(event).encode())


KINDS: dict[str, Any] = {
    "ROOM_CREATED": {"conference": "x", "isBreakout": False},
    "PARTICIPANT_JOINED_LOBBY": {"name": "Tamu Ketiga", "participantJid": "t@8x8.vc"},
    "ROLE_CHANGED": {"role": "moderator", "grantedBy": {}, "grantedTo": {}},
    "RECORDING_STARTED": {},
    "LIVE_STREAM_STARTED": {},
    "DIAL_IN_STARTED": {"nick": "+62 542 000", "participantJid": "d@8x8.vc"},
    "USAGE": [{"customerId": "c", "deviceId": "d"}],
    "SPEAKER_STATS": {"a@8x8.vc/1": {"time": 65_000, "name": "Ayu Lestari"}},
    "POLL_CREATED": {"question": "Sudah jelas?"},
    "POLL_ANSWER": {},
    "REACTIONS": {},
    "AGGREGATED_REACTIONS": {},
    "FEEDBACK": {"rating": 5, "comments": "<b>Bagus</b>"},
    "SCREEN_SHARING_HISTORY": [],
    "VIDEO_SEGMENT_UPLOADED": {},
    "RTCSTATS_UPLOADED": {},
    "TRANSCRIPTION_UPLOADED": {"preAuthenticatedLink": LINK},
    "TRANSCRIPTION_CHUNK_RECEIVED": {},
    "CHAT_UPLOADED": {"preAuthenticatedLink": LINK},
    "DOCUMENT_ADDED": {},
    "A_KIND_OF_NEXT_YEAR": {"anything": [1, 2]},
}


def test_every_kind_of_event_is_stored_and_none_but_stays_is_evidence(
    client: FlaskClient, world: World, session: int
) -> None:
    for number, (kind, data) in enumerate(KINDS.items()):
        assert told(client, kind, number, data) == 200
    assert (count(JitsiEvent), count(Evidence)) == (len(KINDS), 0)


def test_whoever_leads_the_session_reads_what_it_means(
    client: FlaskClient, world: World, session: int, as_person: AsPerson
) -> None:
    for number, (kind, data) in enumerate(KINDS.items()):
        told(client, kind, number, data)
    for who in (world.citra, world.iskandar):
        page = as_person(who).get(f"/sessions/{session}").text
        assert "The chat history is ready" in page and LINK.replace("&", "&amp;") in page
        assert "Tamu Ketiga" in page  # waits in the lobby
        log = as_person(who).get(f"/sessions/{session}/meeting-log").text
        for sentence in (
            "The room was opened.",
            "knocks and waits",
            "A poll: Sudah jelas?",
            "Recording began.",
            "1 min",
        ):
            assert sentence in log
        assert "&lt;b&gt;Bagus&lt;/b&gt;" in log and "A_KIND_OF_NEXT_YEAR" in log


def test_trainees_and_strangers_read_nothing_of_it(
    client: FlaskClient, world: World, session: int, as_person: AsPerson
) -> None:
    told(client, "CHAT_UPLOADED", 1, {"preAuthenticatedLink": LINK})
    page = as_person(world.ayu).get(f"/sessions/{session}").text
    assert "files.8x8.example" not in page
    assert as_person(world.ayu).get(f"/sessions/{session}/meeting-log").status_code == 403
    assert as_person(world.mallory).get(f"/sessions/{session}/meeting-log").status_code == 404


def test_waiting_in_the_lobby_is_no_presence(client: FlaskClient, world: World, session: int) -> None:
    ayu = {"id": str(world.ayu), "name": "Ayu", "participantJid": "a@8x8.vc"}
    told(client, "PARTICIPANT_JOINED_LOBBY", 1, ayu)
    assert presence(session, world.ayu) == []
    told(client, "PARTICIPANT_LEFT_LOBBY", 9, ayu)
    told(client, "PARTICIPANT_JOINED", 9, ayu)
    told(client, "PARTICIPANT_LEFT", 20, ayu | {"disconnectReason": "left"})
    assert [(span.start, span.end) for span in presence(session, world.ayu)] == [
        (NINE + 9 * MINUTE, NINE + 20 * MINUTE)
    ]


def test_what_our_own_server_tells_is_read_too(
    client: FlaskClient, world: World, session: int, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    assert "has not told of this session" in citra.get(f"/sessions/{session}/meeting-log").text
    post(client, stay("joined", world.ayu, 2))
    post(client, stay("joined", None, 3))
    log = citra.get(f"/sessions/{session}/meeting-log").text
    assert "Somebody came in." in log and "A guest came in" in log


def test_jaas_asks_how_a_room_shall_be_and_is_answered_at_once(client: FlaskClient, world: World, session: int) -> None:
    body = json.dumps({"fqn": f"vpaas-magic-cookie-1/{ROOM}"}).encode()
    unknown = json.dumps({"fqn": "vpaas-magic-cookie-1/other"}).encode()
    assert webhook(client, body) == 200
    assert webhook(client, body, "AAAA") == 401
    assert provisioned(client, body) == {"lobbyEnabled": False, "visitorsEnabled": False, "hideDisplayName": "GUEST"}
    assert provisioned(client, unknown)["lobbyType"] == "WAIT_FOR_MODERATOR"
    assert count(JitsiEvent) == 0


def provisioned(client: FlaskClient, body: bytes) -> Any:
    made_at = str(int((NINE + 60 * MINUTE).timestamp()))
    headers = {"X-Jaas-Signature": f"t={made_at},v1={sign(made_at, body, WEBHOOK)}"}
    return client.post("/jitsi/webhook", data=body, headers=headers).get_json()
