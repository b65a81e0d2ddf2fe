"""Preparing questions, and where they are kept: on the session's page, beside a timeline, for the coordinator."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.models import Mark
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import marks, recording
from lms.db import reading, writing
from lms.pulses.models import Pulse
from lms.pulses.rules import AnswerDraft, PulseDraft
from lms.pulses.service import answering, asking
from lms.sessions.models import LiveSession
from tests.factories import NINE, World, make_session

As = Callable[[int], FlaskClient]
QUESTION = {"form": "single", "text_id": "Apa yang pertama?", "choices_id": "Salam\nNomor"}


def page(lecture: int) -> str:
    return f"/sessions/{lecture}/pulses"


def prepared() -> list[Pulse]:
    with reading() as db:
        return list(db.scalars(select(Pulse).order_by(Pulse.position)))


def ask_and_answer(lecture: int, asker: int, who: dict[int, str], **fields: Any) -> int:
    """Ask from ten past nine to twelve past, and have these people answer at eleven past."""
    draft = PulseDraft.model_validate({"form": "yes_no", "text_id": "Jelas?", "text_en": "Clear?"} | fields)
    at = NINE + timedelta(minutes=10)
    with writing() as db:
        session = db.get_one(LiveSession, lecture)
        pulse = asking.prepare(db, session, draft, key=secrets.token_hex(8), by=asker, at=at)
        asking.open_pulse(db, session, pulse, by=asker, at=at)
        for person, choice in who.items():
            tap = AnswerDraft(session=lecture, pulse=pulse.id, choice=choice, page="a" * 16, sequence=1)
            answering.answer(db, session, pulse, tap, by=person, at=at + timedelta(minutes=1))
        asking.close_pulse(db, session, pulse, by=asker, at=at + timedelta(minutes=2))
        return pulse.id


def attend(lecture: int, person: int) -> None:
    """Have this person in the room from nine to half past ten, and judge everybody."""
    with writing() as db:
        session = db.get_one(LiveSession, lecture)
        for number, (kind, minutes) in enumerate(((Kind.JOINED, 0), (Kind.LEFT, 90)), start=1):
            draft = WitnessDraft(
                session=lecture, device="d" * 20, key=f"{person:010d}{number:010d}", sequence=number, ago_ms=0
            )
            when = NINE + timedelta(minutes=minutes)
            recording.witness(
                db, session, kind, draft, connection_id=f"c{person}", boot_id="b" * 32, by=person, at=when
            )
        marks.judge_marks(db, session, at=NINE + timedelta(hours=3))


def test_questions_are_prepared_changed_ordered_and_removed(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    teacher = as_person(world.iskandar)
    assert teacher.post(page(lecture), data=QUESTION).status_code == 302
    assert teacher.post(page(lecture), data={"form": "scale", "text_en": "Too fast?"}).status_code == 302
    first, second = prepared()
    assert [choice["id"] for choice in first.choices] == ["Salam", "Nomor"]
    shown = teacher.get(page(lecture)).text
    assert "Apa yang pertama?" in shown and "Too fast?" in shown
    teacher.post(f"{page(lecture)}/{second.id}/up")
    assert [one.id for one in prepared()] == [second.id, first.id]
    edited = teacher.get(f"{page(lecture)}/{first.id}")
    assert "Salam\nNomor" in edited.text
    teacher.post(f"{page(lecture)}/{first.id}", data=QUESTION | {"text_en": "What comes first?", "is_sign": "1"})
    assert next(one for one in prepared() if one.id == first.id).is_sign
    teacher.post(f"{page(lecture)}/{second.id}/remove")
    assert [one.id for one in prepared()] == [first.id]


def test_a_form_with_a_mistake_comes_back_as_it_was_typed(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    answer = as_person(world.iskandar).post(page(lecture), data=QUESTION | {"choices_id": "Salam"})
    assert answer.status_code == 422
    assert "Write two choices at least" in answer.text and "Apa yang pertama?" in answer.text
    # It takes two fields to see it; the first of them is marked and named by the complaint.
    assert 'href="#f-choices_id"' in answer.text and 'id="f-choices_id-error"' in answer.text
    assert prepared() == []


def test_what_was_asked_is_neither_changed_nor_removed(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    pulse = ask_and_answer(lecture, world.iskandar, {world.ayu: "yes"})
    teacher = as_person(world.iskandar)
    assert teacher.get(f"{page(lecture)}/{pulse}").status_code == 302
    assert teacher.post(f"{page(lecture)}/{pulse}", data=QUESTION).status_code == 422
    teacher.post(f"{page(lecture)}/{pulse}/remove")
    assert [one.text_id for one in prepared()] == ["Jelas?"]


def test_a_question_of_another_session_is_not_reached_through_this_one(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller, other_lecture: int
) -> None:
    pulse = ask_and_answer(other_lecture, world.iskandar, {})
    teacher = as_person(world.iskandar)
    assert teacher.get(f"{page(lecture)}/{pulse}").status_code == 404
    assert teacher.post(f"{page(lecture)}/{pulse}/remove").status_code == 404


def test_a_question_is_drawn_from_the_bank_by_whoever_writes_it(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller, bank_question: int
) -> None:
    teacher = as_person(world.iskandar)
    assert "Benar?" in teacher.get(page(lecture)).text
    data = {"question": bank_question, "key": "e" * 20}
    for _ in range(2):
        assert teacher.post(f"{page(lecture)}/draw", data=data).status_code == 302
    (drawn,) = prepared()
    assert (drawn.form, drawn.right_keys) == ("yes_no", ["yes"])
    # Citra leads, but does not see questions with their solutions.
    assert as_person(world.citra).post(f"{page(lecture)}/draw", data=data | {"key": "f" * 20}).status_code == 404


def test_the_sessions_page_keeps_the_bars_without_names(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    ask_and_answer(lecture, world.iskandar, {world.ayu: "yes", world.budi: "no"}, is_named=True)
    shown = as_person(world.budi).get(f"/sessions/{lecture}").text
    assert "Asked in the room" in shown and "1 of 2" in shown
    assert "Ayu Lestari" not in shown
    assert "Ayu Lestari" in as_person(world.iskandar).get(page(lecture)).text


def test_names_that_were_not_announced_are_shown_to_nobody(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    ask_and_answer(lecture, world.iskandar, {world.ayu: "yes"})
    assert "Ayu Lestari" not in as_person(world.iskandar).get(page(lecture)).text


def test_a_missed_sign_is_a_fact_beside_the_timeline_and_changes_no_mark(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    attend(lecture, world.ayu)
    attend(lecture, world.budi)
    with reading() as db:
        before = {mark.person_id: mark.status for mark in db.scalars(select(Mark))}
    ask_and_answer(lecture, world.iskandar, {world.ayu: "yes"}, is_sign=True)
    with writing() as db:
        marks.judge_marks(db, db.get_one(LiveSession, lecture), at=NINE + timedelta(hours=3))
    with reading() as db:
        assert {mark.person_id: mark.status for mark in db.scalars(select(Mark))} == before
        assert before[world.budi] == "attended"
    clock.move_to(NINE + timedelta(hours=3))
    citra = as_person(world.citra)
    assert "answered at 09:11" in citra.get(f"/sessions/{lecture}/register/{world.ayu}").text
    assert "in the room, did not answer" in citra.get(f"/sessions/{lecture}/register/{world.budi}").text
    table = citra.get(page(lecture)).text
    assert "answered at 09:11" in table and "in the room, did not answer" in table
    # The person concerned sees the same fact.
    assert "in the room, did not answer" in as_person(world.budi).get(f"/attendance/{lecture}").text


def test_who_was_away_is_said_to_have_been_away(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    ask_and_answer(lecture, world.iskandar, {}, is_sign=True)
    clock.move_to(NINE + timedelta(hours=3))
    assert "not in the room then" in as_person(world.citra).get(f"/sessions/{lecture}/register/{world.ayu}").text


@pytest.fixture
def other_lecture(world: World, app: Flask) -> int:
    with writing() as db:
        return make_session(db, world.batch).id
