"""Contradictions decided by the keyboard and by touch, and what a trainee asks and is told."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def open_checks(page: Page) -> str:
    """Go to the checks of the session for which an amnesty is proposed; return the session's address."""
    page.goto("/excuses")
    page.locator("#outages a.list-title").click()
    page.wait_for_url("**/checks")
    return urlsplit(page.url).path.removesuffix("/checks")


def open_cards(page: Page) -> Locator:
    return page.locator("[data-check]:not(.is-done)")


def test_the_arrow_walks_a_number_decides_and_the_next_person_is_there(enter: Enter) -> None:
    visit = enter("citra")
    page = visit.page
    session = open_checks(page)
    cards = page.locator("[data-check]")
    expect(cards).to_have_count(2)
    current = page.locator(".check.is-current")
    budi, theresia = (cards.filter(has_text=name) for name in ("Budi Santoso", "Theresia Wulandari"))
    expect(budi).to_have_class(re.compile("is-current"))
    page.keyboard.press("ArrowRight")
    expect(theresia).to_have_class(re.compile("is-current"))
    expect(theresia).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(budi).to_have_class(re.compile("is-current"))
    # A number held down with a modifier is the browser's own.
    page.keyboard.press("Control+1")
    expect(open_cards(page)).to_have_count(2)
    # Neither account is right: another mark is typed in the card, and typing digits there decides nothing.
    page.keyboard.press("4")
    expect(budi.locator(".check-other select[name=status]")).to_be_focused()
    page.keyboard.press("1")
    expect(open_cards(page)).to_have_count(2)
    budi.focus()
    # The server's account: Budi left early. The next person is there at once.
    page.keyboard.press("1")
    expect(budi.locator("[data-done]")).to_be_visible()
    expect(current).to_have_count(1)
    expect(theresia).to_have_class(re.compile("is-current"))
    expect(page.locator("[data-left]")).to_have_text("1")
    expect(page.locator("#check-spoken")).to_contain_text("Theresia")
    # A key on a person already decided does nothing more.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("2")
    page.reload()
    expect(page.locator("[data-check]")).to_have_count(1)
    page.goto(f"{session}/register")
    expect(page.locator("tr[data-person]", has_text="Budi Santoso")).to_contain_text("71")
    assert visit.complaints == []


def test_a_finger_decides_the_same_grants_the_amnesty_and_lets_who_came_be_present(enter: Enter) -> None:
    visit = enter("citra", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = visit.page
    open_checks(page)
    theresia = page.locator("[data-check]", has_text="Theresia Wulandari")
    expect(theresia).to_be_visible()
    others = open_cards(page).count() - 1
    theresia.locator("button[value=all]").tap()
    expect(theresia.locator("[data-done]")).to_be_visible()
    expect(open_cards(page)).to_have_count(others)
    page.locator("#outages form:has(input[name=grant][value='1']) button").tap()
    page.wait_for_load_state()
    expect(page.locator("#outages [data-status=good]")).to_be_visible()
    # Granted, it can be taken back.
    expect(page.locator("#outages form:has(input[name=grant][value='0'])")).to_be_visible()
    # Somebody was excused beforehand and came: the evidence counts.
    page.locator("#excused form:has(input[name=status][value=evidence]) button").tap()
    expect(page.locator("#excused")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visit.complaints == []


def test_one_tap_disputes_and_the_answer_comes_back(enter: Enter) -> None:
    ayu = enter("ayu").page
    ayu.goto("/attendance")
    ayu.locator("a[href^='/attendance/']", has_text=re.compile("Kebersihan")).first.click()
    ayu.locator("button[commandfor=dispute][command=show-modal]").click()
    ayu.locator("dialog[open] textarea[name=note]").fill("Saya masuk lebih awal.")
    ayu.locator("dialog[open] button.button:not([type=button])").click()
    expect(ayu.locator("#asked")).to_contain_text("Saya masuk lebih awal.")
    own = urlsplit(ayu.url).path

    citra = enter("citra").page
    citra.goto("/excuses")
    card = citra.locator("article.ask", has_text="Saya masuk lebih awal.")
    expect(card.locator(".timeline-figure")).to_be_visible()
    card.locator("input[name=answer]").fill("Masuk 13.27, sudah tercatat.")
    card.locator("button[name=approve][value='0']").click()
    citra.wait_for_load_state()
    expect(citra.locator("article.ask", has_text="Saya masuk lebih awal.")).to_have_count(0)
    ayu.goto(own)
    expect(ayu.locator("#asked")).to_contain_text("Masuk 13.27, sudah tercatat.")
    ayu.goto("/notices")
    expect(ayu.locator("main")).to_contain_text("Masuk 13.27, sudah tercatat.")


def test_the_instructor_extends_from_inside_the_room_and_everyone_there_sees_it(enter: Enter) -> None:
    visit = enter("iskandar")
    page = visit.page
    page.goto("/")
    page.locator("a[href$='/room']").first.click()
    page.wait_for_url("**/room")
    ayu = enter("ayu")
    ayu.page.goto(urlsplit(page.url).path)
    expect(ayu.page.locator("#record")).to_have_attribute("data-state", "recording")
    planned = ayu.page.locator("[data-session-times]").inner_text()
    times = page.locator("[data-session-times]")
    before = times.inner_text()
    page.locator("#ending form[action$='/extend'] button").click()
    expect(times).not_to_have_text(before)
    # Still in the room: nothing was loaded anew, so a second press is not refused.
    expect(page.locator("#record")).to_be_visible()
    after = times.inner_text()
    page.locator("#ending form[action$='/extend'] button").click()
    expect(times).not_to_have_text(after)
    # In her own zone and way of writing, without loading anything anew.
    span = times.inner_text().split(" ")[0].replace(":", ".")
    expect(ayu.page.locator("[data-session-times]")).to_contain_text(span)
    expect(ayu.page.locator("[data-session-times]")).not_to_have_text(planned)
    expect(ayu.page.locator("#times-moved")).to_be_visible()
    assert visit.complaints == [] and ayu.complaints == []
