"""Addresses and texts nobody means: refused in a page, never a fault, and nothing of them in the log."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from lms.accounts.models import Person
from lms.db import reading, writing
from lms.web.forms import draft_from
from lms.web.logs import _hide
from lms.web.row_numbers import LARGEST
from tests.factories import World

AsPerson = Callable[[int], FlaskClient]
HUGE = 10**20


@pytest.mark.parametrize(
    "path", ["/sessions/{n}", "/people/{n}", "/batches/{n}/matrix", "/sessions/{n}/register", "/attempts/{n}"]
)
def test_a_number_no_row_can_have_is_an_address_that_does_not_exist(
    as_person: AsPerson, world: World, path: str
) -> None:
    citra = as_person(world.citra)
    assert citra.get(path.format(n=HUGE)).status_code == 404
    assert citra.get(path.format(n=LARGEST)).status_code == 404


@pytest.mark.parametrize("path", ["/people?unit={n}", "/calendar?batch={n}", "/people?page={n}", "/calendar?page={n}"])
def test_a_list_narrowed_by_an_impossible_number_is_still_a_list(as_person: AsPerson, world: World, path: str) -> None:
    assert as_person(world.citra).get(path.format(n=HUGE)).status_code == 200


def test_an_address_with_a_nul_is_refused(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    assert citra.get("/people?q=%00").status_code == 400
    assert citra.get("/courses/a%00b").status_code == 400


def test_control_characters_leave_a_text_before_anybody_reads_it(as_person: AsPerson, world: World) -> None:
    form = {"name": "Siti\x00 Ra\x01hma", "email": "siti@example.test", "language": "id", "zone": "Asia/Makassar"}
    assert as_person(world.admin).post("/people/new", data=form).status_code == 302
    with reading() as db:
        assert db.scalars(select(Person.name).where(Person.email == "siti@example.test")).one() == "Siti Rahma"


def test_lists_and_objects_are_cleaned_too_and_line_breaks_stay() -> None:
    from pydantic import BaseModel

    class Draft(BaseModel):
        words: list[str]
        more: dict[str, str]

    draft = draft_from(Draft, {"words": ["a\x07b"], "more": {"text": "one\n\ttwo\x1b"}})
    assert draft.words == ["ab"] and draft.more == {"text": "one\n\ttwo"}


def test_a_failed_statement_does_not_bring_its_values_into_the_log(app: Flask, world: World) -> None:
    with pytest.raises(SQLAlchemyError) as caught, writing() as db:
        db.execute(text("select * from no_such_table where nip = :nip"), {"nip": "198604122010031001"})
    assert "198604122010031001" not in str(caught.value)


def test_addresses_that_are_secrets_are_shortened_in_the_log() -> None:
    for path in ("/invitation/abc-DEF_1", "/calendar/feed/7-abcDEF_1.ics", "/room?jwt=abc.DEF.1"):
        shown = _hide(logging, "info", {"event": f"GET {path} 500", "path": path})
        assert "DEF" not in str(shown)
