"""Tables of attendance: evidence and what belongs to it, marks derived from it, and decisions about them.

`Evidence`, `Connection`, `Visit`, `Correction` and `Amendment` are append-only: rows come, none changes or goes. One
exception: from where somebody scanned is taken out of a fact after a while (service/forgetting.py).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base


class WorkerBoot(Base):
    """One run of one serving process: when it started, last beat, and ended (null: still running, or killed)."""

    __tablename__ = "worker_boot"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class Outage(Base):
    """A stretch in which we could not witness: a process frozen, or the database gone.

    `boot_id` limits it to that process's connections; null concerns everyone.
    """

    __tablename__ = "outage"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    boot_id: Mapped[str | None] = mapped_column(ForeignKey("worker_boot.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("kind in ('freeze', 'database')", name="kind_known"),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        UniqueConstraint("kind", "boot_id", "started_at"),
    )


class Visit(Base):
    """One device of one person in one session; ties that device's connections together."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # Minted by the browser from random bytes and kept in its storage.
    device: Mapped[str] = mapped_column(String(40))
    first_seen_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("session_id", "person_id", "device"),)


class Connection(Base):
    """One socket of a visit, and the process that held it. Its end is derived from evidence, never written."""

    __tablename__ = "connection"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    boot_id: Mapped[str] = mapped_column(ForeignKey("worker_boot.id"))
    opened_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_connection_session_person", "session_id", "person_id"),
        Index("ix_connection_boot", "boot_id"),
    )


class Evidence(Base):
    """One witnessed fact about attendance."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]
    # When it happened by the witness: the browser's word corrected to our clock, or when a lost client was last heard.
    claimed_at: Mapped[datetime]
    connection_id: Mapped[str | None] = mapped_column(ForeignKey("connection.id"))
    # Order within its connection as the client counted; handlers run in threads and may overtake each other.
    sequence: Mapped[int] = mapped_column(default=0)
    # The client's nonce or the wire's identity: the same fact told twice is one row.
    key: Mapped[str] = mapped_column(String(120), unique=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # For "shared": the device at which this person watches. A column, so that who watches there is found at once.
    host_visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))

    __table_args__ = (
        Index("ix_evidence_session_person", "session_id", "person_id", "id"),
        Index(
            "ix_evidence_host_visit",
            "host_visit_id",
            "person_id",
            sqlite_where=text("host_visit_id is not null"),
            postgresql_where=text("host_visit_id is not null"),
        ),
        CheckConstraint("source in ('browser', 'jitsi', 'check_in', 'coordinator', 'import')", name="source_known"),
        CheckConstraint("(kind = 'shared') = (host_visit_id is not null)", name="shared_names_a_device"),
    )


class Mark(Base):
    """The verdict on one person in one session, derived from evidence and decisions, recomputable at any time."""

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    excuse: Mapped[str | None] = mapped_column(String(12))
    late: Mapped[bool] = mapped_column(default=False)
    left_early: Mapped[bool] = mapped_column(default=False)
    attended_seconds: Mapped[int] = mapped_column(default=0)
    counted_seconds: Mapped[int] = mapped_column(default=0)
    # Merged presence [[start, end], …] in ISO UTC and the reasons as [[code, params], …]: what "why?" shows.
    presence: Mapped[list[Any]] = mapped_column(default=list)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    judged_at: Mapped[datetime]
    rules_version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint("status in ('attended', 'partial', 'absent', 'excused', 'unknown')", name="status_known"),
        CheckConstraint("(status = 'excused') = (excuse is not null)", name="excuse_has_kind"),
    )


class Correction(Base):
    """A coordinator's decision about one mark: old, new, reason. The latest stands; all are kept."""

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # The form's nonce: a second click is the same decision.
    key: Mapped[str] = mapped_column(String(40), unique=True)
    amendment_id: Mapped[int | None] = mapped_column(ForeignKey("amendment.id"))
    # The document it rests on, in the store of bytes, with its name and kind; null without one.
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(160), default="", server_default="")
    file_kind: Mapped[str] = mapped_column(String(120), default="", server_default="")

    __table_args__ = (Index("ix_correction_session_person", "session_id", "person_id", "id"),)


class Register(Base):
    """The sign-off of a session's register: who answers for it, and the exact evidence it rests on."""

    __tablename__ = "register"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    signed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]
    # Every evidence and correction id it rests on, and SHA-256 over their content in that order.
    evidence_ids: Mapped[list[Any]]
    correction_ids: Mapped[list[Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    # The marks as signed: [{person_id, status, …}].
    marks: Mapped[list[Any]]


class Amendment(Base):
    """A numbered change of a signed register: reason, and the marks before and after."""

    __tablename__ = "amendment"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("register.session_id"))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("session_id", "number"),)


class Amnesty(Base):
    """A gap that struck many at once, put before the coordinator: once granted it is credited to those it struck.

    What it gives each of them is a fact of the ledger (kind `amnesty`); this row is the question and its answer.
    """

    __tablename__ = "amnesty"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"), index=True)
    # The unit whose people lost the line, by its name of that day; empty: people of every unit.
    unit: Mapped[str] = mapped_column(String(200), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    people: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (
        CheckConstraint("state in ('proposed', 'granted', 'refused')", name="state_known"),
        CheckConstraint("(state = 'proposed') = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )


class Petition(Base):
    """What a trainee asks about her own mark: to be excused, or to have it looked at again. Decided once."""

    __tablename__ = "petition"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    topic: Mapped[str] = mapped_column(String(12))
    # The kind of excuse asked for; null for a dispute.
    excuse: Mapped[str | None] = mapped_column(String(12))
    letter_number: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    # The letter in the store of bytes, with its name and kind; null without one.
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(160), default="")
    file_kind: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(12), default="asked")
    asked_at: Mapped[datetime]
    # When the session began as the asker knew it: an excuse for Monday does not cover Thursday.
    starts_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("correction.id"))

    __table_args__ = (
        Index(
            "uq_petition_open",
            "session_id",
            "person_id",
            "topic",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        Index("ix_petition_state", "state"),
        CheckConstraint("topic in ('excuse', 'dispute')", name="topic_known"),
        CheckConstraint("(topic = 'excuse') = (excuse is not null)", name="excuse_has_kind"),
        CheckConstraint("state in ('asked', 'approved', 'refused', 'withdrawn', 'revoked')", name="state_known"),
        CheckConstraint(
            "(state in ('approved', 'refused', 'revoked')) = (decided_by is not null)", name="decided_by_somebody"
        ),
    )


class WalkIn(Base):
    """That somebody not enrolled came to a session and stands on its register; whether to enrol is asked afterwards."""

    __tablename__ = "walk_in"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # What became of the question: open, enrolled, or guest.
    state: Mapped[str] = mapped_column(String(12), default="open", index=True)

    __table_args__ = (CheckConstraint("state in ('open', 'enrolled', 'guest')", name="state_known"),)


class CallAlias(Base):
    """By what else somebody is known in files of calls held elsewhere, as a coordinator confirmed it for one batch.

    In another batch the same name may be somebody else's. The latest confirmation stands.
    """

    __tablename__ = "call_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    provider: Mapped[str] = mapped_column(String(12))
    # The file's e-mail, else its name: lower-cased, with single spaces.
    name: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    confirmed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("batch_id", "provider", "name"),
        CheckConstraint("provider in ('teams', 'zoom')", name="provider_known"),
    )


class CallImport(Base):
    """One file of a call held elsewhere, as it was applied to a session: what it was, who did it, what became of it.

    The file itself is not kept, only its hash. What it gave are facts of the ledger that name this row.
    """

    __tablename__ = "call_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"), index=True)
    provider: Mapped[str] = mapped_column(String(12))
    file_name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    # The zone in which the file's clock was said to run.
    zone: Mapped[str] = mapped_column(String(40))
    rows: Mapped[int]
    people: Mapped[int]
    # Who was in the call and is nobody on this register: [{"name": …, "why": code}].
    left_out: Mapped[list[Any]]
    imported_at: Mapped[datetime]
    imported_by: Mapped[int] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (CheckConstraint("provider in ('teams', 'zoom')", name="provider_known"),)
