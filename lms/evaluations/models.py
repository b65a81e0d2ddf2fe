"""Tables of evaluation. Who answered (`Turnout`) and what was answered (`Ballot`) share nothing but the survey.

Both are tables without row numbers on SQLite, keyed so that their order says nothing; ballots carry a fresh random id
and no time, and are all written anew with each vote (see `service.answering`), so that not even the database's own
bookkeeping (PostgreSQL's xmin and ctid) tells which came with whom.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.db import Base
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession


class Questionnaire(Base):
    """What a programme asks in questionnaires of a kind, where it is not the usual (`rules.questionnaires`)."""

    __tablename__ = "questionnaire"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    content: Mapped[dict[str, Any]]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]


class EvaluationSetting(Base):
    """How a batch is evaluated: whether questionnaires open by themselves, and how long each stays open."""

    __tablename__ = "evaluation_setting"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True)
    automatic: Mapped[bool]
    days_open: Mapped[int]


class Survey(Base):
    """A questionnaire put to people of a batch, with its content as it was then."""

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    # What it is about, once: "organiser-7", "instructor-7-21-4" (session, instructor), "alumnus-7-3" (month).
    key: Mapped[str] = mapped_column(String(60), unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    instructor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    # How many months after the end of the batch; null for what is asked at once.
    month: Mapped[int | None]
    content: Mapped[dict[str, Any]]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    # When those who had not answered were reminded.
    reminded_at: Mapped[datetime | None]

    batch: Mapped[Batch] = relationship(lazy="raise")
    session: Mapped[LiveSession | None] = relationship(lazy="raise")
    instructor: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("kind in ('organiser', 'instructor', 'alumnus', 'superior', 'peer')", name="kind_known"),
        CheckConstraint("closes_at >= opens_at", name="closes_after_opening"),
        CheckConstraint("(kind = 'instructor') = (session_id is not null)", name="instructor_has_session"),
        CheckConstraint("(month is not null) = (kind in ('alumnus', 'superior', 'peer'))", name="followup_has_month"),
    )


class Turnout(Base):
    """That somebody has answered a survey. Nothing else: no time, no number, no order."""

    __tablename__ = "turnout"

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Ballot(Base):
    """One set of answers to a survey, nobody's."""

    __tablename__ = "ballot"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), index=True)
    answers: Mapped[dict[str, Any]]

    __table_args__ = ({"sqlite_with_rowid": False},)


class Invitation(Base):
    """That somebody is to be asked about an alumnus: superior or peer, as the survey's kind says. `used`: has answered.

    Who has an account is told there; everyone else gets the link from the alumnus.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    about_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    used: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("survey_id", "about_id", "name"),)


class ActionPlan(Base):
    """What a trainee will do at work with what she learnt."""

    __tablename__ = "action_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    aim: Mapped[str] = mapped_column(Text)
    indicator: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")
    batch: Mapped[Batch] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("batch_id", "person_id"),)


class ActionStep(Base):
    """A step of an action plan, and how much of it is done."""

    __tablename__ = "action_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("action_plan.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    percent: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("percent between 0 and 100", name="percent_is_one"),)


class ActionNote(Base):
    """A word on how an action plan goes, by its owner or her coordinator."""

    __tablename__ = "action_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("action_plan.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)

    by: Mapped[Person | None] = relationship(lazy="raise")
