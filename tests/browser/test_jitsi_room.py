"""The whole room page with a meeting server on the other side of the frame, over TLS: what it says goes on stands
beside the video, and what is pressed there reaches it by its wire names."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.browser.conftest import DemoSite, demo_served, sign_in
from tests.browser.jitsi_stand_in.drive import meeting_frame
from tests.browser.jitsi_stand_in.server import StandIn

pytestmark = pytest.mark.browser

SECRET = "a-shared-secret-of-more-than-32-bytes"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Mobile Safari/537.36"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with StandIn(secret=SECRET) as running:
        yield running


@pytest.fixture(scope="module")
def site(stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    settings = {"JITSI_DOMAIN": stand_in.domain, "JITSI_APP_ID": "jembatan", "JITSI_APP_SECRET": SECRET}
    with demo_served(tmp_path_factory.mktemp("jitsi"), **settings) as served:
        yield served


Come = Callable[..., Page]


@pytest.fixture
def come(site: DemoSite, browser: Browser) -> Iterator[Come]:
    """Gives this person's page in the room of the session that is live."""
    contexts: list[BrowserContext] = []

    def enter(key: str, **options: Any) -> Page:
        context = browser.new_context(base_url=site.url, ignore_https_errors=True, **options)
        contexts.append(context)
        page = context.new_page()
        sign_in(page, key)
        room = page.locator("a[href$='/room']").first.get_attribute("href")
        page.goto(str(room))
        return page

    yield enter
    for context in contexts:
        context.close()


def inside(page: Page) -> Frame:
    """Return the meeting's frame once attendance is being recorded."""
    expect(page.locator("[data-record=recording]")).to_be_visible()
    return meeting_frame(page)


def commands(frame: Frame) -> list[list[Any]]:
    found: list[list[Any]] = frame.evaluate("standIn.commands.splice(0)")
    return found


def test_whoever_leads_lets_in_mutes_and_ends_for_everybody(come: Come) -> None:
    page = come("iskandar")
    frame = inside(page)
    frame.evaluate("standIn.role('moderator'); standIn.knock('k1', 'Guest One'); standIn.knock('k2', 'Guest Two')")
    waiting = page.locator("[data-part=knocking] li")
    expect(waiting).to_have_count(2)
    waiting.nth(0).locator("[data-part=admit]").click()
    waiting.nth(0).locator("[data-part=refuse]").click()
    expect(page.locator("[data-part=lobby]")).to_be_hidden()
    page.locator("#leading [data-part=mute]").click()
    frame.wait_for_function("standIn.commands.length >= 3")
    assert commands(frame)[-3:] == [
        ["answer-knocking-participant", "k1", True],
        ["answer-knocking-participant", "k2", False],
        ["mute-everyone", "audio"],
    ]
    frame.evaluate("standIn.role('participant')")
    expect(page.locator("[data-part=powerless]")).to_be_visible()
    # Ending asks first; the meeting alone leaves the session's time as it is.
    times = page.locator("[data-session-times]").inner_text()
    page.locator("#leading [data-part=end]").click()
    page.locator("#end-all [data-part=end-meeting]").click()
    expect(page.locator("[data-code=jitsi_ended]")).to_be_visible()
    expect(page.locator("[data-record=left]")).to_be_visible()
    assert page.locator("[data-session-times]").inner_text() == times


def test_whoever_leads_is_warned_while_the_server_is_silent_and_no_longer(come: Come) -> None:
    page, said = come("iskandar"), ["<p>Silent</p>"]
    place, look = page.locator("#silence"), "document.dispatchEvent(new Event('visibilitychange'))"
    expect(place).to_be_hidden()
    page.route("**/register/silence", lambda route: route.fulfill(body=said[0], content_type="text/html"))
    page.evaluate(look)
    expect(place).to_have_text("Silent")
    said[0] = ""
    page.evaluate(look)
    expect(place).to_be_hidden()


def test_hands_recording_and_breakouts_are_mirrored_and_pictures_change_without_a_reload(come: Come) -> None:
    page = come("ayu")
    frame = inside(page)
    frame.evaluate("standIn.arrive('budi'); standIn.raise('budi', 1000)")
    page.locator("#stage [data-part=hand]").click()
    hands = page.locator("#stage [data-part=hands] li")
    expect(hands).to_have_count(2)
    expect(hands.nth(0)).to_contain_text("budi")
    expect(hands.nth(1).locator("[data-part=mine]")).to_be_visible()
    expect(page.locator("#stage [data-part=hand]")).to_have_attribute("aria-pressed", "true")
    frame.evaluate("standIn.depart('budi'); standIn.record(true); standIn.breakouts(['Group A', 'Group B'])")
    expect(hands).to_have_count(1)
    expect(page.locator("#stage [data-part=recording]")).to_be_visible()
    expect(page.locator("#stage [data-part=breakouts] li")).to_have_count(2)
    expect(page.locator("#leading")).to_have_count(0)
    commands(frame)
    page.locator("input[name=pictures][value=none]").check()
    frame.wait_for_function("standIn.commands.length >= 3")
    told = [["overwrite-config", {"channelLastN": 0}], ["set-audio-only", True], ["set-video-quality", 180]]
    assert commands(frame) == told
    page.locator("input[name=pictures][value=all]").check()
    frame.wait_for_function("standIn.commands.length >= 3")
    assert commands(frame)[1] == ["set-audio-only", False]
    # The choice is the device's: the next meeting begins with it.
    page.locator("input[name=pictures][value=none]").check()
    page.reload()
    assert "config.startAudioOnly=true" in inside(page).url


def test_a_goodbye_is_stored_before_the_frame_goes_and_the_way_back_is_there(come: Come) -> None:
    page = come("ayu")
    frame = inside(page)
    frame.evaluate("standIn.leave(); standIn.tell('video-ready-to-close')")
    again = page.locator("#meeting [data-part=again]")
    expect(again).to_be_visible()
    expect(page.locator("#meeting iframe")).to_have_count(0)
    expect(page.locator("[data-record=left]")).to_be_visible()
    again.click()
    inside(page)


def test_on_a_phone_there_are_three_ways_and_the_choice_is_remembered(come: Come) -> None:
    page = come("ayu", user_agent=PHONE, viewport={"width": 390, "height": 844})
    app = page.locator(".ways [data-part=app]")
    expect(app).to_be_visible()
    assert (app.get_attribute("href") or "").startswith("intent://")
    assert "?jwt=" in (app.get_attribute("href") or "")
    expect(page.locator(".ways [data-part=get]")).to_have_attribute(
        "href", "https://play.google.com/store/apps/details?id=org.jitsi.meet"
    )
    expect(page.locator("#meeting iframe")).to_have_count(0)
    page.locator(".ways [data-part=browser]").click()
    inside(page)
    page.reload()
    inside(page)
    page.locator("#other-way button").click()
    expect(page.locator(".ways")).to_be_visible()
