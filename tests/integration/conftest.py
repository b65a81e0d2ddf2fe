"""The app on a migrated database, SQLite and PostgreSQL alike; each test begins with the five people and no more."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from lms import db as database
from lms.accounts import principal
from lms.app import create_app
from lms.db import Base, writing
from lms.migrating import upgrade
from lms.settings import Settings
from lms.web.limits import limiter
from tests.factories import NINE, World, make_world


@dataclass
class Site:
    """An app on one engine, and how to bring its database back to the beginning."""

    app: Flask
    engine: str
    reset: Callable[[], World]


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app on this engine, made once."""
    home = tmp_path_factory.mktemp(f"site-{request.param}")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'test.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    upgrade(url)
    settings = Settings.read(
        {
            "JEMBATAN_HOME": str(home),
            "DATABASE_URL": url,
            "SECRET_KEY": "test-secret",
            "PUBLIC_URL": "http://localhost",
            "COURSES_DIR": str(home / "courses"),
            "MAIL_URL": f"file:{home / 'mail'}",
        }
    )
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    limiter.enabled = False
    reset: Callable[[], World | None]
    if request.param == "postgres":
        # Where files come to a process one by one, this is made again on a database that is no longer empty.
        renew = _postgres_reset()
        world, reset = renew(), renew
    else:
        with writing() as db, time_machine.travel(NINE - timedelta(days=30)):
            world = make_world(db)
        reset = _sqlite_reset(url, home)
    yield Site(app, request.param, lambda: _reset(reset, world))
    database.current().dispose()


def _sqlite_reset(url: str, home: Path) -> Callable[[], World | None]:
    path = Path(url.removeprefix("sqlite:///"))
    kept = home / "beginning.sqlite"
    with database.current().writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, kept)

    def reset() -> None:
        database.current().dispose()
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copy(kept, path)

    return reset


def _postgres_reset() -> Callable[[], World]:
    # Deleting is a hundred times faster than TRUNCATE, which makes new files for every table.
    empty = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables))  # noqa: S608 (our own names)

    def reset() -> World:
        with database.current().writer.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            connection.exec_driver_sql(empty)
        with writing() as db:
            return make_world(db)

    return reset


def _reset(reset: Callable[[], World | None], world: World) -> World:
    principal.forget()
    return reset() or world


@pytest.fixture
def world(site: Site) -> World:
    """The five people in a fresh database."""
    return site.reset()


@pytest.fixture
def app(site: Site, world: World) -> Flask:
    return site.app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in on."""
    return app.test_client()


@pytest.fixture
def as_person(app: Flask) -> Callable[[int], FlaskClient]:
    """Gives a browser on which this person has signed in."""

    def sign_in(person_id: int) -> FlaskClient:
        client = app.test_client()
        who = principal.cached(person_id)
        assert who is not None
        with client.session_transaction() as session:
            session["_user_id"] = who.get_id()
            session["_fresh"] = True
        return client

    return sign_in


class Statements(list[str]):
    """SQL statements seen while counting."""


@pytest.fixture
def counted(app: Flask) -> Iterator[Statements]:
    """Every SQL statement from now to the test's end, without BEGIN and the like."""
    seen = Statements()

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "COMMIT")):
            seen.append(statement)

    base = database.current()
    # PostgreSQL's reader is the writer with an option: listening on both would count every statement twice.
    targets = [base.reader, base.writer] if base.is_sqlite else [base.writer]
    for engine in targets:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in targets:
        event.remove(engine, "before_cursor_execute", note)
