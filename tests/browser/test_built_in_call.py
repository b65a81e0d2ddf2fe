"""The built-in room carries sound and picture both ways between two browsers, and tells a seventh why not."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from lms.sessions.calls import MOST_PLACES
from tests.browser.conftest import DemoSite, sign_in

pytestmark = pytest.mark.browser

# A green picture with a beep, and nobody to click "Allow"; a tab given to whoever asks for the screen.
FAKE = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
]

KEEP_CONNECTIONS = """const Real = window.RTCPeerConnection;
window.connections = [];
window.RTCPeerConnection = class extends Real {
  constructor(...given) { super(...given); window.connections.push(this); }
};"""

# What has come in by each line: kind → bytes, and how loud and how many pictures.
RECEIVED = """async () => {
  const found = { audio: 0, video: 0, energy: 0, frames: 0 };
  for (const connection of window.connections) {
    if (connection.connectionState === 'closed') continue;
    (await connection.getStats()).forEach((one) => {
      if (one.type !== 'inbound-rtp') return;
      found[one.kind] += one.bytesReceived;
      found.energy += one.totalAudioEnergy ?? 0;
      found.frames += one.framesDecoded ?? 0;
    });
  }
  return found;
}"""


@pytest.fixture(scope="module")
def fake_devices(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser whose camera and microphone are made up."""
    given = browser_type_launch_args | {"args": [*browser_type_launch_args.get("args", []), *FAKE]}
    browser = browser_type.launch(**given)
    yield browser
    browser.close()


def come(browser: Browser, site: DemoSite, key: str) -> Page:
    """Return this person's page in the room of the session that runs now."""
    context = browser.new_context(base_url=site.url, locale="en-GB", permissions=["camera", "microphone"])
    context.set_default_timeout(20_000)
    context.add_init_script(KEEP_CONNECTIONS)
    page = context.new_page()
    sign_in(page, key)
    # Without the meeting, to choose the language.
    return page


def enter_room(page: Page, room: str) -> None:
    page.goto(room)
    page.wait_for_selector("section.practice[data-state=inside]")


def received(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(RECEIVED)
    return found


def wait_until(page: Page, holds: Any, seconds: float = 30) -> None:
    for _ in range(int(seconds * 5)):
        if holds():
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"not so within {seconds} s: {received(page)}")


def flows(page: Page, *what: str) -> None:
    """Wait until more of each has come in than a moment ago."""
    before = received(page)
    wait_until(page, lambda: all(received(page)[one] > before[one] for one in what))


@pytest.fixture
def room(fake_devices: Browser, demo_site: DemoSite) -> str:
    """The address of the room of the session that runs now."""
    page = come(fake_devices, demo_site, "ayu")
    page.goto("/")
    link = page.locator("a[href$='/room']").first.get_attribute("href")
    page.context.close()
    assert link is not None
    return link


def switch(page: Page, part: str) -> None:
    page.locator(f"section.practice [data-part={part}]").click()


def test_sound_and_picture_flow_both_ways(fake_devices: Browser, demo_site: DemoSite, room: str) -> None:
    ayu, budi = (come(fake_devices, demo_site, key) for key in ("ayu", "budi"))
    for page in (ayu, budi):
        enter_room(page, room)
    for page in (ayu, budi):
        switch(page, "camera-on")
        switch(page, "audio-on")
    for page, other in ((ayu, "Budi"), (budi, "Ayu")):
        tile = page.locator(".practice-other")
        expect(tile).to_have_count(1)
        expect(tile.locator("[data-part=name]")).to_contain_text(other)
        expect(tile.locator("video[data-part=camera]")).to_be_visible()
        expect(tile).to_have_attribute("data-state", "connected")
        flows(page, "audio", "video", "energy", "frames")
        moment = tile.locator("video[data-part=camera]").evaluate("(video) => video.currentTime")
        wait_until(
            page, lambda t=tile, m=moment: t.locator("video[data-part=camera]").evaluate("v => v.currentTime") > m
        )
        assert tile.locator("audio").evaluate("(a) => !a.paused && !a.muted && !a.srcObject.getTracks()[0].muted")

    # Off is off for the other one, too, and on again needs no new beginning.
    switch(ayu, "camera-off")
    expect(budi.locator(".practice-other video[data-part=camera]")).to_be_hidden()
    switch(ayu, "audio-off")
    expect(budi.locator(".practice-other [data-part=silent]")).to_be_visible()
    switch(ayu, "camera-on")
    expect(budi.locator(".practice-other video[data-part=camera]")).to_be_visible()
    flows(budi, "frames")

    # A shared screen stands beside the face.
    switch(ayu, "screen-on")
    expect(budi.locator(".practice-other video[data-part=screen]")).to_be_visible()
    switch(ayu, "screen-off")
    expect(budi.locator(".practice-other video[data-part=screen]")).to_be_hidden()

    # After the line to the server broke, both find each other again by themselves.
    ayu.context.set_offline(True)
    expect(budi.locator(".practice-other")).to_have_count(0, timeout=40_000)
    ayu.context.set_offline(False)
    expect(budi.locator(".practice-other")).to_have_attribute("data-state", "connected", timeout=40_000)
    flows(budi, "frames")

    switch(ayu, "leave")
    expect(budi.locator(".practice-other")).to_have_count(0)
    for page in (ayu, budi):
        page.context.close()


def test_a_seventh_is_told_why_and_comes_in_when_there_is_a_place(
    fake_devices: Browser, demo_site: DemoSite, room: str
) -> None:
    page = come(fake_devices, demo_site, "ayu")
    pages = [page]
    for _ in range(MOST_PLACES):
        pages.append(page.context.new_page())
    for one in pages[:MOST_PLACES]:
        enter_room(one, room)
    seventh = pages[-1]
    enter_room(seventh, room)
    expect(seventh.locator("[data-call=call_full]")).to_be_visible()
    expect(seventh.locator("[data-call=call_full]")).to_contain_text("JITSI_DOMAIN")
    expect(seventh.locator(".practice-other")).to_have_count(0)
    # In the room all the same: her attendance does not hang on sound and picture.
    expect(seventh.locator("[data-record=recording]")).to_be_visible()
    expect(pages[0].locator(".practice-other")).to_have_count(MOST_PLACES - 1)
    pages[1].locator("section.practice [data-part=leave]").click()
    seventh.locator("section.practice [data-part=again]").click()
    expect(seventh.locator(".practice-other")).to_have_count(MOST_PLACES - 1)
    expect(seventh.locator("[data-call=call_full]")).to_be_hidden()
    page.context.close()


def test_whoever_leads_mutes_all_and_ends_and_pictures_are_spared(
    fake_devices: Browser, demo_site: DemoSite, room: str
) -> None:
    leader, ayu = (come(fake_devices, demo_site, key) for key in ("iskandar", "ayu"))
    for page in (leader, ayu):
        enter_room(page, room)
    switch(ayu, "audio-on")
    switch(ayu, "camera-on")
    picture = leader.locator(".practice-other video[data-part=camera]")
    expect(picture).to_be_visible()
    flows(leader, "frames")
    leader.locator("input[name=pictures][value=none]").check()
    expect(picture).to_be_hidden()
    # Not only hidden: it is no longer sent.
    wait_until(leader, lambda: _stands_still(leader, "frames"))
    leader.locator("#leading [data-part=mute]").click()
    expect(ayu.locator("section.practice [data-part=audio-on]")).to_be_visible()
    expect(ayu.locator("#stage [data-part=muted]")).to_contain_text("Iskandar")
    leader.locator("#leading [data-part=end]").click()
    leader.locator("#end-all [data-part=end-meeting]").click()
    expect(ayu.locator("[data-code=jitsi_ended]")).to_be_visible()
    expect(ayu.locator("[data-record=left]")).to_be_visible()
    for page in (leader, ayu):
        page.context.close()


def _stands_still(page: Page, what: str) -> bool:
    before = received(page)[what]
    page.wait_for_timeout(600)
    return received(page)[what] == before


def test_a_device_is_tested_before_the_room(fake_devices: Browser, demo_site: DemoSite, room: str) -> None:
    page = come(fake_devices, demo_site, "ayu")
    page.goto(room.replace("/room", "/check"))
    page.locator("[data-part=all]").click()
    for part in ("camera", "microphone", "line"):
        expect(page.locator(f"[data-check={part}]")).to_have_attribute("data-state", "ok")
    page.locator("[data-check=speaker] [data-part=no]").click()
    expect(page.locator("[data-check=speaker] [data-code=unheard]")).to_be_visible()
    page.locator("form[action$='/enter'] button").click()
    page.wait_for_url("**/room")
    page.context.close()


def test_a_recording_counts_what_really_played(fake_devices: Browser, demo_site: DemoSite) -> None:
    page = come(fake_devices, demo_site, "ayu")
    page.goto("/recordings/1")
    film = page.locator("#film video")
    with page.expect_response("**/played"):
        film.evaluate("(video) => { video.muted = true; return video.play(); }")
    wait_until(page, lambda: film.evaluate("(video) => video.currentTime > 2"))
    # What is jumped over does not count.
    film.evaluate("(video) => { video.currentTime = 600; }")
    wait_until(page, lambda: film.evaluate("(video) => video.currentTime > 601"))
    with page.expect_response("**/played") as told:
        film.evaluate("(video) => video.pause()")
    assert 2 <= told.value.json()["seconds"] <= 30
    page.context.close()
