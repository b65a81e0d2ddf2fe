"""One's own record: every session with its reason, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from lms.db import reading, writing
from lms.reports.queries.own import read_own_record
from tests.factories import NINE, World, enrol, make_session
from tests.integration.reports.conftest import Term, make_mark

As = Callable[[int], FlaskClient]


def test_a_trainee_sees_her_sessions_with_marks_reasons_and_how_sure_they_are(
    world: World, term: Term, as_person: As
) -> None:
    page = as_person(world.ayu).get("/attendance")
    assert page.status_code == 200
    assert "Courtesy" in page.text
    assert f"/attendance/{term.held[0]}" in page.text
    assert "40\u00a0%" in page.text
    assert "4 of 10 JP" in page.text
    assert "outlook_" not in page.text
    # Neither what is still to come nor what was cancelled has anything to say yet.
    assert f'href="/attendance/{term.to_come[0]}"' not in page.text
    assert f'href="/attendance/{term.cancelled}"' not in page.text


def test_the_record_holds_the_person_s_own_marks_alone(world: World, term: Term) -> None:
    with reading() as db:
        (record,) = read_own_record(db, world.budi, at=NINE)
    assert [session.session_id for session in record.sessions] == [term.held[2], term.held[1], term.held[0]]
    assert [session.cell.letter for session in record.sessions] == ["", "A", "S"]
    assert [session.state for session in record.sessions] == ["running", "provisional", "final"]
    assert record.to_come == 2
    assert record.balance.hours.excused == 2


def test_two_batches_are_two_records_the_latest_first(world: World, term: Term) -> None:
    with writing() as db:
        enrol(db, world.other_batch, world.ayu)
        session = make_session(db, world.other_batch, starts_at=NINE - timedelta(hours=3))
        make_mark(db, session.id, world.ayu, "absent")
    with reading() as db:
        records = read_own_record(db, world.ayu, at=NINE)
    assert {record.batch for record in records} == {"Angkatan I", "Angkatan II"}
    assert sum(len(record.sessions) for record in records) == 4
    other = next(record for record in records if record.batch_id == world.other_batch)
    assert (other.balance.hours.planned, other.balance.hours.missed) == (2, 2)


def test_somebody_without_sessions_is_told_when_something_will_stand_here(world: World, as_person: As) -> None:
    page = as_person(world.mallory).get("/attendance")
    assert page.status_code == 200
    assert "No attendance yet" in page.text


def test_an_administrator_has_no_record_of_her_own(world: World, as_person: As) -> None:
    assert as_person(world.admin).get("/attendance").status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(world: World, client: FlaskClient) -> None:
    answer = client.get("/attendance")
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_the_number_of_statements_does_not_grow_with_sessions(
    world: World, term: Term, as_person: As, counted: list[str]
) -> None:
    browser = as_person(world.ayu)
    browser.get("/attendance")
    counted.clear()
    browser.get("/attendance")
    few = len(counted)
    with writing() as db:
        for number in range(30):
            session = make_session(db, world.batch, starts_at=NINE - timedelta(days=3, hours=number))
            make_mark(db, session.id, world.ayu)
    counted.clear()
    browser.get("/attendance")
    assert len(counted) == few
    assert few <= 6


def test_one_batch_and_one_status_can_be_asked_for_in_the_address(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        enrol(db, world.other_batch, world.ayu)
        session = make_session(db, world.other_batch, starts_at=NINE - timedelta(hours=3))
        make_mark(db, session.id, world.ayu, "absent")
    page = as_person(world.ayu)

    def links(address: str) -> set[int]:
        text = page.get(address).text
        return {number for number in (*term.held, session.id) if f'href="/attendance/{number}"' in text}

    assert links("/attendance") == {*term.held, session.id}
    assert links(f"/attendance?batch={world.other_batch}") == {session.id}
    assert links("/attendance?status=absent") == {session.id}
    assert links(f"/attendance?batch={world.batch}&status=absent") == set()
    assert "Nothing matches" in page.get("/attendance?status=nonsense&batch=x").text


def test_a_short_record_of_one_batch_has_no_filter(world: World, term: Term, as_person: As) -> None:
    assert 'name="status"' not in as_person(world.ayu).get("/attendance").text
