"""The register as a coordinator sees it: one line a person, from evidence while it is live, from marks afterwards."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.attendance.models import Amendment, Correction, Evidence, Mark, Register
from lms.attendance.rules.evidence import Fact, Kind, Source
from lms.attendance.rules.judgement import Judgement, Status
from lms.attendance.rules.presence import Presence
from lms.attendance.rules.timeline import Span, timeline
from lms.attendance.service.expecting import Expected, expected
from lms.attendance.service.marks import judgeable
from lms.attendance.service.signed import Signed, read_signed
from lms.attendance.service.standing import Standing, read_standing
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.sessions.devices.rules import Part
from lms.sessions.devices.service import Tested, tested_for
from lms.sessions.models import LiveSession

# Rows are numbered when written and seen when committed: a later number may be seen before an earlier one.
_OVERTAKEN = 50


@dataclass(frozen=True)
class RegisterLine:
    """One person's line. `group` sorts it on the page: present, elsewhere, connected or missing.

    `version` changes whenever anything behind the line does; `decided` tells that a coordinator's word
    stands; `late_evidence` counts facts that came after the register was signed.
    """

    person: Expected
    group: str
    verdict: Judgement
    presence: Presence
    version: str
    decided: bool
    seen: bool
    late_evidence: int = 0
    # By the room's code, or at somebody else's screen.
    checked_in: bool = False
    shares: bool = False
    # Has had the session's page open, with a device that works: the lobby, not presence.
    opened: bool = False
    # What the test of her device before the session found; None where there was none.
    tested: Tested | None = None
    facts: tuple[Fact, ...] = ()
    # What of the session does not count for this person: breaks, and when she was not enrolled.
    uncounted: tuple[Interval, ...] = ()

    @property
    def ways(self) -> tuple[str, ...]:
        """Return how this person's presence was noted: by `committee`, `code`, `screen`, `call` or `file`."""
        noted = {
            "committee": self.seen,
            "code": self.checked_in,
            "screen": self.shares,
            "call": any(fact.source in (Source.BROWSER, Source.JITSI) for fact in self.facts) and not self.seen,
            "file": any(fact.source is Source.IMPORT for fact in self.facts),
        }
        return tuple(way for way, is_noted in noted.items() if is_noted and self.verdict.intervals)

    @property
    def device_flags(self) -> dict[str, bool]:
        """Return what is worth knowing of the device as long as somebody is not in the room."""
        away = self.group != "present" and self.tested is not None
        trouble = self.tested.trouble if self.tested is not None else ()
        flags = {f"trouble_{part.value}": away and part in trouble for part in Part}
        return {"tested": away and not trouble} | flags

    @property
    def last_known(self) -> datetime | None:
        """Return when somebody who is not there now was last known to be: last heard, or the end of what was seen."""
        if self.presence.open:
            return None
        ends = [self.presence.last_heard, self.presence.seen[-1].end if self.presence.seen else None]
        return max((end for end in ends if end is not None), default=None)

    def spans(self, session: LiveSession) -> list[Span]:
        """Return the stretches of the session with what each was to this person."""
        window = Interval(session.starts_at, session.ends_at)
        return timeline(self.presence, self.verdict, window, self.uncounted)

    def as_json(self, session: LiveSession | None = None) -> dict[str, Any]:
        """Return what a watching page needs to fill the line's cells; times as ISO UTC.

        With the session also its bar: [from, to, kind], in seconds since the session's start.
        """
        bar = {"spans": [_as_offsets(span, session.starts_at) for span in self.spans(session)]} if session else {}
        return bar | {
            "person": self.person.id,
            "version": self.version,
            "group": self.group,
            "status": self.verdict.status.value,
            "excuse": self.verdict.excuse.value if self.verdict.excuse else None,
            "late": self.verdict.late,
            "left_early": self.verdict.left_early,
            "decided": self.decided,
            "seen": self.seen,
            "walked_in": self.person.walked_in,
            "checked_in": self.checked_in,
            "shares": self.shares,
            "opened": self.opened,
            "has_tested": self.tested is not None,
            **self.device_flags,
            "lacks": self.presence.lacks is not None,
            "since": self.presence.seen[0].start.isoformat() if self.presence.seen else None,
            "last_heard": self.last_known.isoformat() if self.last_known else None,
            "seconds": int(self.verdict.attended.total_seconds()),
        }


def _as_offsets(span: Span, zero: datetime) -> list[Any]:
    start, end = ((moment - zero).total_seconds() for moment in (span.start, span.end))
    return [round(start), round(end), span.kind]


def read_lines(
    db: Db, session: LiveSession, *, at: datetime, person_ids: Collection[int] | None = None
) -> list[RegisterLine]:
    """Return the lines of these people (None: everyone expected), by name. Statements do not grow with people.

    A signed register says what was signed: evidence that came later is counted (`late_evidence`) and not judged.
    """
    people = expected(db, session, person_ids)
    standing = read_standing(db, session, None if person_ids is None else [p.id for p in people])
    signed = read_signed(db, session, person_ids)
    told = standing.resting_on(signed.facts) if signed is not None else standing
    lines = [_line(person, standing, told, signed, at) for person in people]
    if session.mode != "teleconference" or at >= session.ends_at:
        return lines
    tested = tested_for(db, session, person_ids)
    return [replace(line, tested=tested.get(line.person.id)) for line in lines]


def _line(person: Expected, whole: Standing, standing: Standing, signed: Signed | None, at: datetime) -> RegisterLine:
    """Return one line by `standing`; of a signed register that is what the signature rests on, of the `whole`."""
    found = standing.presence(person.id, at)
    facts = standing.facts.get(person.id, [])
    return RegisterLine(
        person=person,
        group=_group(found),
        verdict=signed.verdict(person.id) if signed is not None else standing.judge(person.id, at, found=found),
        presence=found,
        version=f"{whole.newest_evidence.get(person.id, 0)}.{standing.newest_correction.get(person.id, 0)}",
        decided=standing.decisions.get(person.id) is not None,
        seen=_is_seen(facts),
        checked_in=any(fact.kind is Kind.CHECKED_IN for fact in facts),
        shares=any(fact.kind is Kind.SHARED for fact in facts),
        opened=any(fact.source is Source.BROWSER for fact in facts),
        facts=tuple(facts),
        uncounted=tuple(standing.uncounted(person.id)),
        late_evidence=signed.late(whole, person.id) if signed is not None else 0,
    )


def _is_seen(facts: Collection[Fact]) -> bool:
    """Return whether a coordinator's "seen" stands, not taken back."""
    retracted = {fact.retracts for fact in facts}
    return any(fact.kind is Kind.SEEN and fact.id not in retracted for fact in facts)


def _group(found: Presence) -> str:
    """Return where the person is now, by evidence alone."""
    if found.open:
        return "present"
    if found.elsewhere:
        return "elsewhere"
    return "connected" if found.connected else "missing"


def who_is_here(db: Db, session: LiveSession, at: datetime, limit: int) -> list[tuple[int, str]]:
    """Return (id, name) of everybody in the conference now, teachers included, by name, at most `limit`."""
    standing = read_standing(db, session)
    here = [person_id for person_id in standing.facts if standing.presence(person_id, at).open]
    rows = select(Person.id, Person.name).where(Person.id.in_(here)).order_by(Person.name, Person.id).limit(limit)
    return [(row.id, row.name) for row in db.execute(rows)]


def version(db: Db, session_id: int) -> str:
    """Return the register's version: it changes with every fact, decision, change of the session's times, and
    sign-off. One statement."""
    row = db.execute(
        select(
            select(func.coalesce(func.max(Evidence.id), 0)).where(Evidence.session_id == session_id).scalar_subquery(),
            select(func.coalesce(func.max(Correction.id), 0))
            .where(Correction.session_id == session_id)
            .scalar_subquery(),
            select(LiveSession.sequence).where(LiveSession.id == session_id).scalar_subquery(),
            select(func.count()).select_from(Register).where(Register.session_id == session_id).scalar_subquery(),
        )
    ).one()
    return ".".join(str(part) for part in row)


def changed_since(db: Db, session_id: int, known: str) -> set[int] | None:
    """Return whose lines have news since this version; None when only reading all of them would tell.

    What time alone changes (a process found dead) is not news of this kind.
    """
    try:
        evidence, correction, changes, signatures = (int(part) for part in known.split("."))
    except ValueError:
        return None
    if not version(db, session_id).endswith(f".{changes}.{signatures}"):
        return None
    evidence, correction = evidence - _OVERTAKEN, correction - _OVERTAKEN
    newer = select(Evidence.person_id).where(Evidence.session_id == session_id, Evidence.id > evidence)
    decided = select(Correction.person_id).where(Correction.session_id == session_id, Correction.id > correction)
    return set(db.scalars(newer.union(decided)))


def counts(lines: Collection[RegisterLine]) -> dict[str, int]:
    """Return how many stand where: `expected`, each group, and each status."""
    found = {"expected": len(lines), "present": 0, "elsewhere": 0, "connected": 0, "missing": 0}
    found |= {status.value: 0 for status in Status}
    for line in lines:
        found[line.group] += 1
        found[line.verdict.status.value] += 1
    return found


@dataclass(frozen=True)
class RegisterState:
    """Where the register stands: live, waiting for the last witnesses, provisional, or signed."""

    state: str
    version: str
    signed: Register | None
    amendments: list[Amendment]

    @property
    def is_signed(self) -> bool:
        return self.signed is not None


def read_state(db: Db, session: LiveSession, *, at: datetime) -> RegisterState:
    """Return the register's state as of now."""
    signed = db.get(Register, session.id)
    amendments = (
        list(db.scalars(select(Amendment).where(Amendment.session_id == session.id).order_by(Amendment.number)))
        if signed
        else []
    )
    if signed is not None:
        state = "signed"
    elif judgeable(session, at):
        state = "provisional"
    elif at >= session.ends_at:
        state = "closing"
    else:
        state = "live"
    return RegisterState(state, version(db, session.id), signed, amendments)


def fingerprint(evidence: Collection[Evidence], corrections: Collection[Correction], marks: Collection[Mark]) -> str:
    """Return SHA-256 (hex) over the content of exactly these rows, in the order of their ids."""
    digest = hashlib.sha256()
    for row in sorted(evidence, key=lambda r: r.id):
        digest.update(
            f"e|{row.id}|{row.person_id}|{row.source}|{row.kind}|{row.claimed_at.isoformat()}|"
            f"{row.received_at.isoformat()}|{row.key}\n".encode()
        )
    for decision in sorted(corrections, key=lambda r: r.id):
        # What came later is left out where it is empty, so that older registers keep their fingerprint.
        witness = f"|{decision.new['witness']}" if decision.new.get("witness") else ""
        letter = f"|file:{decision.file_sha256}" if decision.file_sha256 else ""
        digest.update(
            f"c|{decision.id}|{decision.person_id}|{decision.new.get('status')}|{decision.new.get('excuse')}|"
            f"{decision.reason}|{decision.by_id}|{decision.at.isoformat()}{witness}{letter}\n".encode()
        )
    for mark in sorted(marks, key=lambda r: r.person_id):
        digest.update(
            f"m|{mark.person_id}|{mark.status}|{mark.excuse}|{mark.late}|{mark.left_early}|"
            f"{mark.attended_seconds}|{mark.counted_seconds}\n".encode()
        )
    return digest.hexdigest()
