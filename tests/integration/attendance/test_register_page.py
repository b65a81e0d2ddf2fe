"""The register's page: its three faces, whom it shows, what it draws of a thousand people, and what watchers get."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import register
from lms.attendance.views import looking
from lms.attendance.watching import Snapshots
from lms.db import reading, writing
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession
from tests.factories import NINE, World, enrol, grant, make_person
from tests.integration.attendance.conftest import Tell, at, attend

As = Callable[[int], FlaskClient]


def page_of(client: FlaskClient, session: int, query: str = "") -> str:
    page = client.get(f"/sessions/{session}/register{query}")
    assert page.status_code == 200
    return page.text


def index_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="index">(.*?)</script>', text)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def face_of(text: str) -> str:
    found = re.search(r'data-face="(\w+)"', text)
    assert found
    return found[1]


def people_of(text: str) -> list[int]:
    """Return whose lines are drawn, in their order."""
    return [int(person) for person in re.findall(r'<tr role="row" tabindex="-1" data-person="(\d+)"', text)]


def fill(world: World, number: int, **fields: Any) -> list[int]:
    """Enrol so many more."""
    with writing() as db:
        people = [make_person(db, f"Peserta {n:04d}", **fields).id for n in range(number)]
        for person in people:
            enrol(db, world.batch, person)
    return people


def test_one_page_is_cockpit_register_and_report(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    faces = []
    for minutes in (-10, 0, 89, 90.5, 92):
        clock.move_to(at(minutes))
        faces.append(face_of(page_of(as_person(world.citra), lecture)))
    assert faces == ["cockpit", "register", "register", "register", "report"]


def test_the_cockpit_tells_who_has_opened_the_page_who_is_connected_and_who_is_missing(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.CONNECTED, -12)
    clock.move_to(at(-10))
    text = page_of(as_person(world.citra), lecture)
    assert index_of(text) == {
        "people": [world.ayu, world.budi],
        "groups": ["connected", "missing"],
        "opened": [world.ayu],
        "tested": [],
        "others": [],
    }
    tell(world.ayu, Kind.DROPPED, -9)
    text = page_of(as_person(world.citra), lecture)
    assert index_of(text)["groups"] == ["missing", "missing"]
    assert 'data-flag="opened"' in text.split("<template", 1)[0]


def test_before_the_doors_open_nobody_is_missing_or_called(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    for minutes, words, others in ((-16, "Not due yet", "Missing"), (-15, "Missing", "Not due yet")):
        clock.move_to(at(minutes))
        text = page_of(as_person(world.citra), lecture)
        assert words in text and others not in text
        assert ('data-status="missing"' in text) == (minutes == -15)


def test_a_view_can_be_sent_words_unit_and_group_stand_in_the_address(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    clock.move_to(at(10))
    citra = as_person(world.citra)
    everyone, ayu, budi = [world.budi, world.ayu], [world.ayu], [world.budi]
    assert people_of(page_of(citra, lecture)) == everyone
    assert people_of(page_of(citra, lecture, "?q=lestari")) == ayu
    assert people_of(page_of(citra, lecture, "?q=198609")) == ayu
    assert people_of(page_of(citra, lecture, "?q=19")) == []
    assert people_of(page_of(citra, lecture, f"?unit={world.other_unit}")) == budi
    assert people_of(page_of(citra, lecture, "?group=missing")) == budi
    assert people_of(page_of(citra, lecture, f"?group=present&unit={world.other_unit}")) == []
    assert people_of(page_of(citra, lecture, "?unit=x&group=nobody&all=everything")) == everyone


def test_a_group_draws_a_hundred_and_knows_the_rest(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    fill(world, 130)
    clock.move_to(at(10))
    text = page_of(as_person(world.citra), lecture)
    assert len(people_of(text)) == looking.DRAWN
    assert len(index_of(text)["people"]) == 132
    assert '<span data-more="missing">32</span>' in text
    assert "all=missing" in text
    assert len(people_of(page_of(as_person(world.citra), lecture, "?all=missing"))) == 132


def test_lines_not_drawn_are_fetched_by_those_who_may_see_them(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(10))
    path = f"/sessions/{lecture}/register/lines?person={world.ayu}&person={world.budi}&person=x&person={world.mallory}"
    assert people_of(as_person(world.citra).get(path).text) == [world.ayu, world.budi]
    with writing() as db:
        wati = make_person(db, "Wati", role="coordinator", scope="unit", scope_id=world.unit).id
    assert people_of(as_person(wati).get(path).text) == [world.ayu]
    assert as_person(world.ayu).get(path).status_code == 403
    assert as_person(world.mallory).get(path).status_code == 404


def test_the_report_tells_share_length_and_average_and_each_stay_with_its_witness(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        db.get_one(LiveSession, lecture).breaks = [[at(40).isoformat(), at(50).isoformat()]]
    attend(tell, world.ayu, 0, 30)
    attend(tell, world.ayu, 50, 90)
    clock.move_to(at(95))
    text = page_of(as_person(world.citra), lecture)
    assert "1 of 2" in text
    assert "50\u00a0%" in text
    assert "1 h 20 min" in text
    assert "10 min of breaks" in text
    assert "1 h 10 min" in text and "of one who came" in text
    assert "(2 stays)" in text
    assert "09:00–09:30" in text and "(30 min)" in text
    assert "browser" in text
    assert people_of(page_of(as_person(world.citra), lecture, "?group=attended")) == [world.ayu]


def test_an_empty_register_and_one_that_nobody_matches_say_so(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(10))
    assert "Nobody matches" in page_of(as_person(world.citra), lecture, "?q=nobody-of-that-name")
    with writing() as db:
        for enrolment in db.query(Enrolment).where(Enrolment.batch_id == world.batch, Enrolment.role == "trainee"):
            db.delete(enrolment)
    assert "Nobody is enrolled in this batch yet" in page_of(as_person(world.citra), lecture)


def test_the_number_of_statements_does_not_grow_with_people(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller, counted: list[str]
) -> None:
    clock.move_to(at(60))
    citra = as_person(world.citra)
    attend(tell, world.ayu, 0, 30)
    page_of(citra, lecture)
    counted.clear()
    page_of(citra, lecture)
    few = len(counted)
    for person in fill(world, 25, unit_id=world.unit):
        attend(tell, person, 1, 40)
    counted.clear()
    page_of(citra, lecture)
    assert len(counted) == few
    assert few <= 30


def test_names_with_markup_are_only_text(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        db.get_one(Person, world.ayu).name = "</script><script>alert(1)</script>"
    clock.move_to(at(10))
    assert "<script>alert(1)" not in page_of(as_person(world.citra), lecture)


def test_a_page_drawn_a_moment_ago_is_sent_only_what_is_new_since(world: World, lecture: int, tell: Tell) -> None:
    everyone = fill(world, 120)
    for person in everyone:
        tell(person, Kind.JOINED, 1)
    with reading() as db:
        session = db.get_one(LiveSession, lecture)
        before = register.version(db, lecture)
    tell(world.ayu, Kind.JOINED, 2)
    with time_machine.travel(at(3), tick=False):
        fresh = Snapshots().read(session, since=before)
        whole = Snapshots().read(session)
        odd = Snapshots().read(session, since="nonsense")
    sent = {line["person"] for _, line in fresh.lines}
    assert world.ayu in sent and len(sent) <= 60
    assert len(whole.lines) == len(odd.lines) == 122
    assert fresh.version == whole.version != before


def test_a_signature_since_then_is_told_with_every_line(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    attend(tell, world.ayu)
    clock.move_to(at(95))
    with reading() as db:
        before = register.version(db, lecture)
        session = db.get_one(LiveSession, lecture)
    as_person(world.citra).post(f"/sessions/{lecture}/register/sign", data={"version": before, "confirmed": "1"})
    with reading() as db:
        assert register.changed_since(db, lecture, before) is None
    assert len(Snapshots().read(session, since=before).lines) == 2


def test_a_line_tells_its_bar_in_seconds_since_the_start(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.JOINED, 5)
    tell(world.ayu, Kind.LEFT, 20)
    tell(world.ayu, Kind.JOINED, 21)
    with reading() as db:
        session = db.get_one(LiveSession, lecture)
        (line,) = register.read_lines(db, session, at=at(30), person_ids=[world.ayu])
    assert line.as_json(session)["spans"] == [[300, 1200, "present"], [1200, 1260, "bridged"], [1260, 1800, "present"]]
    assert line.opened


@pytest.mark.parametrize("minutes", [-10, 10, 95])
def test_a_coordinator_of_units_finds_no_trace_of_others(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller, minutes: int
) -> None:
    with writing() as db:
        wati = make_person(db, "Wati")
        grant(db, wati.id, "coordinator", "unit", world.unit)
    clock.move_to(NINE + timedelta(minutes=minutes))
    text = page_of(as_person(wati.id), lecture)
    assert index_of(text)["people"] == [world.ayu]
    assert "Budi" not in text
