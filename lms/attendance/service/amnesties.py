"""Amnesties: outages that struck many, found in the evidence, put before the coordinator, granted or refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, func, or_, select

from lms.accounts.models import Person, Unit
from lms.accounts.service.audit import record_act
from lms.attendance.models import Amnesty, Evidence, Register
from lms.attendance.rules.amnesties import (
    EVERYONE,
    LEAST_OF_UNIT,
    LOST_BEFORE,
    Cut,
    Proposal,
    find_cuts,
    propose,
)
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service.expecting import Expected, expected
from lms.attendance.service.marks import judge_marks
from lms.attendance.service.recording import Witnessed, record_all
from lms.attendance.service.standing import read_standing
from lms.attendance.service.telling import about, coordinators_of, notify_all
from lms.db import Db
from lms.kernel.errors import Conflict, NotFound, Said
from lms.kernel.intervals import Interval, clip
from lms.sessions.models import LiveSession

# Long after the end nobody's line comes back any more.
LOOKED_AT_FOR = timedelta(hours=2)


def sessions_to_look_at(db: Db, *, at: datetime) -> list[int]:
    """Return the sessions under way or just over, not signed, in which enough people lost their line: several, or one
    at whose screen others watch."""
    dropped = (
        select(func.count(Evidence.person_id.distinct()))
        .where(Evidence.session_id == LiveSession.id, Evidence.kind == Kind.DROPPED.value)
        .correlate(LiveSession)
        .scalar_subquery()
    )
    watched = exists().where(Evidence.session_id == LiveSession.id, Evidence.host_visit_id.is_not(None))
    return list(
        db.scalars(
            select(LiveSession.id)
            .outerjoin(Register, Register.session_id == LiveSession.id)
            .where(
                LiveSession.status == "scheduled",
                LiveSession.starts_at <= at,
                LiveSession.ends_at > at - LOOKED_AT_FOR,
                Register.session_id.is_(None),
                or_(dropped >= LEAST_OF_UNIT, and_(dropped > 0, watched)),
            )
        )
    )


def has_news(db: Db, session: LiveSession, *, at: datetime) -> bool:
    """Return whether the stored proposals differ from what the evidence says; reads only, so that no writer waits."""
    proposals, known = _find(db, session, at)
    found = {(one.group, *one.span, one.people) for one in proposals}
    return found != {(one.unit, one.starts_at, one.ends_at, tuple(one.people)) for one in known}


def propose_amnesties(db: Db, session: LiveSession, *, at: datetime) -> int:
    """Bring the proposals of a session up to date with its evidence; return how many are new.

    What a coordinator has decided stays and is not asked again. A proposal that later evidence explains away is
    gone. The caller holds a lock on the session's row.
    """
    proposals, known = _find(db, session, at)
    return _store(db, session, proposals, known, at)


def _find(db: Db, session: LiveSession, at: datetime) -> tuple[list[Proposal], list[Amnesty]]:
    """Return what the evidence proposes, and the proposals that are stored."""
    people = expected(db, session)
    standing = read_standing(db, session, [person.id for person in people])
    grace = timedelta(seconds=standing.policy.grace_seconds)
    stored = of_session(db, session.id)
    decided = [amnesty for amnesty in stored if amnesty.state != "proposed"]
    cuts: list[Cut] = []
    stays: dict[int, Sequence[Interval]] = {}
    for person in people:
        found = standing.presence(person.id, at)
        stays[person.id] = clip(found.intervals, standing.window)
        # Who watched at a screen lost its line with it.
        facts = [*standing.facts.get(person.id, ()), *standing.facts_of_screens(person.id)]
        own = find_cuts(person.id, facts, stays[person.id], longer_than=grace)
        cuts += [cut for cut in own if not any(_answers(amnesty, cut) for amnesty in decided)]
    known = [amnesty for amnesty in stored if amnesty.state == "proposed"]
    return propose(cuts, _groups(db, people), stays), known


def _answers(amnesty: Amnesty, cut: Cut) -> bool:
    return cut.person in amnesty.people and amnesty.starts_at - LOST_BEFORE <= cut.lost < amnesty.ends_at


def _groups(db: Db, people: Sequence[Expected]) -> dict[int, tuple[str, ...]]:
    """Return each person's groups, from everyone over the OPD to the unit below it."""
    units = {row.id: (row.name, row.parent_id) for row in db.execute(select(Unit.id, Unit.name, Unit.parent_id))}

    def chain(unit_id: int | None) -> tuple[str, ...]:
        if unit_id not in units:
            return (EVERYONE,)
        name, parent_id = units[unit_id]
        return (EVERYONE, units[parent_id][0], name) if parent_id in units else (EVERYONE, name)

    return {person.id: chain(person.unit_id) for person in people}


def _store(db: Db, session: LiveSession, proposals: Sequence[Proposal], known: Sequence[Amnesty], at: datetime) -> int:
    left = list(known)
    new = 0
    for proposal in proposals:
        same = next(
            (
                one
                for one in left
                if one.unit == proposal.group
                and one.starts_at < proposal.span.end
                and proposal.span.start < one.ends_at
            ),
            None,
        )
        if same is not None:
            left.remove(same)
            same.starts_at, same.ends_at, same.people = *proposal.span, list(proposal.people)
            continue
        db.add(
            Amnesty(
                session_id=session.id,
                unit=proposal.group,
                starts_at=proposal.span.start,
                ends_at=proposal.span.end,
                people=list(proposal.people),
                state="proposed",
                proposed_at=at,
            )
        )
        new += 1
        params = about(session) | {
            "clock_from": proposal.span.start,
            "clock_to": proposal.span.end,
            "people": len(proposal.people),
            "unit": proposal.group or Said("amnesty_everyone"),
        }
        link = f"/sessions/{session.id}/checks"
        notify_all(db, coordinators_of(db, session), "amnesty_proposed", params, link, by=None, at=at)
    if left:
        db.execute(delete(Amnesty).where(Amnesty.id.in_([one.id for one in left]), Amnesty.state == "proposed"))
    return new


def of_session(db: Db, session_id: int) -> list[Amnesty]:
    """Return the session's amnesties, proposed and decided, in order of time."""
    return list(
        db.scalars(select(Amnesty).where(Amnesty.session_id == session_id).order_by(Amnesty.starts_at, Amnesty.id))
    )


def decide_amnesty(
    db: Db, session: LiveSession, amnesty_id: int, *, grant: bool, seen: str, by: int, at: datetime
) -> Amnesty:
    """Grant or refuse an amnesty, or change that answer, before the register is signed.

    Granting writes a fact for everybody it struck, refusing afterwards takes those back; marks are judged anew and
    whoever's changed is told. Repeated, it changes nothing. Raises Conflict if it no longer is what the coordinator
    saw (`seen`), or the register is signed. The caller holds a lock on the session's row.
    """
    amnesty = db.scalar(select(Amnesty).where(Amnesty.id == amnesty_id, Amnesty.session_id == session.id))
    if amnesty is None:
        raise NotFound()
    wanted = "granted" if grant else "refused"
    if amnesty.state == wanted and amnesty.decided_by == by:
        return amnesty
    if amnesty.state != seen:
        name = db.get_one(Person, amnesty.decided_by).name if amnesty.decided_by else "–"
        raise Conflict("amnesty_decided_meanwhile", name=name)
    if db.get(Register, session.id) is not None:
        raise Conflict("register_already_signed")
    was_granted = amnesty.state == "granted"
    amnesty.state, amnesty.decided_at, amnesty.decided_by = wanted, at, by
    record_act(db, f"amnesty_{wanted}", "session", session.id, by=by, at=at, amnesty=amnesty.id, people=amnesty.people)
    if grant:
        record_all(db, session, [_fact(amnesty, person_id, by, at) for person_id in amnesty.people], at=at)
    elif was_granted:
        _take_back(db, session, amnesty, by, at)
    why = Said("mark_changed_by_amnesty" if grant else "mark_changed_by_amnesty_taken_back")
    judge_marks(db, session, at=at, person_ids=amnesty.people, why=why)
    return amnesty


def _fact(amnesty: Amnesty, person_id: int, by: int, at: datetime) -> Witnessed:
    return Witnessed(
        person_id,
        Kind.AMNESTY,
        Source.COORDINATOR,
        # Granted again after it was taken back, it is another fact.
        key=f"amnesty:{amnesty.id}:{at.isoformat()}:{person_id}",
        claimed_at=amnesty.starts_at,
        detail={
            "from": amnesty.starts_at.isoformat(),
            "to": amnesty.ends_at.isoformat(),
            "amnesty": amnesty.id,
        },
        by=by,
    )


def _take_back(db: Db, session: LiveSession, amnesty: Amnesty, by: int, at: datetime) -> None:
    rows = db.scalars(
        select(Evidence).where(
            Evidence.session_id == session.id,
            Evidence.person_id.in_(amnesty.people),
            Evidence.kind == Kind.AMNESTY.value,
        )
    )
    facts = [
        Witnessed(
            row.person_id,
            Kind.RETRACTED,
            Source.COORDINATOR,
            key=f"retract:{row.id}",
            claimed_at=at,
            detail={"evidence": row.id},
            by=by,
        )
        for row in rows
        if row.detail.get("amnesty") == amnesty.id
    ]
    record_all(db, session, facts, at=at)
