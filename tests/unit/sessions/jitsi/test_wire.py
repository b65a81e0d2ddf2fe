"""Bodies as real servers post them, and as nobody should."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.sessions.jitsi.reservations import EXTENDABLE, Reservation, answer, conference, session_id_of
from lms.sessions.jitsi.signature import is_genuine, sign
from lms.sessions.jitsi.wire import ServerEvent, What, read_event_sync, read_jaas

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
ROOM = "sesi-k3v9x2"
ROOM_JID = f"{ROOM}@conference.meet.example.test"


def posted(event: str, **more: Any) -> bytes:
    base = {"event_name": event, "room_name": ROOM, "room_jid": ROOM_JID, "is_breakout": False}
    return json.dumps(base | more).encode()


def occupant(**more: Any) -> dict[str, Any]:
    base = {"occupant_jid": "f2dc@meet.example.test/6G3p", "joined_at": NOW - 600, "id": "7", "name": "Ayu"}
    return base | more


def test_joined_and_left_of_one_stay_belong_together() -> None:
    joined = read_event_sync(posted("muc-occupant-joined", occupant=occupant()), at=AT)
    left = read_event_sync(posted("muc-occupant-left", occupant=occupant(left_at=NOW)), at=AT)
    assert (joined.what, left.what) == (What.JOINED, What.LEFT)
    assert joined.key.removeprefix("joined") == left.key.removeprefix("left")
    assert (joined.at, left.at) == (AT - timedelta(minutes=10), AT)
    assert joined.occupants[0].person == "7"


def test_a_breakout_room_is_a_place_of_its_own_in_the_same_room() -> None:
    moved = posted("muc-occupant-joined", is_breakout=True, breakout_room_id="b-1", occupant=occupant())
    event = read_event_sync(moved, at=AT)
    assert (event.room, event.breakout) == (ROOM, "b-1")


def test_a_guest_has_no_person() -> None:
    guest = {key: value for key, value in occupant().items() if key not in ("id", "name")}
    assert read_event_sync(posted("muc-occupant-joined", occupant=guest), at=AT).occupants[0].person is None


def test_an_identity_that_is_no_text_is_none() -> None:
    event = read_event_sync(posted("muc-occupant-joined", occupant=occupant(id=7)), at=AT)
    assert event.occupants[0].person is None


def test_destroyed_lists_the_stays_it_knows() -> None:
    body = posted("muc-room-destroyed", created_at=NOW - 900, destroyed_at=NOW, all_occupants=[occupant(left_at=NOW)])
    event = read_event_sync(body, at=AT)
    assert event.what is What.ROOM_DESTROYED
    assert event.occupants[0].left_at == AT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        posted("muc-room-created"),
        posted("muc-something-else", created_at=NOW),
        posted("muc-occupant-joined"),
        posted("muc-occupant-joined", occupant=[]),
        posted("muc-occupant-joined", occupant={"joined_at": NOW}),
        posted("muc-occupant-joined", occupant=occupant(joined_at=None)),
        posted("muc-occupant-joined", occupant=occupant(joined_at=True)),
        posted("muc-occupant-joined", occupant=occupant(joined_at=NOW + 86_400)),
        posted("muc-occupant-joined", occupant=occupant(joined_at=1e308)),
        posted("muc-occupant-left", occupant=occupant()),
        posted("muc-occupant-joined", is_breakout=True, occupant=occupant()),
        json.dumps({"event_name": "muc-room-created", "created_at": NOW}).encode(),
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        read_event_sync(body, at=AT)


def jaas(kind: str, data: Any, **more: Any) -> bytes:
    base = {
        "idempotencyKey": "9e9e7420",
        "eventType": kind,
        "sessionId": "s",
        "timestamp": NOW * 1000 + 278,
        "fqn": f"vpaas-magic-cookie-0123/{ROOM}",
        "data": data,
    }
    return json.dumps(base | more).encode()


def test_a_webhook_speaks_milliseconds_and_names_the_person_of_the_token() -> None:
    event = read_jaas(jaas("PARTICIPANT_JOINED", {"id": "7", "name": "Ayu", "participantJid": "a@8x8.vc"}), at=AT)
    assert (event.what, event.room, event.occupants[0].person) == (What.JOINED, ROOM, "7")
    assert event.at == AT + timedelta(milliseconds=278)


def test_every_other_type_is_kept_though_not_interpreted() -> None:
    assert read_jaas(jaas("USAGE", [{"deviceId": "d"}]), at=AT).what is What.OTHER


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["event_name", "room_jid", "room_name", "occupant", "is_breakout", "created_at", "eventType", "data", "timestamp"]
)


@given(st.dictionaries(names, values, max_size=8) | values)
def test_any_json_is_an_event_or_refused(found: Any) -> None:
    body = json.dumps(found).encode()
    for read in (read_event_sync, read_jaas):
        try:
            assert isinstance(read(body, at=AT), ServerEvent)
        except Invalid:
            continue


# 8x8's published example: secret, time, and the signature it must give.
SECRET = "whsec_9635df66714a4cf088ee9d0979dd3bf6"


def test_a_signature_is_the_secrets_over_time_and_body() -> None:
    body = b'{"eventType":"USAGE"}'
    header = f"t={NOW},v1={sign(str(NOW), body, SECRET)}"
    assert is_genuine(header, body, SECRET, at=AT)
    assert is_genuine(f"t={NOW},v0=old,v1=AAAA=,v1={sign(str(NOW), body, SECRET)}", body, SECRET, at=AT)
    assert not is_genuine(header, body + b" ", SECRET, at=AT)
    assert not is_genuine(header, body, SECRET[:-1], at=AT)
    assert not is_genuine(header, body, "", at=AT)
    assert not is_genuine(header, body, SECRET, at=AT + timedelta(minutes=6))


@given(st.text(max_size=80))
def test_no_other_header_is_genuine(header: str) -> None:
    assert not is_genuine(header, b"{}", SECRET, at=AT)


def reserved(**more: Any) -> Reservation:
    base: dict[str, Any] = {
        "id": "session-7",
        "room": ROOM,
        "opens": AT - timedelta(minutes=15),
        "closes": AT + timedelta(hours=2),
    }
    return Reservation(**(base | more))


def test_a_reservation_is_answered_in_the_wires_terms() -> None:
    found = answer(ROOM, "x@y", reserved(), at=AT)
    assert found.status == 200
    assert found.body["id"] == "session-7" and isinstance(found.body["id"], str)
    assert found.body["name"] == ROOM
    assert found.body["mail_owner"] == "x@y"
    start = datetime.fromisoformat(found.body["start_time"])
    assert start + timedelta(seconds=found.body["duration"]) == AT + timedelta(hours=2) + EXTENDABLE


@pytest.mark.parametrize(("minutes", "status"), [(-21, 403), (-20, 200), (0, 200), (119, 200), (120, 403)])
def test_a_room_opens_a_little_before_the_doors_and_closes_with_them(minutes: int, status: int) -> None:
    assert answer(ROOM, "", reserved(), at=AT + timedelta(minutes=minutes)).status == status


def test_a_room_that_was_never_said_to_be_gone_is_a_conflict_that_points_to_the_same_reservation() -> None:
    conflict = answer(ROOM, "x@y", reserved(open_since=AT - timedelta(minutes=5)), at=AT)
    assert (conflict.status, dict(conflict.body)) == (409, {"conflict_id": "session-7"})
    pointed_to = conference(reserved(open_since=AT), "", at=AT)
    assert pointed_to.status == 200
    assert pointed_to.body == answer(ROOM, "", reserved(), at=AT).body
    assert conference(reserved(cancelled=True), "", at=AT).status == 403


def test_a_room_opens_on_the_sessions_own_server_alone() -> None:
    refused = answer(ROOM, "", reserved(elsewhere="meet.other.test"), at=AT)
    assert refused.status == 403 and refused.said is not None
    assert (refused.said.code, dict(refused.said.params)) == ("reservation_elsewhere", {"server": "meet.other.test"})


@pytest.mark.parametrize(
    ("told", "session"),
    [("session-7", 7), ("session-x", None), ("7", None), ("session-7.0", None), ("session-" + "9" * 10, None)],
)
def test_a_reservations_id_names_its_session(told: str, session: int | None) -> None:
    assert session_id_of(told) == session


def test_a_cancelled_and_an_unknown_room_say_so() -> None:
    cancelled, unknown = answer(ROOM, "", reserved(cancelled=True), at=AT), answer("x", "", None, at=AT)
    assert (cancelled.status, unknown.status) == (403, 404)
    assert cancelled.said is not None and unknown.said is not None
