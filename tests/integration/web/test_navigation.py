"""The head marks the place that a page belongs to, whichever feature shows it."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from lms.db import writing
from tests.factories import World, make_session

As = Callable[[int], FlaskClient]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/", "Home"),
        ("/batches/{batch}", "Programmes"),
        ("/batches/{batch}/matrix", "Programmes"),
        ("/batches/{batch}/certificates", "Programmes"),
        ("/sessions/{session}", "Schedule"),
        ("/sessions/{session}/register", "Schedule"),
        ("/people/{ayu}", "People"),
        ("/hours/units", "Lesson hours"),
        ("/settings", None),
        ("/notices", None),
    ],
)
def test_the_place_of_a_page_is_marked(world: World, as_person: As, address: str, place: str | None) -> None:
    with writing() as db:
        session = make_session(db, world.batch).id
    page = as_person(world.citra).get(address.format(batch=world.batch, session=session, ayu=world.ayu))
    assert page.status_code == 200
    marked = re.findall(r'class="nav-link"[^>]*aria-current="page"[^>]*>([^<]+)<', page.text)
    assert marked == ([place] if place else [])
