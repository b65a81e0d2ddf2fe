"""Everything the rules need to know about people in one session, read in a fixed number of statements."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select

from lms.accounts.models import Person
from lms.attendance.models import Connection, Correction, Evidence, Visit
from lms.attendance.rules.evidence import Fact, Kind, Line, Source
from lms.attendance.rules.judgement import Decision, Excuse, Judgement, Status, judge
from lms.attendance.rules.presence import Presence, World, presence
from lms.attendance.service.world import read_world
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy, doors, read_breaks


@dataclass
class Standing:
    """Facts, connections and decisions of people in one session, and our own processes' history."""

    session: LiveSession
    world: World
    facts: dict[int, list[Fact]] = field(default_factory=dict)
    lines: dict[int, dict[str, Line]] = field(default_factory=dict)
    decisions: dict[int, Decision | None] = field(default_factory=dict)
    # The newest evidence and correction id per person: what a line's version is made of.
    newest_evidence: dict[int, int] = field(default_factory=dict)
    newest_correction: dict[int, int] = field(default_factory=dict)

    @property
    def window(self) -> Interval:
        return Interval(self.session.starts_at, self.session.ends_at)

    def presence(self, person_id: int, at: datetime) -> Presence:
        """Return this person's presence as known at this instant."""
        until = min(at, doors(self.session.starts_at, self.session.ends_at).end)
        return presence(self.facts.get(person_id, ()), self.lines.get(person_id, {}), self.world, at=until)

    def judge(self, person_id: int, at: datetime, *, found: Presence | None = None) -> Judgement:
        """Return the verdict on this person as of this instant, a coordinator's decision included."""
        return judge(
            found or self.presence(person_id, at),
            self.window,
            read_breaks(self.session.breaks),
            Policy.of(self.session.policy),
            at=at,
            decision=self.decisions.get(person_id),
        )


def read_standing(db: Db, session: LiveSession, person_ids: Collection[int] | None = None) -> Standing:
    """Return the standing of these people (None: everyone with evidence). Five statements, whatever their number."""
    standing = Standing(session, read_world(db, doors(session.starts_at, session.ends_at)))

    evidence = select(
        Evidence.id,
        Evidence.person_id,
        Evidence.kind,
        Evidence.source,
        Evidence.claimed_at,
        Evidence.received_at,
        Evidence.connection_id,
        Evidence.sequence,
        Evidence.detail,
    ).where(Evidence.session_id == session.id)
    connections = (
        select(Connection.id, Connection.person_id, Connection.visit_id, Connection.boot_id, Connection.opened_at)
        .where(Connection.session_id == session.id)
        .join(Visit, Visit.id == Connection.visit_id)
    )
    corrections = select(Correction).where(Correction.session_id == session.id).order_by(Correction.id)
    if person_ids is not None:
        evidence = evidence.where(Evidence.person_id.in_(person_ids))
        connections = connections.where(Connection.person_id.in_(person_ids))
        corrections = corrections.where(Correction.person_id.in_(person_ids))

    for row in db.execute(evidence.order_by(Evidence.id)):
        standing.facts.setdefault(row.person_id, []).append(
            Fact(
                id=row.id,
                kind=Kind(row.kind),
                at=row.claimed_at,
                heard=row.received_at,
                source=Source(row.source),
                connection=row.connection_id,
                sequence=row.sequence,
                span=_span(row.detail),
                retracts=row.detail.get("evidence") if row.kind == Kind.RETRACTED.value else None,
            )
        )
        standing.newest_evidence[row.person_id] = row.id
    for row in db.execute(connections):
        standing.lines.setdefault(row.person_id, {})[row.id] = Line(row.id, row.visit_id, row.boot_id, row.opened_at)
    for correction in db.scalars(corrections):
        standing.decisions[correction.person_id] = as_decision(correction)
        standing.newest_correction[correction.person_id] = correction.id
    return standing


def _span(detail: dict[str, str]) -> Interval | None:
    if "from" not in detail:
        return None
    return Interval(datetime.fromisoformat(detail["from"]), datetime.fromisoformat(detail["to"]))


def as_decision(correction: Correction) -> Decision | None:
    """Return the decision a correction stands for; None where it gave the word back to the evidence."""
    status = correction.new.get("status")
    if not status:
        return None
    excuse = correction.new.get("excuse")
    return Decision(Status(status), Excuse(excuse) if excuse else None, correction.reason, correction.at)


@dataclass(frozen=True)
class Expected:
    """Somebody whose attendance this session's register answers for."""

    id: int
    name: str
    title_before: str
    title_after: str
    nip: str | None
    phone: str
    position: str
    rank: str
    unit_id: int | None

    @property
    def full_name(self) -> str:
        """Return the name with its titles: `Drs. Ahmad Rivai, M.Si.`"""
        before = f"{self.title_before} " if self.title_before else ""
        return f"{before}{self.name}{', ' + self.title_after if self.title_after else ''}"


def expected(db: Db, session: LiveSession, person_ids: Collection[int] | None = None) -> list[Expected]:
    """Return the trainees enrolled while the session is held, by name; one statement."""
    rows = select(
        Person.id,
        Person.name,
        Person.title_before,
        Person.title_after,
        Person.nip,
        Person.phone,
        Person.position,
        Person.rank,
        Person.unit_id,
    ).where(
        Person.id.in_(
            select(Enrolment.person_id).where(
                Enrolment.batch_id == session.batch_id,
                Enrolment.role == "trainee",
                Enrolment.starts_at < session.ends_at,
                or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > session.starts_at),
            )
        )
    )
    if person_ids is not None:
        rows = rows.where(Person.id.in_(person_ids))
    return [Expected(*row) for row in db.execute(rows.order_by(Person.name, Person.id))]
