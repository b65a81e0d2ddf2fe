"""Tables of people, units, grants, one-time codes and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base


class Unit(Base):
    """A work unit: an OPD, or a unit kerja below one (two levels)."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)

    parent: Mapped["Unit | None"] = relationship(remote_side=[id], lazy="raise")

    __table_args__ = (Index("uq_unit_name_parent", "name", text("coalesce(parent_id, 0)"), unique=True),)


class UnitAlias(Base):
    """What a sheet once called a unit, as a coordinator told: the same words are understood from then on."""

    __tablename__ = "unit_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Plain as rules.unit_names compares it; the agency before the unit where the sheet had both.
    plain: Mapped[str] = mapped_column(String(400), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), index=True)
    told_at: Mapped[datetime]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class Person(Base):
    """Somebody the platform knows; may lack an e-mail (signs in by NIP) or a NIP (not an ASN)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    title_before: Mapped[str] = mapped_column(String(60), default="")
    title_after: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    nip: Mapped[str | None] = mapped_column(String(18), unique=True)
    phone: Mapped[str] = mapped_column(String(20), default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[str] = mapped_column(String(200), default="")
    rank: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(5), default="id")
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Makassar")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # Raised by sign-out everywhere, a new password or deactivation: older cookies stop working.
    stamp: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    # When she put the first steps on her first page away.
    guide_closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    unit: Mapped[Unit | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("email is null or email = lower(email)", name="email_lower"),
        Index("ix_person_name", "name"),
    )


class Grant(Base):
    """A right's source: this person has this role within this scope. `scope_id` is 0 for everything."""

    __tablename__ = "grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    scope_kind: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(String(40), default="manual")
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("person_id", "role", "scope_kind", "scope_id"),
        Index("ix_grant_scope", "scope_kind", "scope_id"),
        CheckConstraint("(scope_kind = 'everything') = (scope_id = 0)", name="everything_has_no_id"),
    )


class OneTimeCode(Base):
    """A secret that lets somebody set a password once: a link by mail, or digits handed out by a coordinator."""

    __tablename__ = "one_time_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("purpose in ('invite', 'reset', 'handed_out')", name="purpose_known"),)


class AuditEntry(Base):
    """Who did what to which thing and when; written with the act, never changed."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)
