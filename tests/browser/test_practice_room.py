"""The practice room: the same events as a real meeting, people by name, and a camera only when asked for."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.jitsi_stand_in.drive import heard, names, open_meeting, wait_for
from tests.browser.jitsi_stand_in.page import BarePage

pytestmark = pytest.mark.browser

# A device that the browser of a test machine has not got: a picture from a canvas, as a real stream.
CAMERA = """navigator.mediaDevices.getUserMedia = async (wish) => {
  window.asked = wish;
  await new Promise((resolve) => setTimeout(resolve, window.slow ?? 0));
  if (window.refusal) throw new DOMException('no', window.refusal);
  window.stream = document.createElement('canvas').captureStream();
  return window.stream;
};"""


@pytest.fixture
def room_page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    with BarePage() as bare:
        page = new_context().new_page()
        page.add_init_script(CAMERA)
        page.goto(bare.url)
        yield page


def config(**changes: Any) -> dict[str, Any]:
    return {"kind": "practice", "displayName": "Ayu Lestari"} | changes


def test_entering_leaving_and_entering_again_speak_as_a_meeting_does(room_page: Page) -> None:
    open_meeting(room_page, config())
    room_page.get_by_role("button", name="Leave").click()
    room_page.get_by_role("button", name="Enter the practice room").click()
    events = heard(room_page)
    assert [name for name, _ in events] == ["ready", "joined", "left", "joined"]
    ids = [event["id"] for name, event in events if name == "joined"]
    assert len(set(ids)) == 2
    assert all(one.startswith("practice-") and len(one) == 25 for one in ids)


def test_it_says_what_it_is(room_page: Page) -> None:
    open_meeting(room_page, config())
    expect(room_page.get_by_text("This is a practice room")).to_be_visible()
    expect(room_page.get_by_text("Ayu Lestari")).to_be_visible()


def test_it_waits_at_the_door_when_told_to(room_page: Page) -> None:
    open_meeting(room_page, config(autoEnter=False))
    assert names(room_page) == ["ready"]
    room_page.get_by_role("button", name="Enter the practice room").click()
    assert names(room_page) == ["ready", "joined"]


def test_disposing_leaves_once_and_takes_everything_away(room_page: Page) -> None:
    open_meeting(room_page, config())
    room_page.evaluate("Promise.all([window.meeting.leave(), window.meeting.dispose(), window.meeting.dispose()])")
    assert names(room_page) == ["ready", "joined", "left", "deaf"]
    assert room_page.locator("#meeting > *").count() == 0


def test_going_to_another_page_leaves(room_page: Page) -> None:
    open_meeting(room_page, config())
    room_page.goto(f"{room_page.url}away")
    assert names(room_page) == ["ready", "joined", "left"]


def test_who_is_here_is_listed_as_text_whatever_people_are_called(room_page: Page) -> None:
    open_meeting(room_page, config())
    expect(room_page.get_by_text("Nobody else is here yet.")).to_be_visible()
    people = [
        {"id": 1, "name": "Ayu Lestari", "me": True},
        {"id": 2, "name": "<img src=x onerror=alert(1)> Budi", "me": False},
    ]
    room_page.evaluate("(people) => window.tellPeople(people)", people)
    lines = room_page.locator("[data-part=people] li")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("Ayu Lestari")
    expect(lines.nth(0).get_by_text("(you)")).to_be_visible()
    expect(lines.nth(1)).to_contain_text("<img src=x onerror=alert(1)> Budi")
    expect(lines.nth(1).get_by_text("(you)")).to_be_hidden()
    expect(room_page.get_by_text("Nobody else is here yet.")).to_be_hidden()
    assert heard(room_page, counts=True)[-1] == ["participants", 2]
    room_page.evaluate("(people) => window.tellPeople(people)", people[:1])
    expect(lines).to_have_count(1)
    expect(room_page.get_by_text("Nobody else is here yet.")).to_be_visible()


def test_the_camera_is_asked_for_by_a_click_and_switched_off_by_leaving(room_page: Page) -> None:
    open_meeting(room_page, config())
    assert room_page.evaluate("window.asked") is None
    room_page.get_by_role("button", name="Turn on my camera").press("Enter")
    expect(room_page.locator("video")).to_be_visible()
    assert room_page.evaluate("window.asked.audio") is False
    # The button that was used is gone; the keyboard is on one that can be used next.
    assert room_page.evaluate("document.activeElement.dataset.part") == "camera-off"
    room_page.get_by_role("button", name="Leave").click()
    expect(room_page.locator("video")).to_be_hidden()
    assert room_page.evaluate("window.stream.getTracks().map((track) => track.readyState)") == ["ended"]


def test_a_camera_allowed_after_leaving_is_switched_off_at_once(room_page: Page) -> None:
    open_meeting(room_page, config())
    room_page.evaluate("window.slow = 300")
    room_page.get_by_role("button", name="Turn on my camera").click()
    room_page.get_by_role("button", name="Leave").click()
    wait_for(lambda: room_page.evaluate("window.stream?.getTracks()[0].readyState") == "ended", room_page)
    expect(room_page.locator("video")).to_be_hidden()


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("NotAllowedError", "The camera was not allowed."),
        ("NotFoundError", "no camera that can be used"),
        ("NotReadableError", "Another program is using the camera."),
        ("UnknownError", "The camera could not be started"),
    ],
)
def test_a_camera_that_does_not_start_is_explained_and_nobody_is_put_out(
    room_page: Page, refusal: str, words: str
) -> None:
    open_meeting(room_page, config())
    room_page.evaluate("(refusal) => { window.refusal = refusal; }", refusal)
    room_page.get_by_role("button", name="Turn on my camera").click()
    expect(room_page.get_by_text(words)).to_be_visible()
    expect(room_page.locator("[data-say]:visible")).to_have_count(1)
    assert names(room_page) == ["ready", "joined"]


def test_a_plain_address_says_that_cameras_need_https(room_page: Page) -> None:
    room_page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    open_meeting(room_page, config())
    room_page.get_by_role("button", name="Turn on my camera").click()
    expect(room_page.get_by_text("only on a secure address (https)")).to_be_visible()
