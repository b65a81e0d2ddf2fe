"""Tables of the course library: courses, modules, their revisions, files and what people have read."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.courses.rules import Size
from lms.db import Base


class Course(Base):
    """A course, from a folder or written in the browser. Archived, never deleted."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=1000)
    title_id: Mapped[str] = mapped_column(String(200), default="")
    title_en: Mapped[str] = mapped_column(String(200), default="")
    summary_id: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    # Languages offered, the main one first.
    languages: Mapped[list[Any]] = mapped_column(default=lambda: ["id", "en"])
    origin: Mapped[str] = mapped_column(String(10), default="web")
    # Over every file of the folder it was last synced from, so that an unchanged folder need not be read again.
    folder_hash: Mapped[str | None] = mapped_column(String(64))
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("title_id <> '' or title_en <> ''", name="has_a_title"),
        CheckConstraint("origin in ('folder', 'web')", name="origin_known"),
        Index("ix_course_position", "position", "id"),
    )


class Module(Base):
    """A module of a course: `key` says who it is, `position` where it stands."""

    __tablename__ = "module"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    course: Mapped[Course] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("course_id", "key"), Index("ix_module_course_position", "course_id", "position"))


class Revision(Base):
    """One publication of a module in one language. Its text never changes; the newest one `is_current`."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    number: Mapped[int]
    is_current: Mapped[bool]
    title: Mapped[str] = mapped_column(String(200))
    markdown: Mapped[str] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    # Clean HTML, made from `markdown` by version `renderer` of our renderer.
    html: Mapped[str] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    headings: Mapped[list[Any]] = mapped_column(default=list)
    minutes: Mapped[int] = mapped_column(default=1)
    renderer: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(10))
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    module: Mapped[Module] = relationship(lazy="raise")
    publisher: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("module_id", "language", "number"),
        Index(
            "uq_revision_current",
            "module_id",
            "language",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        CheckConstraint("language in ('id', 'en')", name="language_known"),
        CheckConstraint("origin in ('folder', 'web')", name="origin_known"),
        CheckConstraint("number > 0", name="number_positive"),
    )


class ModuleDraft(Base):
    """What somebody is writing: at most one a module and language, replaced at each save, gone at publication."""

    __tablename__ = "module_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200))
    markdown: Mapped[str] = mapped_column(Text)
    # The revision the writer started from; 0 for none.
    base: Mapped[int] = mapped_column(default=0)
    # Counts the saves, so that a colleague's save in between is noticed instead of lost.
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("module_id", "language"),
        CheckConstraint("language in ('id', 'en')", name="language_known"),
    )


class Media(Base):
    """A picture, film or document that lessons of a course refer to as `media/<name>`; bytes lie in the store."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    # Of a picture, in pixels, so that a page keeps its room; none where the file does not tell.
    width: Mapped[int | None]
    height: Mapped[int | None]
    origin: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("course_id", "name"),
        CheckConstraint("origin in ('folder', 'web')", name="origin_known"),
    )

    @property
    def pixels(self) -> Size | None:
        """Width and height together, or neither."""
        return Size(self.width, self.height) if self.width and self.height else None


class Attachment(Base):
    """A file handed out with a module: slides, handout, film. Removed ones keep their row."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    attached_at: Mapped[datetime]
    attached_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    removed_at: Mapped[datetime | None]

    module: Mapped[Module] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "uq_attachment_content",
            "module_id",
            "sha256",
            unique=True,
            sqlite_where=text("removed_at is null"),
            postgresql_where=text("removed_at is null"),
        ),
        CheckConstraint("size >= 0", name="size_not_negative"),
    )


class Progress(Base):
    """That a person has read a module; no row means not yet."""

    __tablename__ = "progress"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), index=True)
    read_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "module_id"),)
