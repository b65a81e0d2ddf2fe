"""A programme of five planned sessions, three of them held, with marks straight in the tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from lms.attendance.models import Mark, Register
from lms.attendance.rules.judgement import stored_reasons
from lms.db import Db, writing
from lms.kernel.errors import Said
from tests.factories import NINE, World, make_session

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Term:
    """Sessions of the batch by id: `held` two days ago (signed), yesterday and today; two to come; one cancelled."""

    held: tuple[int, int, int]
    to_come: tuple[int, int]
    cancelled: int


def make_mark(db: Db, session_id: int, person_id: int, status: str = "attended", **fields: Any) -> None:
    """Store a mark; `start` is when presence began."""
    start: datetime | None = fields.pop("start", None)
    seconds = fields.get("attended_seconds", 5400 if status == "attended" else 0)
    values: dict[str, Any] = {
        "attended_seconds": seconds,
        "counted_seconds": 5400,
        "presence": [[start.isoformat(), (start + timedelta(seconds=seconds)).isoformat()]] if start else [],
        "reasons": stored_reasons([Said("attended_of", {"minutes": seconds // 60, "planned": 90})]),
        "judged_at": NINE,
    }
    db.add(Mark(session_id=session_id, person_id=person_id, status=status, **(values | fields)))
    db.flush()


def sign(db: Db, session_id: int, by: int) -> None:
    """Store a signature without the work that leads to it."""
    db.add(
        Register(
            session_id=session_id,
            signed_by=by,
            signed_at=NINE - DAY,
            evidence_ids=[],
            correction_ids=[],
            fingerprint="0" * 64,
            marks=[],
        )
    )
    db.flush()


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    """The clock, standing at nine; `clock.move_to` moves it."""
    with time_machine.travel(NINE, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def term(world: World, clock: time_machine.Traveller) -> Term:
    """Ayu attended, was late, and is not yet judged today; Budi was sick, absent, and is not yet judged."""
    with writing() as db:
        first = make_session(db, world.batch, starts_at=NINE - 2 * DAY, title_id="Keramahan", title_en="Courtesy")
        second = make_session(db, world.batch, starts_at=NINE - DAY, title_id="=1+1 Antrean", title_en="=1+1 Queues")
        today = make_session(db, world.batch, starts_at=NINE - 30 * MINUTE)
        later = [make_session(db, world.batch, starts_at=NINE + number * DAY) for number in (1, 2)]
        cancelled = make_session(db, world.batch, starts_at=NINE - 3 * DAY, status="cancelled")
        make_mark(db, first.id, world.ayu, start=first.starts_at)
        make_mark(db, first.id, world.budi, "excused", excuse="sakit")
        make_mark(
            db,
            second.id,
            world.ayu,
            late=True,
            attended_seconds=4387,
            start=second.starts_at + 16 * MINUTE + timedelta(seconds=53),
        )
        make_mark(db, second.id, world.budi, "absent")
        sign(db, first.id, world.citra)
    return Term((first.id, second.id, today.id), (later[0].id, later[1].id), cancelled.id)
