"""A batch that is over: Ayu and Budi attended, its register is signed, and a rule says what the certificate needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lms.attendance.models import Mark, Register
from lms.certificates import tasks
from lms.certificates.models.certificates import Certificate, CertificateRule, NumberBook
from lms.certificates.rules.numbering import DEFAULT_PATTERN
from lms.certificates.service import issuing
from lms.db import Db, reading, writing
from tests.factories import NINE, World, make_session

AsPerson = Callable[[int], FlaskClient]

TERMS: dict[str, Any] = {
    "wording": "passed",
    "signature": "electronic",
    "attendance": True,
    "counts_excused": False,
    "registers": True,
    "tests": "none",
    "evaluation": False,
    "grade_excellent": None,
    "grade_very_good": None,
    "grade_good": None,
    "grade_fair": None,
    "agency_id": "BKPSDM Kota Balikpapan",
    "agency_en": "Personnel Agency",
    "place": "Balikpapan",
    "signer_name": "Drs. Purnama, M.Si.",
    "signer_nip": "",
    "signer_rank": "",
    "signer_position_id": "Kepala Badan",
    "signer_position_en": "Head of the Agency",
}


@pytest.fixture(autouse=True)
def nine_oclock() -> Iterator[None]:
    with time_machine.travel(NINE, tick=True):
        yield


@dataclass
class Over:
    """The batch that is over: its session and its rule's book."""

    session: int
    book: int


def set_rule(db: Db, programme_id: int, **terms: Any) -> int:
    """Store the programme's rule with a fresh book; return the book's id."""
    book = NumberBook(name="Sertifikat", pattern=DEFAULT_PATTERN, created_at=NINE)
    db.add(book)
    db.flush()
    rule = CertificateRule(programme_id=programme_id, book_id=book.id, terms=TERMS | terms, changed_at=NINE)
    db.add(rule)
    db.flush()
    return book.id


def hold(db: Db, batch_id: int, marks: dict[int, str], *, by: int, signed: bool = True, **fields: Any) -> int:
    """Store a session of four hours that was held four days ago, with these marks; return its id."""
    values: dict[str, Any] = {"starts_at": NINE - timedelta(days=4), "lesson_hours": 4, "has_evidence": True}
    session = make_session(db, batch_id, **(values | fields))
    for person_id, status in marks.items():
        db.add(Mark(session_id=session.id, person_id=person_id, status=status, judged_at=NINE))
    if signed:
        db.add(
            Register(
                session_id=session.id,
                signed_by=by,
                signed_at=NINE,
                evidence_ids=[],
                correction_ids=[],
                fingerprint="x" * 64,
                marks=[],
            )
        )
    db.flush()
    return session.id


@pytest.fixture
def over(world: World, app: Flask) -> Over:
    with writing() as db:
        session = hold(db, world.batch, {world.ayu: "attended", world.budi: "attended"}, by=world.citra)
        return Over(session, set_rule(db, world.programme))


def ask(browser: FlaskClient, batch: int, *people: int, on: str = "2026-12-01") -> Any:
    """Ask for certificates as the page does."""
    return browser.post(f"/batches/{batch}/certificates/issue", data={"person": list(people), "on": on})


def work_off(app: Flask) -> int:
    """Run the job that issues, once it can no longer be called off; return how many certificates it made."""
    with app.app_context():
        return tasks.issue_certificates(NINE + issuing.GRACE + timedelta(minutes=1))


def certificates() -> list[Certificate]:
    with reading() as db:
        return list(db.query(Certificate).order_by(Certificate.serial))


def stranger_to(app: Flask) -> FlaskClient:
    """A browser of somebody who never signs in and reads English."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
