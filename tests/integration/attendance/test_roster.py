"""The roster: forty people in one go, each tap once, taken back as easily, and nobody beyond one's reach."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.attendance.models import Evidence
from lms.attendance.service import register
from lms.db import reading, writing
from lms.sessions.models import LiveSession
from tests.factories import World, enrol, grant, make_person
from tests.integration.attendance.conftest import at
from tests.integration.conftest import Statements

Client = Callable[[int], FlaskClient]


def tap(client: FlaskClient, session: int, *changes: dict[str, Any]) -> Any:
    return client.post(f"/sessions/{session}/roster", json={"changes": list(changes)})


def change(person: int, act: str = "seen", key: str = "k", age: float = 0) -> dict[str, Any]:
    return {"person": person, "act": act, "key": key * 20, "age": age}


def count() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Evidence)) or 0


def line_of(session: int, person: int, minutes: float) -> register.RegisterLine:
    with reading() as db:
        lines = register.read_lines(db, db.get_one(LiveSession, session), at=at(minutes), person_ids=[person])
    return lines[0]


def test_a_tap_stores_and_answers_with_the_line_as_it_is_now(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(3))
    body = tap(as_person(world.citra), hall, change(world.ayu)).get_json()
    assert body["ok"] and body["refused"] == {}
    assert [(line["person"], line["group"], line["seen"]) for line in body["lines"]] == [(world.ayu, "present", True)]
    assert line_of(hall, world.ayu, 30).verdict.attended.total_seconds() == 30 * 60


def test_arriving_now_counts_from_the_tap_even_if_the_line_was_away(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(40))
    tap(as_person(world.citra), hall, change(world.ayu, "arrived", age=25 * 60))
    assert line_of(hall, world.ayu, 50).verdict.intervals[0].start == at(15)


def test_a_tap_told_again_changes_nothing_and_taking_back_keeps_both(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    citra = as_person(world.citra)
    tap(citra, hall, change(world.ayu))
    tap(citra, hall, change(world.ayu))
    assert count() == 1
    tap(citra, hall, change(world.ayu, "unseen", "u"))
    assert count() == 2 and line_of(hall, world.ayu, 5).group == "missing"
    tap(citra, hall, change(world.ayu, key="a"))
    # The answer to the taking back was lost, so it is sent again: what was seen since then stands.
    tap(citra, hall, change(world.ayu, "unseen", "u"))
    assert line_of(hall, world.ayu, 5).group == "present"


def test_taps_are_stored_in_their_order(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    body = tap(
        as_person(world.citra),
        hall,
        change(world.ayu, "seen", "a"),
        change(world.budi, "seen", "b"),
        change(world.ayu, "unseen", "c"),
        change(world.ayu, "arrived", "d"),
        change(world.budi, "unseen", "e"),
    ).get_json()
    assert {line["person"]: line["seen"] for line in body["lines"]} == {world.ayu: True, world.budi: False}


def test_two_coordinators_at_once_lose_nothing(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(
            lambda n: tap(as_person(world.citra), hall, change(world.ayu, key="abcd"[n])).status_code, range(4)
        )
    assert set(answers) == {200}
    assert line_of(hall, world.ayu, 5).seen
    tap(as_person(world.citra), hall, change(world.ayu, "unseen", "z"))
    assert not line_of(hall, world.ayu, 5).seen


def test_two_hundred_people_in_one_go_are_a_few_statements(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, counted: Statements
) -> None:
    with writing() as db:
        people = [make_person(db, f"Peserta {n}").id for n in range(200)]
        for person in people:
            enrol(db, world.batch, person)
    citra = as_person(world.citra)
    tap(citra, hall, change(world.ayu))
    counted.clear()
    changes = [change(person, key=f"{n:x}") for n, person in enumerate(people)]
    for each, one in enumerate(changes):
        one["key"] = f"{each:020d}"
    assert len(tap(citra, hall, *changes).get_json()["lines"]) == 200
    assert len(counted) <= 20
    assert len([statement for statement in counted if statement.startswith("INSERT")]) == 1


def test_nobody_arrives_after_the_end_and_the_others_are_stored(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(100))
    body = tap(as_person(world.citra), hall, change(world.ayu, "arrived", "a"), change(world.budi, key="b")).get_json()
    assert list(body["refused"]) == ["a" * 20]
    assert not line_of(hall, world.ayu, 101).seen and line_of(hall, world.budi, 101).seen


def test_before_the_doors_open_and_after_the_signature_nothing_is_marked(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(-16))
    assert tap(as_person(world.citra), hall, change(world.ayu)).status_code == 409
    clock.move_to(at(95))
    citra = as_person(world.citra)
    with reading() as db:
        seen = register.version(db, hall)
    citra.post(f"/sessions/{hall}/register/sign", data={"version": seen, "confirmed": "1"})
    assert tap(citra, hall, change(world.ayu)).status_code == 409
    assert count() == 0
    page = citra.get(f"/sessions/{hall}/roster")
    assert page.status_code == 200 and 'data-locked="1"' in page.text


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"changes": []},
        {"changes": [{"person": 1, "act": "guessed", "key": "k" * 20}]},
        {"changes": [{"person": 1, "act": "seen", "key": "short"}]},
        {"changes": [{"person": 1, "act": "seen", "key": "k" * 20, "age": -1}]},
    ],
)
def test_nonsense_is_refused_and_nothing_stored(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, sent: dict[str, Any]
) -> None:
    assert as_person(world.citra).post(f"/sessions/{hall}/roster", json=sent).status_code == 422
    assert count() == 0


def test_somebody_of_another_batch_is_not_on_the_roster(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    body = tap(as_person(world.citra), hall, change(world.mallory, key="m"), change(world.ayu)).get_json()
    assert list(body["refused"]) == ["m" * 20]
    assert count() == 1


def test_a_coordinator_of_one_unit_marks_its_people_alone(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
    page = as_person(dewi.id).get(f"/sessions/{hall}/roster")
    assert "Ayu Lestari" in page.text and "Budi Santoso" not in page.text
    body = tap(as_person(dewi.id), hall, change(world.budi, key="b"), change(world.ayu)).get_json()
    assert list(body["refused"]) == ["b" * 20] and [line["person"] for line in body["lines"]] == [world.ayu]


def test_only_a_coordinator_marks(
    world: World, hall: int, as_person: Client, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    for person, status in ((world.ayu, 403), (world.iskandar, 403), (world.mallory, 404)):
        assert as_person(person).get(f"/sessions/{hall}/roster").status_code == status
        assert tap(as_person(person), hall, change(world.ayu)).status_code == status
    assert tap(client, hall, change(world.ayu)).status_code == 401
    assert count() == 0


def test_without_script_each_button_is_a_form_that_leads_back_to_the_roster(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    citra = as_person(world.citra)
    form = {"people": world.ayu, "since": "start", "key": "k" * 20, "back": "roster"}
    answer = citra.post(f"/sessions/{hall}/register/seen", data=form)
    assert answer.headers["Location"] == f"/sessions/{hall}/roster"
    assert 'data-state="seen"' in citra.get(f"/sessions/{hall}/roster").text
    answer = citra.post(f"/sessions/{hall}/register/{world.ayu}/unseen", data=form)
    assert answer.headers["Location"] == f"/sessions/{hall}/roster"
    assert not line_of(hall, world.ayu, 5).seen
