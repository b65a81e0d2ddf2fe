"""What stored events mean to whoever leads the session; nothing a server sends breaks the page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.sessions.jitsi.story import LINK_LIVES, Stored, Story, tell

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINK = "https://recordings.8x8.example/file?signature=x"


def jaas(kind: str, minute: float = 0, **detail: Any) -> Stored:
    body = {"eventType": kind, "data": detail}
    return Stored("jaas", AT + minute * MINUTE, json.dumps(body))


def event_sync(name: str, minute: float = 0, **more: Any) -> Stored:
    return Stored("event_sync", AT + minute * MINUTE, json.dumps({"event_name": f"muc-{name}"} | more))


def codes(*events: Stored) -> list[str]:
    return [line.code for line in tell(events, at=AT + 60 * MINUTE).lines]


def test_the_story_is_told_in_order_whatever_the_order_of_arrival() -> None:
    ayu = {"id": "7", "name": "Ayu", "participantJid": "a@8x8.vc"}
    events = [
        jaas("PARTICIPANT_LEFT", 9, **ayu),
        jaas("ROOM_CREATED", 0, conference="x"),
        jaas("PARTICIPANT_JOINED", 1, **ayu),
    ]
    assert codes(*events) == ["told_room_opened", "told_came", "told_left"]


@pytest.mark.parametrize(
    ("reason", "code"),
    [("left", "told_left"), ("kicked", "told_removed"), ("unrecoverable_error", "told_broke_off"),
     ("switch_room", "told_moved"), ("unknown", "told_left"), ("news", "told_left")],
)  # fmt: skip
def test_why_somebody_left(reason: str, code: str) -> None:
    assert codes(jaas("PARTICIPANT_LEFT", id="7", name="Ayu", disconnectReason=reason)) == [code]


def test_who_knocks_waits_until_let_in_or_gone() -> None:
    ayu, tamu = {"name": "Ayu", "participantJid": "a"}, {"name": "Tamu", "participantJid": "t"}
    knocks = [jaas("PARTICIPANT_JOINED_LOBBY", 0, **ayu), jaas("PARTICIPANT_JOINED_LOBBY", 1, **tamu)]
    assert tell(knocks, at=AT).waiting == ("Ayu", "Tamu")
    let_in = [*knocks, jaas("PARTICIPANT_LEFT_LOBBY", 2, **ayu), jaas("PARTICIPANT_JOINED", 2, **tamu)]
    assert tell(let_in, at=AT).waiting == ()
    assert tell(let_in, at=AT).lines[-1].code == "told_guest_came"


def test_a_role_is_told_by_the_names_known_from_joining() -> None:
    iskandar = jaas("PARTICIPANT_JOINED", 0, id="4", name="Iskandar", participantJid="i@8x8.vc", participantId="i1")
    ayu = jaas("PARTICIPANT_JOINED", 1, id="7", name="Ayu", participantJid="a@8x8.vc", participantId="a1")
    for by, to in (({"participantJid": "i@8x8.vc"}, {"participantJid": "a@8x8.vc"}),
                   ({"participantId": "i1"}, {"participantId": "a1"})):  # fmt: skip
        changed = jaas("ROLE_CHANGED", 2, role="moderator", grantedBy=by, grantedTo=to)
        line = tell([iskandar, ayu, changed], at=AT).lines[-1]
        assert (line.code, dict(line.params)) == ("told_moderator", {"who": "Ayu", "by": "Iskandar"})


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("RECORDING_UPLOADED", "told_recording_ready"),
        ("TRANSCRIPTION_UPLOADED", "told_transcript_ready"),
        ("CHAT_UPLOADED", "told_chat_ready"),
    ],
)
def test_a_link_is_offered_while_it_lives(kind: str, code: str) -> None:
    event = jaas(kind, preAuthenticatedLink=LINK, durationSec=61)
    (alive,) = tell([event], at=AT + LINK_LIVES - MINUTE).lines
    (dead,) = tell([event], at=AT + LINK_LIVES).lines
    assert (alive.code, alive.link, alive.link_until) == (code, LINK, AT + LINK_LIVES)
    assert (dead.link, dead.link_until) == ("", AT + LINK_LIVES)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://plain.example/x", "data:text/html,x", "", None, 7])
def test_what_is_no_safe_link_is_never_offered(link: Any) -> None:
    (line,) = tell([jaas("CHAT_UPLOADED", preAuthenticatedLink=link)], at=AT).lines
    assert line.link == ""


def test_a_recorder_that_comes_and_goes_is_a_recording_and_no_guest() -> None:
    jibri = {"occupant_jid": "recorder@hidden.meet.example.test/Q3", "total_dominant_speaker_time": 0}
    events = [event_sync("occupant-joined", 1, occupant=jibri), event_sync("occupant-left", 9, occupant=jibri)]
    assert codes(*events) == ["told_recording_started", "told_recording_ended"]
    assert tell(events, at=AT).came == 0


def test_who_spoke_is_added_up_from_either_sender() -> None:
    stay = {"occupant_jid": "a/1", "id": "7", "name": "Ayu"}
    told = tell(
        [
            event_sync("occupant-left", 5, occupant=stay | {"total_dominant_speaker_time": 90_000}),
            event_sync("occupant-left", 9, occupant=stay | {"total_dominant_speaker_time": 30_000}),
            jaas("SPEAKER_STATS", 10, **{"b@8x8.vc/1": {"time": 200_000, "name": "Budi", "id": "8"}}),
        ],
        at=AT,
    )
    assert told.speaking == (("Budi", timedelta(seconds=200)), ("Ayu", timedelta(seconds=120)))
    assert told.others == ()


def test_what_means_nothing_to_a_lecture_is_counted() -> None:
    told = tell([jaas("USAGE"), jaas("USAGE"), jaas("REACTIONS"), jaas("TYPE_OF_NEXT_YEAR")], at=AT)
    assert told == Story(others=(("REACTIONS", 1), ("TYPE_OF_NEXT_YEAR", 1), ("USAGE", 2)))


def test_breakout_rooms_and_coming_and_going_are_light_lines() -> None:
    told = tell(
        [event_sync("room-created", breakout_room_id="b1"), event_sync("occupant-joined", occupant={"id": "7"})], at=AT
    )
    assert [(line.code, line.weighty) for line in told.lines] == [
        ("told_room_opened_breakout", False),
        ("told_came", False),
    ]
    assert told.came == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("id", "name", "participantJid", "durationSec", "rating", "comments", "grantedTo", "disconnectReason", "time",
         "preAuthenticatedLink", "total_dominant_speaker_time", "question", "breakoutRoomId")  # fmt: skip
KINDS = ("ROLE_CHANGED", "FEEDBACK", "SPEAKER_STATS", "POLL_CREATED", "RECORDING_UPLOADED", "PARTICIPANT_LEFT",
         "PARTICIPANT_JOINED_LOBBY", "USAGE")  # fmt: skip


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), json_values), json_values)
def test_whatever_stands_in_an_event_it_is_told_or_left_out(kind: str, detail: dict[str, Any], data: Any) -> None:
    events = [jaas(kind, **detail), Stored("jaas", AT, json.dumps({"eventType": kind, "data": data}))]
    for sender in ("jaas", "event_sync"):
        story = tell([*events, Stored(sender, AT, json.dumps(data)), Stored(sender, AT, "{")], at=AT)
        assert all(line.code.startswith("told_") for line in story.lines)
