"""The database: one engine a process, `reading()` and `writing()`. The only file that commits."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both engines; SQLite keeps it as naive text and would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time reached the database: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Base of every table; names each constraint, so that migrations can address it on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: Json, list[Any]: Json}


class Db(Session):
    """The handle that use cases receive as `db`.

    `touch` notes whose attendance line changed; after the commit the publisher given to `configure`
    receives all of them at once, so no edge has to remember to emit.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed: set[tuple[int, int | None]] = set()
        self._after_commit: list[Callable[[], None]] = []

    def touch(self, session_id: int, person_id: int | None) -> None:
        """Note that this person's line (None: every line) of this live session changed."""
        self.changed.add((session_id, person_id))

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once the transaction is durable; never if it rolls back."""
        self._after_commit.append(call)


Publisher = Callable[[set[tuple[int, int | None]]], None]


class Database:
    """An engine with its reading and writing side.

    SQLite takes one writer at a time. Waiting for it inside SQLite is a lottery with a time-out, so
    writers of this process queue on a lock of our own and then say BEGIN IMMEDIATE.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._writer_lock = threading.Lock()
        self._local = threading.local()
        self.publish: Publisher | None = None
        if self.is_sqlite:
            self.reader = _sqlite_engine(url, begin="BEGIN", query_only=True, pool_size=32)
            self.writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", query_only=False, pool_size=2)
        else:
            engine = create_engine(
                url,
                pool_size=12,
                max_overflow=8,
                pool_pre_ping=True,
                connect_args={"prepare_threshold": 3},
                hide_parameters=True,
            )
            self.reader = engine.execution_options(postgresql_readonly=True)
            self.writer = engine

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """Give a handle that refuses to write and sees one consistent state."""
        with Db(self.reader, expire_on_commit=False, autoflush=False) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Db]:
        """Give a handle whose changes are durable when the block ends, or gone when it raises.

        Nesting raises RuntimeError at once: on SQLite it would wait for itself for ever.
        """
        if getattr(self._local, "is_writing", False):
            raise RuntimeError("writing() inside writing(): pass the outer db on instead")
        self._local.is_writing = True
        try:
            if self.is_sqlite:
                with self._writer_lock, Db(self.writer, expire_on_commit=False) as db, db.begin():
                    yield db
            else:
                with Db(self.writer, expire_on_commit=False) as db, db.begin():
                    yield db
        finally:
            self._local.is_writing = False
        for call in db._after_commit:
            call()
        if db.changed and self.publish is not None:
            self.publish(db.changed)

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def _sqlite_engine(url: str, *, begin: str, query_only: bool, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=64,
        connect_args={"check_same_thread": False},
        # A failed statement's message goes to the log; names, NIPs and hashes do not.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling begins too late and would lose updates; we say BEGIN ourselves.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")
        if query_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


_current: Database | None = None


def configure(url: str, *, publish: Publisher | None = None) -> Database:
    """Make `url` this process's database and return it; an earlier one is disposed."""
    global _current
    if _current is not None and _current.url != url:
        _current.dispose()
        _current = None
    if _current is None:
        _current = Database(url)
    if publish is not None:
        _current.publish = publish
    return _current


def current() -> Database:
    """Return this process's database; RuntimeError before `configure`."""
    if _current is None:
        raise RuntimeError("no database configured: call create_app() first")
    return _current


def reading() -> Any:
    """Return a context that gives a read-only `Db`; for edges alone."""
    return current().reading()


def writing() -> Any:
    """Return a context that gives a `Db` and commits when left; for edges alone."""
    return current().writing()


def insert_all_new(db: Db, model: type[Base], rows: Sequence[Mapping[str, Any]], unique: str) -> set[Any]:
    """Insert those rows whose value of this unique column is not there yet; return these values. One statement."""
    if not rows:
        return set()
    insert = sqlite_insert if current().is_sqlite else postgres_insert
    table = model.metadata.tables[model.__tablename__]
    statement = insert(table).on_conflict_do_nothing(index_elements=[unique]).returning(table.c[unique])
    db.flush()
    return set(db.execute(statement, [dict(row) for row in rows]).scalars())


def insert_new(db: Db, model: type[Base], values: Mapping[str, Any], unique: list[str]) -> int:
    """Insert the row unless its unique key exists; return 1 if it was new, else 0. Safe against concurrent callers.

    An empty `unique` stands for any unique key, partial ones included.
    """
    insert = sqlite_insert if current().is_sqlite else postgres_insert
    table = model.metadata.tables[model.__tablename__]
    statement = (
        insert(table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=unique or None)
        # A row comes back only if it was written; the drivers' row counts do not agree on inserts.
        .returning(*table.primary_key.columns)
    )
    db.flush()
    return int(db.execute(statement).first() is not None)
