"""Somebody whose sign-in ended while she wrote signs in beside her form, and sends it as it was."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter, sign_in

pytestmark = pytest.mark.browser

SUMMARY = "Untuk petugas loket,\nyang setiap hari bertemu warga."


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_what_was_written_is_sent_after_signing_in_in_another_tab(enter: Enter, script: bool) -> None:
    visit = enter("nurul", java_script_enabled=script)
    page, title = visit.page, f"Layanan ramah {script}"
    page.goto("/programmes/new")
    page.locator("input[name=title_id]").fill(title)
    page.locator("textarea[name=summary_id]").fill(SUMMARY)
    visit.context.clear_cookies()
    page.locator(".form-foot button").last.click()
    expect(page.locator(".kept-text")).to_contain_text("yang setiap hari")
    with visit.context.expect_page() as opened:
        page.locator("#sign-in-elsewhere").click()
    other = opened.value
    sign_in(other, "nurul")
    other.close()
    page.bring_to_front()
    again = page.locator("#kept button")
    if script:
        # A browser without a window tells nothing of coming back to it.
        page.evaluate("dispatchEvent(new Event('focus'))")
        expect(page.locator("#signed-in")).to_be_visible()
        expect(page.locator("#sign-in-elsewhere")).to_have_count(0)
    else:
        # The token is that of before: refused once more, and once more kept.
        again.click()
        expect(page.locator("#sign-in-elsewhere")).to_have_count(0)
    again.click()
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("main")).to_contain_text("yang setiap hari bertemu warga.")
    page.goto("/programmes")
    expect(page.locator("main a", has_text=title)).to_have_count(1)
    assert [one for one in visit.complaints if "status of 40" not in one] == []
