"""On a weak line a page comes piece by piece and its scripts last: nothing moves, and what is done meanwhile counts."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect
from sqlalchemy import select

from lms.accounts.models import Person
from lms.db import Database
from lms.programmes.models import Enrolment
from lms.sessions.rules import DOOR_BEFORE
from tests.browser.barriers import PHONE, WIDE, movements, watch_movements
from tests.browser.conftest import PEOPLE, DemoSite, Enter
from tests.factories import make_session

pytestmark = pytest.mark.browser


def hold(page: Page, script: str) -> Callable[[], None]:
    """Keep this script on its way; returns what lets it arrive."""
    held: list[Route] = []
    has_come = False

    def meet(route: Route) -> None:
        if has_come:
            route.continue_()
        else:
            held.append(route)

    def arrive() -> None:
        nonlocal has_come
        has_come = True
        for route in held:
            route.continue_()

    page.route(f"**/{script}", meet)
    return arrive


def go_without(page: Page, script: str, address: str) -> Callable[[], None]:
    """Open the page with this script still on its way; returns what lets it arrive."""
    arrive = hold(page, script)
    page.goto(address, wait_until="commit")
    return arrive


def held_session(site: DemoSite, key: str, starts_in: timedelta) -> int:
    """Return the id of a new session of this person's batch."""
    database = Database(f"sqlite:///{site.home / 'jembatan.sqlite'}")
    with database.writing() as db:
        batch_id = db.scalar(
            select(Enrolment.batch_id)
            .join(Person, Person.id == Enrolment.person_id)
            .where(Person.email == PEOPLE[key].email)
        )
        assert batch_id is not None
        starts_at = datetime.now(UTC) + starts_in
        session_id = make_session(db, batch_id, starts_at=starts_at, title_id="Sesi percobaan").id
    database.dispose()
    return session_id


def live_session(site: DemoSite) -> int:
    with sqlite3.connect(site.home / "jembatan.sqlite") as db:
        live = "SELECT id FROM live_session WHERE starts_at <= datetime('now') AND ends_at > datetime('now')"
        return int(db.execute(live).fetchone()[0])


def test_what_is_asked_about_first_cannot_be_pressed_before_the_script_that_asks(enter: Enter) -> None:
    page = enter("ayu").page
    arrive = go_without(page, "confirm.js", "/settings")
    everywhere = page.locator("form[data-confirm] button").last
    expect(page.locator("form[data-confirm]").last).to_be_attached()
    expect(page.locator("main .button").first).to_be_visible()
    expect(everywhere).to_be_hidden()
    arrive()
    expect(everywhere).to_be_visible()
    everywhere.click()
    expect(page.locator("#confirm")).to_be_visible()
    # Without any script the browser sends it at once, as before.
    plain = enter(None, java_script_enabled=False).page
    plain.goto("/sign-in")
    plain.locator("input[name=login]").fill(PEOPLE["budi"].email or "")
    plain.locator("input[name=password]").fill("jembatan-demo")
    plain.locator("input[name=password]").press("Enter")
    plain.wait_for_url("**/")
    plain.goto("/settings")
    expect(plain.locator("form[data-confirm] button").last).to_be_visible()


def test_a_countdown_counts_from_when_the_page_was_made(enter: Enter, demo_site: DemoSite) -> None:
    session_id = held_session(demo_site, "melati", DOOR_BEFORE + timedelta(seconds=12))
    page = enter("melati").page
    arrive = go_without(page, "time.js", "/")
    left = page.locator("[data-when=early] time[data-countdown]")
    seconds = int(left.get_attribute("data-countdown") or 0)
    join = page.locator(f'a[href="/sessions/{session_id}/room"]')
    page.wait_for_timeout(seconds * 1000 + 500)
    expect(join).to_be_hidden()
    arrive()
    # The doors are open already, though no second of it was counted.
    expect(join).to_be_visible()
    with sqlite3.connect(demo_site.home / "jembatan.sqlite") as db:
        db.execute("DELETE FROM live_session WHERE id = ?", (session_id,))


def test_a_countdown_that_was_over_before_the_page_s_own_script_came_opens_the_way_in(
    enter: Enter, demo_site: DemoSite
) -> None:
    session_id = held_session(demo_site, "melati", DOOR_BEFORE + timedelta(seconds=6))
    page = enter("melati").page
    arrive = go_without(page, "home.js", "/")
    expect(page.locator("time[data-over]")).to_be_attached(timeout=20_000)
    arrive()
    expect(page.locator(f'a[href="/sessions/{session_id}/room"]')).to_be_visible()


def test_the_time_left_in_a_quiz_does_not_grow_by_what_its_script_took(enter: Enter, demo_site: DemoSite) -> None:
    page = enter("agus").page
    with sqlite3.connect(demo_site.home / "jembatan.sqlite") as db:
        quiz = db.execute("SELECT id FROM quiz WHERE key = 'post'").fetchone()[0]
    page.goto(f"/quizzes/{quiz}")
    page.locator("form[action$='/start'] button").click()
    page.wait_for_url("**/take")
    arrive = go_without(page, "take.js", page.url)
    seconds = float(page.locator("#clock").get_attribute("data-seconds") or 0)
    page.wait_for_timeout(4000)
    arrive()
    clock = page.locator("[data-clock]")
    expect(clock).to_have_text(re.compile(r"^\d\d:\d\d$"))
    minutes, rest = clock.inner_text().split(":")
    assert int(minutes) * 60 + int(rest) <= seconds - 3


def test_a_film_that_plays_before_its_script_has_come_is_counted_from_then_on(enter: Enter) -> None:
    page = enter("ayu").page
    arrive = go_without(page, "recording.js", "/recordings/1")
    film = page.locator("#film video")
    film.evaluate("(video) => { video.muted = true; return video.play(); }")
    with page.expect_response("**/played") as told:
        arrive()
    assert told.value.ok


def test_a_card_opened_before_its_script_has_come_shows_its_code(enter: Enter, demo_site: DemoSite) -> None:
    page = enter("ayu").page
    arrive = go_without(page, "sharing.js", f"/sessions/{live_session(demo_site)}/room")
    page.locator("#sharing summary").click()
    expect(page.locator("#sharing")).to_have_attribute("open", "")
    with page.expect_response(lambda response: "device=" in response.url):
        arrive()


def test_a_name_typed_before_the_register_s_script_has_come_is_looked_for(enter: Enter, demo_site: DemoSite) -> None:
    page = enter("citra").page
    arrive = go_without(page, "register.js", f"/sessions/{live_session(demo_site)}/register")
    lines = page.locator("tr[data-person]")
    expect(lines.nth(1)).to_be_visible()
    page.locator("#f-q").fill(PEOPLE["budi"].name)
    arrive()
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text(PEOPLE["budi"].name)
    expect(page).to_have_url(re.compile("q="))


def test_a_tap_on_the_roster_of_a_late_hour_means_now_also_before_its_script_has_come(
    enter: Enter, demo_site: DemoSite
) -> None:
    session_id = held_session(demo_site, "ayu", timedelta(minutes=-40))
    page = enter("citra").page
    go_without(page, "roster.js", f"/sessions/{session_id}/roster")
    # What chooses the meaning of a tap, and what looks for names, comes with the script.
    expect(page.locator(".roster-button").first).to_be_visible()
    expect(page.locator("#since")).to_be_hidden()
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator("#away-count")).to_have_text(str(page.locator("[data-state=away].roster-line").count()))
    line = page.locator(".roster-line", has_text=PEOPLE["ayu"].name)
    line.locator("button").click()
    expect(line).to_have_attribute("data-state", "seen")
    since = datetime.fromisoformat(line.get_attribute("data-since") or "")
    assert datetime.now(UTC) - since < timedelta(minutes=5)


def test_the_complaints_of_a_form_do_not_take_the_focus_from_whoever_types_already(enter: Enter) -> None:
    page = enter("nurul").page
    page.goto("/people/new")
    page.locator("main form").evaluate("(form) => { form.noValidate = true; }")
    arrive = hold(page, "forms.js")
    page.locator("main form .button").first.click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_visible()
    name = page.locator("main form input.input").first
    name.press_sequentially("Ran")
    arrive()
    expect(page.locator(":root")).to_have_attribute("data-asks", "")
    name.press_sequentially("i", timeout=2000)
    expect(name).to_be_focused()


def test_what_is_written_before_the_editor_s_script_has_come_is_previewed(enter: Enter, demo_site: DemoSite) -> None:
    with sqlite3.connect(demo_site.home / "jembatan.sqlite") as db:
        slug, key = db.execute(
            "SELECT course.slug, module.key FROM module JOIN course ON course.id = module.course_id LIMIT 1"
        ).fetchone()
    page = enter("nurul").page
    arrive = go_without(page, "edit_module.js", f"/courses/{slug}/{key}/edit")
    page.locator("#editor textarea[name=markdown]").fill("Ditulis sebelum skripnya tiba.")
    arrive()
    expect(page.locator("#editor [data-html]")).to_contain_text("Ditulis sebelum skripnya tiba.")


def test_a_button_pressed_again_before_the_slow_answer_is_there_makes_one_thing(
    enter: Enter, demo_site: DemoSite
) -> None:
    page = enter("nurul").page
    go_without(page, "page.js", "/programmes/new")
    page.locator("[name=title_id]").fill("Ditekan dua kali")
    taken: list[Route] = []

    def meet(route: Route) -> None:
        if route.request.method == "POST" and not taken:
            taken.append(route)
            # Done by the server; its answer is still on its way when the button is pressed again.
            route.fetch(max_redirects=0)
        else:
            route.continue_()

    page.route("**/programmes/new", meet)
    button = page.locator("main form .form-foot button").first
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    # By the mouse: a locator would wait until the page is left.
    for _ in range(2):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(1500)
    page.wait_for_url("**/programmes/ditekan-dua-kali", wait_until="commit")
    expect(page.locator(".flashes")).not_to_be_empty()
    assert len(taken) == 1
    with sqlite3.connect(demo_site.home / "jembatan.sqlite") as db:
        made = db.execute("SELECT count(*) FROM programme WHERE title_id = 'Ditekan dua kali'").fetchone()[0]
    assert made == 1


# So many bytes a second: a page comes in a dozen pieces, and is painted in between.
WEAK = {"offline": False, "latency": 30, "downloadThroughput": 15_000, "uploadThroughput": 15_000}
COME_BY_AND_BY: dict[str | None, tuple[str, ...]] = {
    None: ("/sign-in", "/code"),
    "ayu": ("/", "/sessions/{live}", "/sessions/{live}/check", "/sessions/{live}/room", "/quizzes", "/calendar"),
}


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("key", COME_BY_AND_BY, ids=str)
def test_what_is_there_of_a_page_stays_where_it_is_while_the_rest_comes(
    enter: Enter, demo_site: DemoSite, key: str | None, size: ViewportSize
) -> None:
    visit, trouble = enter(key, viewport=size, reduced_motion="reduce"), []
    watch_movements(visit.context)
    for place in COME_BY_AND_BY[key]:
        address = place.format(live=live_session(demo_site))
        # Once before, so that it is the page that comes slowly and not its styles.
        visit.page.goto(address)
        line = visit.context.new_cdp_session(visit.page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", WEAK)
        visit.page.goto(address)
        trouble += [f"{address}: {one}" for one in movements(visit.page)]
        line.detach()
    assert trouble == []
