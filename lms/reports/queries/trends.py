"""How a batch attended, counted by the database: places by session and unit, people by unit."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select

from lms.accounts.models import Person, Unit
from lms.accounts.service.units import names_above
from lms.attendance.models import Mark
from lms.attendance.rules.balance import TROUBLE, Balance
from lms.attendance.service.balance import answered_for, read_balances
from lms.db import Db
from lms.programmes.models import Enrolment
from lms.programmes.service.members import everyone_ever
from lms.reports.trends import Held, Places, Somebody, Trends, trends_of
from lms.sessions.models import LiveSession


def read_trends(
    db: Db, batch_id: int, *, minimum: Decimal, narrowed: ColumnElement[bool], zone: ZoneInfo, at: datetime
) -> Trends:
    """Return what the pictures show, of sessions that have ended. Five statements, however many people.

    `narrowed` is the condition on Enrolment that says whose places the asker may see.
    """
    own = (Enrolment.batch_id == batch_id, narrowed)
    balances = read_balances(db, *own)
    people = {
        member.person_id: Somebody(
            member.unit,
            in_trouble=balances.get((batch_id, member.person_id), Balance()).outlook(minimum) in TROUBLE,
            is_gone=member.ends_at is not None and member.ends_at <= at,
        )
        for member in everyone_ever(db, batch_id, roles=("trainee",), narrowed=narrowed)
    }
    return trends_of(_held(db, batch_id, at), _places(db, *own), people.values(), zone=zone, above=names_above(db))


def _held(db: Db, batch_id: int, at: datetime) -> list[Held]:
    rows = db.execute(
        select(LiveSession.id, LiveSession.title_id, LiveSession.title_en, LiveSession.starts_at)
        .where(LiveSession.batch_id == batch_id, LiveSession.status != "cancelled", LiveSession.ends_at <= at)
        .order_by(LiveSession.starts_at, LiveSession.id)
    )
    return [Held(*row) for row in rows]


def _places(db: Db, *where: ColumnElement[bool]) -> list[Places]:
    expected = answered_for(*where).subquery("expected")
    rows = db.execute(
        select(expected.c.session_id, func.coalesce(Unit.name, ""), Mark.status, func.count())
        .join(Person, Person.id == expected.c.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .outerjoin(Mark, and_(Mark.session_id == expected.c.session_id, Mark.person_id == expected.c.person_id))
        .group_by(expected.c.session_id, Unit.name, Mark.status)
    )
    return [Places(*row) for row in rows]
