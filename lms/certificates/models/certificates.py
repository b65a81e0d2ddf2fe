"""Tables of certificates: what programmes require, number books, what was issued, and the keys that sign badges."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.db import Base
from lms.programmes.models import Batch


class NumberBook(Base):
    """A book of certificate numbers: every certificate written from it takes the next serial of its year."""

    __tablename__ = "number_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    # Two books with one pattern would give the same number twice.
    pattern: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]


class NumberCounter(Base):
    """The last serial given in a book and year. Raised in the transaction that writes the certificate: if that fails,
    the serial is free again, so that no number is ever missing."""

    __tablename__ = "number_counter"

    book_id: Mapped[int] = mapped_column(ForeignKey("number_book.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class CertificateRule(Base):
    """What a programme requires for its certificate and what stands on it (`rules.drafts.RuleDraft`)."""

    __tablename__ = "certificate_rule"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"), primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("number_book.id"), index=True)
    terms: Mapped[dict[str, Any]]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]

    book: Mapped[NumberBook] = relationship(lazy="raise")


class Waiver(Base):
    """That a coordinator let a requirement pass for one trainee, and why."""

    __tablename__ = "certificate_waiver"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("kind in ('attendance', 'registers', 'tests', 'evaluation')", name="kind_known"),)


class Certificate(Base):
    """A certificate as issued. `content` is all it states; nothing is looked up again when it is shown or printed.

    Never deleted: a revoked one keeps its number. One that is not revoked at most for each person and batch.
    """

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("number_book.id"))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(120), unique=True)
    # What the QR code leads to; chance, so that nobody finds one by counting.
    code: Mapped[str] = mapped_column(String(12), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="draft")
    content: Mapped[dict[str, Any]]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # The PDF as it came back from signing, in the store of bytes.
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    signed_size: Mapped[int | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    revoke_reason: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    batch: Mapped[Batch] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("book_id", "year", "serial"),
        Index(
            "uq_certificate_valid",
            "batch_id",
            "person_id",
            unique=True,
            sqlite_where=text("state <> 'revoked'"),
            postgresql_where=text("state <> 'revoked'"),
        ),
        CheckConstraint("state in ('draft', 'signed', 'revoked')", name="state_known"),
        CheckConstraint("(state = 'revoked') = (revoked_at is not null)", name="revoked_has_time"),
        CheckConstraint("state <> 'signed' or signed_sha256 is not null", name="signed_has_file"),
        CheckConstraint("(signed_sha256 is null) = (signed_at is null)", name="signed_has_time"),
    )


class IssueRun(Base):
    """Issuing certificates to many, done by a job: whom, how far it is, and what could not be done."""

    __tablename__ = "issue_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    people: Mapped[list[Any]]
    issued_on: Mapped[date]
    # How many of `people` have been looked at, and how many of those got a certificate.
    done: Mapped[int] = mapped_column(default=0)
    issued: Mapped[int] = mapped_column(default=0)
    # Who was left out: person ids, because something was missing by then.
    left_out: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime]
    # While it waits: from when a worker may begin. Then: when one last got further; one that died is taken over.
    beat_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state in ('waiting', 'running', 'done')", name="state_known"),
        Index(
            "uq_issue_run_open",
            "batch_id",
            unique=True,
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )


class BadgeKey(Base):
    """A key that signs badges. The public half stays for ever, so that what it signed can be verified for ever.

    The private half is encrypted with the installation's secret key; where that was changed a new key is made.
    """

    __tablename__ = "badge_key"

    # The key's thumbprint (RFC 7638).
    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    public: Mapped[dict[str, Any]]
    private_pem: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
