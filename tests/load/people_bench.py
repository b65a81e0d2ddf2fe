"""How fast a sheet of people is read and entered, and what the ledger of hours costs with ten thousand of them."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import event, insert, select

from lms import clock, db
from lms.accounts import principal
from lms.accounts.models import Grant, Person, Unit
from lms.app import create_app
from lms.certificates.models.hours import HourEntry, HourTotal
from lms.db import reading, writing
from lms.kernel.sheets import read_pages
from lms.programmes.entrants import entrant_of
from lms.programmes.models import PeopleImport
from lms.programmes.service import importing
from lms.settings import Settings
from tests.integration.live.serving import Site
from tests.load.measuring import tell
from tests.office_sheet import office_rows, office_sheet

SHEET = 900  # serials of invented NIPs have three digits
PEOPLE, YEARS, ENTRIES = 10_000, range(2022, 2027), 6
PAGES = ("/hours/people?year=2026", "/hours/people?year=2026&state=below", "/hours/units?year=2026")


def measure_people(site: Site, _people: int) -> None:
    """Tell rows a second of reading, judging and entering an office's sheet."""
    app_on(site)
    raw = office_sheet(office_rows(SHEET))
    admin = _admin()
    began = time.perf_counter()
    tables = importing.find_tables(read_pages(raw))
    tell("people: sheet read", SHEET / (time.perf_counter() - began), "rows/s")
    with writing() as handle:
        import_id = importing.start(handle, tables, file_name="bench.xlsx", batch=None, by=admin, at=clock.now()).id
    tell("people: rows judged", SHEET / _steps(importing.judge_some, import_id, admin), "rows/s")
    with writing() as handle:
        importing.begin_applying(handle, handle.get_one(PeopleImport, import_id), at=clock.now())
    tell("people: rows entered", SHEET / _steps(importing.apply_some, import_id, admin), "rows/s")


def measure_ledger(site: Site, _people: int) -> None:
    """Tell time and statements of the ledger's pages with few people, and with ten thousand and five years."""
    app = app_on(site)
    _fill(100)
    few = {page: ask(app, page)[1] for page in PAGES}
    _fill(PEOPLE - 100)
    for page in PAGES:
        seconds, statements = ask(app, page)
        tell(f"ledger: {page}", seconds * 1000, "ms", statements=statements, statements_with_100_people=few[page])


def app_on(site: Site) -> Flask:
    """Return the application on the site's database, in this process: what is measured is its own work alone."""
    values = {"JEMBATAN_HOME": str(site.home), "DATABASE_URL": site.url, "SECRET_KEY": "bench"}
    app = create_app(Settings.read(values))
    app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    return app


def _admin() -> int:
    with reading() as handle:
        return handle.scalars(select(Grant.person_id).where(Grant.role == "admin")).one()


def _steps(step: Callable[..., bool], import_id: int, admin: int) -> float:
    began = time.perf_counter()
    more = True
    while more:
        with writing() as handle:
            who = principal.read_principal(handle, admin)
            assert who is not None
            more = step(handle, import_id, entrant_of(handle, who), at=clock.now())
    return time.perf_counter() - began


def _fill(count: int) -> None:
    """Store so many people with hours of every year, straight into the tables."""
    chance = random.Random(count)
    with writing() as handle:
        units = [Unit(name=f"Dinas {count}-{number}") for number in range(20)]
        handle.add_all(units)
        handle.flush()
        ids = [unit.id for unit in units]
        people = [
            {
                "name": f"Pegawai {count}-{number}", "nip": f"{count % 97:02}{number:016}",
                "unit_id": chance.choice(ids),
                "created_at": clock.now(),
            }
            for number in range(count)
        ]  # fmt: skip
        handle.execute(insert(Person), people)
        new = handle.scalars(select(Person.id).where(Person.unit_id.in_(ids))).all()
        for chunk in _chunks(new, 1000):
            handle.execute(insert(HourEntry), [one for person in chunk for one in _entries(person, chance)])
            handle.execute(insert(HourTotal), [one for person in chunk for one in _totals(person, chance)])


def _entries(person: int, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person, "key": f"session:{year}{number}", "year": year,
            "day": date(year, 1, 1) + timedelta(days=chance.randrange(300)), "kind": 17, "scope": "national",
            "held": Decimal(4), "hours": Decimal(4), "is_final": True, "title_id": "Sesi", "title_en": "",
            "batch_id": None, "reasons": [], "derived_at": clock.now(),
        }
        for year in YEARS
        for number in range(ENTRIES)
    ]  # fmt: skip


def _totals(person: int, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {"person_id": person, "year": year, "final": Decimal(chance.randrange(40)), "provisional": Decimal(4)}
        for year in YEARS
    ]


def _chunks(things: Sequence[int], size: int) -> list[Sequence[int]]:
    return [things[start : start + size] for start in range(0, len(things), size)]


def ask(app: Flask, page: str) -> tuple[float, int]:
    """Return the middle of five times, and how many statements the page takes."""
    client = app.test_client()
    admin = _admin()
    with reading() as handle:
        who = principal.read_principal(handle, admin)
    assert who is not None
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = who.get_id(), True
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "COMMIT")):
            seen.append(statement)

    assert client.get(page).status_code == 200
    event.listen(db.current().reader, "before_cursor_execute", note)
    times, statements = [], []
    for _ in range(5):
        seen.clear()
        began = time.perf_counter()
        assert client.get(page).status_code == 200
        times.append(time.perf_counter() - began)
        statements.append(len(seen))
    event.remove(db.current().reader, "before_cursor_execute", note)
    # Now and then one more reads who is asking: that is kept for five seconds.
    return sorted(times)[2], min(statements)


PARTS: dict[str, Callable[[Site, int], None]] = {"people": measure_people, "ledger": measure_ledger}
