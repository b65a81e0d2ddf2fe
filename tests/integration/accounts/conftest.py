"""People who have a password, and a counter of tries that counts."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lms.accounts.models import Person
from lms.accounts.passwords import hash_password
from lms.db import writing
from lms.web.limits import limiter
from tests.factories import World

PASSWORD = "kopi hujan biru"
HASH = hash_password(PASSWORD)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser that reads English."""
    client = app.test_client()
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def passwords(app: Flask, world: World) -> World:
    """The five people, each with the same password."""
    with writing() as db:
        db.execute(update(Person).values(password_hash=HASH))
    return world


@pytest.fixture
def counting(app: Flask) -> Iterator[None]:
    """Tries are counted from zero for this test."""
    limiter.reset()
    limiter.enabled = True
    yield
    limiter.enabled = False
    limiter.reset()
