"""A device whose clock is wrong by a day: what happened is dated by the server's clock all the same."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DemoSite, Enter

pytestmark = pytest.mark.browser

# Every way in which a script can ask for the time of day; `performance.now` runs on, as it does on a real device.
WRONG = """(() => {
  const off = %d, Right = Date;
  const now = () => Right.now() + off;
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(now()); }
    static now() { return now(); }
  };
})();"""


@pytest.mark.parametrize("hours", [24, -24])
def test_a_clock_wrong_by_a_day_moves_no_attendance(hours: int, demo_site: DemoSite, enter: Enter) -> None:
    who = "ayu" if hours > 0 else "budi"
    visit = enter(who)
    visit.page.add_init_script(WRONG % (hours * 3_600_000))
    before = datetime.now(UTC)
    visit.page.goto("/")
    shown = visit.page.evaluate("new Date().toISOString()")
    assert abs(datetime.fromisoformat(shown) - before) > timedelta(hours=23)
    visit.page.locator("#way-in a[href$='/room']:visible").click()
    expect(visit.page.locator("[data-record=recording]")).to_be_visible()
    visit.page.goto("/")
    with sqlite3.connect(next(demo_site.home.glob("*.sqlite"))) as database:
        rows = database.execute(
            "select kind, claimed_at from evidence join person on person.id = evidence.person_id"
            " where source = 'browser' and received_at >= ? and person.name like ?",
            (before.strftime("%Y-%m-%d %H:%M:%S"), f"{who.title()}%"),
        ).fetchall()
    assert "joined" in {kind for kind, _ in rows}
    for _, claimed in rows:
        told = datetime.fromisoformat(claimed).replace(tzinfo=UTC)
        assert before - timedelta(seconds=1) <= told <= datetime.now(UTC)
