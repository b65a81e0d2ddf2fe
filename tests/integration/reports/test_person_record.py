"""A person's attendance across all programmes: for those who look after her, and no further than they do."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.db import writing
from tests.factories import NINE, World, enrol, grant, make_person, make_session
from tests.integration.reports.conftest import Term, make_mark

As = Callable[[int], FlaskClient]


def learn_elsewhere(world: World) -> int:
    """Enrol Ayu in the other batch as well, with a session she missed."""
    with writing() as db:
        enrol(db, world.other_batch, world.ayu)
        session = make_session(db, world.other_batch, starts_at=NINE - timedelta(hours=5), title_en="Elsewhere")
        make_mark(db, session.id, world.ayu, "absent")
    return session.id


def test_all_programmes_stand_on_one_page_with_their_sum(world: World, term: Term, as_person: As) -> None:
    other = learn_elsewhere(world)
    page = as_person(world.admin).get(f"/people/{world.ayu}/attendance").text
    assert "Ayu Lestari" in page
    assert "Angkatan I" in page and "Angkatan II" in page
    assert "2 of 6" in page
    assert "of 12 planned" in page
    assert f"/sessions/{other}/register/{world.ayu}" in page
    assert f"/sessions/{term.held[0]}/register/{world.ayu}" in page


def test_a_coordinator_sees_the_batches_she_looks_after(world: World, term: Term, as_person: As) -> None:
    learn_elsewhere(world)
    page = as_person(world.citra).get(f"/people/{world.ayu}/attendance").text
    assert "Courtesy" in page
    assert "Elsewhere" not in page and "Angkatan II" not in page


def test_a_coordinator_of_units_sees_her_people_everywhere(world: World, term: Term, as_person: As) -> None:
    learn_elsewhere(world)
    with writing() as db:
        wati = make_person(db, "Wati")
        grant(db, wati.id, "coordinator", "unit", world.unit)
    page = as_person(wati.id).get(f"/people/{world.ayu}/attendance").text
    assert "Courtesy" in page and "Elsewhere" in page
    assert as_person(wati.id).get(f"/people/{world.budi}/attendance").status_code in (403, 404)


def test_strangers_learn_nothing_and_others_may_not(world: World, term: Term, as_person: As) -> None:
    assert as_person(world.citra).get(f"/people/{world.mallory}/attendance").status_code == 404
    assert as_person(world.mallory).get(f"/people/{world.ayu}/attendance").status_code == 404
    for person in (world.ayu, world.budi, world.iskandar):
        assert as_person(person).get(f"/people/{world.ayu}/attendance").status_code == 403
    assert as_person(world.citra).get("/people/999/attendance").status_code == 404


def test_somebody_without_sessions_and_with_markup_in_her_name_is_shown(world: World, as_person: As) -> None:
    with writing() as db:
        db.get_one(Person, world.mallory).name = "<script>alert(1)</script>"
    page = as_person(world.admin).get(f"/people/{world.mallory}/attendance")
    assert page.status_code == 200
    assert "No attendance yet" in page.text
    assert "<script>alert(1)" not in page.text


def test_the_number_of_statements_does_not_grow_with_sessions(
    world: World, term: Term, as_person: As, counted: list[str]
) -> None:
    citra = as_person(world.citra)
    citra.get(f"/people/{world.ayu}/attendance")
    counted.clear()
    citra.get(f"/people/{world.ayu}/attendance")
    few = len(counted)
    with writing() as db:
        for number in range(30):
            session = make_session(db, world.batch, starts_at=NINE - timedelta(days=3, hours=number))
            make_mark(db, session.id, world.ayu)
    counted.clear()
    citra.get(f"/people/{world.ayu}/attendance")
    assert len(counted) == few
    assert few <= 8
