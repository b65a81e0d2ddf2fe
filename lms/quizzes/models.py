"""Tables of quizzes: what is asked, in versions, and what was answered.

`QuizVersion`, `QuestionVersion` and `QuizItem` are written once, and but for their HTML never changed, so an attempt
keeps what it saw.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.courses.models import Course
from lms.db import Base
from lms.programmes.models import Batch

# A response is any JSON value; an unanswered one is NULL, not JSON's null, so that SQL can count it.
ResponseJson = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Quiz(Base):
    """A quiz of a course; `key` is stable (`pre`, `post`, `practice-queues`), `version` the number in force."""

    __tablename__ = "quiz"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    # Made in the browser: no file stands for it, and a sync leaves it alone.
    made_here: Mapped[bool] = mapped_column(default=False)
    # Its file is gone: nobody may begin it any more, what was answered stays.
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    course: Mapped[Course] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint("purpose in ('pre', 'post', 'practice')", name="purpose_known"),
    )


class QuizVersion(Base):
    """A quiz from one change to the next: its settings (`rules.settings`) and, by `QuizItem`, its questions."""

    __tablename__ = "quiz_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    number: Mapped[int]
    # Over settings and questions: the same content again makes no new version.
    fingerprint: Mapped[str] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]]
    # The introduction's Markdown, rendered and sanitised once: {"id": html, "en": html}.
    html: Mapped[dict[str, Any]]
    # Which renderer made the HTML: an older one's is made again at the next sync.
    renderer: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("quiz_id", "number"),)


class Question(Base):
    """A question of a course through all its versions.

    `origin` is the quiz key of the file it stands in, or "bank" where it was written in the browser.
    """

    __tablename__ = "question"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(60))
    # The number of the version in force; not always the highest, since old content is found again.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    # Put aside: no quiz may take it up any more; what was asked stays.
    archived_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("course_id", "origin", "key"),)


class QuestionDraft(Base):
    """A question being written in the browser, as its form was last sent; published, it becomes a version."""

    __tablename__ = "question_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    # None while nothing of it is published.
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), unique=True)
    fields: Mapped[dict[str, Any]]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    saved_at: Mapped[datetime]


class QuestionVersion(Base):
    """A question as it was worded and scored for a time (`rules.stored`); returning to old content finds its row."""

    __tablename__ = "question_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    # The Markdown of its text, rendered and sanitised once: {"id": html, "en": html}.
    html: Mapped[dict[str, Any]]
    renderer: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("question_id", "number"), UniqueConstraint("question_id", "fingerprint"))


class QuestionImport(Base):
    """A file of questions that somebody brought, as it was read; nothing of it is in the bank before it is taken in."""

    __tablename__ = "question_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    format: Mapped[str] = mapped_column(String(12))
    encoding: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    # One a question: its line, its content, or why it is refused.
    entries: Mapped[list[Any]]
    # Name → hash, size, kind and pixels of a picture that lies in the store and is not yet one of the course.
    pictures: Mapped[dict[str, Any]]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    uploaded_at: Mapped[datetime]
    # When it was last taken in, and how many questions were new, changed, brought back.
    applied_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]


class QuizItem(Base):
    """That a version of a quiz asks a version of a question, in this place."""

    __tablename__ = "quiz_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_version_id: Mapped[int] = mapped_column(ForeignKey("quiz_version.id", ondelete="CASCADE"))
    question_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"), index=True)
    position: Mapped[int]

    question_version: Mapped[QuestionVersion] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("quiz_version_id", "position"),)


class QuizSetting(Base):
    """What one batch does differently with a quiz: when it is open, its code, and other values (`rules.settings`)."""

    __tablename__ = "quiz_setting"

    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True, index=True)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    # Said aloud in class; whoever does not know it cannot begin. Shown to those who teach, so not a secret of ours.
    code: Mapped[str] = mapped_column(String(40), default="")
    # Only what differs from the quiz's own settings.
    overrides: Mapped[dict[str, Any]]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("closes_at > opens_at", name="closes_after_opening"),)


class ExtraTime(Base):
    """What one person gets beyond the rules of one quiz in one batch, and why: minutes, attempts."""

    __tablename__ = "extra_time"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    minutes: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    given_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    given_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("quiz_id", "batch_id", "person_id"),
        CheckConstraint("minutes between 0 and 1440", name="minutes_sane"),
        CheckConstraint("attempts between 0 and 20", name="attempts_sane"),
    )


class Attempt(Base):
    """A person's try at a quiz in a batch, on the version it began with; open until `submitted_at` is set.

    `ends_at` is start + limit + extra time, without what outages give back (`rules.deadlines`); null is no limit.
    Points are in the quiz's own scale; `percent` is rounded down.
    """

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("quiz_version.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    # What the order of questions and choices is made from (`rules.order`).
    seed: Mapped[str] = mapped_column(String(24))
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    # By her, or by us because the time was over.
    submitted_by: Mapped[str | None] = mapped_column(String(8))
    earned: Mapped[float | None]
    possible: Mapped[float | None]
    percent: Mapped[float | None]
    passed: Mapped[bool | None]
    # The items this attempt asks, where the quiz draws from a pool (null: all of its version).
    drawn: Mapped[list[Any] | None]
    # Where one may only go forward: the number of the question she is at; 0 where she moves freely.
    reached: Mapped[int] = mapped_column(default=0)
    # Answers that wait for somebody to grade them; until then the result is provisional and nobody passes.
    ungraded: Mapped[int] = mapped_column(default=0)

    quiz: Mapped[Quiz] = relationship(lazy="raise")
    version: Mapped[QuizVersion] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
    batch: Mapped[Batch] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("quiz_id", "batch_id", "person_id", "number"),
        Index(
            "uq_attempt_open",
            "quiz_id",
            "batch_id",
            "person_id",
            unique=True,
            sqlite_where=text("submitted_at is null"),
            postgresql_where=text("submitted_at is null"),
        ),
        # What the sweep looks for: open attempts whose time is over.
        Index(
            "ix_attempt_open_ends",
            "ends_at",
            sqlite_where=text("submitted_at is null"),
            postgresql_where=text("submitted_at is null"),
        ),
        Index("ix_attempt_person", "person_id", "quiz_id"),
        Index("ix_attempt_batch", "batch_id", "quiz_id"),
        CheckConstraint("(submitted_at is null) = (submitted_by is null)", name="submitted_by_somebody"),
        CheckConstraint("(submitted_at is null) = (earned is null)", name="submitted_is_scored"),
        CheckConstraint("submitted_by in ('person', 'time')", name="submitted_by_known"),
    )


class Answer(Base):
    """The last response saved to one question of an attempt, and after submission what it earned.

    `seq` grows with each change of this answer, on whatever device; a save with a smaller or equal one is old.
    """

    __tablename__ = "answer"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("quiz_item.id"), primary_key=True, index=True)
    response: Mapped[Any | None] = mapped_column(ResponseJson)
    flagged: Mapped[bool] = mapped_column(default=False)
    seq: Mapped[int] = mapped_column(default=0)
    device: Mapped[str] = mapped_column(String(40), default="")
    saved_at: Mapped[datetime]
    earned: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(12))
    # A regrade scores it by a later version of its question, or rules otherwise (`rules.regrading`).
    key_version_id: Mapped[int | None] = mapped_column(ForeignKey("question_version.id"))
    ruling: Mapped[str | None] = mapped_column(String(12))


class LateAnswer(Base):
    """A response that arrived after its attempt was over: kept, not scored, for the instructor to decide about."""

    __tablename__ = "late_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("quiz_item.id"))
    response: Mapped[Any | None] = mapped_column(ResponseJson)
    seq: Mapped[int]
    device: Mapped[str] = mapped_column(String(40))
    arrived_at: Mapped[datetime]
    # How long before its arrival she made the change, by her own device; seconds, not to be trusted blindly.
    claimed_age: Mapped[int] = mapped_column(default=0)
    decision: Mapped[str | None] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    # What stood there before it was accepted, so that the decision can be understood later.
    replaced: Mapped[dict[str, Any] | None]

    attempt: Mapped[Attempt] = relationship(lazy="raise")

    __table_args__ = (
        # The same answer sent again is the same row.
        UniqueConstraint("attempt_id", "item_id", "device", "seq"),
        CheckConstraint("decision in ('accepted', 'declined')", name="decision_known"),
        CheckConstraint("(decision is null) = (decided_at is null)", name="decision_has_time"),
    )


class LineOutage(Base):
    """A stretch in which her own line was away during an attempt, as far as the server believes her device.

    `key` is her device's name for it. What the instructor gave back for it stands with it.
    """

    __tablename__ = "line_outage"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    told_at: Mapped[datetime]
    given_seconds: Mapped[int | None]
    given_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    given_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("attempt_id", "key"),
        CheckConstraint("ended_at > began_at", name="ends_after_beginning"),
        CheckConstraint("(given_at is null) = (given_seconds is null)", name="given_is_counted"),
    )


class AnswerFile(Base):
    """A file handed in as an answer; its content lies in the store under its hash."""

    __tablename__ = "answer_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("quiz_item.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[datetime]

    attempt: Mapped[Attempt] = relationship(lazy="raise")

    # The same file sent again is the same row.
    __table_args__ = (UniqueConstraint("attempt_id", "item_id", "sha256"),)


class Grading(Base):
    """What somebody gave an answer that no machine can score: points by criterion, and a word to her."""

    __tablename__ = "grading"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("quiz_item.id"), primary_key=True)
    # Criterion key → level key; for a question without a rubric {"points": number}.
    given: Mapped[dict[str, Any]]
    earned: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    graded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    graded_at: Mapped[datetime]


class Regrade(Base):
    """That submitted attempts of a batch were scored again by a corrected key: who, why, and what became of whom."""

    __tablename__ = "regrade"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    # Question id → ruling and version number.
    rulings: Mapped[dict[str, Any]]
    # One entry an attempt whose result changed: person, attempt, from what, to what.
    changes: Mapped[list[Any]]

    by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (Index("ix_regrade_quiz_batch", "quiz_id", "batch_id"),)
