"""What was written survives a sign-in that ended meanwhile, and a line that is gone when it is sent."""

import pytest
from playwright.sync_api import expect

from tests.browser.barriers import barriers, bring_axe
from tests.browser.conftest import Enter, sign_in

pytestmark = pytest.mark.browser

SUMMARY = "Untuk petugas loket,\nyang setiap hari bertemu warga."


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_what_was_written_is_sent_after_signing_in_in_another_tab(enter: Enter, script: bool) -> None:
    visit = enter("nurul", java_script_enabled=script, reduced_motion="reduce")
    bring_axe(visit.context)
    page, title = visit.page, f"Layanan ramah {script}"
    page.goto("/programmes/new")
    page.locator("input[name=title_id]").fill(title)
    page.locator("textarea[name=summary_id]").fill(SUMMARY)
    visit.context.clear_cookies()
    page.locator(".form-foot button").last.click()
    expect(page.locator(".kept-text")).to_contain_text("yang setiap hari")
    assert not script or barriers(page) == []
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


def test_without_a_line_what_was_written_stays_where_it_is(enter: Enter) -> None:
    visit = enter("nurul")
    page = visit.page
    page.goto("/programmes/new")
    page.locator("input[name=title_id]").fill("Layanan tanpa sinyal")
    page.locator("textarea[name=summary_id]").fill(SUMMARY)
    save = page.locator(".form-foot button").last
    visit.context.set_offline(True)
    save.click()
    unsent = page.locator("#connection [data-state=unsent]")
    expect(unsent).to_be_visible()
    visit.context.set_offline(False)
    expect(unsent).to_be_hidden()
    # Bars on the phone, and yet nothing answers.
    page.route("**/form-token", lambda route: route.abort())
    save.click()
    expect(unsent).to_be_visible()
    expect(page.locator("textarea[name=summary_id]")).to_have_value(SUMMARY)
    page.unroute("**/form-token")
    save.click()
    expect(page.locator("h1")).to_have_text("Layanan tanpa sinyal")
