"""Everything the rules need to know about people in one session, read in a fixed number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from lms.attendance.models import Connection, Correction, Evidence
from lms.attendance.rules.evidence import Fact, Kind, Line, Source
from lms.attendance.rules.judgement import Decision, Excuse, Judgement, Status, judge
from lms.attendance.rules.presence import Presence, Setting, World, presence
from lms.attendance.rules.witnesses import facts_of
from lms.attendance.service.expecting import not_enrolled
from lms.attendance.service.world import read_world
from lms.db import Db, built_once
from lms.kernel.intervals import Interval, merge
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy, doors, read_breaks


@dataclass
class Screen:
    """A device at which others watch along: what its own connections witnessed."""

    facts: list[Fact] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)


@dataclass
class Standing:
    """Facts, connections and decisions of people in one session, and our own processes' history."""

    session: LiveSession
    world: World
    facts: dict[int, list[Fact]] = field(default_factory=dict)
    lines: dict[int, dict[str, Line]] = field(default_factory=dict)
    decisions: dict[int, Decision | None] = field(default_factory=dict)
    # By visit: the devices at which some of these people watch.
    screens: dict[int, Screen] = field(default_factory=dict)
    # Stretches of the session in which somebody was not enrolled, for those few whom that concerns.
    outside: dict[int, list[Interval]] = field(default_factory=dict)
    # The newest evidence and correction id per person: what a line's version is made of.
    newest_evidence: dict[int, int] = field(default_factory=dict)
    newest_correction: dict[int, int] = field(default_factory=dict)
    _shown: dict[tuple[int, datetime], Presence] = field(default_factory=dict)

    @property
    def window(self) -> Interval:
        return Interval(self.session.starts_at, self.session.ends_at)

    @cached_property
    def policy(self) -> Policy:
        return Policy.of(self.session.policy)

    @cached_property
    def breaks(self) -> list[Interval]:
        return read_breaks(self.session.breaks)

    def uncounted(self, person_id: int) -> list[Interval]:
        """Return what of the session does not count for this person: its breaks, and when she was not enrolled."""
        return merge([*self.breaks, *self.outside.get(person_id, ())])

    def resting_on(self, kept: Collection[int]) -> "Standing":
        """Return the same standing with none but these facts: those that a signature rests on."""
        return replace(
            self,
            facts={person: [one for one in facts if one.id in kept] for person, facts in self.facts.items()},
            screens={
                visit: Screen([one for one in screen.facts if one.id in kept], screen.lines)
                for visit, screen in self.screens.items()
            },
            _shown={},
        )

    def facts_behind(self, person_id: int) -> set[int]:
        """Return the ids of all facts this person's mark rests on: her own, and those of the screens she watches at."""
        return {fact.id for fact in [*self.facts.get(person_id, ()), *self.facts_of_screens(person_id)]}

    def facts_of_screens(self, person_id: int) -> list[Fact]:
        """Return what was heard of the devices at which this person watches."""
        visits = sorted(_visits(self.facts.get(person_id, ())) & set(self.screens))
        return [fact for visit in visits for fact in self.screens[visit].facts]

    def presence(self, person_id: int, at: datetime) -> Presence:
        """Return this person's presence as known at this instant, by the witness a coordinator chose, else by all."""
        facts: Sequence[Fact] = self.facts.get(person_id, ())
        decision = self.decisions.get(person_id)
        if decision is not None and decision.witness in set(Source):
            facts = facts_of(facts, Source(decision.witness))
        until = self.until(at)
        return presence(facts, self.lines.get(person_id, {}), self.world, at=until, setting=self.setting(facts, until))

    def until(self, at: datetime) -> datetime:
        """Return this instant, or when the doors closed if that is earlier."""
        return min(at, doors(self.session.starts_at, self.session.ends_at).end)

    def setting(self, facts: Collection[Fact], until: datetime) -> Setting:
        """Return what the session adds to these facts of one person."""
        return Setting(
            ends=self.session.ends_at,
            needs_check_out=self.policy.check_out,
            screens={visit: self.screen(visit, until) for visit in _visits(facts)},
        )

    def screen(self, visit: int, until: datetime) -> Presence:
        """Return the presence of one device; worked out once, however many people watch at it."""
        if (visit, until) not in self._shown:
            screen = self.screens.get(visit, Screen())
            self._shown[visit, until] = presence(screen.facts, screen.lines, self.world, at=until)
        return self._shown[visit, until]

    def judge(self, person_id: int, at: datetime, *, found: Presence | None = None) -> Judgement:
        """Return the verdict on this person as of this instant, a coordinator's decision included."""
        return judge(
            found or self.presence(person_id, at),
            self.window,
            self.uncounted(person_id),
            self.policy,
            at=at,
            decision=self.decisions.get(person_id),
            in_part=person_id in self.outside,
        )


def read_standing(db: Db, session: LiveSession, person_ids: Collection[int] | None = None) -> Standing:
    """Return the standing of these people (None: everyone with evidence). Nine statements at most, whatever their
    number: two of them for devices at which some of them watch together, one for those enrolled for a part of it."""
    standing = _empty(db, session)
    if person_ids is None:
        evidence, connections, corrections = (ask(session.id) for ask in _OF_EVERYONE)
    else:
        evidence, connections, corrections = (ask(session.id, list(person_ids)) for ask in _OF_SOME)

    for row in db.execute(*evidence):
        standing.facts.setdefault(row.person_id, []).append(_fact(row, session.ends_at))
        standing.newest_evidence[row.person_id] = row.id
    for row in db.execute(*connections):
        standing.lines.setdefault(row.person_id, {})[row.id] = _line(row)
    for correction in db.scalars(*corrections):
        standing.decisions[correction.person_id] = as_decision(correction)
        standing.newest_correction[correction.person_id] = correction.id
    visits = {visit for facts in standing.facts.values() for visit in _visits(facts)}
    if visits:
        _read_screens(db, standing, visits)
    return standing


def read_screen(db: Db, session: LiveSession, visit_id: int, at: datetime) -> Presence:
    """Return the presence of one device in this session as known at this instant, whether anybody watches at it or
    not. Three statements."""
    standing = _empty(db, session)
    _read_screens(db, standing, {visit_id})
    return standing.screen(visit_id, min(at, doors(session.starts_at, session.ends_at).end))


def _empty(db: Db, session: LiveSession) -> Standing:
    window = doors(session.starts_at, session.ends_at)
    return Standing(session, read_world(db, window), outside=not_enrolled(db, session))


def _read_screens(db: Db, standing: Standing, visits: set[int]) -> None:
    """Add these devices, whoever they belong to."""
    of_connection: dict[str, int] = {}
    for row in db.execute(_CONNECTIONS.where(Connection.visit_id.in_(visits))):
        standing.screens.setdefault(row.visit_id, Screen()).lines[row.id] = _line(row)
        of_connection[row.id] = row.visit_id
    witnessed = _EVIDENCE.join(Connection, Connection.id == Evidence.connection_id).where(
        Connection.visit_id.in_(visits)
    )
    for row in db.execute(witnessed.order_by(Evidence.id)):
        standing.screens[of_connection[row.connection_id]].facts.append(_fact(row, standing.session.ends_at))
    for person_id, facts in standing.facts.items():
        # What happens to the screen changes the line of whoever watches at it.
        theirs = [
            fact.id for visit in _visits(facts) if visit in standing.screens for fact in standing.screens[visit].facts
        ]
        standing.newest_evidence[person_id] = max([standing.newest_evidence[person_id], *theirs])


_EVIDENCE: Any = select(
    Evidence.id,
    Evidence.person_id,
    Evidence.kind,
    Evidence.source,
    Evidence.claimed_at,
    Evidence.received_at,
    Evidence.connection_id,
    Evidence.sequence,
    Evidence.detail,
    Evidence.host_visit_id,
)
_CONNECTIONS: Any = select(
    Connection.id, Connection.person_id, Connection.visit_id, Connection.boot_id, Connection.opened_at
)


@built_once
def _evidence(session_id: Any) -> Any:
    return _EVIDENCE.where(Evidence.session_id == session_id).order_by(Evidence.id)


@built_once
def _connections(session_id: Any) -> Any:
    return _CONNECTIONS.where(Connection.session_id == session_id)


@built_once
def _corrections(session_id: Any) -> Any:
    return select(Correction).where(Correction.session_id == session_id).order_by(Correction.id)


@built_once
def _their_evidence(session_id: Any, people: Any) -> Any:
    theirs = _EVIDENCE.where(Evidence.session_id == session_id, Evidence.person_id.in_(people))
    return theirs.order_by(Evidence.id)


@built_once
def _their_connections(session_id: Any, people: Any) -> Any:
    return _CONNECTIONS.where(Connection.session_id == session_id, Connection.person_id.in_(people))


@built_once
def _their_corrections(session_id: Any, people: Any) -> Any:
    theirs = select(Correction).where(Correction.session_id == session_id, Correction.person_id.in_(people))
    return theirs.order_by(Correction.id)


_OF_EVERYONE = (_evidence, _connections, _corrections)
_OF_SOME = (_their_evidence, _their_connections, _their_corrections)


def _fact(row: Any, ends_at: datetime) -> Fact:
    return Fact(
        id=row.id,
        kind=Kind(row.kind),
        at=row.claimed_at,
        heard=row.received_at,
        source=Source(row.source),
        connection=row.connection_id,
        sequence=row.sequence,
        span=_span(row.detail, ends_at),
        retracts=row.detail.get("evidence") if row.kind == Kind.RETRACTED.value else None,
        host_visit=row.host_visit_id,
        occupant=f"{row.detail.get('room', '')}/{row.detail['occupant']}" if "occupant" in row.detail else None,
        inferred=bool(row.detail.get("reconciled")),
    )


def _line(row: Any) -> Line:
    return Line(row.id, row.visit_id, row.boot_id, row.opened_at)


def _visits(facts: Collection[Fact]) -> set[int]:
    return {fact.host_visit for fact in facts if fact.host_visit is not None}


def _span(detail: dict[str, str], ends_at: datetime) -> Interval | None:
    """Return the span a fact names. Seen to the end of the session means: to its end of today, should it have moved."""
    if "from" not in detail:
        return None
    end = ends_at if detail.get("until") == "end" else datetime.fromisoformat(detail["to"])
    return Interval(datetime.fromisoformat(detail["from"]), end)


def as_decision(correction: Correction) -> Decision | None:
    """Return the decision a correction stands for; None where it gave the word back to the evidence."""
    status, witness = correction.new.get("status"), correction.new.get("witness")
    if not status and not witness:
        return None
    excuse = correction.new.get("excuse")
    return Decision(
        Status(status) if status else None,
        Excuse(excuse) if excuse else None,
        correction.reason,
        correction.at,
        None if status else witness,
    )
