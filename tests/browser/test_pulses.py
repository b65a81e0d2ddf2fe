"""A question in the room: it appears for everybody, one tap answers it, bars move, and a lost line loses nothing."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DemoSite, Enter

pytestmark = pytest.mark.browser


@pytest.fixture
def room(demo_site: DemoSite) -> str:
    """The address of the room that is live."""
    with sqlite3.connect(demo_site.home / "jembatan.sqlite") as db:
        live = "SELECT id FROM live_session WHERE starts_at <= datetime('now') AND ends_at > datetime('now')"
        return f"/sessions/{db.execute(live).fetchone()[0]}/room"


def type_question(teacher: Page, text: str, *, named: bool = False) -> None:
    teacher.get_by_text("Ask something now").click()
    teacher.get_by_label("Question", exact=True).fill(text)
    if named:
        teacher.get_by_label(re.compile("Show me names")).check()
    teacher.locator("[data-part=ask]").get_by_role("button", name="Ask now").click()


def test_a_question_is_asked_answered_and_survives_a_lost_line(enter: Enter, room: str) -> None:
    teaching = enter("iskandar")
    visit = enter("budi", viewport={"width": 390, "height": 800}, has_touch=True)
    teacher, budi = teaching.page, visit.page
    teacher.goto(room)
    budi.goto(room)
    panel = budi.locator("#pulse")
    expect(teacher.get_by_text("Ask something now")).to_be_visible()
    type_question(teacher, "Ready for the break?")

    expect(panel.get_by_text("Ready for the break?", exact=True)).to_be_visible()
    # A screen reader hears of it once, and of no bar that moves.
    expect(panel.locator("[data-part=spoken]")).to_have_text("Pertanyaan baru: Ready for the break?")
    # Before answering nobody is told what the others think.
    expect(panel.locator("[data-part=amount]").first).to_be_hidden()
    button = panel.get_by_role("button", name="Ya", exact=True)
    assert button.bounding_box()["height"] >= 44  # type: ignore[index]
    button.tap()
    expect(panel.get_by_text("Jawaban Anda sudah sampai.").last).to_be_visible()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(teacher.locator("#pulse .pulse-choice").first).to_contain_text("1 of 1 · 100 %")

    # The line is lost; what is tapped meanwhile is told when it is back, and the bars follow.
    visit.context.set_offline(True)
    expect(budi.locator("#connection")).to_be_visible()
    panel.get_by_role("button", name="Tidak", exact=True).tap()
    expect(panel.get_by_text("Sedang dikirim ke server …")).to_be_visible()
    visit.context.set_offline(False)
    expect(panel.get_by_text("Jawaban Anda sudah sampai.").last).to_be_visible(timeout=20_000)
    expect(teacher.locator("#pulse .pulse-choice").nth(1)).to_contain_text("1 of 1 · 100 %")

    # Whoever loads the page again finds the question and the own answer.
    budi.reload()
    expect(panel.get_by_role("button", name="Tidak", exact=True)).to_have_attribute("aria-pressed", "true")

    # By keyboard: the answer changes, the focus stays where it is while bars move.
    first = panel.get_by_role("button", name="Ya", exact=True)
    first.focus()
    first.press("Enter")
    expect(teacher.locator("#pulse .pulse-choice").first).to_contain_text("1 of 1 · 100 %")
    expect(first).to_be_focused()

    teacher.get_by_role("button", name="Close the question").click()
    expect(panel.get_by_text("ditutup", exact=True)).to_be_visible()
    expect(first).to_be_hidden()
    assert [one for one in teaching.complaints + visit.complaints if "ERR_INTERNET" not in one] == []


def test_names_are_announced_before_they_are_shown(enter: Enter, room: str) -> None:
    teacher, nur = enter("iskandar").page, enter("nur").page
    teacher.goto(room)
    nur.goto(room)
    type_question(teacher, "Who has seen this?", named=True)
    expect(nur.get_by_text("Dengan nama: pemimpin sesi melihat siapa memberi jawaban apa.")).to_be_visible()
    nur.locator("#pulse").get_by_role("button", name="Ya", exact=True).click()
    expect(teacher.locator("#pulse [data-part=names]").first).to_contain_text("Nur Aini")
    expect(nur.locator("#pulse [data-part=names]").first).to_be_hidden()
