"""Tables of programmes, batches and enrolments."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.courses.models import Course
from lms.db import Base


class DevelopmentKind(Base):
    """A kind of competency development (`rules.kinds.Kind`) from a day on; without any the defaults hold."""

    __tablename__ = "development_kind"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[int]
    name_id: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    is_classical: Mapped[bool]
    certificate: Mapped[str] = mapped_column(String(1), default="P")
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("certificate in ('F', 'T', 'P')", name="certificate_known"),
        CheckConstraint("valid_until is null or valid_until >= valid_from", name="ends_after_start"),
    )


class Programme(Base):
    """A training programme, held in one or more batches."""

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title_id: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    summary_id: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    # What participants can do afterwards, one objective a line.
    objectives_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    objectives_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    # Share of planned, JP-weighted sessions somebody must attend to pass.
    minimum_share: Mapped[Decimal] = mapped_column(Numeric(4, 3), default=Decimal("0.8"))
    # Number of its kind of competency development, and whether a partner abroad holds it: what hours are counted by.
    kind: Mapped[int] = mapped_column(default=3, server_default="3")
    scope: Mapped[str] = mapped_column(String(14), default="national", server_default="national")
    organiser: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("minimum_share between 0 and 1", name="minimum_share_is_a_share"),
        CheckConstraint("scope in ('national', 'international')", name="scope_known"),
    )


class ProgrammeCourse(Base):
    """That a programme teaches a course, in this order."""

    __tablename__ = "programme_course"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=1)
    # Lesson hours (JP) its modules are worth to whoever reads them by herself; 0: only its sessions count.
    lesson_hours: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0), server_default="0")

    course: Mapped[Course] = relationship(lazy="raise")


class ProgrammePhase(Base):
    """A phase of a programme, counted in days from the first day of each batch; who is in it tells the strand."""

    __tablename__ = "programme_phase"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"))
    position: Mapped[int]
    stage: Mapped[str] = mapped_column(String(16))
    strand: Mapped[str] = mapped_column(String(10), default="all")
    title_id: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    # The first day of a batch is day 1.
    first_day: Mapped[int]
    days: Mapped[int]

    __table_args__ = (
        UniqueConstraint("programme_id", "position"),
        CheckConstraint("stage in ('city', 'teleconference', 'visit', 'cascading')", name="stage_known"),
        CheckConstraint("strand in ('all', 'delegates', 'home')", name="strand_known"),
        CheckConstraint("first_day >= 1 and days >= 1", name="days_positive"),
    )


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
    # How many trainees there is room for; null: no limit.
    capacity: Mapped[int | None]
    # Until which day people may ask to take part; null: the coordinator alone enrols.
    asks_until: Mapped[date | None]
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


class EnrolmentRequest(Base):
    """Somebody's wish to take part: her superior agrees, then she is enrolled or waits for a free place, in order."""

    __tablename__ = "enrolment_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    superior_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="asked")
    reason: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    # When the superior agreed: the order of the waiting list.
    agreed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    superior: Mapped[Person] = relationship(lazy="raise", foreign_keys=[superior_id])
    batch: Mapped[Batch] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_enrolment_request_batch_state", "batch_id", "state", "agreed_at"),
        Index(
            "uq_enrolment_request_open",
            "batch_id",
            "person_id",
            unique=True,
            sqlite_where=text("state in ('asked', 'waiting')"),
            postgresql_where=text("state in ('asked', 'waiting')"),
        ),
        CheckConstraint("state in ('asked', 'waiting', 'enrolled', 'refused', 'taken_back')", name="state_known"),
        CheckConstraint("person_id <> superior_id", name="superior_is_another"),
    )


class PeopleImport(Base):
    """A sheet of people on its way into the register: read, looked at, applied. Only its maker sees it.

    Nothing of a person changes before `applying`; the rows are dropped some weeks later, the counts stay.
    """

    __tablename__ = "people_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(160))
    # Into which batch the people are enrolled once entered; null: into none.
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="judging")
    rows: Mapped[int] = mapped_column(default=0)
    # How many rows the present state has dealt with; what a progress bar shows.
    done: Mapped[int] = mapped_column(default=0)
    # Recognised columns [[field, heading], …], headings nobody knew, and lines that are no person's [[place, text], …].
    columns: Mapped[list[Any]] = mapped_column(default=list)
    other_columns: Mapped[list[Any]] = mapped_column(default=list)
    passed_over: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    # What became of the rows, by outcome, once they are gone themselves.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)

    batch: Mapped[Batch | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("state in ('judging', 'ready', 'applying', 'applied', 'dropped')", name="state_known"),
    )


class PeopleImportRow(Base):
    """One row of such a sheet: what stood there, what it says, and what it would change or did."""

    __tablename__ = "people_import_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("people_import.id", ondelete="CASCADE"))
    number: Mapped[int]
    # Worksheet and line, as the office finds it again: "Sheet1 · 12".
    place: Mapped[str] = mapped_column(String(60))
    cells: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Null until judged.
    outcome: Mapped[str | None] = mapped_column(String(12))
    nip: Mapped[str | None] = mapped_column(String(18))
    email: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # {field: [old, new]} and [[code, params], …].
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    # The words for a unit that nobody could match, to be answered once for all rows that have them.
    unknown_unit: Mapped[str] = mapped_column(String(400), default="")
    applied_at: Mapped[datetime | None]
    is_enrolled: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_people_import_row_outcome", "import_id", "outcome", "number"),
        Index("ix_people_import_row_nip", "import_id", "nip"),
        Index("ix_people_import_row_email", "import_id", "email"),
        CheckConstraint("outcome in ('new', 'changed', 'unchanged', 'refused')", name="outcome_known"),
    )
