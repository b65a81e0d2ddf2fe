"""Tables of lesson hours: how they are counted, each person's entries and yearly totals, and hours earned elsewhere."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.db import Base

Hours = Numeric(7, 2)


class ConversionLine(Base):
    """A line of the table of conversion (`rules.hours.Conversion`); without any the defaults hold."""

    __tablename__ = "conversion_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[int]
    scope: Mapped[str] = mapped_column(String(14))
    basis: Mapped[str] = mapped_column(String(10))
    fixed: Mapped[Decimal] = mapped_column(Hours, default=Decimal(0))
    factor: Mapped[Decimal] = mapped_column(Numeric(5, 3), default=Decimal(1))
    daily_cap: Mapped[Decimal | None] = mapped_column(Hours)
    monthly_times: Mapped[int | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    # The law or letter the line rests on, for whoever asks.
    ground: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("kind", "scope", "valid_from"),
        CheckConstraint("scope in ('national', 'international')", name="scope_known"),
        CheckConstraint("basis in ('held', 'activity', 'time')", name="basis_known"),
        CheckConstraint("valid_until is null or valid_until >= valid_from", name="ends_after_start"),
    )


class HourPolicyRow(Base):
    """How hours are counted from a day on (`rules.hours.HourPolicy`); without any the defaults hold."""

    __tablename__ = "hour_policy"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    minimum: Mapped[Decimal] = mapped_column(Hours)
    pppk_guide: Mapped[Decimal] = mapped_column(Hours)
    rounding: Mapped[str] = mapped_column(String(8))
    counts_partial: Mapped[bool]
    teleconference_kind: Mapped[int]
    visit_kind: Mapped[int]
    self_paced_kind: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class HourEntry(Base):
    """What one thing a person took part in counts for. Derived, and can be derived again; never edited.

    `key` names the source: `session:12`, `course:5:2026-11-20`, `claim:7`.
    """

    __tablename__ = "hour_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    day: Mapped[date]
    kind: Mapped[int]
    scope: Mapped[str] = mapped_column(String(14))
    held: Mapped[Decimal] = mapped_column(Hours)
    hours: Mapped[Decimal] = mapped_column(Hours)
    # False until the register is signed, the test passed.
    is_final: Mapped[bool]
    title_id: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id", ondelete="SET NULL"), index=True)
    # [[code, params], …]: why it counts for more or less than was held.
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    derived_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_hour_entry_person_year", "person_id", "year", "day"),
    )


class HourTotal(Base):
    """A person's hours of a year, written with the entries, so that a list of everybody is cheap."""

    __tablename__ = "hour_total"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    final: Mapped[Decimal] = mapped_column(Hours)
    provisional: Mapped[Decimal] = mapped_column(Hours)

    __table_args__ = (Index("ix_hour_total_year", "year", "person_id"),)


class HourClaim(Base):
    """Hours earned elsewhere, with proof: handed in by the person or imported by a coordinator, then decided."""

    __tablename__ = "hour_claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    organiser: Mapped[str] = mapped_column(String(200))
    kind: Mapped[int]
    scope: Mapped[str] = mapped_column(String(14))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    hours: Mapped[Decimal] = mapped_column(Hours)
    certificate_number: Mapped[str] = mapped_column(String(120), default="")
    # The proof in the store of bytes: a scan of the certificate or a letter.
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(160), default="")
    file_kind: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])

    __table_args__ = (
        # The same activity handed in twice counts once.
        UniqueConstraint("person_id", "title", "starts_on", "ends_on"),
        Index("ix_hour_claim_state", "state", "made_at"),
        CheckConstraint("state in ('waiting', 'accepted', 'refused')", name="state_known"),
        CheckConstraint("(state = 'waiting') = (decided_at is null)", name="decided_has_time"),
        CheckConstraint("scope in ('national', 'international')", name="scope_known"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("hours > 0", name="hours_positive"),
    )


class HourWatermark(Base):
    """Up to when changes elsewhere have been looked for; one row."""

    __tablename__ = "hour_watermark"

    id: Mapped[int] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime]
