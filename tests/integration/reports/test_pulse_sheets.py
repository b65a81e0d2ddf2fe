"""What was asked in the room stands in the register's workbook: bars without names, and signs of presence."""

import io
from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from lms.db import writing
from lms.pulses.rules import AnswerDraft, PulseDraft
from lms.pulses.service import answering, asking
from tests.factories import NINE, World, make_session


def test_the_workbook_holds_questions_and_signs(
    world: World, app: Flask, as_person: Callable[[int], FlaskClient]
) -> None:
    at = NINE + timedelta(minutes=10)
    with writing() as db:
        session = make_session(db, world.batch)
        draft = PulseDraft(form="yes_no", text_id="Jelas?", text_en="Clear?", is_sign=True)
        pulse = asking.prepare(db, session, draft, key="k" * 16, by=world.iskandar, at=at)
        asking.open_pulse(db, session, pulse, by=world.iskandar, at=at)
        tap = AnswerDraft(session=session.id, pulse=pulse.id, choice="yes", page="p" * 16, sequence=1)
        answering.answer(db, session, pulse, tap, by=world.ayu, at=at)
        asking.close_pulse(db, session, pulse, by=world.iskandar, at=at + timedelta(minutes=2))
        address = f"/sessions/{session.id}/register.xlsx"
    with time_machine.travel(NINE + timedelta(hours=3), tick=False):
        sent = as_person(world.citra).get(address).data
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(sent))
    answers = workbook.get_sheet_by_name("Asked in the room").to_python()
    assert [row[1:5] for row in answers[1:]] == [["Clear?", "yes", "Yes", 1.0], ["Clear?", "yes", "No", 0.0]]
    signs = workbook.get_sheet_by_name("Second signs of presence").to_python()
    assert signs[0][2] == "09:10 Clear?"
    assert {row[0]: row[2] for row in signs[1:]} == {
        "Ayu Lestari": "answered at 09:10",
        "Budi Santoso": "not in the room then",
    }


def test_a_session_where_nothing_was_asked_has_no_such_sheets(
    world: World, app: Flask, as_person: Callable[[int], FlaskClient]
) -> None:
    with writing() as db:
        address = f"/sessions/{make_session(db, world.batch).id}/register.xlsx"
    sent = as_person(world.citra).get(address).data
    names = CalamineWorkbook.from_filelike(io.BytesIO(sent)).sheet_names
    assert "Asked in the room" not in names
