"""Several enrolments ended at once and taken back, as if nothing had happened."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.accounts.models import Grant
from lms.db import reading, writing
from lms.outbox.models import Message, Notice
from lms.programmes.models import Enrolment
from tests.factories import NINE, World, enrol, grant, make_person

AsPerson = Callable[[int], FlaskClient]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Nine o'clock, until the test moves on."""
    with time_machine.travel(NINE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def several(world: World) -> list[int]:
    """Enrolments of four trainees whose right came with them."""
    with writing() as db:
        found = []
        for number in range(4):
            person = make_person(db, f"Peserta {number}", unit_id=world.unit if number else world.other_unit)
            found.append(enrol(db, world.batch, person.id).id)
    return found


def open_enrolments(ids: list[int]) -> int:
    with reading() as db:
        wanted = (Enrolment.id.in_(ids), Enrolment.ends_at.is_(None))
        return db.scalar(select(func.count()).select_from(Enrolment).where(*wanted)) or 0


def rights(world: World) -> int:
    with reading() as db:
        wanted = (Grant.scope_id == world.batch, Grant.role == "trainee", Grant.source == "enrolment")
        return db.scalar(select(func.count()).select_from(Grant).where(*wanted)) or 0


def told(template: str) -> tuple[int, int]:
    """Return how many notices of this kind there are, and how many letters still wait."""
    with reading() as db:
        notices = db.scalar(select(func.count()).select_from(Notice).where(Notice.template == template)) or 0
        wanted = (Message.template == template, Message.state == "waiting")
        return notices, db.scalar(select(func.count()).select_from(Message).where(*wanted)) or 0


def ended_in(address: str) -> str:
    found = re.search(r"ended=(\w+)", address)
    assert found is not None, address
    return found[1]


def test_what_was_ended_together_is_taken_back_together(
    as_person: AsPerson, world: World, several: list[int], clock: time_machine.Traveller
) -> None:
    citra = as_person(world.citra)
    before = rights(world)
    answer = citra.post(f"/batches/{world.batch}/withdraw", data={"enrolment": several[:3]})
    assert open_enrolments(several) == 1
    assert rights(world) == before - 3
    assert told("withdrawn") == (3, 3)
    page = citra.get(answer.location)
    assert f"/batches/{world.batch}/restore" in page.text

    clock.shift(timedelta(minutes=1))
    undo = {"ended": ended_in(answer.location), "enrolment": several[:3]}
    citra.post(f"/batches/{world.batch}/restore", data=undo)
    assert open_enrolments(several) == 4
    assert rights(world) == before
    # Nobody hears of what did not last a minute.
    assert told("withdrawn") == (0, 0)
    assert told("enrolled") == (0, 0)
    # Undoing twice changes nothing.
    citra.post(f"/batches/{world.batch}/restore", data=undo)
    assert rights(world) == before


def test_after_a_while_it_can_no_longer_be_undone(
    as_person: AsPerson, world: World, several: list[int], clock: time_machine.Traveller
) -> None:
    citra = as_person(world.citra)
    answer = citra.post(f"/batches/{world.batch}/withdraw", data={"enrolment": several[:1]})
    clock.shift(timedelta(minutes=11))
    assert "/restore" not in citra.get(answer.location).text
    citra.post(f"/batches/{world.batch}/restore", data={"ended": ended_in(answer.location), "enrolment": several})
    assert open_enrolments(several) == 3


def test_only_what_was_ended_then_comes_back(
    as_person: AsPerson, world: World, several: list[int], clock: time_machine.Traveller
) -> None:
    citra = as_person(world.citra)
    citra.post(f"/batches/{world.batch}/withdraw", data={"enrolment": several[:1]})
    clock.shift(timedelta(minutes=1))
    second = citra.post(f"/batches/{world.batch}/withdraw", data={"enrolment": several[1:2]})
    citra.post(f"/batches/{world.batch}/restore", data={"ended": ended_in(second.location), "enrolment": several})
    assert open_enrolments(several) == 3
    for nonsense in ("", "yesterday", "20260101T000000000000"):
        citra.post(f"/batches/{world.batch}/restore", data={"ended": nonsense, "enrolment": several})
    assert open_enrolments(several) == 3


@pytest.mark.parametrize("act", ["withdraw", "restore"])
def test_strangers_and_trainees_end_nothing(as_person: AsPerson, world: World, several: list[int], act: str) -> None:
    address, chosen = f"/batches/{world.batch}/{act}", {"enrolment": several}
    assert as_person(world.mallory).post(address, data=chosen).status_code == 404
    assert as_person(world.ayu).post(address, data=chosen).status_code == 403
    assert open_enrolments(several) == 4


def test_a_coordinator_of_one_unit_ends_only_what_is_hers(
    as_person: AsPerson, world: World, several: list[int]
) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
    browser = as_person(dewi.id)
    browser.post(f"/batches/{world.batch}/withdraw", data={"enrolment": [*several, 999, "x"]})
    assert open_enrolments(several) == 1
    assert open_enrolments(several[:1]) == 1
    assert browser.post(f"/batches/{world.other_batch}/withdraw", data={"enrolment": several}).status_code in (403, 404)


def test_the_list_is_narrowed_and_sorted_by_its_address(as_person: AsPerson, world: World, several: list[int]) -> None:
    citra = as_person(world.citra)

    def names(query: str) -> list[str]:
        page = citra.get(f"/batches/{world.batch}/people?{query}")
        assert page.status_code == 200
        return re.findall(r"(?<=>)Peserta \d(?=<)", page.text)

    assert names("q=peserta") == ["Peserta 0", "Peserta 1", "Peserta 2", "Peserta 3"]
    assert names("q=peserta&sort=-name") == ["Peserta 3", "Peserta 2", "Peserta 1", "Peserta 0"]
    assert names("q=zzz") == names("role=instructor") == []
    assert sorted(names("sort=since&role=nonsense")) == names("q=peserta")


def test_whom_one_enrolled_together_is_taken_back_within_ten_minutes_and_hears_nothing(
    as_person: AsPerson, world: World, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        new = [make_person(db, f"Baru {number}", unit_id=world.unit) for number in range(2)]
        lines = "\n".join(str(person.email) for person in new)
    citra = as_person(world.citra)
    before = rights(world)

    def enrol_them() -> dict[str, str]:
        page = citra.post(f"/batches/{world.batch}/enrol", data={"lines": lines, "role": "trainee"}).text
        found = re.search(r'name="enrolled" value="(\w+)"', page)
        assert found is not None
        return {"enrolled": found[1]}

    undo = enrol_them()
    assert (rights(world), told("enrolled")) == (before + 2, (2, 2))
    clock.shift(timedelta(minutes=1))
    # Somebody else's button takes nothing back.
    as_person(world.admin).post(f"/batches/{world.batch}/enrol/undo", data=undo)
    assert rights(world) == before + 2
    citra.post(f"/batches/{world.batch}/enrol/undo", data=undo)
    assert (rights(world), told("enrolled"), told("withdrawn")) == (before, (0, 0), (0, 0))

    late = enrol_them()
    clock.shift(timedelta(minutes=11))
    citra.post(f"/batches/{world.batch}/enrol/undo", data=late)
    assert rights(world) == before + 2
