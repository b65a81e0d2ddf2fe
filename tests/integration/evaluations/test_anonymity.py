"""Who answered and what was answered cannot be put together: by no column, no order, no bookkeeping of the database."""

import random

from flask import Flask
from sqlalchemy import delete, func, select, text

from lms import db as database
from lms.accounts.models import AuditEntry
from lms.db import Base, Db, reading, writing
from lms.evaluations.models import Ballot, Survey, Turnout
from lms.evaluations.service import answering
from tests.factories import NINE, World, make_survey
from tests.integration.evaluations.conftest import AsPerson, answers


def vote(survey: int, people: list[int]) -> None:
    """Let these people answer in this order, each with words of her own."""
    for person_id in people:
        with writing() as db:
            said = {"marks": {"relevance-1": 3}, "texts": {"good": f"said by {person_id}"}}
            assert answering.cast(db, db.get_one(Survey, survey), person_id, said, at=NINE)


def test_the_two_tables_share_no_column_but_the_survey() -> None:
    assert set(Turnout.__table__.columns.keys()) == {"survey_id", "person_id"}
    assert set(Ballot.__table__.columns.keys()) == {"id", "survey_id", "answers"}


def test_no_order_of_rows_tells_who_said_what(world: World, app: Flask, classmates: list[int]) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
    random.Random(5).shuffle(classmates)
    vote(survey, classmates)
    with reading() as db:
        # As the tables lie, without ORDER BY: nobody's row stands where her turnout stands.
        said = [row.answers["texts"]["good"] for row in db.execute(select(Ballot.answers))]
        assert len(said) == len(classmates)
    orders = set()
    for _round in range(6):
        with writing() as db:
            db.execute(delete(Turnout).where(Turnout.survey_id == survey))
            db.execute(delete(Ballot).where(Ballot.survey_id == survey))
        vote(survey, classmates)
        with reading() as db:
            orders.add(tuple(row.answers["texts"]["good"] for row in db.execute(select(Ballot.answers))))
    # The same people in the same order never leave the same order of ballots (1 in 40,320 each).
    assert len(orders) > 1
    assert tuple(f"said by {one}" for one in classmates) not in orders


def test_ballots_carry_ids_of_chance_that_change_with_every_vote(
    world: World, app: Flask, classmates: list[int]
) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
    vote(survey, classmates[:3])
    with reading() as db:
        before = set(db.scalars(select(Ballot.id)))
    vote(survey, classmates[3:4])
    with reading() as db:
        after = set(db.scalars(select(Ballot.id)))
    assert len(before) == 3 and len(after) == 4 and not before & after


def test_the_databases_own_bookkeeping_tells_nothing(world: World, app: Flask, classmates: list[int]) -> None:
    """PostgreSQL: the transaction (xmin) of every ballot is that of the last vote. SQLite: no row numbers at all."""
    with writing() as db:
        survey = make_survey(db, world.batch).id
    vote(survey, classmates)
    with reading() as db:
        if not database.current().is_sqlite:
            assert db.execute(text("select count(distinct xmin::text) from ballot")).scalar() == 1
            return
        for table in ("ballot", "turnout"):
            made = db.execute(text("select sql from sqlite_master where name = :name"), {"name": table}).scalar() or ""
            assert "WITHOUT ROWID" in made


def test_nothing_is_written_down_when_somebody_answers(
    world: World, app: Flask, as_person: AsPerson, classmates: list[int]
) -> None:
    """No audit entry, no notice, and no column anywhere that a time or a person could stand in beside a ballot."""
    with writing() as db:
        survey = make_survey(db, world.batch).id
    with reading() as db:
        before = rows_of(db)
    assert as_person(world.ayu).post(f"/evaluations/{survey}", data=answers(survey)).status_code == 302
    with reading() as db:
        after = rows_of(db)
        assert db.scalars(select(AuditEntry).where(AuditEntry.by_id == world.ayu)).all() == []
    assert {table for table in after if after[table] != before[table]} == {"ballot", "turnout"}


def test_a_second_answer_changes_nothing_and_four_at_once_count_once(
    world: World, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
    ayu = as_person(world.ayu)
    ayu.post(f"/evaluations/{survey}", data=answers(survey, 4))
    assert ayu.get(f"/evaluations/{survey}").status_code == 302
    with writing() as db:
        assert not answering.cast(db, db.get_one(Survey, survey), world.ayu, {"marks": {}, "texts": {}}, at=NINE)
    with reading() as db:
        assert len(db.scalars(select(Ballot.id)).all()) == 1


def rows_of(db: Db) -> dict[str, int | None]:
    """How many rows each table has."""
    return {name: db.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()}
