"""A batch with eight trainees who were at a session, and how they answer."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lms.attendance.models import Mark
from lms.db import reading, writing
from lms.evaluations.models import Survey
from lms.evaluations.rules.questionnaires import item_keys
from tests.factories import NINE, World, enrol, make_person, make_session, teach

AsPerson = Callable[[int], FlaskClient]


@pytest.fixture(autouse=True)
def nine_oclock() -> Iterator[None]:
    with time_machine.travel(NINE, tick=True):
        yield


@pytest.fixture
def lesson(world: World, app: Flask) -> int:
    """A session Iskandar taught four days ago, attended by Ayu and not by Budi."""
    with writing() as db:
        session = make_session(db, world.batch, starts_at=NINE - timedelta(days=4))
        teach(db, session.id, world.iskandar)
        for person_id, status in ((world.ayu, "attended"), (world.budi, "absent")):
            db.add(Mark(session_id=session.id, person_id=person_id, status=status, judged_at=NINE))
        return session.id


@pytest.fixture
def classmates(world: World, app: Flask) -> list[int]:
    """Ayu, Budi and six more."""
    with writing() as db:
        more = [make_person(db, f"Peserta {number}").id for number in range(6)]
        for person_id in more:
            enrol(db, world.batch, person_id)
    return [world.ayu, world.budi, *more]


def answers(survey_id: int, mark: int = 3, **texts: str) -> dict[str, Any]:
    """A filled-in form: every item rated alike."""
    with reading() as db:
        content = db.get_one(Survey, survey_id).content
    return {f"item-{key}": str(mark) for key in item_keys(content)} | {f"open-{k}": v for k, v in texts.items()}
