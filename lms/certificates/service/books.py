"""Number books: set up, and the next number given without a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from lms.accounts.service.audit import record_act
from lms.certificates.models.certificates import Certificate, CertificateRule, NumberBook, NumberCounter
from lms.certificates.rules.drafts import BookDraft
from lms.certificates.rules.numbering import write_number
from lms.db import Db, insert_new
from lms.kernel.errors import Invalid, Problem
from lms.programmes.models import Programme


@dataclass(frozen=True)
class Shelf:
    """A book in a list: the last serial of this year, what its next number will be, and who writes in it."""

    book: NumberBook
    last: int
    next_number: str
    programmes: tuple[Programme, ...]
    # Nothing is written in it this year yet, so that its first serial may still be chosen.
    is_fresh: bool


def shelves(db: Db, today: date) -> list[Shelf]:
    """Return every book by name. Three statements."""
    counters = select(NumberCounter.book_id, NumberCounter.last).where(NumberCounter.year == today.year)
    last: dict[int, int] = dict(db.execute(counters).all())
    written = set(db.scalars(select(Certificate.book_id).where(Certificate.year == today.year).distinct()))
    users: dict[int, list[Programme]] = {}
    rows = db.execute(
        select(CertificateRule.book_id, Programme)
        .join(Programme, Programme.id == CertificateRule.programme_id)
        .order_by(Programme.title_id)
    )
    for book_id, programme in rows:
        users.setdefault(book_id, []).append(programme)
    return [
        Shelf(
            book,
            last.get(book.id, 0),
            write_number(book.pattern, last.get(book.id, 0) + 1, today),
            tuple(users.get(book.id, ())),
            book.id not in written,
        )
        for book in db.scalars(select(NumberBook).order_by(func.lower(NumberBook.name)))
    ]


def save_book(
    db: Db, book: NumberBook | None, draft: BookDraft, *, today: date, by: int | None, at: datetime
) -> NumberBook:
    """Return the book, new or changed. Numbers already given stay as they are.

    Raises Invalid for a name or pattern another book has, and for a first serial once numbers were given this year.
    """
    own = book.id if book is not None else 0
    others: Sequence[NumberBook] = db.scalars(select(NumberBook).where(NumberBook.id != own)).all()
    problems = []
    if any(other.name.casefold() == draft.name.casefold() for other in others):
        problems.append(Problem.of("book_name_taken", field="name"))
    if any(other.pattern == draft.pattern for other in others):
        problems.append(Problem.of("book_pattern_taken", field="pattern"))
    if problems:
        raise Invalid(problems)
    action = "number_book_changed" if book is not None else "number_book_created"
    if book is None:
        book = NumberBook(created_at=at)
        db.add(book)
    book.name, book.pattern = draft.name, draft.pattern
    db.flush()
    counter = _counter(db, book.id, today.year)
    if draft.next_serial != counter.last + 1:
        if db.scalar(select(Certificate.id).where(Certificate.book_id == book.id, Certificate.year == today.year)):
            raise Invalid(Problem.of("book_serial_fixed", field="next_serial", next=counter.last + 1))
        counter.last = draft.next_serial - 1
    record_act(db, action, "number_book", book.id, by=by, at=at, pattern=draft.pattern, next_serial=counter.last + 1)
    return book


def next_number(db: Db, book: NumberBook, on: date) -> tuple[int, str]:
    """Return the next serial of the book in that year and the number written with it; the book stays locked.

    To be called in the transaction that writes the certificate: rolled back, the serial is free again.
    """
    counter = _counter(db, book.id, on.year)
    counter.last += 1
    db.flush()
    return counter.last, write_number(book.pattern, counter.last, on)


def lock(db: Db, book_id: int, year: int) -> None:
    """Let one at a time write into this year of the book, until its transaction ends."""
    _counter(db, book_id, year)


def _counter(db: Db, book_id: int, year: int) -> NumberCounter:
    insert_new(db, NumberCounter, {"book_id": book_id, "year": year, "last": 0}, ["book_id", "year"])
    return db.scalars(
        select(NumberCounter)
        .where(NumberCounter.book_id == book_id, NumberCounter.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
