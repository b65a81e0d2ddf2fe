"""A whole programme as its coordinator runs it: the office's sheet, certificates, the study visit, and the report."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from lms import clock
from lms.attendance.models import Mark, Register
from lms.db import Database, Db
from lms.delegations.models import Delegation
from lms.outbox.models import Notice
from lms.programmes.models import Enrolment
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from lms.web.i18n import DEFAULT_ZONE
from tests.browser.conftest import DemoSite, Enter
from tests.factories import make_session
from tests.integration.live.serving import wait_until
from tests.office_sheet import office_sheet

pytestmark = pytest.mark.browser

PROGRAMME = "/programmes/pelayanan-publik-prima-bersama-civil-service-college"
SAVE = ".form-foot button[type=submit]"


def test_from_the_offices_sheet_to_certificates_and_seven_people_announced(
    demo_site: DemoSite, enter: Enter, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{demo_site.home / 'jembatan.sqlite'}")
    citra = enter("citra")
    page = citra.page
    batch = new_batch(page)
    bring_people(page, batch, tmp_path)
    with database.writing() as db:
        people = hold(db, batch)
    # Two were absent and three failed: the others are ready.
    page.goto(f"/batches/{batch}/certificates")
    expect(page.locator("#ready tbody tr")).to_have_count(35)
    page.locator("#chosen button:not([type=button])").last.click()
    page.locator("#progress form[action$='/begin'] button").click()
    expect(page.locator("#issued tbody tr")).to_have_count(35, timeout=30_000)

    visit = plan_visit(page)
    for person in people:
        page.locator(f"input[name=people][value='{person}']").check()
    page.locator("form[action$='/candidates'] button").last.click()
    expect(page.locator("#candidates .list-item")).to_have_count(len(people))
    page.goto(f"/study-visits/{visit}/ranking")
    page.locator("textarea[name=reasons]").fill("Menurut peringkat.")
    page.locator("form[action$='/decide'] button").last.click()
    page.locator("dialog[open] button[value=yes]").click()
    expect(page.locator("form[action$='/decide']")).to_have_count(0)
    with database.writing() as db:
        # The moment comes sooner than a coordinator could choose it.
        db.execute(update(Delegation).where(Delegation.id == visit).values(announce_at=clock.now()))
    wait_until(lambda: len(told_of(database, visit)) == len(people), seconds=30)
    told = told_of(database, visit)
    assert [told.count(one) for one in ("visit_chosen", "visit_reserve")] == [7, 3]

    page.goto(f"{PROGRAMME}/report?batch={batch}")
    tiles = page.locator(".tile-value").all_inner_texts()
    assert (tiles[0], tiles[3], tiles[6]) == ("40", "37", "35")
    page.locator("a.tile", has_text=re.compile("Certificates|Sertifikat")).click()
    expect(page.locator("main tbody tr")).to_have_count(35)
    assert citra.complaints == []


def today() -> date:
    return clock.now().astimezone(DEFAULT_ZONE).date()


def new_batch(page: Page) -> int:
    page.goto(f"{PROGRAMME}/batches/new")
    page.locator("input[name=name]").fill(f"Angkatan {clock.now():%H%M%S}")
    page.locator("input[name=starts_on]").fill((today() - timedelta(days=40)).isoformat())
    page.locator("input[name=ends_on]").fill((today() - timedelta(days=2)).isoformat())
    page.locator(SAVE).click()
    page.wait_for_url(re.compile(r"/batches/\d+/enrol$"))
    return int(page.url.split("/")[-2])


def bring_people(page: Page, batch: int, folder: Path) -> None:
    """Hand in the sheet with forty people, look at what it would do, and say yes."""
    sheet = folder / "usulan.xlsx"
    sheet.write_bytes(office_sheet())
    page.goto("/people/import")
    page.locator("input[type=file]").set_input_files(sheet)
    page.locator("select[name=batch]").select_option(str(batch))
    page.locator(SAVE).click()
    page.wait_for_url(re.compile(r"/people/import/\d+$"))
    expect(page.locator("main tbody tr")).to_have_count(40)
    page.locator("form[action$='/apply'] button").click()
    expect(page.locator("form[action$='/apply']")).to_have_count(0)
    page.goto(f"/batches/{batch}/people")
    expect(page.locator("main tbody tr:not(.group-row)")).to_have_count(40)


def hold(db: Db, batch: int) -> list[int]:
    """Have two signed sessions and the tests behind the batch; return the people, the best of them first."""
    at = clock.now()
    people = list(db.scalars(select(Enrolment.person_id).where(Enrolment.batch_id == batch).order_by(Enrolment.id)))
    db.execute(update(Enrolment).where(Enrolment.batch_id == batch).values(starts_at=at - timedelta(days=40)))
    for days in (20, 10):
        session = make_session(db, batch, starts_at=at - timedelta(days=days), title_id=f"Sesi {days}").id
        for number, person in enumerate(people):
            status = "absent" if number >= 38 else "attended"
            db.add(Mark(session_id=session, person_id=person, status=status, judged_at=at))
        db.add(
            Register(
                session_id=session, signed_by=people[0], signed_at=at, evidence_ids=[], correction_ids=[],
                fingerprint="0" * 64, marks=[],
            )
        )  # fmt: skip
    for quiz in db.scalars(select(Quiz).where(Quiz.purpose.in_(("pre", "post")), Quiz.archived_at.is_(None))).all():
        version = db.scalars(
            select(QuizVersion.id).where(QuizVersion.quiz_id == quiz.id, QuizVersion.number == quiz.version)
        ).one()
        for number, person in enumerate(people):
            percent = 30.0 if quiz.purpose == "pre" else 20.0 if 35 <= number < 38 else 99.0 - number / 2
            db.add(
                Attempt(
                    quiz_id=quiz.id, version_id=version, batch_id=batch, person_id=person, number=1, seed="s",
                    percent=percent, earned=percent, possible=100.0, passed=percent >= 70, started_at=at,
                    submitted_at=at, submitted_by="person",
                )
            )  # fmt: skip
    db.flush()
    return people[:12]


def plan_visit(page: Page) -> int:
    """Plan a visit of seven with three reserves, chosen by attendance and the post-test; return its number."""
    page.goto(f"{PROGRAMME}/study-visits/new")
    page.locator("input[name=title_id]").fill("Kunjungan utuh")
    page.locator("input[name=place]").fill("Singapura")
    for name, days in (("starts_on", 60), ("ends_on", 65)):
        page.locator(f"input[name={name}]").fill((today() + timedelta(days=days)).isoformat())
    page.locator(SAVE).click()
    page.wait_for_url("**/criteria")
    found = re.search(r"/study-visits/(\d+)/", page.url)
    assert found
    for source, weight in (("attendance", "40"), ("post_test", "60")):
        form = page.locator("form[action$='/criteria']")
        form.locator("input[name=name_id]").fill(source)
        form.locator(f"input[name=source][value={source}]").check()
        form.locator("input[name=weight]").fill(weight)
        form.locator("button").last.click()
        expect(page.locator("#weights tbody tr")).to_have_count(1 if source == "attendance" else 2)
    page.locator("form[action$='/publish'] button").click()
    page.locator("dialog[open] button[value=yes]").click()
    expect(page.locator("form[action$='/publish']")).to_have_count(0)
    page.goto(f"/study-visits/{found[1]}/candidates")
    return int(found[1])


def told_of(database: Database, visit: int) -> list[str]:
    """Return what those who stood for selection have been told."""
    with database.reading() as db:
        templates = ("visit_chosen", "visit_reserve", "visit_not_chosen")
        about = Notice.link.like(f"/study-visits/{visit}%")
        return list(db.scalars(select(Notice.template).where(Notice.template.in_(templates), about)))
