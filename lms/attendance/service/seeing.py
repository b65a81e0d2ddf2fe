"""What a coordinator saw with her own eyes: people in the room, one by one or all at once, and taken back again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select

from lms.attendance.models import Evidence
from lms.attendance.rules.drafts import RosterChange
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service.recording import Witnessed, record_all
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem, Said
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors


def see(
    db: Db, session: LiveSession, people: Collection[int], *, since: datetime, key: str, by: int, at: datetime
) -> int:
    """Store that a coordinator saw these people in the room from `since` to the end; return how many were new.

    Raises Conflict before the doors open: nobody can have been seen yet.
    """
    return len(_see_each(db, session, [_Sight(person_id, since, key) for person_id in people], by=by, at=at))


def unsee(db: Db, session: LiveSession, person_id: int, *, key: str, by: int, at: datetime) -> int:
    """Take back every not yet retracted "seen" of this person; return how many. Both rows stay in the ledger."""
    count = _unsee_each(db, session, [(person_id, key)], by=by, at=at)
    if not count:
        raise NotFound("nothing_to_take_back")
    return count


def apply(db: Db, session: LiveSession, changes: Sequence[RosterChange], *, by: int, at: datetime) -> dict[str, Said]:
    """Store changes of the roster in their order; each told again changes nothing. Return why some were not stored,
    by their keys: nobody arrives after the end.

    Of a change made while the line was gone, `age` tells how long ago it was: "now" means then. Statements
    grow with how often seeing and taking back alternate, not with people.
    """
    refused: dict[str, Said] = {}
    for act, run in groupby(changes, key=lambda change: change.act):
        if act == "unseen":
            _unsee_each(db, session, [(change.person, change.key) for change in run], by=by, at=at)
            continue
        sights = []
        for change in run:
            since = session.starts_at if act == "seen" else at - timedelta(seconds=change.age)
            if since >= session.ends_at:
                refused[change.key] = Said("seen_after_the_end")
            else:
                sights.append(_Sight(change.person, since, change.key))
        _see_each(db, session, sights, by=by, at=at)
    return refused


@dataclass(frozen=True)
class _Sight:
    person_id: int
    since: datetime
    key: str


def _see_each(db: Db, session: LiveSession, sights: Collection[_Sight], *, by: int, at: datetime) -> set[str]:
    opens = doors(session.starts_at, session.ends_at).start
    if at < opens:
        raise Conflict("session_not_open", opens=opens)
    facts = []
    for sight in sights:
        start = max(sight.since, session.starts_at)
        if start >= session.ends_at:
            raise Invalid(Problem.of("seen_after_the_end", field="since"))
        facts.append(
            Witnessed(
                sight.person_id,
                Kind.SEEN,
                Source.COORDINATOR,
                key=f"seen:{by}:{sight.key}:{sight.person_id}",
                claimed_at=start,
                detail={"from": start.isoformat(), "to": session.ends_at.isoformat(), "until": "end"},
                by=by,
            )
        )
    return record_all(db, session, facts, at=at)


def _unsee_each(db: Db, session: LiveSession, wanted: Collection[tuple[int, str]], *, by: int, at: datetime) -> int:
    """Take back what stands of these people's (person id, key) sights; return how many rows. A key that took
    something back before takes nothing back again: what was seen since then stands."""
    rows = db.scalars(
        select(Evidence).where(
            Evidence.session_id == session.id,
            Evidence.person_id.in_([person_id for person_id, _ in wanted]),
            Evidence.kind.in_([Kind.SEEN.value, Kind.RETRACTED.value]),
        )
    ).all()
    retracted = {row.detail.get("evidence") for row in rows if row.kind == Kind.RETRACTED.value}
    used = {(row.person_id, row.detail.get("nonce")) for row in rows if row.kind == Kind.RETRACTED.value}
    keys = {person_id: key for person_id, key in wanted if (person_id, key) not in used}
    facts = [
        Witnessed(
            row.person_id,
            Kind.RETRACTED,
            Source.COORDINATOR,
            key=f"retract:{row.id}",
            claimed_at=at,
            detail={"evidence": row.id, "nonce": keys[row.person_id]},
            by=by,
        )
        for row in rows
        if row.kind == Kind.SEEN.value and row.id not in retracted and row.person_id in keys
    ]
    return len(record_all(db, session, facts, at=at))
