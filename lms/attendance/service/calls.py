"""What files of calls have given a session's ledger so far: which facts stand, under which keys new ones go."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import Person
from lms.attendance.models import CallImport, Evidence
from lms.attendance.rules.evidence import Kind, Source
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.sessions.models import LiveSession

# Person, and the stretch's two ends or the minutes alone.
Said = tuple[int, str, str]


@dataclass
class Ledger:
    """The facts that files of calls gave one session.

    A fact taken back may be given again: its key then counts how often it has been, so that the ledger keeps all.
    """

    session_id: int
    facts: list[Evidence] = field(default_factory=list)
    retracted: set[int] = field(default_factory=set)
    _times: dict[Said, int] = field(default_factory=dict)
    _standing: set[Said] = field(default_factory=set)

    def add(self, fact: Evidence) -> None:
        said = _said(fact)
        self.facts.append(fact)
        self._times[said] = self._times.get(said, 0) + 1
        if fact.id not in self.retracted:
            self._standing.add(said)

    def key(self, person_id: int, span: Interval) -> str | None:
        """Return under which key this stretch goes into the ledger; None if it stands there."""
        return self._key((person_id, span.start.isoformat(), span.end.isoformat()))

    def total_key(self, person_id: int, minutes: int) -> str | None:
        return self._key((person_id, "minutes", str(minutes)))

    def _key(self, said: Said) -> str | None:
        if said in self._standing:
            return None
        return f"call:{self.session_id}:{':'.join(str(part) for part in said)}:{self._times.get(said, 0)}"

    def missing(self, person_id: int, spans: Collection[Interval], minutes: int | None) -> int:
        """Return how many of these are not in the ledger, or were taken back."""
        keys = [self.key(person_id, span) for span in spans]
        if minutes is not None:
            keys.append(self.total_key(person_id, minutes))
        return sum(key is not None for key in keys)

    def standing_of(self, import_id: int) -> list[Evidence]:
        """Return what this import gave and nobody has taken back."""
        return [f for f in self.facts if f.detail.get("import") == import_id and f.id not in self.retracted]


def _said(fact: Evidence) -> Said:
    if fact.kind == Kind.CALL_TOTAL.value:
        return fact.person_id, "minutes", str(fact.detail["minutes"])
    return fact.person_id, fact.detail["from"], fact.detail["to"]


def read_ledger(db: Db, session: LiveSession) -> Ledger:
    """Return what files of calls gave this session; one statement."""
    ours = (Evidence.source == Source.IMPORT.value) | (Evidence.kind == Kind.RETRACTED.value)
    rows = db.scalars(select(Evidence).where(Evidence.session_id == session.id, ours).order_by(Evidence.id)).all()
    retracted = {row.detail.get("evidence") for row in rows if row.kind == Kind.RETRACTED.value}
    ledger = Ledger(session.id, retracted={one for one in retracted if one is not None})
    for row in rows:
        if row.source == Source.IMPORT.value:
            ledger.add(row)
    return ledger


@dataclass(frozen=True)
class PastImport:
    """An import as it is listed: what it gave and how much of that stands."""

    id: int
    provider: str
    file_name: str
    sha256: str
    zone: str
    people: int
    left_out: list[dict[str, str]]
    at: datetime
    by: str
    given: int
    standing: int


def past_imports(db: Db, session: LiveSession) -> list[PastImport]:
    """Return the files applied to this session, newest first; two statements."""
    ledger = read_ledger(db, session)
    rows = db.execute(
        select(CallImport, Person.name)
        .join(Person, Person.id == CallImport.imported_by)
        .where(CallImport.session_id == session.id)
        .order_by(CallImport.id.desc())
    )
    return [
        PastImport(
            row.id,
            row.provider,
            row.file_name,
            row.sha256,
            row.zone,
            row.people,
            row.left_out,
            row.imported_at,
            name,
            sum(fact.detail.get("import") == row.id for fact in ledger.facts),
            len(ledger.standing_of(row.id)),
        )
        for row, name in rows
    ]
