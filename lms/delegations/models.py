"""Tables of a study visit: how people are chosen, how the journey is prepared, and what comes home."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.db import Base, Json
from lms.programmes.models import Batch, Programme


class Delegation(Base):
    """A study visit of a programme: what is asked for, who decided, when it is announced.

    Its stage follows from the times: criteria published, decided, announced.
    """

    __tablename__ = "delegation"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    title_id: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    about_id: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(200), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    quota: Mapped[int]
    reserves: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # Criteria and weights cannot change after this; the lot is drawn from their hash.
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    seed: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decision_number: Mapped[str] = mapped_column(String(120), default="")
    decision_reasons: Mapped[str] = mapped_column(Text, default="")
    # The contest as it was decided (rules.ranking.Contest.stored) and its hash.
    decided_on: Mapped[dict[str, Any] | None] = mapped_column(Json)
    decided_hash: Mapped[str] = mapped_column(String(64), default="")
    announce_at: Mapped[datetime | None] = mapped_column(index=True)
    announced_at: Mapped[datetime | None]
    appeal_until: Mapped[datetime | None]
    # Rupiah for one Singapore dollar.
    rate: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    rate_on: Mapped[date | None]
    rate_source: Mapped[str] = mapped_column(String(200), default="")

    programme: Mapped[Programme] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("quota > 0 and reserves >= 0", name="quota_positive"),
        CheckConstraint("decided_at is null or published_at is not null", name="published_before_decided"),
    )


class DelegationCriterion(Base):
    """One criterion with its weight."""

    __tablename__ = "delegation_criterion"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    name_id: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    about_id: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(20))
    weight: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    least: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))

    __table_args__ = (CheckConstraint("weight > 0", name="weight_positive"),)


class DelegationCandidate(Base):
    """Somebody nominated, and what became of it."""

    __tablename__ = "delegation_candidate"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    nominated_at: Mapped[datetime]
    nominated_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # Taken out before the decision (a requirement not met, withdrawn): why.
    out_reason: Mapped[str | None] = mapped_column(Text)
    # After the decision: chosen, reserve, not_chosen; what the ranking said is in the delegation.
    outcome: Mapped[str | None] = mapped_column(String(12))
    outcome_reason: Mapped[str] = mapped_column(Text, default="")
    passport_until: Mapped[date | None]
    report: Mapped[str] = mapped_column(Text, default="")
    report_saved_at: Mapped[datetime | None]
    report_sent_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    batch: Mapped[Batch] = relationship(lazy="raise")
    delegation: Mapped[Delegation] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("delegation_id", "person_id"),
        CheckConstraint("outcome is null or outcome in ('chosen', 'reserve', 'not_chosen')", name="outcome_known"),
    )


class DelegationPanelist(Base):
    """A member of the panel that scores candidates."""

    __tablename__ = "delegation_panelist"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])

    __table_args__ = (UniqueConstraint("delegation_id", "person_id"),)


class DelegationConflict(Base):
    """That a member is too close to a candidate to judge her; her scores for this candidate do not count."""

    __tablename__ = "delegation_conflict"

    id: Mapped[int] = mapped_column(primary_key=True)
    panelist_id: Mapped[int] = mapped_column(ForeignKey("delegation_panelist.id", ondelete="CASCADE"))
    candidate_id: Mapped[int] = mapped_column(ForeignKey("delegation_candidate.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("panelist_id", "candidate_id"),)


class DelegationScore(Base):
    """One member's points for one candidate in one criterion, from 0 to 100."""

    __tablename__ = "delegation_score"

    id: Mapped[int] = mapped_column(primary_key=True)
    panelist_id: Mapped[int] = mapped_column(ForeignKey("delegation_panelist.id", ondelete="CASCADE"))
    candidate_id: Mapped[int] = mapped_column(ForeignKey("delegation_candidate.id", ondelete="CASCADE"), index=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("delegation_criterion.id", ondelete="CASCADE"))
    points: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    scored_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("panelist_id", "candidate_id", "criterion_id"),
        CheckConstraint("points between 0 and 100", name="points_in_range"),
    )


class DelegationAppeal(Base):
    """A candidate's objection to the outcome, and its answer."""

    __tablename__ = "delegation_appeal"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("delegation_candidate.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime]
    upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class DelegationTask(Base):
    """A line of the checklist, of one delegate or of all; `code` names a standard line, whose words are translated."""

    __tablename__ = "delegation_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"))
    candidate_id: Mapped[int | None] = mapped_column(
        ForeignKey("delegation_candidate.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    due_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_delegation_task_due", "delegation_id", "due_on"),)


class DelegationCost(Base):
    """A line of the costs."""

    __tablename__ = "delegation_cost"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    payer: Mapped[str] = mapped_column(String(10))
    payer_name: Mapped[str] = mapped_column(String(200), default="")
    currency: Mapped[str] = mapped_column(String(3))
    price: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    quantity: Mapped[int] = mapped_column(default=1)
    budget_code: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint("price >= 0 and quantity > 0", name="amount_positive"),
        CheckConstraint("currency in ('IDR', 'SGD')", name="currency_known"),
    )


class DelegationStop(Base):
    """A line of the itinerary; times are those of the place visited."""

    __tablename__ = "delegation_stop"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"), index=True)
    on: Mapped[date]
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200), default="")


class DelegationDiary(Base):
    """What a delegate learned on one day."""

    __tablename__ = "delegation_diary"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("delegation_candidate.id", ondelete="CASCADE"))
    on: Mapped[date]
    learned: Mapped[str] = mapped_column(Text)
    use: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("candidate_id", "on"),)


class DelegationCascade(Base):
    """What a delegate passes on at home; it may become a module of a course."""

    __tablename__ = "delegation_cascade"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("delegation_candidate.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    audience: Mapped[str] = mapped_column(String(200), default="")
    due_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
    module_id: Mapped[int | None] = mapped_column(ForeignKey("module.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
