"""Tables of live sessions, who teaches them, and what should be read before them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.db import Base
from lms.programmes.models import Batch


class LiveSession(Base):
    """A scheduled lecture or visit of a batch."""

    __tablename__ = "live_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    mode: Mapped[str] = mapped_column(String(20))
    title_id: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    # Stretches that do not count, as [[start, end], …] in ISO UTC (coffee, prayer).
    breaks: Mapped[list[Any]] = mapped_column(default=list)
    # Lesson hours (JP, 45 minutes) this session is worth.
    lesson_hours: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0))
    status: Mapped[str] = mapped_column(String(12), default="scheduled")
    cancelled_reason: Mapped[str] = mapped_column(Text, default="")
    # Generated once and stored: a name derived from the title would move people when the title changes.
    room_name: Mapped[str] = mapped_column(String(80), unique=True)
    # The key of the server it meets on (`jitsi.servers`); "" leaves it to the standard until the doors open.
    meeting_server: Mapped[str] = mapped_column(String(40), default="")
    # The rules this session is judged by, copied when scheduled (see attendance.rules.Policy).
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    # Set by attendance with the first evidence: such a session is cancelled, never deleted.
    has_evidence: Mapped[bool] = mapped_column(default=False)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="SET NULL"), index=True)
    # Whoever comes is told before entering that the session may be recorded; without it no recording is shown.
    may_be_recorded: Mapped[bool] = mapped_column(default=False, server_default=false())
    # What the sessions of one series have in common; null for one that stands alone.
    series: Mapped[str | None] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]

    batch: Mapped[Batch] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_live_session_batch_starts", "batch_id", "starts_at"),
        Index("ix_live_session_ends", "ends_at"),
        CheckConstraint("mode in ('in_person', 'teleconference', 'study_visit')", name="mode_known"),
        CheckConstraint("status in ('scheduled', 'cancelled')", name="status_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )


class SessionInstructor(Base):
    """That a person teaches a session, perhaps in the place of another and for what reason."""

    __tablename__ = "session_instructor"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    # Who was to teach and did not; null for whoever was planned.
    stands_in_for: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


class SessionModule(Base):
    """That a module belongs to a session: to be read before it."""

    __tablename__ = "session_module"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), primary_key=True, index=True)


class DeviceCheck(Base):
    """What one device's last test before a session found: a code for each of camera, microphone, speaker and line."""

    __tablename__ = "device_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # The browser's own name for itself, as in attendance's visits.
    device: Mapped[str] = mapped_column(String(40))
    results: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tested_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "device"),)


class RecordingNotice(Base):
    """That a person was shown, before entering, that the session may be recorded."""

    __tablename__ = "recording_notice"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime]


class RaisedHand(Base):
    """A hand that is up in the built-in room; gone when it is lowered."""

    __tablename__ = "raised_hand"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    raised_at: Mapped[datetime]


class JitsiEvent(Base):
    """One event a meeting server posted: stored before anything is made of it, so that nothing is lost by a fault.

    `key` is the wire's identity, hashed; `outcome` says what attendance made of it once `interpreted_at` is set.
    """

    __tablename__ = "jitsi_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(12))
    # The key of the server that proved it was the one to speak.
    server: Mapped[str] = mapped_column(String(40), default="")
    key: Mapped[str] = mapped_column(String(64), unique=True)
    what: Mapped[str] = mapped_column(String(30))
    room: Mapped[str] = mapped_column(String(120))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("live_session.id", ondelete="SET NULL"), index=True)
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text, deferred=True)
    interpreted_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")

    __table_args__ = (
        Index(
            "ix_jitsi_event_waiting",
            "id",
            sqlite_where=text("interpreted_at is null"),
            postgresql_where=text("interpreted_at is null"),
        ),
        CheckConstraint("sender in ('event_sync', 'jaas')", name="sender_known"),
    )


class RoomOpening(Base):
    """That a meeting server was allowed to open a session's room, and when it said that the room was gone.

    One that was never closed tells of a server that was killed: it asks again and is pointed to this one.
    """

    __tablename__ = "room_opening"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    server: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_room_opening_open",
            "session_id",
            unique=True,
            sqlite_where=text("closed_at is null"),
            postgresql_where=text("closed_at is null"),
        ),
    )
