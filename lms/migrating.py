"""Migrations as a separate step: never by two processes at once, never without a copy of the SQLite file."""

import importlib
import logging
import pkgutil
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text

log = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent / "migrations"

# Any number nobody else uses on this database; holds the advisory lock of a running migration.
_LOCK_KEY = 7_281_993

FEATURES_WITH_TABLES = (
    "accounts",
    "outbox",
    "courses",
    "programmes",
    "sessions",
    "sessions.recordings",
    "attendance",
    "quizzes",
    "pulses",
    "certificates",
    "delegations",
    "evaluations",
)


def import_models() -> None:
    """Import every feature's tables, so that the metadata is complete."""
    for feature in FEATURES_WITH_TABLES:
        models = importlib.import_module(f"lms.{feature}.models")
        # A word that is a folder holds its tables in its modules.
        for module in pkgutil.iter_modules(getattr(models, "__path__", ())):
            importlib.import_module(f"{models.__name__}.{module.name}")


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def head() -> str:
    """Return the newest revision this code knows."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    if revision is None:
        raise LookupError(f"no migrations in {HERE}")
    return revision


def revision_of(connection: Connection) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str, revision: str = "head") -> bool:
    """Bring the database to this revision; return whether anything had to be done."""
    return _run(url, revision, command.upgrade)


def downgrade(url: str, revision: str) -> bool:
    """Take the database back to this revision ("base": empty); return whether anything had to be done."""
    return _run(url, revision, command.downgrade)


def _run(url: str, revision: str, step: Any) -> bool:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _say_begin_ourselves(engine)
    # SQLite cannot report an index over an expression; batch mode reads tables around the one it alters, and says so.
    warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression-based index")
    try:
        with _alone(engine) as connection:
            before = revision_of(connection)
            if step is command.upgrade and revision == "head" and before == head():
                return False
            connection.commit()
            if engine.dialect.name == "sqlite" and before is not None:
                _copy(url, before)
            config = configuration()
            config.attributes["connection"] = connection
            step(config, revision)
            connection.commit()
            return revision_of(connection) != before
    finally:
        engine.dispose()


def _say_begin_ourselves(engine: Engine) -> None:
    """Let DDL take part in the transaction; the driver would otherwise commit before each statement."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Give a connection while no other process migrates; others wait."""
    with engine.connect() as connection:
        if engine.dialect.name != "postgresql":
            yield connection
            return
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()


def _copy(url: str, revision: str) -> None:
    """Keep the SQLite file as it was before this migration, beside itself."""
    path = Path(url.removeprefix("sqlite:///"))
    if path.exists():
        kept = path.with_name(f"{path.name}.before-{revision}")
        shutil.copy2(path, kept)
        log.info("kept the database as it was in %s", kept.name)
