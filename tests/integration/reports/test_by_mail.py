"""Reports by mail: sent when due, once however many look, with the page enclosed, and never without the right."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from lms.accounts import principal
from lms.accounts.models import Grant, Person
from lms.db import reading, writing
from lms.outbox.delivery import compose
from lms.outbox.models import Message, Notice
from lms.reports import service
from lms.reports.models import ReportSubscription
from lms.reports.tasks import send_reports
from tests.factories import NINE, World, make_person
from tests.integration.reports.conftest import Term

As = Callable[[int], FlaskClient]
ADDRESS = "/programmes/pelayanan-prima/report/by-mail"
# Wednesday, 06.30 WITA.
DUE = NINE + timedelta(days=1) - timedelta(hours=2, minutes=30)


def counts() -> tuple[int, int]:
    with reading() as db:
        return tuple(db.scalar(select(func.count()).select_from(one)) or 0 for one in (Message, Notice))  # type: ignore[return-value]


def run(app: Flask) -> int:
    with app.app_context():
        return send_reports(DUE)


def test_it_is_sent_when_due_with_the_page_enclosed_and_once(
    world: World, app: Flask, term: Term, as_person: As
) -> None:
    citra = as_person(world.citra)
    assert citra.post(ADDRESS, data={"rhythm": "weekly-3"}).status_code == 302
    assert citra.post(ADDRESS, data={"rhythm": "hourly"}).status_code == 422
    with app.app_context():
        assert send_reports(DUE - timedelta(minutes=1)) == 0
    with reading() as db:
        (due,) = service.due_subscriptions(db, at=DUE)
    assert run(app) == 1 and run(app) == 0
    # Somebody who found it due before it was sent comes too late.
    with writing() as db:
        zone = principal.read_principal(db, world.citra).zone  # type: ignore[union-attr]
        assert not service.send(db, due[0], due[3], {}, "", zone=zone, at=DUE)
    assert counts() == (1, 1)
    with reading() as db:
        message, person = db.scalars(select(Message)).one(), db.get_one(Person, world.citra)
        following = db.scalars(select(ReportSubscription.due_at)).one()
    assert following == DUE + timedelta(days=7)
    with app.app_context():
        mail: EmailMessage = compose(app.config["SETTINGS"], message, person, "citra@example.test", DUE)
    words = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "2 trainees take part" in words and "/programmes/pelayanan-prima/report" in words
    (paper,) = [part for part in mail.iter_attachments() if part.get_content_type() == "application/pdf"]
    assert paper.get_content().startswith(b"%PDF") and (paper.get_filename() or "").startswith("laporan-")
    assert citra.post(ADDRESS, data={"stop": "1"}).status_code == 302
    with app.app_context():
        assert send_reports(DUE + timedelta(days=30)) == 0


def test_a_head_of_unit_is_told_of_her_people_and_nobody_without_the_right(
    world: World, app: Flask, term: Term, as_person: As
) -> None:
    with writing() as db:
        head = make_person(db, "Halimah", role="unit_head", scope="unit", scope_id=world.unit).id
    assert as_person(head).post(ADDRESS, data={"rhythm": "weekly-3"}).status_code == 302
    assert as_person(world.ayu).post(ADDRESS, data={"rhythm": "weekly-3"}).status_code == 403
    assert run(app) == 1
    with reading() as db:
        assert "One trainee takes part" in db.scalars(select(Message)).one().params["summary"]
    with writing() as db:
        db.execute(delete(Grant).where(Grant.person_id == head))
        db.scalars(select(ReportSubscription)).one().due_at = DUE
    assert run(app) == 0
    assert counts() == (1, 1)
    with reading() as db:
        assert db.scalars(select(ReportSubscription)).all() == []


@pytest.fixture(autouse=True)
def still(clock: time_machine.Traveller) -> None:
    """The clock stands at nine throughout."""
