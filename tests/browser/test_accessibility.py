"""Nobody is shut out: axe finds nothing on any page of any role, and every page fits a narrow or enlarged window and
stands still while it loads."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.barriers import (
    PHONE,
    UNFOLD,
    WIDE,
    barriers,
    bring_axe,
    focus_troubles,
    hidden_barriers,
    movements,
    overflows,
)
from tests.browser.conftest import ROOT, DemoSite, Enter
from tests.browser.demo_places import every_place
from tests.browser.kinds import kinds_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PEOPLE = [None, "ayu", "iskandar", "citra", "halimah", "nurul"]
COURSE = "/courses/pelayanan-publik-prima"
# Every page is looked at in one of these in turn; the main ones in all four.
LOOKS: list[tuple[ViewportSize, Literal["dark", "light"]]] = [
    (WIDE, "light"),
    (PHONE, "dark"),
    (WIDE, "dark"),
    (PHONE, "light"),
]
MAIN = ("/", "/sign-in", "/calendar", "/people", "/settings", "/quizzes", COURSE)


@pytest.fixture(scope="module")
def places(demo_site: DemoSite) -> dict[str, str]:
    return every_place(demo_site.home)


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """What has been looked at on each route, by whomever: axe would say the same of the same kinds of things."""
    return {}


# In two parts: who may see nearly everything looks at a hundred pages.
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("key", PEOPLE, ids=str)
def test_axe_finds_nothing_on_any_page_and_none_moves_or_scrolls_sideways(
    enter: Enter, places: dict[str, str], seen: dict[str, set[str]], key: str | None, part: int
) -> None:
    page, trouble = enter(key, reduced_motion="reduce").page, []
    bring_axe(page.context)
    looks = itertools.cycle(LOOKS)
    for address, kinds in pages_of(page, [*places][part::2]):
        known = seen.setdefault(places[address], set())
        if kinds <= known:
            continue
        known |= kinds
        page.goto(address)
        trouble += [f"{address}: {one}" for one in movements(page)]
        page.evaluate(UNFOLD)
        for _ in range(4 if address in MAIN else 1):
            size, theme = next(looks)
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            trouble += [f"{address}, {size['width']}, {theme}: {one}" for one in barriers(page)]
        trouble += [f"{address}, {theme}: {one}" for one in hidden_barriers(page)]
        trouble += [f"{address}: {one}" for one in overflows(page)]
    assert trouble == []


def pages_of(page: Page, places: Iterable[str]) -> Iterator[tuple[str, set[str]]]:
    """Give the addresses at which this person gets a page, and one refusal of each kind, with what stands on it.

    The pages are asked for without a window, which is twenty times as quick as opening them.
    """
    refused: set[int] = set()
    for address in places:
        answer = page.context.request.get(address, max_redirects=0, max_retries=2)
        if answer.status != 200 and (answer.status < 400 or answer.status in refused):
            continue
        if answer.status >= 400:
            refused.add(answer.status)
        if answer.headers.get("content-type", "").startswith("text/html"):
            yield address, kinds_in(answer.text())


# Forms to hand in empty: (who, page, the form's place on it). Answers with errors are pages too.
FORMS: list[tuple[str | None, str, str]] = [
    (None, "/sign-in", "main form"),
    (None, "/forgotten", "main form"),
    (None, "/code", "main form"),
    ("iskandar", "/courses/new", "main form.form"),
    ("citra", "/batches/{batch}/enrol", "main form.form"),
    ("citra", "/batches/{batch}/sessions/new", "main form.form"),
    ("citra", "/settings", "main form"),
    ("nurul", "/people/new", "main form.form"),
    ("nurul", "/programmes/new", "main form.form"),
    ("nurul", "/units", "main form.form"),
]


@pytest.mark.parametrize("key", [None, "iskandar", "citra", "nurul"], ids=str)
def test_axe_finds_nothing_on_forms_that_were_refused(enter: Enter, places: dict[str, str], key: str | None) -> None:
    page, trouble = enter(key, reduced_motion="reduce").page, []
    bring_axe(page.context)
    batch = next(place.split("/")[2] for place in places if place.startswith("/batches/"))
    for number, (who, address, place) in enumerate(FORMS):
        if who != key:
            continue
        page.emulate_media(color_scheme=LOOKS[number % 2][1])
        page.goto(address.format(batch=batch))
        form = page.locator(place).first
        with page.expect_navigation():
            form.evaluate(
                """(form) => {
                  form.noValidate = true;
                  for (const field of form.elements) if (field.required) field.value = '';
                  form.requestSubmit();
                }"""
            )
        faults = page.locator("main [aria-invalid=true]")
        if not faults.count() and not page.locator("main [role=alert]").count():
            trouble.append(f"{address}: nothing is said about what is missing")
        for fault in faults.all():
            tied = fault.get_attribute("aria-describedby") or ""
            if not any(page.locator(f"#{name}").is_visible() for name in tied.split()):
                trouble.append(f"{address}: an error is not tied to its field {fault.get_attribute('name')}")
        trouble += [f"{address}: {one}" for one in barriers(page)]
    assert trouble == []


def test_axe_finds_nothing_where_there_is_nothing_yet(enter: Enter, demo_site: DemoSite) -> None:
    """Somebody who was invited and is in no batch: the invitation, and every page with nothing on it."""
    page = enter(None, reduced_motion="reduce").page
    bring_axe(page.context)
    page.goto(invite(demo_site))
    trouble = [f"invitation: {one}" for one in barriers(page)]
    for field in page.locator("input[type=password]").all():
        field.fill("sebuah kalimat yang panjang")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/")
    for address in ("/", "/calendar", "/courses", "/programmes", "/notices", "/quizzes"):
        page.goto(address)
        trouble += [f"{address}: {one}" for one in [*barriers(page), *overflows(page)]]
    assert trouble == []


def invite(site: DemoSite) -> str:
    """Return the invitation of somebody new."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "add-user", "Eka Putri", "--email", "eka@example.test"]
    env = os.environ | {"JEMBATAN_HOME": str(site.home), "PUBLIC_URL": site.url}
    told = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    return next(word for word in told.split() if "/invitation/" in word)


EMPTY = {
    "citra": ["/people?q=zzzzzz", "/batches/{batch}/matrix?q=zzzzzz", "/calendar?from=2001-01-01"],
    "ayu": ["/notices"],
}


@pytest.mark.parametrize("key", EMPTY)
def test_axe_finds_nothing_where_nothing_matches(enter: Enter, places: dict[str, str], key: str) -> None:
    page = enter(key, reduced_motion="reduce").page
    bring_axe(page.context)
    batch = next(place.split("/")[2] for place in places if place.startswith("/batches/"))
    trouble = []
    for address in EMPTY[key]:
        page.goto(address.format(batch=batch))
        trouble += [f"{address}: {one}" for one in barriers(page)]
    assert trouble == []


def test_axe_finds_nothing_in_menus_and_dialogs(enter: Enter, places: dict[str, str]) -> None:
    page, trouble = enter("citra", reduced_motion="reduce").page, []
    bring_axe(page.context)
    for address in ["/", "/people", *[place for place in places if place.endswith("/register")][:2]]:
        page.goto(address)
        page.locator(".masthead details.menu summary").click()
        trouble += [f"{address} with its menu: {one}" for one in barriers(page)]
        page.keyboard.press("Escape")
        for name in page.locator("dialog[id]").evaluate_all("all => all.map((one) => one.id)"):
            page.evaluate("(id) => document.getElementById(id).showModal()", name)
            trouble += [f"{address}, dialog {name}: {one}" for one in barriers(page)]
            page.keyboard.press("Escape")
    assert trouble == []


def test_whoever_asks_for_calm_sees_nothing_move(enter: Enter) -> None:
    page = enter("ayu", reduced_motion="reduce").page
    for address in ("/", "/calendar", COURSE):
        page.goto(address)
        longest = page.evaluate(
            "() => Math.max(0, ...document.getAnimations().map((one) => one.effect.getComputedTiming().endTime))"
        )
        assert longest <= 10, address


@pytest.mark.parametrize("key", ["ayu", "citra"])
def test_the_focus_is_seen_wherever_it_goes(enter: Enter, places: dict[str, str], key: str) -> None:
    page, trouble = enter(key, reduced_motion="reduce").page, []
    register = next((place for place in places if place.endswith("/register")), "/")
    addresses = ["/", COURSE, "/settings"] if key == "ayu" else ["/people", register, "/calendar"]
    for address in addresses:
        page.goto(address)
        trouble += [f"{address}: {one}" for one in focus_troubles(page)]
    assert trouble == []
