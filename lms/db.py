"""The database: one engine a process, `reading()` and `writing()`. The only file that commits."""

import contextvars
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, bindparam, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import InterfaceError, OperationalError
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


T = TypeVar("T")
# So many small writes share a transaction at most: the last of them should not wait long for the first.
MOST_TOGETHER = 50

Publisher = Callable[[set[tuple[int, int | None]]], None]


class _CommonTransactionLost(Exception):
    """One piece of work ended the transaction that others shared with it."""


class _Waiting:
    """Work that waits to be written together with others'."""

    def __init__(self, work: Callable[[Db], Any]) -> None:
        self.work = work
        self.context = contextvars.copy_context()
        self.told = threading.Event()
        self.leads = False
        self.result: Any = None
        self.error: BaseException | None = None

    def write(self, db: Db) -> None:
        """Do the work within the common transaction, or undo all of it and keep its error."""
        connection, calls = db.connection(), len(db._after_commit)
        connection.exec_driver_sql("SAVEPOINT own")
        try:
            self.result = self.work(db)
            db.flush()
        except Exception as error:
            self.error = error
            if not db.is_active:
                # A flush that failed takes the whole transaction with it.
                raise _CommonTransactionLost from error
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT own")
            db.expunge_all()
            del db._after_commit[calls:]
        connection.exec_driver_sql("RELEASE SAVEPOINT own")


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
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        self._is_led = False
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

    def together(self, work: Callable[[Db], T], *, locks: bool = False) -> T:
        """Return what `work(db)` gives, once durable, in a transaction shared with whoever else waits at this moment.

        For many small writes at once: a class that joins in one second is some ten commits, not a thousand.
        `work` sees its caller's context (request, user). If it raises, nothing of it is stored, the others' work
        is, and the caller gets the exception. The first to come writes for all who queued while it wrote.
        Work that `locks` rows has a transaction of its own where the database knows such locks: two common ones that
        take the same rows in another order would wait for each other.
        """
        if getattr(self._local, "is_writing", False):
            raise RuntimeError("together() inside writing(): pass the outer db on instead")
        if locks and not self.is_sqlite:
            with self.writing() as db:
                return work(db)
        mine = _Waiting(work)
        with self._queue_lock:
            self._queue.append(mine)
            if not self._is_led:
                self._is_led = mine.leads = True
        if not mine.leads:
            mine.told.wait()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _lead(self) -> None:
        """Write what is queued, then hand over to the next in the queue: nobody writes for the others for ever."""
        with self._queue_lock:
            batch, self._queue = self._queue[:MOST_TOGETHER], self._queue[MOST_TOGETHER:]
        try:
            self._write_all(batch)
        finally:
            with self._queue_lock:
                next_one = self._queue[0] if self._queue else None
                self._is_led = next_one is not None
            for one in batch:
                one.told.set()
            if next_one is not None:
                next_one.leads = True
                next_one.told.set()

    def _write_all(self, batch: list["_Waiting"]) -> None:
        try:
            with self.writing() as db:
                if len(batch) == 1:
                    # The transaction itself undoes what fails.
                    batch[0].result = batch[0].context.run(batch[0].work, db)
                for one in batch if len(batch) > 1 else ():
                    one.context.run(one.write, db)
        except (OperationalError, InterfaceError) as error:
            # The database is away or full: asking it again for each of them would keep everyone waiting.
            for one in batch:
                one.error = error
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = batch[0].error or error
                return
            # One broke the common transaction; alone it harms nobody else.
            for one in batch:
                one.error = None
                self._write_all([one])

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


def together(work: Callable[[Db], T], *, locks: bool = False) -> T:
    """Return what `work(db)` gives once it is durable, written together with whoever else waits; for edges alone."""
    return current().together(work, locks=locks)


def built_once(build: Callable[..., Any]) -> Callable[..., tuple[Any, dict[str, Any]]]:
    """Turn a function that returns a statement into one that returns the statement, built once, and its values.

    Building a statement takes longer than running it. The function is called once, with a bound parameter in place of
    each argument, so it may compare with them (`==`, `in_`) but not look at them: `db.scalars(*_of_person(person_id))`.
    """
    names = tuple(inspect.signature(build).parameters)

    @lru_cache(maxsize=1)
    def statement() -> Any:
        return build(*(bindparam(name) for name in names))

    @wraps(build)
    def call(*values: Any) -> tuple[Any, dict[str, Any]]:
        return statement(), dict(zip(names, values, strict=True))

    return call


def insert_all_new(db: Db, model: type[Base], rows: Sequence[Mapping[str, Any]], unique: str) -> set[Any]:
    """Insert those rows whose value of this unique column is not there yet; return these values. One statement."""
    if not rows:
        return set()
    db.flush()
    statement = _insert_new(model, (unique,), (unique,), current().is_sqlite)
    values = [dict(row) for row in rows]
    return set(db.connection().execute(statement, values if len(values) > 1 else values[0]).scalars())


@lru_cache(maxsize=64)
def _insert_new(model: type[Base], unique: tuple[str, ...], returned: tuple[str, ...], is_sqlite: bool) -> Any:
    """Return the statement that inserts what is new; built once, since building it takes longer than running it."""
    table = model.metadata.tables[model.__tablename__]
    statement = (sqlite_insert if is_sqlite else postgres_insert)(table)
    return statement.on_conflict_do_nothing(index_elements=unique or None).returning(*(table.c[n] for n in returned))


def insert_new(db: Db, model: type[Base], values: Mapping[str, Any], unique: list[str]) -> int:
    """Insert the row unless its unique key exists; return 1 if it was new, else 0. Safe against concurrent callers.

    An empty `unique` stands for any unique key, partial ones included.
    """
    # A row comes back only if it was written; the drivers' row counts do not agree on inserts.
    return int(insert_new_row(db, model, values, unique) is not None)


def insert_new_row(db: Db, model: type[Base], values: Mapping[str, Any], unique: list[str]) -> Any:
    """Insert the row unless its unique key exists; return its primary key as a row if it was new, else None."""
    keys = tuple(column.name for column in model.metadata.tables[model.__tablename__].primary_key.columns)
    db.flush()
    statement = _insert_new(model, tuple(unique), keys, current().is_sqlite)
    return db.connection().execute(statement, dict(values)).first()
