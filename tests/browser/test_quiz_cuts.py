"""A quiz in a real browser whose line is cut at random, and which is killed: what was typed is there afterwards."""

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, Page, expect

from tests.browser.conftest import DemoSite, Enter, sign_in
from tests.browser.test_quiz_survival import OFFLINE, SAVED, Rows, begin, eventually, item_of, typed
from tests.conftest import find_chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def rows(demo_site: DemoSite) -> Rows:
    return Rows(demo_site)


def kept_on_device(page: Page) -> Any:
    """What the page keeps in IndexedDB and in localStorage of changes that are not acknowledged."""
    return page.evaluate(
        """async () => {
            const database = await new Promise((resolve) => {
                const request = indexedDB.open("jembatan.quiz", 1);
                request.onsuccess = () => resolve(request.result);
            });
            const all = (store) => new Promise((resolve) => {
                const request = database.transaction(store).objectStore(store).getAll();
                request.onsuccess = () => resolve(request.result);
            });
            const kept = await all("changes");
            database.close();
            return [kept.map((one) => one.response), Object.keys(localStorage).filter((key) => key.includes("quiz"))];
        }"""
    )


def test_a_line_cut_at_random_three_tenths_of_the_time_loses_no_answer(enter: Enter, rows: Rows) -> None:
    visit, chance = enter("desi"), random.Random(6)
    attempt = begin(visit, rows)
    page = visit.page
    questions = page.locator(".quiz-question")
    wanted: dict[int, Any] = {}
    for _ in range(3):
        for number in range(questions.count()):
            visit.context.set_offline(chance.random() < 0.3)
            question = questions.nth(number)
            item = int(question.get_attribute("data-item") or 0)
            field = question.locator("input[type=text]")
            if field.count():
                wanted[item] = str(chance.randrange(1000))
                field.fill(wanted[item])
            elif question.locator("input[type=radio]").count():
                choice = question.locator("input[type=radio]").nth(chance.randrange(2))
                choice.check()
                wanted[item] = choice.get_attribute("value")
            page.wait_for_timeout(chance.randrange(400))
    visit.context.set_offline(False)
    expect(page.locator(SAVED)).to_be_visible(timeout=60_000)
    state = page.evaluate("fetch(document.getElementById('paper').dataset.stateUrl).then((reply) => reply.json())")
    held = {one["item"]: one["response"] for one in state["answers"]}
    assert {item: json.dumps(held[item]).strip('"') for item in wanted} == wanted
    assert rows.late(attempt) == [] and kept_on_device(page) == [[], []]


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    """A browser's own folder: what a device keeps when it is switched off."""
    yield tmp_path / "profile"


def switch_off(profile: Path) -> None:
    """End every process of the browser with this folder, as an empty battery would."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if f"--user-data-dir={profile}".encode() in words:
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


def test_a_browser_killed_with_answers_unsent_sends_them_when_it_is_started_again(
    demo_site: DemoSite, browser_type: BrowserType, rows: Rows, profile: Path
) -> None:
    options: dict[str, Any] = {
        "executable_path": find_chromium(), "args": ["--no-sandbox"], "base_url": demo_site.url,
    }  # fmt: skip
    context = browser_type.launch_persistent_context(profile, **options)
    page = context.pages[0]
    sign_in(page, "clarissa")
    quiz = rows.run("SELECT id FROM quiz WHERE purpose = 'post'")[0][0]
    page.goto(f"/quizzes/{quiz}")
    page.locator("form[action$='/start'] button").click()
    page.wait_for_url("**/take")
    page.locator("#status").wait_for()
    url, item = page.url, item_of(page)
    attempt = int(url.rstrip("/").split("/")[-2])
    page.route("**/answers", lambda route: route.abort())
    typed(page).fill("before the battery died")
    expect(page.locator(OFFLINE)).to_be_visible()
    eventually(lambda: kept_on_device(page)[0] == ["before the battery died"], page)
    cookies = context.cookies()
    switch_off(profile)

    assert rows.response(attempt, item) is None
    again = browser_type.launch_persistent_context(profile, **options)
    # A session cookie ends with the browser; she signs in again, which is not what is tried here.
    again.add_cookies(cookies)  # type: ignore[arg-type]
    page = again.pages[0]
    page.goto(url)
    expect(typed(page)).to_have_value("before the battery died")
    expect(page.locator(SAVED)).to_be_visible(timeout=20_000)
    assert eventually(lambda: rows.response(attempt, item), page) == "before the battery died"
    assert kept_on_device(page) == [[], []]
    again.close()
