"""Small writes that wait for each other share a transaction: each keeps its own result, error and undoing."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import event, select

from lms import db as database
from lms.accounts.models import Unit
from lms.db import Db, reading, together, writing


class Unwanted(Exception):
    """What a piece of work in these tests raises."""


def add_unit(name: str, fails: bool = False) -> Callable[[Db], str]:
    def work(db: Db) -> str:
        db.add(Unit(name=name))
        db.flush()
        if fails:
            raise Unwanted(name)
        return name

    return work


def stored() -> set[str]:
    with reading() as db:
        return set(db.scalars(select(Unit.name)))


def at_once(works: list[Callable[[Db], Any]]) -> list[Any]:
    """Return what each work gave or raised; all of them wait while a writer is busy, so that they meet."""
    answers: list[Any] = [None] * len(works)

    def ask(number: int) -> None:
        try:
            answers[number] = together(works[number])
        except Exception as error:
            answers[number] = error

    begun, may_end = threading.Event(), threading.Event()

    def keep_busy(_db: Db) -> None:
        begun.set()
        may_end.wait(timeout=30)

    busy = threading.Thread(target=lambda: together(keep_busy))
    busy.start()
    begun.wait(timeout=30)
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    while len(database.current()._queue) < len(works):
        pass
    may_end.set()
    for thread in (busy, *threads):
        thread.join(timeout=60)
    return answers


def test_everyone_gets_her_own_result_and_all_of_it_is_stored(world: object, app: Flask) -> None:
    assert at_once([add_unit(f"Dinas {n}") for n in range(120)]) == [f"Dinas {n}" for n in range(120)]
    assert {f"Dinas {n}" for n in range(120)} <= stored()


def test_many_share_one_commit(world: object, app: Flask) -> None:
    commits = []

    def note(connection: object) -> None:
        commits.append(connection)

    engine = database.current().writer
    event.listen(engine, "commit", note)
    at_once([add_unit(f"Dinas {n}") for n in range(40)])
    event.remove(engine, "commit", note)
    # One for all of them; who kept them waiting wrote nothing.
    assert len(commits) == 1


def test_whoever_fails_gets_her_error_and_nothing_of_hers_is_stored_but_the_others_is(
    world: object, app: Flask
) -> None:
    answers = at_once([add_unit("Dinas A"), add_unit("Dinas B", fails=True), add_unit("Dinas C")])
    assert (answers[0], answers[2]) == ("Dinas A", "Dinas C")
    assert isinstance(answers[1], Unwanted)
    assert "Dinas B" not in stored() and {"Dinas A", "Dinas C"} <= stored()


def test_what_the_database_refuses_harms_nobody_else(world: object, app: Flask) -> None:
    answers = at_once([add_unit("Dinas A"), add_unit(None), add_unit("Dinas C")])  # type: ignore[arg-type]
    assert (answers[0], answers[2]) == ("Dinas A", "Dinas C")
    assert isinstance(answers[1], Exception)
    assert {"Dinas A", "Dinas C"} <= stored()


def test_work_sees_its_own_callers_context(world: object, app: Flask) -> None:
    seen: dict[int, int] = {}

    def ask(number: int) -> None:
        with app.test_request_context():
            g.number = number
            seen[number] = together(lambda _db: g.number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert seen == {number: number for number in range(20)}


def test_it_does_not_wait_for_itself(world: object, app: Flask) -> None:
    with writing(), pytest.raises(RuntimeError):
        together(lambda _db: None)
    with pytest.raises(RuntimeError):
        together(lambda _db: together(lambda _inner: None))
    assert together(lambda _db: 7) == 7
