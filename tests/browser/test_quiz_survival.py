"""Answers survive what happens to lines, tabs, devices and clocks: each test is one mishap and one person."""

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DemoSite, Enter, Visit, sign_in

pytestmark = pytest.mark.browser

SAVED = "#saving [data-state=saved]"
OFFLINE = "#saving [data-state=offline]"


class Rows:
    """What is in the server's database, looked at from outside."""

    def __init__(self, site: DemoSite) -> None:
        self.path = site.home / "jembatan.sqlite"

    def run(self, statement: str, *values: Any) -> list[Any]:
        with sqlite3.connect(self.path, timeout=20) as connection:
            return connection.execute(statement, values).fetchall()

    def response(self, attempt: int, item: int) -> Any:
        found = self.run("SELECT response FROM answer WHERE attempt_id = ? AND item_id = ?", attempt, item)
        return json.loads(found[0][0]) if found and found[0][0] is not None else None

    def late(self, attempt: int) -> list[Any]:
        found = self.run("SELECT response FROM late_answer WHERE attempt_id = ?", attempt)
        return [json.loads(row[0]) for row in found]

    def is_submitted(self, attempt: int) -> bool:
        return bool(self.run("SELECT 1 FROM attempt WHERE id = ? AND submitted_at IS NOT NULL", attempt))

    def end(self, attempt: int, *, in_seconds: float) -> None:
        """Let the attempt's time be over in so many seconds."""
        ends_at = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=in_seconds)
        self.run("UPDATE attempt SET ends_at = ? WHERE id = ?", ends_at.isoformat(sep=" "), attempt)


@pytest.fixture
def rows(demo_site: DemoSite) -> Rows:
    return Rows(demo_site)


def begin(visit: Visit, rows: Rows, key: str = "post") -> int:
    """Begin the post-test, or the quiz with this key, and return the attempt's id."""
    quiz = rows.run("SELECT id FROM quiz WHERE key = ?", key)[0][0]
    visit.page.goto(f"/quizzes/{quiz}")
    visit.page.locator("form[action$='/start'] button").click()
    visit.page.wait_for_url("**/take")
    visit.page.locator("#status").wait_for()
    return int(re.search(r"/attempts/(\d+)/", visit.page.url)[1])  # type: ignore[index]


def typed(page: Page) -> Any:
    """The first typed question; returns its field."""
    return page.locator(".quiz-question[data-kind=text] input[type=text]").first


def item_of(page: Page) -> int:
    return int(page.locator(".quiz-question[data-kind=text]").first.get_attribute("data-item") or 0)


def eventually(holds: Callable[[], Any], page: Page, seconds: float = 20.0) -> Any:
    for _ in range(int(seconds * 10)):
        if found := holds():
            return found
        page.wait_for_timeout(100)
    raise AssertionError("did not come true")


def test_a_second_tab_shows_what_the_first_saved_and_the_last_change_wins(enter: Enter, rows: Rows) -> None:
    visit = enter("hasnah")
    attempt = begin(visit, rows)
    first, second = visit.page, visit.context.new_page()
    second.goto(first.url)
    second.locator("#status").wait_for()
    typed(first).fill("from the first")
    expect(typed(second)).to_have_value("from the first")
    typed(second).fill("from the second")
    expect(typed(first)).to_have_value("from the second")
    assert rows.response(attempt, item_of(first)) == "from the second"
    assert visit.complaints == []


def test_an_older_change_from_a_device_that_was_away_does_not_undo_a_newer_one(enter: Enter, rows: Rows) -> None:
    phone = enter("clarissa")
    attempt = begin(phone, rows)
    laptop = enter("clarissa")
    laptop.page.goto(phone.page.url)
    laptop.page.locator("#status").wait_for()
    phone.context.set_offline(True)
    typed(phone.page).fill("typed on the phone, first")
    expect(phone.page.locator(OFFLINE)).to_be_visible()
    laptop.page.wait_for_timeout(1500)
    typed(laptop.page).fill("typed on the laptop, later")
    eventually(lambda: rows.response(attempt, item_of(laptop.page)), laptop.page)
    phone.context.set_offline(False)
    expect(typed(phone.page)).to_have_value("typed on the laptop, later", timeout=30_000)
    assert rows.response(attempt, item_of(phone.page)) == "typed on the laptop, later"


def test_a_newer_change_from_a_device_that_was_away_wins_when_it_is_back(enter: Enter, rows: Rows) -> None:
    phone = enter("joko")
    attempt = begin(phone, rows)
    laptop = enter("joko")
    laptop.page.goto(phone.page.url)
    laptop.page.locator("#status").wait_for()
    phone.context.set_offline(True)
    typed(laptop.page).fill("typed on the laptop, first")
    eventually(lambda: rows.response(attempt, item_of(laptop.page)), laptop.page)
    laptop.page.wait_for_timeout(1500)
    typed(phone.page).fill("typed on the phone, later")
    expect(phone.page.locator(OFFLINE)).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.page.locator(SAVED)).to_be_visible(timeout=30_000)
    assert rows.response(attempt, item_of(phone.page)) == "typed on the phone, later"


def test_a_closed_page_sends_its_unsent_answers_when_it_is_opened_again(enter: Enter, rows: Rows) -> None:
    visit = enter("agus")
    attempt = begin(visit, rows)
    url, item = visit.page.url, item_of(visit.page)
    visit.page.route("**/answers", lambda route: route.abort())
    typed(visit.page).fill("before the battery died")
    expect(visit.page.locator(OFFLINE)).to_be_visible()
    visit.page.close(run_before_unload=False)
    assert rows.response(attempt, item) is None
    again = visit.context.new_page()
    again.goto(url)
    expect(typed(again)).to_have_value("before the battery died")
    expect(again.locator(SAVED)).to_be_visible()
    assert eventually(lambda: rows.response(attempt, item), again) == "before the battery died"
    assert again.evaluate("Object.keys(localStorage).filter((key) => key.includes('quiz'))") == []


def test_what_is_answered_before_the_script_has_come_is_saved_by_it(enter: Enter, rows: Rows) -> None:
    """A phone on a weak line shows the questions long before the last script has arrived."""
    visit = enter("theresia", by="nip")
    attempt = begin(visit, rows)
    page = visit.page
    held: list[Any] = []
    page.route("**/take.js", lambda route: held.append(route))
    page.goto(f"/attempts/{attempt}/take", wait_until="commit")
    typed(page).fill("typed early")
    radio = page.locator(".quiz-question input[type=radio]").first
    radio.check()
    page.locator(".quiz-question [data-flag]").nth(1).evaluate("(flag) => { flag.checked = true; }")
    expect(page.locator("#status")).to_be_hidden()
    item = int(re.search(r"\d+", radio.get_attribute("name") or "")[0])  # type: ignore[index]
    assert [rows.response(attempt, one) for one in (item_of(page), item)] == [None, None]
    held[0].continue_()
    expect(page.locator(SAVED)).to_be_visible()
    eventually(lambda: rows.response(attempt, item_of(page)) == "typed early", page)
    eventually(lambda: rows.response(attempt, item) is not None, page)
    page.unroute("**/take.js")
    page.reload()
    expect(typed(page)).to_have_value("typed early")
    expect(radio).to_be_checked()
    expect(page.locator(".quiz-question [data-flag]").nth(1)).to_be_checked()


def test_sent_before_the_script_has_come_a_quiz_is_submitted_only_after_the_question(enter: Enter, rows: Rows) -> None:
    visit = enter("khadijah")
    attempt = begin(visit, rows)
    page = visit.page
    page.route("**/take.js", lambda route: None)
    page.goto(f"/attempts/{attempt}/take", wait_until="commit")
    typed(page).fill("typed early")
    # The key that means "done" on a phone.
    typed(page).press("Enter")
    page.locator(".flash, .notice").get_by_text(re.compile("Tersimpan|Saved")).wait_for()
    assert not rows.is_submitted(attempt)
    expect(typed(page)).to_have_value("typed early")
    page.locator(".quiz-aside .button").last.click()
    expect(page.locator("main form")).to_contain_text(re.compile(r"(Not answered yet|Belum dijawab): [\d, ]+\d\."))
    assert not rows.is_submitted(attempt)
    assert rows.response(attempt, int(rows.run("SELECT item_id FROM answer WHERE attempt_id = ?", attempt)[0][0]))
    page.locator("main form button").click()
    page.wait_for_url("**/review")
    assert rows.is_submitted(attempt)


def test_a_server_that_fails_now_and_then_loses_no_answer(enter: Enter, rows: Rows) -> None:
    visit = enter("lukman")
    attempt = begin(visit, rows)
    tries = iter(range(10_000))

    # Some calls never arrive, of some only the reply is lost.
    def mishap(route: Any) -> None:
        turn = next(tries) % 3
        if turn == 0:
            route.abort()
        elif turn == 1:
            route.fetch()
            route.fulfill(status=502, body="bad gateway")
        else:
            route.continue_()

    visit.page.route("**/answers", mishap)
    questions = visit.page.locator(".quiz-question")
    for number in range(questions.count()):
        choices = questions.nth(number).locator("input[type=radio]")
        if choices.count():
            choices.last.check()
    typed(visit.page).fill("IKM")
    expect(visit.page.locator(SAVED)).to_be_visible(timeout=60_000)
    shown = visit.page.locator("[data-answered]").first.inner_text()
    kept = rows.run("SELECT count(*) FROM answer WHERE attempt_id = ? AND response IS NOT NULL", attempt)[0][0]
    assert kept == int(shown) > 3
    assert rows.run("SELECT count(*) FROM late_answer WHERE attempt_id = ?", attempt) == [(0,)]


def test_checking_a_saved_answer_settles_it_and_submitting_still_asks(enter: Enter, rows: Rows) -> None:
    visit = enter("imam")
    attempt, page = begin(visit, rows, "practice"), visit.page
    page.locator(".quiz-question input[type=radio]").first.check()
    eventually(lambda: rows.run("SELECT 1 FROM answer WHERE attempt_id = ? AND seq > 0", attempt), page)
    expect(page.locator(SAVED)).to_be_visible()
    page.locator(".quiz-question").filter(has=page.locator("input:checked")).locator("[value^=check]").click()
    expect(page.locator("[data-settled]")).to_be_visible(timeout=30_000)
    page.locator("#status").wait_for()
    page.locator(".quiz-aside button:not([name=action])").click()
    expect(page.locator("#confirm")).to_be_visible()
    assert not rows.is_submitted(attempt)


def test_when_the_time_is_over_the_page_submits_what_is_there(enter: Enter, rows: Rows) -> None:
    visit = enter("petrus")
    attempt = begin(visit, rows)
    rows.end(attempt, in_seconds=6)
    visit.page.reload()
    typed(visit.page).fill("IKM")
    visit.page.wait_for_url("**/review", timeout=30_000)
    assert rows.run("SELECT verdict FROM answer WHERE attempt_id = ? AND seq > 0", attempt) != []
    assert visit.complaints == []


def test_an_answer_that_comes_after_the_time_is_kept_as_late(enter: Enter, rows: Rows) -> None:
    visit = enter("ratna")
    attempt = begin(visit, rows)
    item = item_of(visit.page)
    visit.context.set_offline(True)
    typed(visit.page).fill("too late")
    expect(visit.page.locator(OFFLINE)).to_be_visible()
    rows.end(attempt, in_seconds=-30)
    eventually(lambda: rows.is_submitted(attempt), visit.page, 40)
    visit.context.set_offline(False)
    visit.page.wait_for_url("**/review", timeout=40_000)
    assert rows.late(attempt) == ["too late"]
    assert rows.response(attempt, item) is None
    expect(visit.page.locator(".notice").filter(has_text="too late")).to_be_visible()


def test_a_wrong_clock_of_the_device_changes_nothing(enter: Enter, rows: Rows) -> None:
    visit = enter("yuliana")
    shift = "{ const now = Date.now.bind(Date); Date.now = () => now() + 3 * 86400 * 1000; }"
    visit.context.add_init_script(shift)
    attempt = begin(visit, rows)
    expect(visit.page.locator("[data-clock]")).to_have_text(re.compile(r"^(20:00|19:\d\d)$"))
    typed(visit.page).fill("IKM")
    expect(visit.page.locator(SAVED)).to_be_visible()
    assert eventually(lambda: rows.response(attempt, item_of(visit.page)), visit.page) == "IKM"


def test_without_script_a_quiz_can_be_taken(enter: Enter, rows: Rows) -> None:
    visit = enter(None, java_script_enabled=False)
    page = visit.page
    sign_in(page, "desi")
    quiz = rows.run("SELECT id FROM quiz WHERE purpose = 'post'")[0][0]
    page.goto(f"/quizzes/{quiz}")
    page.locator("form[action$='/start'] button").click()
    typed(page).fill("IKM")
    page.locator(".quiz-question input[type=radio]").first.check()
    page.locator(".button[value=save]").click()
    expect(typed(page)).to_have_value("IKM")
    page.locator(".quiz-aside .button").last.click()
    asked = page.locator("main form")
    expect(asked).to_contain_text(re.compile(r"(Not answered yet|Belum dijawab): [\d, ]+\d\."))
    asked.get_by_role("link").click()
    expect(typed(page)).to_have_value("IKM")
    page.locator(".quiz-aside .button").last.click()
    page.locator("main form button").click()
    page.wait_for_url("**/review")
    expect(page.locator(".quiz-figure")).to_contain_text("%")


def test_how_long_the_line_was_away_is_told_when_it_is_back_though_the_page_was_loaded_anew(
    enter: Enter, rows: Rows
) -> None:
    visit = enter("desi")
    attempt = begin(visit, rows)
    minutes_ago = (datetime.now(UTC) - timedelta(minutes=5)).replace(tzinfo=None)
    rows.run("UPDATE attempt SET started_at = ? WHERE id = ?", minutes_ago.isoformat(sep=" "), attempt)
    visit.context.set_offline(True)
    typed(visit.page).fill("typed without a line")
    expect(visit.page.locator(OFFLINE)).to_be_visible()
    # As if two minutes had gone by since.
    visit.page.evaluate(
        """(key) => {
          const kept = JSON.parse(localStorage.getItem(key));
          kept.lost.at -= 120000;
          localStorage.setItem(key, JSON.stringify(kept));
        }""",
        f"jembatan.line.{attempt}",
    )
    visit.page.close()
    visit.context.set_offline(False)
    page = visit.context.new_page()
    page.goto(f"/attempts/{attempt}/take")
    (told,) = eventually(
        lambda: rows.run("SELECT began_at, ended_at FROM line_outage WHERE attempt_id = ?", attempt), page
    )
    away = datetime.fromisoformat(told[1]) - datetime.fromisoformat(told[0])
    assert timedelta(minutes=2) <= away < timedelta(minutes=4)
    assert page.evaluate("(key) => localStorage.getItem(key)", f"jembatan.line.{attempt}") is None
    assert rows.response(attempt, item_of(page)) == "typed without a line"
