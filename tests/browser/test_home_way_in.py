"""The way in on the first page opens by itself, and follows what the server says rather than its own countdown."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lms import clock
from lms.accounts.models import Person
from lms.db import Database
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession
from lms.sessions.rules import DOOR_BEFORE
from tests.browser.conftest import PEOPLE, DemoSite, Enter
from tests.factories import make_session

pytestmark = pytest.mark.browser

# Long enough to sign in and load the page, short enough to wait for.
UNTIL_OPEN = timedelta(seconds=8)


def test_the_join_button_appears_at_zero_and_goes_when_the_session_is_moved(demo_site: DemoSite, enter: Enter) -> None:
    database = Database(f"sqlite:///{demo_site.home / 'jembatan.sqlite'}")
    with database.writing() as db:
        batch_id = db.scalar(
            select(Enrolment.batch_id)
            .join(Person, Person.id == Enrolment.person_id)
            .where(Person.email == PEOPLE["melati"].email)
        )
        assert batch_id is not None
        starts_at = clock.now() + DOOR_BEFORE + UNTIL_OPEN
        session_id = make_session(db, batch_id, starts_at=starts_at, title_id="Sesi percobaan").id
    visit = enter("melati")
    page = visit.page
    expect(page.get_by_role("heading", name="Sesi percobaan")).to_be_visible()
    join = page.locator(f'a[href="/sessions/{session_id}/room"]')
    expect(join).to_have_count(1)
    expect(join).to_be_hidden()
    expect(join).to_be_visible(timeout=20_000)
    expect(page.locator("[data-when=early]")).to_be_hidden()

    with database.writing() as db:
        moved = db.get_one(LiveSession, session_id)
        moved.starts_at += timedelta(days=1)
        moved.ends_at += timedelta(days=1)
        moved.sequence += 1
    database.dispose()
    # What a laptop does that was closed for a while: the page is shown again.
    page.evaluate(
        """() => {
            const real = Date.now;
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
            Date.now = () => real() + 61_000;
            Object.defineProperty(document, "hidden", { value: false, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(join).to_be_hidden()
    expect(page.locator("[data-when=early]")).to_be_visible()
    assert visit.complaints == []
