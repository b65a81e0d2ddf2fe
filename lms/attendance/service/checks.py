"""Please check: people about whom two witnesses contradict each other, and whose account a coordinator chose."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, not_, select

from lms.accounts.models import Person
from lms.attendance.models import Correction, Evidence, Register
from lms.attendance.rules.evidence import Source
from lms.attendance.rules.judgement import Excuse, Judgement, judge
from lms.attendance.rules.presence import Presence, presence
from lms.attendance.rules.timeline import Span, timeline
from lms.attendance.rules.witnesses import (
    WORTH_ASKING,
    Disagreement,
    disagreement,
    elapsed,
    facts_of,
    hear,
    seen_by_coordinators,
)
from lms.attendance.service.decisions import decide, latest_correction
from lms.attendance.service.expecting import Expected, expected
from lms.attendance.service.marks import DETECTION, judgeable
from lms.attendance.service.standing import Standing, read_standing
from lms.attendance.service.telling import about, coordinators_of
from lms.db import Db
from lms.kernel.errors import Conflict, Said
from lms.outbox import service as outbox
from lms.outbox.models import Notice
from lms.outbox.rules import freeze
from lms.sessions.models import LiveSession
from lms.sessions.rules import counted

# Both accounts together: what counts until somebody has decided.
ALL = "all"

# Late words are looked at several times within this, so that one look that failed loses none.
LATELY = timedelta(minutes=30)
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Account:
    """What one witness (or ALL) says of somebody, as it would count, and what it would be drawn as."""

    witness: str
    presence: Presence
    verdict: Judgement
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Check:
    """Somebody about whom two witnesses contradict each other.

    `accounts` are those of the more trusted, of the other, and of both together, which counts until somebody
    decides. `seen` is the id of the latest decision about her, 0 for none.
    """

    person: Expected
    between: Disagreement
    accounts: tuple[Account, ...]
    seen: int


def open_checks(
    db: Db, session: LiveSession, *, at: datetime, person_ids: Collection[int] | None = None
) -> list[Check]:
    """Return whom to check, by name; nobody before every witness had time to speak, nor on a signed register.

    A coordinator's decision, whichever, answers the question. Two statements where there is but one witness.
    """
    if not judgeable(session, at):
        return []
    spoke = _first_words(db, session.id)
    if len(spoke) < 2 or db.get(Register, session.id) is not None:
        return []
    people = expected(db, session, person_ids)
    standing = read_standing(db, session, None if person_ids is None else [person.id for person in people])
    found = []
    for person in people:
        between = _contradiction(standing, person.id, spoke, at)
        if between is not None:
            accounts = tuple(
                _account(standing, person.id, witness, at)
                for witness in (between.first.witness.value, between.second.witness.value, ALL)
            )
            found.append(Check(person, between, accounts, standing.newest_correction.get(person.id, 0)))
    return found


@dataclass(frozen=True)
class CameAnyway:
    """Somebody excused before the session who was in the room after all: `account` is what the evidence says, `seen`
    the id of the latest decision about her."""

    person: Expected
    excuse: Excuse
    account: Account
    seen: int


def came_anyway(db: Db, session: LiveSession, *, at: datetime) -> list[CameAnyway]:
    """Return who was excused beforehand and came all the same, by name; as `open_checks`, any decision made since the
    session's beginning answers the question."""
    if not judgeable(session, at) or db.get(Register, session.id) is not None:
        return []
    before = (Correction.session_id == session.id, Correction.at < session.starts_at)
    asked = db.scalars(select(Correction.person_id).where(*before).distinct()).all()
    if not asked:
        return []
    people = expected(db, session, asked)
    standing = read_standing(db, session, [person.id for person in people])
    found = []
    for person in people:
        decision = standing.decisions.get(person.id)
        if decision is None or decision.excuse is None or decision.at >= session.starts_at:
            continue
        account = _account(standing, person.id, ALL, at)
        if account.verdict.attended > WORTH_ASKING:
            found.append(CameAnyway(person, decision.excuse, account, standing.newest_correction[person.id]))
    return found


def tell_waiting(db: Db, session: LiveSession, *, at: datetime) -> int:
    """Tell who coordinates the batch that there is somebody to check of whom they were not told before; return how
    many were told. What comes late goes into a notice that is still unread."""
    waiting = waiting_people(db, session, at=at)
    if not waiting:
        return 0
    link = f"/sessions/{session.id}/checks"
    known: dict[int, list[Notice]] = {}
    told = select(Notice).where(Notice.template == "checks_waiting", Notice.link == link).order_by(Notice.id)
    for notice in db.scalars(told):
        known.setdefault(notice.person_id, []).append(notice)
    params = about(session) | {"people": len(waiting), "who": " ".join(map(str, sorted(waiting)))}
    count = 0
    for person_id in sorted(coordinators_of(db, session)):
        before = known.get(person_id, [])
        if waiting <= {int(one) for notice in before for one in notice.params.get("who", "").split()}:
            continue
        if before and before[-1].read_at is None:
            before[-1].params = before[-1].params | freeze(params)
        else:
            outbox.notify(db, person_id, "checks_waiting", params, link, at=at)
        count += 1
    return count


def waiting_people(db: Db, session: LiveSession, *, at: datetime) -> set[int]:
    """Return the ids of those who are to be checked."""
    contradicted = {one.person.id for one in open_checks(db, session, at=at)}
    return contradicted | {one.person.id for one in came_anyway(db, session, at=at)}


def sessions_with_late_words(db: Db, *, at: datetime) -> list[int]:
    """Return the sessions not signed yet of which some witness told within the last half hour, after their marks
    could be written: a file of a call, a server that was slow."""
    told_late = exists().where(
        Evidence.session_id == LiveSession.id,
        Evidence.received_at > at - LATELY,
        Evidence.received_at > LiveSession.ends_at,
        Evidence.source != Source.COORDINATOR.value,
    )
    return list(
        db.scalars(
            select(LiveSession.id)
            .where(
                LiveSession.ends_at < at - DETECTION,
                LiveSession.ends_at > at - LOOK_BACK,
                LiveSession.has_evidence.is_(True),
                not_(exists().where(Register.session_id == LiveSession.id)),
                told_late,
            )
            .order_by(LiveSession.id)
        )
    )


def _first_words(db: Db, session_id: int) -> dict[Source, datetime]:
    """Return since when each witness, coordinators apart, tells of anybody in this session."""
    rows = db.execute(
        select(Evidence.source, func.min(Evidence.claimed_at))
        .where(Evidence.session_id == session_id, Evidence.source != Source.COORDINATOR.value)
        .group_by(Evidence.source)
    )
    return {Source(source): first for source, first in rows}


def _contradiction(
    standing: Standing, person_id: int, spoke: dict[Source, datetime], at: datetime
) -> Disagreement | None:
    facts = standing.facts.get(person_id, [])
    if not facts or standing.decisions.get(person_id) is not None:
        return None
    session, until = standing.session, standing.until(at)
    whole = counted(session.starts_at, session.ends_at, standing.uncounted(person_id))
    spoken = hear(
        facts,
        standing.lines.get(person_id, {}),
        standing.world,
        elapsed(whole, until),
        standing.policy,
        at=until,
        setting=standing.setting(facts, until),
        watched_since={source: since for source, since in spoke.items() if source in (Source.JITSI, Source.IMPORT)},
    )
    return disagreement(spoken, seen_by_coordinators(facts))


def _account(standing: Standing, person_id: int, witness: str, at: datetime) -> Account:
    until, facts = standing.until(at), standing.facts.get(person_id, [])
    own = facts if witness == ALL else facts_of(facts, Source(witness))
    setting = standing.setting(own, until)
    found = presence(own, standing.lines.get(person_id, {}), standing.world, at=until, setting=setting)
    uncounted, in_part = standing.uncounted(person_id), person_id in standing.outside
    verdict = judge(found, standing.window, uncounted, standing.policy, at=at, in_part=in_part)
    return Account(witness, found, verdict, tuple(timeline(found, verdict, standing.window, uncounted)))


def choose(
    db: Db, session: LiveSession, person_id: int, witness: str, *, seen: int, key: str, by: int, at: datetime
) -> Correction:
    """Decide whose account counts for one person; she is told if her mark changes by it.

    Sent twice (same key) it is one decision. Raises Conflict if somebody else decided since `seen`, the id of the
    latest decision the coordinator knew of. The caller holds a lock on the session's row.
    """
    latest = latest_correction(db, session.id, person_id)
    if latest is not None and latest.key != key and latest.id != seen:
        raise Conflict("check_decided_meanwhile", name=db.get_one(Person, latest.by_id).name)
    new: dict[str, Any] = {"status": None, "excuse": None, "witness": witness}
    said = Said(f"witness_chosen_{witness}", {"at": at})
    return decide(db, session, person_id, new, "", key=key, by=by, at=at, said=said)
