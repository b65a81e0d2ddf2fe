"""What the room page is given: the frame's options, links that carry the token, and no more allowed than needed."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lms.sessions.jitsi.embedding import embedded_host, embedding
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import Token, mint

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
OURS = JitsiServer(
    kind=ServerKind.SELF_HOSTED, domain="meet.balikpapan.example:8443", app_id="jembatan", secret="s3cret-" * 6
)
PLAIN = JitsiServer(kind=ServerKind.PLAIN, domain="meet.jit.si")


@pytest.fixture
def token() -> Token:
    return mint(
        OURS,
        room="kelas-1",
        person_id="42",
        name="Ayu",
        moderator=False,
        window_end=AT + timedelta(hours=1),
        margin=timedelta(minutes=30),
        at=AT,
    )


def test_the_page_gets_everything_the_frame_is_made_of(token: Token) -> None:
    config = embedding(OURS, "kelas-1", token, "Ayu Lestari", "id", moderator=False)
    assert json.loads(json.dumps(config)) == config
    assert config["kind"] == "jitsi"
    assert config["domain"] == "meet.balikpapan.example:8443"
    assert config["script"] == "https://meet.balikpapan.example:8443/external_api.js"
    assert (config["roomName"], config["jwt"], config["lang"]) == ("kelas-1", token.reveal(), "id")
    assert config["userInfo"] == {"displayName": "Ayu Lestari"}


def test_entering_is_one_click_under_the_name_the_platform_knows(token: Token) -> None:
    options = embedding(OURS, "kelas-1", token, "Ayu", "id", moderator=False)["configOverwrite"]
    assert options["prejoinConfig"] == {"enabled": False}
    assert options["readOnlyName"] is options["disableProfile"] is options["disableInviteFunctions"] is True
    assert options["deeplinking"] == {"disabled": True}
    assert options["disableBeforeUnloadHandlers"] is False


@pytest.mark.parametrize(("moderator", "muted"), [(True, False), (False, True)])
def test_trainees_enter_muted_and_without_picture(token: Token, moderator: bool, muted: bool) -> None:
    options = embedding(OURS, "kelas-1", token, "Ayu", "id", moderator=moderator)["configOverwrite"]
    assert options["startWithVideoMuted"] is options["startWithAudioMuted"] is muted
    assert options["resolution"] == 360


@pytest.mark.parametrize("may_record", [True, False])
def test_a_meeting_nobody_was_told_of_offers_no_recording(token: Token, may_record: bool) -> None:
    config = embedding(OURS, "kelas-1", token, "Ayu", "id", moderator=True, may_record=may_record)
    options = config["configOverwrite"]
    assert options.get("recordingService") == (None if may_record else {"enabled": False})
    assert options["localRecording"] == {"disable": True}


def test_the_meeting_shows_the_sessions_title_instead_of_the_rooms_name(token: Token) -> None:
    titled = embedding(OURS, "kelas-1", token, "Ayu", "id", moderator=False, title="Melayani & menata")
    assert titled["configOverwrite"]["localSubject"] == "Melayani & menata"


def test_a_tab_opens_the_same_room_with_the_same_settings(token: Token) -> None:
    config = embedding(OURS, "kelas-1", token, "Ayu", "id", moderator=False, title="Melayani & menata")
    tab = urlsplit(config["links"]["tab"])
    assert (tab.scheme, tab.netloc, tab.path) == ("https", "meet.balikpapan.example:8443", "/kelas-1")
    assert parse_qs(tab.query) == {"jwt": [token.reveal()], "lang": ["id"]}
    carried = dict(piece.split("=", 1) for piece in tab.fragment.split("&"))
    assert {key.removeprefix("config."): json.loads(unquote(value)) for key, value in carried.items()} == config[
        "configOverwrite"
    ]


def test_the_app_is_opened_with_the_token_carried_along(token: Token) -> None:
    links = embedding(OURS, "kelas-1", token, "Ayu", "id", moderator=False)["links"]
    here = f"meet.balikpapan.example:8443/kelas-1?jwt={token.reveal()}"
    assert links["android"] == f"intent://{here}#Intent;scheme=org.jitsi.meet;package=org.jitsi.meet;end"
    assert links["ios"] == f"org.jitsi.meet://{here}"


def test_a_plain_server_is_linked_and_never_embedded() -> None:
    config = embedding(PLAIN, "kelas-1", None, "Ayu", "en", moderator=True)
    assert set(config) == {"kind", "lang", "links"}
    assert config["kind"] == "link"
    assert config["links"]["tab"].startswith("https://meet.jit.si/kelas-1?lang=en#")
    assert config["links"]["ios"] == "org.jitsi.meet://meet.jit.si/kelas-1"


def test_an_embedded_meeting_without_a_token_is_refused() -> None:
    with pytest.raises(ValueError, match="token"):
        embedding(OURS, "kelas-1", None, "Ayu", "id", moderator=False)


def test_only_the_configured_host_is_allowed_in() -> None:
    assert embedded_host(OURS) == "meet.balikpapan.example:8443"


@pytest.mark.parametrize("server", [None, PLAIN])
def test_where_nothing_is_embedded_nobody_is_allowed_in(server: JitsiServer | None) -> None:
    assert embedded_host(server) == ""
