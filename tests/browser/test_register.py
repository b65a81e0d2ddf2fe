"""The live register of more people than a page draws: counts stay right, lines come as they are needed, and it is found
one's way in by keyboard, by what is typed, on a phone, and without script."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from lms.accounts.models import Person
from lms.attendance.service.register import read_lines
from lms.db import Database
from lms.programmes.models import Programme
from lms.sessions.models import LiveSession
from tests.browser.conftest import PEOPLE, DemoSite, Enter
from tests.factories import enrol
from tests.load.multitude import make_multitude, witness

pytestmark = pytest.mark.browser

EVERYONE = 300


@contextmanager
def opened(site: DemoSite) -> Iterator[Database]:
    database = Database(f"sqlite:///{site.home / 'jembatan.sqlite'}")
    try:
        yield database
    finally:
        database.dispose()


@dataclass(frozen=True)
class Hall:
    """A lecture of three hundred that runs; most have not come."""

    site: DemoSite
    session: int

    @property
    def address(self) -> str:
        return f"/sessions/{self.session}/register"

    def missing(self) -> int:
        """Return how many are missing now: a test that tries once more finds those it saw the first time."""
        with opened(self.site) as database, database.reading() as db:
            lines = read_lines(db, db.get_one(LiveSession, self.session), at=datetime.now(UTC))
        return sum(line.group == "missing" for line in lines)


@pytest.fixture(scope="module")
def hall(demo_site: DemoSite) -> Hall:
    now = datetime.now(UTC)
    with opened(demo_site) as database:
        with database.writing() as db:
            programme = db.scalars(select(Programme.id)).first()
            assert programme is not None
            crowd = make_multitude(db, programme, people=EVERYONE, starts=[now - timedelta(minutes=20)])
            citra = db.scalars(select(Person.id).where(Person.email == PEOPLE["citra"].email)).one()
            enrol(db, crowd.batch, citra, "coordinator", starts_at=now - timedelta(days=1))
            session = db.get_one(LiveSession, crowd.sessions[0])
            witness(db, session, crowd.people[:60], until=now)
    return Hall(demo_site, crowd.sessions[0])


def lines_of(page: Page, group: str) -> Locator:
    return page.locator(f"[data-group-body={group}] tr[data-person]")


def tile(page: Page, name: str) -> Locator:
    return page.locator(f"[data-tile={name}] .tile-value")


def see(page: Page, number: int) -> None:
    """Have the coordinator see so many of the missing who are drawn, all at once, as the page's own form does."""
    page.evaluate(
        """async (number) => {
          const form = new FormData(document.getElementById("seen-start"));
          const rows = [...document.querySelectorAll("[data-group-body=missing] tr[data-person]")];
          for (const row of rows.slice(0, number)) form.append("people", row.dataset.person);
          await fetch(document.getElementById("seen-start").action, { method: "POST", body: form, redirect: "manual" });
        }""",
        number,
    )


def test_a_hundred_of_a_group_are_drawn_and_more_come_as_those_leave(enter: Enter, hall: Hall) -> None:
    citra, missing = enter("citra"), hall.missing()
    page = citra.page
    page.goto(hall.address)
    expect(tile(page, "expected")).to_have_text(str(EVERYONE))
    expect(tile(page, "missing")).to_have_text(str(missing))
    assert lines_of(page, "missing").count() == 100
    were_here = int(tile(page, "present").inner_text())

    see(page, 60)
    expect(tile(page, "present")).to_have_text(str(were_here + 60))
    expect(tile(page, "missing")).to_have_text(str(missing - 60))
    expect(lines_of(page, "missing")).to_have_count(100)
    expect(page.locator("[data-more=missing]")).to_have_text(str(missing - 160))
    names = lines_of(page, "missing").locator(".line-name").all_text_contents()
    assert len(set(names)) > 90
    # The newcomers stand among the others by name.
    here = [name.casefold() for name in lines_of(page, "present").locator(".line-name").all_text_contents()]
    assert here == sorted(here)

    page.locator("[data-group-body=missing] .lines-more a").click()
    page.wait_for_url("**all=missing*")
    expect(lines_of(page, "missing")).to_have_count(missing - 60)
    assert citra.complaints == []


def test_what_is_typed_narrows_the_lines_and_stands_in_the_address(enter: Enter, hall: Hall) -> None:
    page = enter("citra").page
    page.goto(hall.address)
    page.keyboard.press("/")
    expect(page.locator("#f-q")).to_be_focused()
    page.keyboard.type("siregar")
    page.wait_for_url("**/register?q=siregar")
    expect(page.locator("#f-q")).to_be_focused()
    names = page.locator("tr[data-person] .line-name").all_text_contents()
    assert names and all("siregar" in name.casefold() for name in names)
    expect(tile(page, "expected")).to_have_text(str(len(names)))
    sent = page.url
    page.goto(sent)
    assert page.locator("tr[data-person] .line-name").all_text_contents() == names


def test_lines_are_walked_by_keyboard_and_enter_tells_why(enter: Enter, hall: Hall) -> None:
    page = enter("citra").page
    page.goto(hall.address)
    expect(page.locator("#keys")).to_be_visible()
    first, second = (lines_of(page, "missing").nth(number) for number in (0, 1))
    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(first).to_be_focused()
    person = first.get_attribute("data-person")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/register/{person}")


def open_menu(page: Page, line: Locator) -> None:
    # A menu closes when its line is scrolled away; the scrolling there is over first.
    line.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    line.locator("[data-acts]").click()


def test_the_menu_of_a_line_marks_one_person(enter: Enter, hall: Hall) -> None:
    citra = enter("citra")
    page = citra.page
    page.goto(hall.address)
    line = lines_of(page, "missing").nth(3)
    person = line.get_attribute("data-person")
    open_menu(page, line)
    with page.expect_navigation():
        page.locator("button[form=seen-now]:visible").click()
    expect(page.locator(f"tr[data-person='{person}']")).to_have_attribute("data-group", "present")
    line = page.locator(f"tr[data-person='{person}']")
    open_menu(page, line)
    with page.expect_navigation():
        page.locator("button[form=on-person]:visible").click()
    expect(line).to_have_attribute("data-group", "missing")
    assert citra.complaints == []


def test_on_a_phone_whoever_is_here_takes_one_line_and_whoever_is_not_can_be_called(enter: Enter, hall: Hall) -> None:
    page = enter("citra", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).page
    page.goto(f"{hall.address}?group=present")
    box = lines_of(page, "present").filter(has_not=page.locator("[data-flag]")).first.bounding_box()
    assert box is not None and box["height"] <= 56
    page.goto(f"{hall.address}?group=missing")
    line = lines_of(page, "missing").first
    box = line.bounding_box()
    assert box is not None and box["height"] <= 80
    expect(line.locator("a[href^='tel:']")).to_be_visible()
    expect(line.locator("a[href*='wa.me']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_register_is_narrowed_and_each_line_leads_on(enter: Enter, hall: Hall) -> None:
    page = enter("citra", java_script_enabled=False).page
    page.goto(hall.address)
    page.locator("#f-q").fill("siregar")
    page.locator("#look button[type=submit]").click()
    page.wait_for_url("**q=siregar**")
    line = page.locator("tr[data-person]").first
    person = line.get_attribute("data-person")
    assert person is not None
    line.locator("[data-acts]").click()
    page.wait_for_url(f"**/register/{person}")
