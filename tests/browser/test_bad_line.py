"""Entering the room on a line that fails at the worst moment: the page says so and goes on by itself."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Enter, Visit

pytestmark = pytest.mark.browser

TICKET = "**/room/ticket"


def go_to_the_door(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.locator("#way-in a[href$='/room']:visible").wait_for()


def come_in(visit: Visit) -> None:
    visit.page.locator("#way-in a[href$='/room']:visible").click()
    visit.page.wait_for_url("**/room")


def test_a_ticket_that_does_not_arrive_is_asked_for_until_it_does(enter: Enter) -> None:
    ayu = enter("ayu")
    go_to_the_door(ayu)
    ayu.page.route(TICKET, lambda route: route.abort())
    come_in(ayu)
    expect(ayu.page.locator("[data-record=unreachable]")).to_be_visible()
    ayu.page.unroute(TICKET)
    expect(ayu.page.locator("[data-record=recording]")).to_be_visible()
    expect(ayu.page.locator("[data-record=unreachable]")).to_be_hidden()


def test_a_proxys_page_instead_of_the_ticket_is_no_answer(enter: Enter) -> None:
    budi = enter("budi")
    go_to_the_door(budi)
    answers = iter([502, 504])

    def first_the_proxy(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, content_type="text/html", body="<h1>Bad gateway</h1>")

    budi.page.route(TICKET, first_the_proxy)
    come_in(budi)
    expect(budi.page.locator("[data-record=unreachable]")).to_be_visible()
    expect(budi.page.locator("[data-record=recording]")).to_be_visible(timeout=20_000)


def test_a_script_that_does_not_arrive_is_told(enter: Enter) -> None:
    ayu = enter("ayu")
    go_to_the_door(ayu)
    ayu.page.route("**/socket.io.esm.min.js", lambda route: route.abort())
    come_in(ayu)
    expect(ayu.page.locator("#connection [data-state=incomplete]")).to_be_visible()


def test_a_meeting_whose_script_does_not_arrive_offers_the_page_again(enter: Enter) -> None:
    ayu = enter("ayu")
    go_to_the_door(ayu)
    ayu.page.route("**/meeting/practice.js", lambda route: route.abort())
    come_in(ayu)
    again = ayu.page.locator("[data-record=unopened] a")
    expect(again).to_be_visible()
    expect(ayu.page.locator("#meeting-waiting")).to_have_count(0)
    ayu.page.unroute("**/meeting/practice.js")
    again.click()
    expect(ayu.page.locator("[data-record=recording]")).to_be_visible()


def test_what_has_reached_the_server_is_not_claimed_while_nothing_can(enter: Enter) -> None:
    ayu = enter("ayu")
    go_to_the_door(ayu)
    come_in(ayu)
    expect(ayu.page.locator("[data-part=synced]")).to_be_visible()
    ayu.context.set_offline(True)
    expect(ayu.page.locator("[data-record=holding]")).to_be_visible()
    expect(ayu.page.locator("[data-part=synced]")).to_be_hidden()
    ayu.context.set_offline(False)
    expect(ayu.page.locator("[data-record=recording]")).to_be_visible()
    expect(ayu.page.locator("[data-part=synced]")).to_be_visible()
