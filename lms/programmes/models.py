"""Tables of programmes, batches and enrolments."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.courses.models import Course
from lms.db import Base


class Programme(Base):
    """A training programme, held in one or more batches."""

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title_id: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    summary_id: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    # Share of planned, JP-weighted sessions somebody must attend to pass.
    minimum_share: Mapped[Decimal] = mapped_column(Numeric(4, 3), default=Decimal("0.8"))
    created_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("minimum_share between 0 and 1", name="minimum_share_is_a_share"),)


class ProgrammeCourse(Base):
    """That a programme teaches a course, in this order."""

    __tablename__ = "programme_course"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=1)

    course: Mapped[Course] = relationship(lazy="raise")


class Batch(Base):
    """A batch (angkatan) of a programme: the group that learns together."""

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(200), default="")
    # Whom trainees call, and who signs registers by default.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(lazy="raise")
    contact: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("programme_id", "name"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )


class Enrolment(Base):
    """A person's row in a batch: the role there, from when to when. Ended, never deleted."""

    __tablename__ = "enrolment"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    enrolled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    batch: Mapped[Batch] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_enrolment_batch_role", "batch_id", "role"),
        Index(
            "uq_enrolment_open",
            "batch_id",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("ends_at is null"),
            postgresql_where=text("ends_at is null"),
        ),
        CheckConstraint("role in ('trainee', 'instructor', 'coordinator')", name="role_known"),
        CheckConstraint("ends_at is null or ends_at >= starts_at", name="ends_after_start"),
    )
