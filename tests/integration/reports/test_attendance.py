"""A batch's attendance as pictures: who may look, what is drawn, and that it does not slow down as it grows."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from lms.db import writing
from tests.factories import World, enrol, grant, make_person
from tests.integration.reports.conftest import Term, make_mark

As = Callable[[int], FlaskClient]


def test_the_pictures_say_their_numbers_as_tables_too(world: World, term: Term, as_person: As) -> None:
    page = as_person(world.citra).get(f"/batches/{world.batch}/attendance")
    assert page.status_code == 200
    assert page.text.count('<svg class="chart-figure" role="img" aria-label=') == 2
    assert page.text.count("<caption") == 3
    assert f"/sessions/{term.held[0]}/register" in page.text
    assert "style=" not in page.text


def test_before_the_first_session_the_page_says_so(world: World, as_person: As) -> None:
    page = as_person(world.citra).get(f"/batches/{world.batch}/attendance")
    assert page.status_code == 200
    assert "chart-figure" not in page.text


def test_a_coordinator_of_one_unit_sees_its_people_only(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
    page = as_person(dewi.id).get(f"/batches/{world.batch}/attendance")
    assert page.status_code == 200
    assert "of 1 trainee" in page.text


@pytest.mark.parametrize("sort", ["share", "-share", "name", "-name", "nonsense", "' or 1=1"])
def test_whatever_the_address_asks_for_the_page_answers(world: World, term: Term, as_person: As, sort: str) -> None:
    page = as_person(world.citra).get(f"/batches/{world.batch}/attendance", query_string={"sort": sort})
    assert page.status_code == 200
    assert "aria-sort" in page.text


def test_the_number_of_statements_does_not_grow(world: World, term: Term, as_person: As, counted: list[str]) -> None:
    citra = as_person(world.citra)
    address = f"/batches/{world.batch}/attendance"
    citra.get(address)
    counted.clear()
    citra.get(address)
    few = len(counted)
    with writing() as db:
        for number in range(12):
            person = make_person(db, f"Orang {number}")
            enrol(db, world.batch, person.id)
            make_mark(db, term.held[0], person.id)
    counted.clear()
    citra.get(address)
    assert len(counted) == few <= 10
