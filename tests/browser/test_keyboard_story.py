"""The main job end to end by keyboard alone: no chapter of it touches a mouse."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from lms.demo.people import PASSWORD
from tests.browser.conftest import PEOPLE, Enter
from tests.browser.keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

COURSE = "/courses/pelayanan-publik-prima"
BUTTON = "button:not([type=button])"


def come_in(enter: Enter, key: str) -> tuple[Page, Keyboard]:
    """Sign in by keyboard; the first field has the focus as soon as the page is there."""
    page = enter(None).page
    keys = Keyboard(page)
    page.goto("/sign-in")
    person = PEOPLE[key]
    keys.write(page.locator("input[name=login]"), person.email or person.nip or "")
    keys.write(page.locator("input[name=password]"), PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page, keys


def test_the_first_key_offers_to_skip_the_navigation(enter: Enter) -> None:
    page, _ = come_in(enter, "ayu")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_menus_open_and_close_and_give_the_focus_back(enter: Enter) -> None:
    page, keys = come_in(enter, "citra")
    account = page.locator(".masthead details.menu > summary")
    keys.press(account)
    keys.to(page.locator(".masthead .menu-panel a").first)
    page.keyboard.press("Escape")
    expect(page.locator(".masthead .menu-panel a").first).to_be_hidden()
    expect(account).to_be_focused()
    keys.press(page.locator("#theme"), "Space")
    expect(page.locator("html")).to_have_attribute("data-theme", re.compile("dark|light"))
    keys.press(page.locator(".tool--language"))
    page.locator("html[lang=en]").wait_for(state="attached")


def test_a_trainee_reads_and_takes_the_pre_test(enter: Enter) -> None:
    page, keys = come_in(enter, "ayu")
    keys.open(page.locator("#to-read a.list-title").first, f"**{COURSE}/*")
    with page.expect_navigation():
        keys.press(page.locator(f"form[action$='/read'] {BUTTON}"))
    page.goto("/")
    keys.open(page.locator("#due a.list-title").first, "**/quizzes/*")
    keys.open(page.locator(f"form[action$='/start'] {BUTTON}"), "**/attempts/*/take")
    questions = page.locator(".quiz-question")
    for number in range(questions.count()):
        question = questions.nth(number)
        choices = question.locator("input[type=radio], input[type=checkbox]:not([data-flag])")
        if choices.count():
            keys.press(choices.first, "Space")
            expect(choices.first).to_be_checked()
        else:
            keys.write(question.locator("input[type=text]"), "12")
    expect(page.locator("[data-answered]").first).to_have_text("10")
    expect(page.locator("#saving [data-state=saved]")).to_be_visible()
    keys.press(page.locator(".quiz-aside button").last)
    # The question has the focus, and Enter on "yes" goes on.
    expect(page.locator("dialog[open]")).to_be_visible()
    assert page.evaluate("() => document.activeElement.closest('dialog') !== null")
    keys.open(page.locator("dialog[open] button[value=yes]"), "**/review")
    expect(page.locator(".quiz-figure")).to_contain_text("%")


def test_a_trainee_joins_and_leaves_the_lecture_and_the_coordinator_sees_it(enter: Enter) -> None:
    page, keys = come_in(enter, "ayu")
    keys.open(page.locator("#way-in a[href$='/room']"), "**/room")
    expect(page.locator("[data-record=recording]")).to_be_visible()
    register, other = come_in(enter, "citra")
    other.open(register.locator("main a[href$='/register']").first, "**/register")
    line = register.locator("tr[data-person]", has_text="Ayu Lestari")
    expect(line).to_have_attribute("data-group", "present")
    keys.press(page.locator("[data-part=leave]"))
    expect(page.locator("[data-record=left]")).to_be_visible()
    expect(line).to_have_attribute("data-group", "connected", timeout=5_000)


def test_an_instructor_writes_and_publishes_a_module_and_attaches_a_file(enter: Enter, tmp_path: Path) -> None:
    page, keys = come_in(enter, "iskandar")
    page.goto(f"{COURSE}/edit")
    keys.write(page.locator("form[action$='/new'] input[name=title]"), "Typing is enough")
    keys.choose(page.locator("form[action$='/new'] select[name=language]"), "en")
    keys.open(page.locator(f"form[action$='/new'] {BUTTON}"), "**/edit*")
    text = page.locator("textarea[name=markdown]")
    keys.write(text, "Every **key** counts.")
    expect(page.locator("[data-html] strong")).to_have_text("key")
    # Tab leaves the text: whoever came in by keyboard must be able to go on.
    keys.press(page.locator("button[formaction$='/publish']"))
    page.wait_for_url(re.compile(rf"{COURSE}/typing-is-enough(\?.*)?$"))
    # Listened for from before the page is there: told with the key itself, the browser may hear of it too late.
    notes = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    page.on("filechooser", lambda chooser: chooser.set_files(notes))
    page.goto(f"{COURSE}/typing-is-enough/attachments")
    keys.press(page.locator("input[type=file]"))
    expect(page.locator("input[type=file]")).to_have_value(re.compile("notes.pdf"))
    keys.write(page.locator("input[name=title]"), "Notes")
    keys.press(page.locator(f"form[enctype] {BUTTON}").last)
    expect(page.locator(".list")).to_contain_text("Notes")


def test_an_instructor_schedules_a_session(enter: Enter) -> None:
    page, keys = come_in(enter, "iskandar")
    page.goto("/programmes")
    keys.open(page.locator("main a", has_text="Angkatan II").first, "**/batches/*")
    keys.open(page.locator("a[href$='/sessions/new']").first, "**/sessions/new")
    keys.write(page.locator("input[name=title_id]"), "Latihan papan ketik")
    day = datetime.now(ZoneInfo("Asia/Singapore")).date() + timedelta(days=4)
    keys.to(page.locator("input[name=on]"))
    # The browser speaks American English here; its date field is filled part by part.
    page.keyboard.type(f"{day:%m%d%Y}")
    keys.to(page.locator("input[name=starts]"))
    page.keyboard.type("1000AM")
    keys.to(page.locator("input[name=ends]"))
    page.keyboard.type("1130AM")
    keys.choose(page.locator("select[name=zone]"), "Asia/Singapore")
    keys.press(page.locator(f"form.form {BUTTON}").last)
    page.wait_for_url(re.compile(r"/sessions/\d+$"))
    expect(page.locator("main")).to_contain_text("10:00–11:30 SGT")


def test_a_coordinator_corrects_and_signs_off(enter: Enter) -> None:
    page, keys = come_in(enter, "citra")
    waiting = page.locator("#unsigned a.list-title").first
    keys.open(waiting, "**/register")
    register = page.url
    keys.open(page.locator("tr[data-person] a[href*='/register/']").first, "**/register/*")
    keys.choose(page.locator("select[name=status]"), "attended")
    keys.write(page.locator("textarea[name=reason]"), "Duduk di ruang rapat, disaksikan panitia.")
    keys.press(page.locator(f"form[action$='/correct'] {BUTTON}").first)
    expect(page.locator("#corrections")).to_contain_text("disaksikan panitia")
    page.goto(register)
    confirmed = page.locator("input[name=confirmed]")
    keys.press(confirmed, "Space")
    expect(confirmed).to_be_checked()
    keys.press(page.locator(f"form[action$='/register/sign'] {BUTTON}").first)
    expect(page.locator("#signature")).to_contain_text(PEOPLE["citra"].name)
    page.goto("/")
    keys.open(page.locator("a[href$='/matrix']").first, "**/matrix")
    expect(page.locator("table.matrix tbody tr")).to_have_count(20)
