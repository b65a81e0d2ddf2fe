"""Table of those who have a programme's report sent to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base
from lms.programmes.models import Programme


class ReportSubscription(Base):
    """That somebody is sent a programme's report every week or month. `due_at` is the next reminder: whoever moves it
    on sends the letter."""

    __tablename__ = "report_subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"), index=True)
    rhythm: Mapped[str] = mapped_column(String(8))
    # Of the week from Monday as 1, or of the month.
    day: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("person_id", "programme_id"),
        CheckConstraint("rhythm in ('weekly', 'monthly')", name="rhythm_known"),
        CheckConstraint("day between 1 and case rhythm when 'weekly' then 7 else 28 end", name="day_of_rhythm"),
    )
