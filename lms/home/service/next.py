"""The one next thing: the session this person should think of now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from lms.db import Db
from lms.kernel.intervals import Interval
from lms.sessions.models import LiveSession
from lms.sessions.rules import DOOR_AFTER, Phase, doors
from lms.sessions.service.listing import Reading, SessionCard, cards, next_session, readings

_URGENCY = {Phase.OPEN: 0, Phase.OVERRUN: 1, Phase.EARLY: 2}


@dataclass(frozen=True)
class NextThing:
    """The session, what the asker may do with it, and what she should have read for it.

    `is_expected`: she is enrolled or teaches; else she only watches over it.
    """

    card: SessionCard
    is_expected: bool
    attends: bool
    moderates: bool
    watches: bool
    readings: tuple[Reading, ...]

    @property
    def doors(self) -> Interval:
        return doors(self.card.session.starts_at, self.card.session.ends_at)

    @property
    def is_open(self) -> bool:
        return self.card.phase in (Phase.OPEN, Phase.OVERRUN)


@dataclass(frozen=True)
class SessionRights:
    """Conditions on LiveSession, made by the guard at the edge: where the asker may do what."""

    attends: ColumnElement[bool]
    moderates: ColumnElement[bool]
    watches: ColumnElement[bool]


def next_thing(db: Db, person_id: int, rights: SessionRights, *, watches_over: bool, at: datetime) -> NextThing | None:
    """Return the most urgent session of this person, or None. At most six statements.

    `watches_over` tells that she coordinates: then sessions count in which she is not enrolled herself.
    """
    own = next_session(db, person_id, at)
    watched = _next_watched(db, rights.watches, at) if watches_over else None
    found = [card for card in (own, watched) if card is not None]
    if not found:
        return None
    card = min(found, key=lambda one: (_URGENCY[one.phase], one.session.starts_at, one is not own))
    session = card.session
    may = db.execute(
        select(
            rights.attends.label("attends"), rights.moderates.label("moderates"), rights.watches.label("watches")
        ).where(LiveSession.id == session.id)
    ).one()
    is_expected = own is not None and own.session.id == session.id
    return NextThing(
        card=card,
        is_expected=is_expected,
        attends=may.attends,
        moderates=may.moderates,
        watches=may.watches,
        readings=tuple(readings(db, session.id, person_id)) if is_expected and not may.watches else (),
    )


def _next_watched(db: Db, watches: ColumnElement[bool], at: datetime) -> SessionCard | None:
    coming = cards(
        db,
        select(LiveSession)
        .where(LiveSession.status == "scheduled", LiveSession.ends_at > at - DOOR_AFTER, watches)
        .order_by(LiveSession.starts_at, LiveSession.id)
        .limit(5),
        at=at,
    )
    return min(coming, key=lambda card: _URGENCY[card.phase], default=None)
