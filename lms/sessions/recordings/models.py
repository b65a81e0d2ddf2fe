"""Tables of recordings and of what people watched of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base
from lms.sessions.models import LiveSession


class Recording(Base):
    """One recording of a session: a file of ours, or a link to somebody else's.

    The row outlives its file: what people watched of it stays on record after the deletion.
    """

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    # The sender's identity of it, so that what is told twice is one recording.
    key: Mapped[str] = mapped_column(String(160), unique=True)
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    # Of the file: its size, and how long it plays. Seconds stay null for a link nobody has measured.
    size: Mapped[int | None] = mapped_column(BigInteger)
    seconds: Mapped[float | None]
    # Where somebody else keeps it, and until when that address works (null: nobody said).
    link: Mapped[str] = mapped_column(Text, default="")
    link_until: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime]
    # From when on the batch may watch it; null while it is held back because nobody was told of a recording.
    shown_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    session: Mapped[LiveSession] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_recording_expires", "expires_at"),
        CheckConstraint("source in ('jibri', 'jaas', 'link')", name="source_known"),
        CheckConstraint("state in ('coming', 'ready', 'link', 'lost', 'deleted')", name="state_known"),
    )


class RecordingWatch(Base):
    """What one person has watched of one recording: the union of the stretches that played, as [[from, to], …] in
    seconds of the recording. A row without any says that the page was opened."""

    __tablename__ = "recording_watch"

    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    spans: Mapped[list[Any]] = mapped_column(default=list)
    seconds: Mapped[float] = mapped_column(default=0.0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
