"""The Jitsi adapter with a stand-in on the other side of the frame: presence is what the conference says, no more."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from lms.sessions.jitsi.embedding import embedding
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import mint
from tests.browser.jitsi_stand_in.drive import heard, meeting_frame, names, open_meeting, settle, wait_for, wait_heard
from tests.browser.jitsi_stand_in.page import BarePage
from tests.browser.jitsi_stand_in.server import StandIn, free_port

pytestmark = pytest.mark.browser

ROOM = "kelas-percobaan"
SECRET = "a-shared-secret-of-more-than-32-bytes"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(secret=SECRET) as running:
        yield running


@pytest.fixture
def room_page(stand_in: StandIn, new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    with BarePage(stand_in.domain) as bare:
        page = new_context(ignore_https_errors=True).new_page()
        page.goto(bare.url)
        yield page


def config(stand_in: StandIn, *, ends_in: timedelta = timedelta(hours=1), **changes: Any) -> dict[str, Any]:
    """What the room page is given, made by the code that makes it."""
    server = JitsiServer(kind=ServerKind.SELF_HOSTED, domain=stand_in.domain, app_id="jembatan", secret=SECRET)
    at = datetime.fromtimestamp(time.time(), UTC)
    end = at + ends_in
    # Minted while it was still good, whatever has happened to it since.
    minted = min(at, end - timedelta(minutes=5))
    token = mint(
        server,
        room=ROOM,
        person_id=42,
        name="Ayu Lestari",
        moderator=False,
        window_end=end,
        margin=timedelta(0),
        at=minted,
    )
    return embedding(server, ROOM, token, "Ayu Lestari", "id", moderator=False) | changes


def test_joined_and_left_come_from_the_conference_alone(stand_in: StandIn, room_page: Page) -> None:
    stand_in.auto_join = False
    open_meeting(room_page, config(stand_in))
    frame = meeting_frame(room_page)
    wait_for(lambda: stand_in.callers, room_page)
    settle(room_page)
    assert names(room_page) == ["ready"]
    frame.evaluate("standIn.join()")
    wait_heard(room_page, "ready", "joined")
    frame.evaluate("standIn.leave()")
    assert wait_heard(room_page, "ready", "joined", "left") == [
        ["ready", None],
        ["joined", {"id": "own1", "breakout": False}],
        ["left", {"by": "frame"}],
    ]


def test_our_own_token_and_options_carry_a_trainee_in_without_a_click(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    assert [(room, refusal) for room, _, refusal in stand_in.callers] == [(ROOM, None)]
    frame = room_page.locator("#meeting iframe")
    assert frame.get_attribute("title") == "Meeting"
    assert (frame.bounding_box() or {})["height"] > 300


def test_an_event_told_twice_is_heard_once(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    meeting_frame(room_page).evaluate("standIn.repeat(); standIn.leave(); standIn.leave()")
    wait_heard(room_page, "ready", "joined", "left")
    settle(room_page)
    assert names(room_page) == ["ready", "joined", "left"]


def test_a_reconnect_is_heard_as_a_new_joining(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    meeting_frame(room_page).evaluate("standIn.suspend(); standIn.reconnect()")
    events = wait_heard(room_page, "ready", "joined", "suspended", "joined")
    assert [event["id"] for name, event in events if name == "joined"] == ["own1", "own2"]


def test_the_number_of_people_counts_this_one_too(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    meeting_frame(room_page).evaluate("standIn.arrive('b'); standIn.arrive('c'); standIn.depart('b')")

    def counts() -> list[int]:
        return [number for name, number in heard(room_page, counts=True) if name == "participants"]

    wait_for(lambda: counts() == [1, 2, 3, 2], room_page)


def test_leaving_hangs_up_and_keeps_the_frame(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    room_page.evaluate("window.meeting.leave()")
    assert wait_heard(room_page, "ready", "joined", "left", "closed")[2] == ["left", {"by": "frame"}]
    assert room_page.locator("#meeting iframe").count() == 1


def test_leaving_is_said_before_the_frame_is_taken_away(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    room_page.evaluate("Promise.all([window.meeting.dispose(), window.meeting.dispose()])")
    settle(room_page)
    assert [event for event in heard(room_page) if event[0] == "left"] == [["left", {"by": "frame"}]]
    assert room_page.locator("#meeting iframe").count() == 0


def test_a_frame_that_cannot_say_goodbye_is_spoken_for_by_the_page(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    meeting_frame(room_page).evaluate("standIn.deaf = true")
    room_page.evaluate("window.meeting.dispose()")
    assert heard(room_page)[2:] == [["left", {"by": "page"}]]


def test_going_to_another_page_says_goodbye_exactly_once(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    room_page.goto(f"{room_page.url}away")
    assert names(room_page) == ["ready", "joined", "left"]


def test_a_dead_server_is_named_and_no_presence_claimed(
    stand_in: StandIn, new_context: Callable[..., BrowserContext]
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    given = config(stand_in, domain=dead, script=f"https://{dead}/external_api.js")
    with BarePage(dead) as bare:
        page = new_context().new_page()
        page.goto(bare.url)
        open_meeting(page, given)
        assert heard(page) == [["failed", "jitsi_unreachable"]]
        page.evaluate("window.meeting.dispose()")
        assert names(page) == ["failed"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("missing", "jitsi_unreachable"),
        ("hangs", "jitsi_unreachable"),
        ("page", "jitsi_unreachable"),
        ("other", "jitsi_nonsense"),
    ],
)
def test_a_server_without_the_script_is_named_and_asked_anew_next_time(
    stand_in: StandIn, room_page: Page, script: str, code: str
) -> None:
    stand_in.script = script
    open_meeting(room_page, config(stand_in, scriptTimeout=700))
    assert heard(room_page) == [["failed", code]]
    stand_in.script = "served"
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "failed", "ready", "joined")


def test_a_frame_that_never_speaks_is_named(stand_in: StandIn, room_page: Page) -> None:
    stand_in.frame = "silent"
    open_meeting(room_page, config(stand_in, frameTimeout=400))
    assert wait_heard(room_page, "failed") == [["failed", "jitsi_silent"]]


def test_a_refused_token_is_renewed_once_and_the_frame_rebuilt(stand_in: StandIn, room_page: Page) -> None:
    stale, fresh = config(stand_in, ends_in=timedelta(seconds=-30)), config(stand_in)
    open_meeting(room_page, stale, fresh)
    wait_heard(room_page, "ready", "renew", "ready", "joined")
    assert [refusal for _, _, refusal in stand_in.callers] == ["Not acceptable by exp", None]
    assert room_page.locator("#meeting iframe").count() == 1


def test_a_server_that_refuses_again_is_believed(stand_in: StandIn, room_page: Page) -> None:
    stand_in.refuse_next = 2
    open_meeting(room_page, config(stand_in), config(stand_in))
    wait_heard(room_page, "ready", "renew", "ready", "failed")
    settle(room_page)
    assert heard(room_page)[3:] == [["failed", "jitsi_token_refused"]]
    assert len(stand_in.callers) == 2


@pytest.mark.parametrize(("fresh", "asked"), [(None, []), ("fails", ["renew"])])
def test_without_a_fresh_token_the_refusal_is_told(
    stand_in: StandIn, room_page: Page, fresh: str | None, asked: list[str]
) -> None:
    stand_in.refuse_next = 1
    open_meeting(room_page, config(stand_in), fresh)
    assert wait_heard(room_page, "ready", *asked, "failed")[-1] == ["failed", "jitsi_token_refused"]


def test_a_reconnect_hours_later_may_renew_again(stand_in: StandIn, room_page: Page) -> None:
    stand_in.refuse_next = 1
    open_meeting(room_page, config(stand_in), config(stand_in))
    wait_heard(room_page, "ready", "renew", "ready", "joined")
    meeting_frame(room_page).evaluate("standIn.fail('connection.passwordRequired')")
    expected = ["ready", "renew", "ready", "joined", "renew", "left", "ready", "joined"]
    assert wait_heard(room_page, *expected)[5] == ["left", {"by": "page"}]


@pytest.mark.parametrize(
    ("name", "fatal", "code"),
    [
        ("conference.max_users", True, "jitsi_full"),
        ("conference.reservationError", True, "jitsi_not_open"),
        ("conference.destroyed", True, "jitsi_ended"),
        ("connection.droppedError", False, "jitsi_connection_lost"),
        ("conference.somethingNew", True, "jitsi_failed"),
        ("conference.somethingNew", False, None),
    ],
)
def test_an_error_of_the_meeting_becomes_a_code(
    stand_in: StandIn, room_page: Page, name: str, fatal: bool, code: str | None
) -> None:
    stand_in.auto_join = False
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready")
    meeting_frame(room_page).evaluate("([name, fatal]) => standIn.fail(name, {fatal})", [name, fatal])
    meeting_frame(room_page).evaluate("standIn.tell('error-occurred', {})")
    meeting_frame(room_page).evaluate("standIn.suspend()")
    told = [["failed", code]] if code else []
    wait_for(lambda: heard(room_page)[1:] == [*told, ["suspended", None]], room_page)


def test_somebody_taken_out_by_the_moderator_is_told_and_no_longer_present(stand_in: StandIn, room_page: Page) -> None:
    open_meeting(room_page, config(stand_in))
    wait_heard(room_page, "ready", "joined")
    meeting_frame(room_page).evaluate("standIn.kick()")
    assert wait_heard(room_page, "ready", "joined", "failed", "left")[2:] == [
        ["failed", "jitsi_removed"],
        ["left", {"by": "frame"}],
    ]


def test_a_plain_server_is_linked_and_following_the_link_is_no_presence(stand_in: StandIn, room_page: Page) -> None:
    server = JitsiServer(kind=ServerKind.PLAIN, domain=stand_in.domain)
    open_meeting(room_page, embedding(server, ROOM, None, "Ayu", "en", moderator=False))
    assert room_page.get_by_text("This meeting takes place outside this page.").is_visible()
    assert room_page.locator("[data-link]:visible").count() == 1
    with room_page.expect_popup() as opened:
        room_page.get_by_role("link", name="Open the meeting in a new tab").click()
    assert opened.value.url.startswith(f"https://{stand_in.domain}/{ROOM}?lang=en#config.")
    settle(room_page)
    assert heard(room_page) == [["ready", None], ["elsewhere", {"via": "tab"}]]
    room_page.evaluate("window.meeting.dispose()")
    assert room_page.locator("#meeting > *").count() == 0


def test_a_failed_meeting_offers_the_ways_that_help(stand_in: StandIn, room_page: Page) -> None:
    links = config(stand_in)["links"]
    show = """async ([links, code]) => {
      const { showElsewhere } = await import('/static/js/sessions/meeting/elsewhere.js');
      window.takeAway?.();
      const again = () => { window.again = true; };
      window.takeAway = showElsewhere(document.getElementById('meeting'), links, { code, again });
    }"""
    room_page.evaluate(show, [links, "jitsi_unreachable"])
    assert room_page.locator("[data-code]:visible").count() == 1
    assert room_page.locator("[data-link=tab]").get_attribute("href") == links["tab"]
    room_page.get_by_role("button", name="Try again").click()
    assert room_page.evaluate("window.again")
    room_page.evaluate(show, [links, "jitsi_removed"])
    assert room_page.get_by_text("taken out of the meeting").is_visible()
    assert room_page.locator("[data-link]:visible").count() == 0
    room_page.evaluate(show, [links, "a_code_of_tomorrow"])
    assert room_page.get_by_text("cannot be shown in this page").is_visible()


def test_no_secret_of_the_server_reaches_the_page(stand_in: StandIn) -> None:
    assert SECRET not in str(config(stand_in))
