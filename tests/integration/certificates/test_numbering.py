"""No number twice and none left out, whoever issues at the same moment and whatever fails."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.certificates.models.certificates import Certificate, NumberCounter
from lms.certificates.service import issuing, ruling
from lms.db import Db, reading, writing
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession
from tests.factories import NINE, World, enrol, make_person
from tests.integration.certificates.conftest import AsPerson, Over, hold


def issue_to(db: Db, batch_id: int, person_id: int) -> Certificate | None:
    batch = db.scalars(select(Batch).where(Batch.id == batch_id).options(joinedload(Batch.programme))).one()
    rule = ruling.find_rule(db, batch.programme_id)
    assert rule is not None
    return issuing.issue(db, batch, rule, person_id, on=NINE.date(), by=None, at=NINE)


def at_once(calls: list[Callable[[], object]]) -> list[BaseException]:
    """Run these at the same moment; return what they raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_eight_at_once_take_eight_numbers_in_a_row(world: World, over: Over, app: Flask) -> None:
    with writing() as db:
        people = [make_person(db, f"Peserta {number}").id for number in range(8)]
        for person_id in people:
            enrol(db, world.batch, person_id)
        hold(db, world.batch, dict.fromkeys(people, "attended"), by=world.citra)
        drop_first(db, over.session)

    def issue(person_id: int) -> Callable[[], None]:
        def call() -> None:
            with writing() as db:
                assert issue_to(db, world.batch, person_id) is not None

        return call

    assert at_once([issue(person_id) for person_id in people]) == []
    with reading() as db:
        assert sorted(db.scalars(select(Certificate.serial))) == list(range(1, 9))
        assert len(set(db.scalars(select(Certificate.number)))) == 8


def test_two_who_issue_to_one_person_give_her_one(world: World, over: Over, app: Flask) -> None:
    def call() -> None:
        with writing() as db:
            issue_to(db, world.batch, world.ayu)

    assert at_once([call] * 4) == []
    with reading() as db:
        assert db.scalars(select(Certificate.serial)).all() == [1]
        assert db.scalars(select(NumberCounter.last)).one() == 1


def test_a_transaction_that_fails_gives_its_number_back(world: World, over: Over, app: Flask) -> None:
    with pytest.raises(RuntimeError, match="the disk is full"), writing() as db:
        assert issue_to(db, world.batch, world.ayu) is not None
        raise RuntimeError("the disk is full")
    with writing() as db:
        made = issue_to(db, world.batch, world.budi)
        assert made is not None and made.serial == 1


def drop_first(db: Db, session_id: int) -> None:
    """Cancel the session that was held before these people came."""
    db.get_one(LiveSession, session_id).status = "cancelled"


def test_the_serial_begins_again_each_year_and_goes_on_from_paper(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    admin = as_person(world.admin)
    form = {"name": "Sertifikat", "pattern": "B.{serial:3}/{year}", "next_serial": "589"}
    assert admin.post(f"/certificates/books/{over.book}", data=form).status_code == 302
    with writing() as db:
        first = issue_to(db, world.batch, world.ayu)
    assert first is not None and first.number == "B.589/2026"
    refused = admin.post(f"/certificates/books/{over.book}", data=form | {"next_serial": "600"})
    assert refused.status_code == 422 and "the next is 590" in refused.text
    with writing() as db:
        batch = db.scalars(select(Batch).where(Batch.id == world.batch).options(joinedload(Batch.programme))).one()
        rule = ruling.find_rule(db, batch.programme_id)
        assert rule is not None
        second = issuing.issue(db, batch, rule, world.budi, on=NINE.date().replace(year=2027), by=None, at=NINE)
    assert second is not None and second.number == "B.001/2027"


def test_books_with_one_name_or_pattern_are_refused(world: World, over: Over, as_person: AsPerson) -> None:
    admin = as_person(world.admin)
    same = {"name": "sertifikat", "pattern": "800.2.4/{serial:3}/BKPSDM/{roman}/{year}", "next_serial": "1"}
    answer = admin.post("/certificates/books/new", data=same)
    assert answer.status_code == 422
    assert "There is a number book of this name" in answer.text and "given twice" in answer.text
    unsafe = admin.post("/certificates/books/new", data={"name": "B", "pattern": "{serial}", "next_serial": "1"})
    assert unsafe.status_code == 422 and "needs {year}" in unsafe.text
