"""Asking and answering over the socket: who may, what is kept, what everybody sees."""

import secrets
from datetime import timedelta

import time_machine
from sqlalchemy import select

from lms.db import reading, writing
from lms.pulses.models import Pulse, PulseAnswer
from tests.factories import NINE, World, enrol, make_person
from tests.integration.pulses.conftest import Connect, RoomPage


def ask(teacher: RoomPage, **fields: object) -> int:
    """Ask something and return its id."""
    given = {"form": "yes_no", "text_id": "Jelas?", "text_en": "Clear?", "key": secrets.token_hex(10)} | fields
    answer = teacher.ask("pulse:ask", **given)
    assert answer["ok"], answer
    return int(teacher.ask("pulse:watch")["question"]["id"])


def answers(pulse: int) -> dict[int, str]:
    with reading() as db:
        rows = db.execute(select(PulseAnswer.person_id, PulseAnswer.choice).where(PulseAnswer.pulse_id == pulse))
        return {row.person_id: row.choice for row in rows}


def test_a_question_reaches_the_room_and_answers_come_back_as_bars(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    teacher, ayu, budi = connect(world.iskandar), connect(world.ayu), connect(world.budi)
    assert ayu.ask("pulse:watch")["question"] is None
    pulse = ask(teacher)
    (message,) = ayu.heard()
    assert message["question"]["text"] == {"id": "Jelas?", "en": "Clear?"}
    assert message["question"]["open"]
    assert ayu.tap(pulse, "yes")["choice"] == "yes"
    assert budi.tap(pulse, "no")["ok"]
    message = ayu.heard()[-1]
    assert [(choice["key"], choice["count"]) for choice in message["question"]["choices"]] == [("yes", 1), ("no", 1)]
    assert message["question"]["answered"] == 2
    assert "names" not in message["question"]
    # A page that comes back later knows what it said.
    assert connect(world.ayu).ask("pulse:watch")["own"] == "yes"
    assert teacher.ask("pulse:close", pulse=pulse)["ok"]
    assert not ayu.heard()[-1]["question"]["open"]


def test_an_answer_is_one_however_often_it_is_sent_and_may_change_until_closed(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    teacher, ayu = connect(world.iskandar), connect(world.ayu)
    pulse = ask(teacher)
    first = ayu.tap(pulse, "yes", 1)
    version = ayu.ask("pulse:version")["version"]
    assert ayu.tap(pulse, "yes", 1) == first
    assert ayu.ask("pulse:version")["version"] == version
    assert ayu.tap(pulse, "no", 2)["choice"] == "no"
    # The first tap, long on its way, arrives after the second.
    assert ayu.tap(pulse, "yes", 1)["choice"] == "no"
    clock.move_to(NINE + timedelta(minutes=6))
    # On another device she changes her mind; when she first answered stays.
    assert connect(world.ayu).tap(pulse, "yes")["choice"] == "yes"
    assert answers(pulse) == {world.ayu: "yes"}
    with reading() as db:
        kept = db.get_one(PulseAnswer, (pulse, world.ayu))
        assert (kept.first_at, kept.answered_at) == (NINE + timedelta(minutes=5), NINE + timedelta(minutes=6))
    teacher.ask("pulse:close", pulse=pulse)
    assert ayu.tap(pulse, "no", 3)["code"] == "pulse_closed"
    # What was stored is acknowledged also after the closing: the page that asks again must hear that it arrived.
    assert connect(world.ayu).ask("pulse:watch")["own"] == "yes"
    assert answers(pulse) == {world.ayu: "yes"}


def test_a_repeat_is_acknowledged_after_the_closing(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    teacher, ayu = connect(world.iskandar), connect(world.ayu)
    pulse = ask(teacher)
    ayu.tap(pulse, "yes", 1)
    teacher.ask("pulse:close", pulse=pulse)
    assert ayu.tap(pulse, "yes", 1) == {"ok": True, "pulse": pulse, "choice": "yes"}


def test_names_are_shown_to_whoever_leads_and_only_where_announced(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    teacher, ayu = connect(world.iskandar), connect(world.ayu)
    teacher.ask("pulse:watch")
    ayu.ask("pulse:watch")
    plain = ask(teacher)
    ayu.tap(plain, "yes")
    assert "names" not in teacher.heard()[-1]["question"]
    named = ask(teacher, is_named=True)
    assert ayu.heard()[-1]["question"]["named"]
    ayu.tap(named, "no")
    assert teacher.heard()[-1]["question"]["names"] == {"no": ["Ayu Lestari"]}
    assert "names" not in ayu.heard()[-1]["question"]
    assert "names" not in ayu.ask("pulse:watch")["question"]


def test_who_may_ask_and_who_may_answer(world: World, connect: Connect, clock: time_machine.Traveller) -> None:
    teacher = connect(world.iskandar)
    pulse = ask(teacher)
    for event in ("pulse:watch", "pulse:version"):
        assert connect(world.mallory).ask(event)["code"] == "not_found"
    assert connect(world.mallory).tap(pulse, "yes")["code"] == "not_found"
    assert teacher.tap(pulse, "yes")["code"] == "forbidden"
    ayu = connect(world.ayu)
    for event in ("pulse:open", "pulse:close", "pulse:reveal"):
        assert ayu.ask(event, pulse=pulse)["code"] == "forbidden"
    question = {"form": "yes_no", "text_id": "Apa?", "key": "a" * 16}
    assert ayu.ask("pulse:ask", **question)["code"] == "forbidden"
    assert ayu.ask("pulse:bank")["code"] == "forbidden"
    assert ayu.ask("pulse:draw", question=1, key="a" * 16)["code"] == "forbidden"
    assert connect(world.citra).ask("pulse:close", pulse=pulse)["ok"]
    assert ayu.ask("pulse:watch")["leads"] is False


def test_bad_answers_are_refused_and_nothing_is_stored(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    pulse = ask(connect(world.iskandar))
    ayu = connect(world.ayu)
    assert ayu.tap(pulse, "perhaps")["code"] == "pulse_unknown_choice"
    assert ayu.tap(pulse + 1000, "yes")["code"] == "not_found"
    assert not ayu.ask("pulse:answer", pulse=pulse, choice="' or 1=1", page="x", sequence=0)["ok"]
    assert answers(pulse) == {}


def test_one_question_is_open_at_a_time_and_the_same_key_asks_once(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    teacher = connect(world.iskandar)
    first = ask(teacher, key="f" * 20)
    assert ask(teacher, key="f" * 20) == first
    second = ask(teacher)
    with reading() as db:
        pulses = {pulse.id: pulse.closed_at for pulse in db.scalars(select(Pulse))}
    assert pulses == {first: NINE + timedelta(minutes=5), second: None}
    # Asked again, the first is the one that is shown.
    assert teacher.ask("pulse:open", pulse=first)["ok"]
    assert teacher.ask("pulse:watch")["question"]["id"] == first


def test_nothing_is_asked_or_answered_outside_the_doors(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    clock.move_to(NINE - timedelta(hours=2))
    teacher, ayu = connect(world.iskandar), connect(world.ayu)
    question = {"form": "yes_no", "text_id": "Apa?", "key": "a" * 16}
    assert teacher.ask("pulse:ask", **question)["code"] == "pulse_session_not_open"
    clock.move_to(NINE + timedelta(minutes=5))
    pulse = ask(teacher)
    clock.move_to(NINE + timedelta(hours=3))
    # Nobody closed it: with the doors it is closed.
    assert not ayu.ask("pulse:watch")["question"]["open"]
    assert ayu.tap(pulse, "yes")["code"] == "pulse_closed"


def test_a_session_has_three_signs_of_presence_at_most(
    world: World, connect: Connect, clock: time_machine.Traveller
) -> None:
    teacher = connect(world.iskandar)
    for _ in range(3):
        ask(teacher, is_sign=True)
    fourth = {"form": "yes_no", "text_id": "Lagi?", "is_sign": True, "key": "b" * 16}
    assert teacher.ask("pulse:ask", **fourth)["code"] == "pulse_enough_signs"


def test_a_question_of_the_bank_keeps_its_right_answer_until_it_is_shown(
    world: World, connect: Connect, clock: time_machine.Traveller, bank_question: int
) -> None:
    teacher, ayu = connect(world.iskandar), connect(world.ayu)
    (found,) = teacher.ask("pulse:bank", words="benar")["questions"]
    assert found == {"id": bank_question, "text": {"id": "Benar?", "en": "Benar?"}}
    assert teacher.ask("pulse:bank", words="zzz")["questions"] == []
    # Citra leads, too, but does not write this course's questions.
    assert connect(world.citra).ask("pulse:bank")["questions"] == []
    assert teacher.ask("pulse:draw", question=bank_question, key="c" * 16)["ok"]
    pulse = teacher.ask("pulse:watch")["question"]["id"]
    assert ayu.tap(pulse, "yes")["ok"]
    assert not any(choice["right"] for choice in ayu.ask("pulse:watch")["question"]["choices"])
    assert teacher.ask("pulse:reveal", pulse=pulse)["code"] == "pulse_nothing_to_reveal"
    teacher.ask("pulse:close", pulse=pulse)
    assert not any(choice["right"] for choice in ayu.ask("pulse:watch")["question"]["choices"])
    assert teacher.ask("pulse:reveal", pulse=pulse)["ok"]
    assert [c["key"] for c in ayu.ask("pulse:watch")["question"]["choices"] if c["right"]] == ["yes"]


def test_a_room_of_any_size_is_read_in_the_same_statements(
    world: World, connect: Connect, clock: time_machine.Traveller, counted: list[str]
) -> None:
    teacher = connect(world.iskandar)
    pulse = ask(teacher, is_named=True)

    def statements() -> int:
        counted.clear()
        assert teacher.ask("pulse:watch")["ok"]
        return len(counted)

    before = statements()
    with writing() as db:
        for number in range(30):
            person = make_person(db, f"Peserta {number}")
            enrol(db, world.batch, person.id)
            at = NINE + timedelta(minutes=5)
            db.add(
                PulseAnswer(
                    pulse_id=pulse, person_id=person.id, choice="yes", page="x" * 16, sequence=1, first_at=at,
                    answered_at=at,
                )
            )  # fmt: skip
    assert statements() == before
