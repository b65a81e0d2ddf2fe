"""The meeting server's own list of who is in a room against what it told us: stays whose goodbye was lost are closed
where it is certain whose they are, and told to somebody where it is not."""

import hashlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service import marks, recording
from lms.attendance.service.reconciling import TOLERATED, OpenStay, open_stays, people_missed
from lms.db import Db
from lms.sessions.models import LiveSession

log = logging.getLogger(__name__)

# The server names an occupant in the room by so many characters of the address it gave her.
NAME_LENGTH = 8


@dataclass(frozen=True)
class Counted:
    """What the server answered: how many are in the main room, and by which names (None: it does not list them)."""

    size: int
    names: frozenset[str] | None = None


@dataclass(frozen=True)
class Comparison:
    """Where the server and what it told differ: `missed` people it never told of; `gone` stays that are open by its
    word and over by its list; `too_many` such stays where nobody can say whose they are."""

    missed: int = 0
    gone: tuple[OpenStay, ...] = ()
    too_many: int = 0


def compare(db: Db, session: LiveSession, counted: Counted, *, was_there: bool) -> Comparison:
    """Return the differences for one look; the caller believes them when a second look agrees.

    A room that is not there at all has nobody in it, breakout rooms included: it is not given up while somebody is in
    one. But only of a room that `was_there` at an earlier look: one the server never knew may be asked for wrongly.
    Otherwise stays in breakout rooms are left alone, and names are believed only where they fit at all.
    """
    stays = open_stays(db, session.id)
    missed = people_missed(db, session, counted.size)
    if counted.size == 0:
        return Comparison(missed, tuple(stays) if was_there else ())
    main = [stay for stay in stays if "/" not in stay.place]
    absent = [stay for stay in main if counted.names is not None and _name(stay) not in counted.names]
    if counted.names is not None and len(absent) < len(main):
        return Comparison(missed, tuple(absent))
    surplus = len(main) - counted.size
    return Comparison(missed, too_many=surplus if surplus > TOLERATED else 0)


def close_gone(db: Db, session: LiveSession, since: Mapping[OpenStay, datetime], *, at: datetime) -> int:
    """Close these stays at the moment the server's list first lacked them; return how many were open still.

    A goodbye that comes after all and tells of a later moment stands above this.
    """
    still = [stay for stay in open_stays(db, session.id) if stay in since]
    for stay in still:
        told = f"{stay.place}|{stay.occupant}|{int(stay.since.timestamp())}"
        recording.record(
            db,
            session,
            stay.person_id,
            Kind.LEFT,
            source=Source.JITSI,
            key=f"j:gone:{hashlib.sha256(told.encode()).hexdigest()[:40]}",
            claimed_at=max(stay.since, since[stay]),
            at=at,
            detail={"occupant": stay.occupant, "room": stay.place, "reconciled": True},
        )
    if still:
        log.warning("session %s: %d stays are over by the meeting server's list; closed", session.id, len(still))
        marks.judge_marks(db, session, at=at, person_ids=sorted({stay.person_id for stay in still}))
    return len(still)


def seen_again(
    gone: Collection[OpenStay], before: Mapping[OpenStay, datetime], at: datetime
) -> dict[OpenStay, datetime]:
    """Return these stays with the moment each was first missed, remembered from the look before."""
    return {stay: before.get(stay, at) for stay in gone}


def _name(stay: OpenStay) -> str:
    return stay.occupant[:NAME_LENGTH]
