"""Tables of questions asked in a running session, and of their answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base

_IS_OPEN = text("opened_at is not null and closed_at is null")


class Pulse(Base):
    """A question of a session: prepared, then asked, then closed."""

    __tablename__ = "pulse"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    # The page's nonce: asked twice, stored once.
    key: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int]
    form: Mapped[str] = mapped_column(String(10))
    text_id: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    # What can be chosen: [{key, id, en}], see rules.
    choices: Mapped[list[Any]]
    # Keys of the right choices, for a question of the bank; shown to all only once the instructor says so.
    right_keys: Mapped[list[Any]] = mapped_column(default=list)
    # Announced beside the question: whoever leads sees who chose what.
    is_named: Mapped[bool] = mapped_column(default=False)
    # A second sign of presence; announced beside the question, too.
    is_sign: Mapped[bool] = mapped_column(default=False)
    question_version_id: Mapped[int | None] = mapped_column(ForeignKey("question_version.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]
    # Counts every change that pages show, answers included, so that a page knows which message is the newer one.
    version: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_pulse_session", "session_id", "position"),
        # People can look at one question at a time.
        Index("uq_pulse_one_open", "session_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        CheckConstraint("form in ('yes_no', 'single', 'scale')", name="form_known"),
        CheckConstraint("closed_at is null or closed_at >= opened_at", name="closed_after_opened"),
    )


class PulseAnswer(Base):
    """A person's one answer to a question, as last changed; `page` and `sequence` tell a repeat from a change."""

    __tablename__ = "pulse_answer"

    pulse_id: Mapped[int] = mapped_column(ForeignKey("pulse.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    choice: Mapped[str] = mapped_column(String(60))
    page: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    # When she first answered: the sign of presence. A change of mind later does not move it.
    first_at: Mapped[datetime]
    answered_at: Mapped[datetime]
