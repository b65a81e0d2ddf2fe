"""Hands raised in the built-in room, the first first. They outlive a reconnect, and go when they are lowered."""

from datetime import datetime

from sqlalchemy import delete, select

from lms.accounts.models import Person
from lms.db import Db, insert_new
from lms.sessions.models import LiveSession, RaisedHand


def raise_hand(db: Db, session: LiveSession, *, by: int, at: datetime) -> None:
    """Put somebody's hand up; one that is up keeps its place."""
    mine = {"session_id": session.id, "person_id": by}
    insert_new(db, RaisedHand, mine | {"raised_at": at}, unique=list(mine))


def lower_hand(db: Db, session: LiveSession, person_id: int) -> None:
    """Take somebody's hand down."""
    db.execute(delete(RaisedHand).where(RaisedHand.session_id == session.id, RaisedHand.person_id == person_id))


def hands_up(db: Db, session_id: int) -> list[tuple[int, str]]:
    """Return (person, name) of the hands that are up, the first to be raised first."""
    rows = db.execute(
        select(Person.id, Person.name)
        .join(RaisedHand, RaisedHand.person_id == Person.id)
        .where(RaisedHand.session_id == session_id)
        .order_by(RaisedHand.raised_at, Person.id)
    )
    return [(row.id, row.name) for row in rows]
