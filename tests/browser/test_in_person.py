"""Present without a meeting: the code on the wall, the roster, and several people at one screen, in real browsers."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from lms.demo.people import PASSWORD
from tests.browser.conftest import PEOPLE, ROOT, DemoSite, Enter, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

# A session in one room that began a few minutes ago: the demo's live one is a teleconference.
OPEN_HALL = """
import secrets
from datetime import timedelta
from sqlalchemy import select
from lms import clock
from lms.app import create_app
from lms.db import writing
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy
from lms.settings import Settings
create_app(Settings.read())
at = clock.now()
with writing() as db:
    batch = db.scalars(select(Batch).where(Batch.name == "Angkatan II")).one()
    hall = LiveSession(
        batch_id=batch.id, mode="in_person", title_id="Latihan di loket", place="Aula", policy=Policy().stored(),
        starts_at=at - timedelta(minutes=3), ends_at=at + timedelta(minutes=177), room_name=secrets.token_hex(8),
        uid=secrets.token_hex(8), created_at=at, changed_at=at,
    )
    db.add(hall)
    db.flush()
    print(hall.id)
"""


@pytest.fixture(scope="module")
def hall(demo_site: DemoSite) -> str:
    """Address of a session of Angkatan II in one room, running now."""
    env = {**os.environ, "JEMBATAN_HOME": str(demo_site.home)}
    told = subprocess.run([sys.executable, "-c", OPEN_HALL], cwd=ROOT, env=env, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return f"/sessions/{told.stdout.strip().splitlines()[-1]}"


def line(page: Page, key: str) -> str:
    return f"[data-person]:has-text('{PEOPLE[key].name}')"


def code_on(page: Page, place: str) -> str:
    """The code this page shows, fresh enough to be used."""
    shown = page.locator(place)
    expect(shown).to_have_text(re.compile(r"^\w{3,4} \w{3,4} \w{3,4}$"))
    return shown.inner_text().replace(" ", "")


def tap(phone: Visit, code: str) -> None:
    phone.page.goto(f"/c/{code}")
    phone.page.locator("form[action='/c'] button").click()
    phone.page.wait_for_url("**/here")


def test_scanning_while_signed_out_leads_through_signing_in_to_the_live_register(enter: Enter, hall: str) -> None:
    citra, wall, phone = enter("citra"), enter("iskandar"), enter(None, **PHONE)
    register = citra.page
    register.goto(f"{hall}/register")
    ayu = register.locator(f"tr{line(register, 'ayu')}")
    expect(ayu).to_have_attribute("data-group", "missing")

    wall.page.goto(f"{hall}/projector")
    first = code_on(wall.page, "#code")
    drawn = wall.page.locator("svg.qr path").get_attribute("d")
    phone.page.goto(f"/c/{first}")
    phone.page.wait_for_url(re.compile(r"/sign-in\?next="))
    phone.page.locator("input[name=login]").fill(PEOPLE["ayu"].email or "")
    phone.page.locator("input[name=password]").fill(PASSWORD)
    phone.page.locator("input[name=password]").press("Enter")
    phone.page.wait_for_url("**/c")
    phone.page.locator("form[action='/c'] button").click()
    phone.page.wait_for_url("**/here")
    expect(phone.page.locator(".verdict")).to_have_class(re.compile("tone-good"))

    expect(ayu).to_have_attribute("data-group", "present", timeout=5_000)
    expect(ayu.locator("[data-flag=checked_in]")).to_be_visible()
    # The wall goes on by itself, and the code it showed no longer holds for whoever was sent a photograph.
    expect(wall.page.locator("#scanned")).to_have_text("1", timeout=20_000)
    expect(wall.page.locator("#code")).not_to_have_text(first)
    assert wall.page.locator("svg.qr path").get_attribute("d") != drawn
    photographed = enter("budi", **PHONE)
    photographed.page.wait_for_timeout(5_500)
    photographed.page.goto(f"/c/{first}")
    expect(photographed.page.locator(".verdict")).to_have_class(re.compile("tone-bad"))
    assert citra.complaints == wall.complaints == phone.complaints == []


def test_the_wall_hides_a_code_that_no_longer_holds(enter: Enter, hall: str) -> None:
    wall = enter("iskandar")
    wall.page.goto(f"{hall}/projector")
    code_on(wall.page, "#code")
    wall.context.set_offline(True)
    expect(wall.page.locator("#stale")).to_be_visible(timeout=30_000)
    wall.context.set_offline(False)
    expect(wall.page.locator("#stale")).to_be_hidden(timeout=15_000)


def test_the_roster_by_keyboard_by_thumb_and_without_a_line(enter: Enter, hall: str) -> None:
    citra, other = enter("citra"), enter("citra", **PHONE)
    roster, phone = citra.page, other.page
    roster.goto(f"{hall}/roster")
    phone.goto(f"{hall}/roster")
    lines = roster.locator(".roster-line")
    saved = roster.locator("#saving [data-state=saved]")
    # By keyboard: one key a person, and on to the next.
    first, second, third = (lines.nth(n) for n in (0, 1, 3))
    names = [one.locator(".roster-name").inner_text() for one in (first, second, third)]
    first.locator("button").focus()
    for key in ("h", "t", "ArrowRight", " "):
        roster.keyboard.press(key)
    for one in (first, second, third):
        expect(one.locator("button")).to_have_attribute("aria-pressed", "true")
    expect(second.locator("[data-part=since]")).to_have_text(re.compile(r"\d\d\.\d\d"))
    expect(saved).to_be_visible()
    # The other coordinator's phone follows.
    for name in names:
        expect(phone.locator(".roster-line", has_text=name)).to_have_attribute("data-state", re.compile("seen|other"))
    roster.keyboard.press("Control+z")
    expect(third.locator("button")).to_have_attribute("aria-pressed", "false")
    expect(phone.locator(".roster-line", has_text=names[2])).to_have_attribute("data-state", "away")

    # By name or number.
    roster.keyboard.press("/")
    roster.keyboard.type(PEOPLE["budi"].nip or "")
    expect(roster.locator(".roster-line:visible")).to_have_count(1)
    roster.keyboard.press("Enter")
    roster.keyboard.press("h")
    roster.locator("#search").fill("")

    # Everyone, without a line: kept on the device, sent when it is back, and undone in one step.
    before = roster.locator("#here-count").inner_text()
    citra.context.set_offline(True)
    roster.locator("#mark-all").click()
    expect(roster.locator("#here-count")).to_have_text("20")
    expect(roster.locator("#saving [data-state=offline]")).to_be_visible(timeout=15_000)
    citra.context.set_offline(False)
    expect(saved).to_be_visible(timeout=20_000)
    expect(phone.locator("#here-count")).to_have_text("20", timeout=5_000)
    roster.locator("#undo button").click()
    expect(phone.locator("#here-count")).to_have_text(before, timeout=5_000)

    # By thumb: a tap marks, another takes back; what another witness says stays.
    last = phone.locator(".roster-line").last
    last.locator("button").tap()
    expect(last).to_have_attribute("data-state", "seen")
    expect(roster.locator(".roster-line").last).to_have_attribute("data-state", "seen", timeout=5_000)
    last.locator("button").tap()
    expect(roster.locator(".roster-line").last).to_have_attribute("data-state", "away", timeout=5_000)
    roster.reload()
    expect(roster.locator("#here-count")).to_have_text(before)
    assert other.complaints == []


def test_several_people_watch_at_one_screen(enter: Enter) -> None:
    citra, ayu, guest = enter("citra"), enter("ayu"), enter("khadijah", **PHONE)
    citra.page.locator("main a[href$='/register']").first.click()
    watched = citra.page.locator(f"tr{line(citra.page, 'khadijah')}")
    ayu.page.locator("#way-in a[href$='/room']").click()
    expect(ayu.page.locator("[data-record=recording]")).to_be_visible()
    ayu.page.locator("#sharing summary").click()
    tap(guest, code_on(ayu.page, "#sharing [data-part=code]"))
    expect(guest.page.locator(".verdict")).to_contain_text(PEOPLE["ayu"].name)
    expect(watched).to_have_attribute("data-group", "present", timeout=5_000)
    expect(watched.locator("[data-flag=shares]")).to_be_visible()
    expect(ayu.page.locator("#sharing [data-part=people]")).to_contain_text(PEOPLE["khadijah"].name, timeout=20_000)
    # The screen leaves the meeting: so does who watches at it. It comes back, and so does she.
    ayu.page.locator("[data-part=leave]").click()
    expect(watched).not_to_have_attribute("data-group", "present", timeout=5_000)
    ayu.page.locator("[data-part=enter]").click()
    expect(watched).to_have_attribute("data-group", "present", timeout=5_000)
    guest.page.locator("form[action$='/here/leave'] button").click()
    guest.page.locator("dialog[open] button[value=yes]").click()
    expect(watched).not_to_have_attribute("data-group", "present", timeout=5_000)
    assert citra.complaints == ayu.complaints == guest.complaints == []
