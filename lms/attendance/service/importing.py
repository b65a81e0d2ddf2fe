"""Storing what the file of a call held elsewhere gives, when the coordinator says so, and taking it back."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from lms.attendance.models import CallAlias, CallImport
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service.calls import Ledger, read_ledger
from lms.attendance.service.expecting import expected
from lms.attendance.service.marks import judge_marks
from lms.attendance.service.previewing import How, Picks, Preview, preview
from lms.attendance.service.recording import Witnessed, record_all
from lms.db import Db
from lms.kernel.errors import NotFound, Said
from lms.sessions.models import LiveSession


def apply(
    db: Db,
    session: LiveSession,
    raw: bytes,
    *,
    file_name: str,
    zone: ZoneInfo,
    zones: Collection[ZoneInfo],
    picks: Picks,
    units: Collection[int] | None,
    by: int,
    at: datetime,
) -> int:
    """Store what `preview` shows, and whom the coordinator confirmed; return how many facts were new.

    The same file again changes nothing and leaves no trace. What the file does not say makes nobody absent. On a
    signed register it is kept as evidence after the signature. The caller holds a lock on the session's row.
    """
    shown = preview(db, session, raw, zone=zone, zones=zones, picks=picks, units=units, at=at)
    _confirm(db, session, shown, by=by, at=at)
    if not shown.new:
        return 0
    row = CallImport(
        session_id=session.id,
        provider=shown.file.provider.value,
        file_name=file_name[-160:] or "–",
        sha256=hashlib.sha256(raw).hexdigest(),
        zone=str(zone),
        rows=len(shown.file.stays) + len(shown.file.totals),
        people=len({person.id for _, person in shown.matched}),
        left_out=[{"name": e.caller.name, "why": e.why.code if e.why else ""} for e in shown.unmatched],
        imported_at=at,
        imported_by=by,
    )
    db.add(row)
    db.flush()
    facts = _facts(session, shown, read_ledger(db, session), row.id, by)
    new = record_all(db, session, facts, at=at)
    judge_marks(db, session, at=at, person_ids={fact.person_id for fact in facts}, why=Said("mark_changed_by_file"))
    return len(new)


def _facts(session: LiveSession, shown: Preview, ledger: Ledger, import_id: int, by: int) -> list[Witnessed]:
    """Return the facts this file gives that do not stand in the ledger yet, each once."""
    facts: dict[str, Witnessed] = {}
    for entry, person in shown.matched:
        said = {"import": import_id, "provider": shown.file.provider.value, "name": entry.caller.name, "how": entry.how}
        for span in entry.spans:
            if (key := ledger.key(person.id, span)) is not None:
                detail = said | {"from": span.start.isoformat(), "to": span.end.isoformat()}
                detail |= {"estimated": True} if entry.caller.is_estimated else {}
                facts[key] = Witnessed(person.id, Kind.IN_CALL, Source.IMPORT, key, span.start, detail=detail, by=by)
        if entry.caller.minutes is not None:
            key = ledger.total_key(person.id, entry.caller.minutes)
            if key is not None:
                detail = said | {"minutes": entry.caller.minutes}
                at = session.starts_at
                facts[key] = Witnessed(person.id, Kind.CALL_TOTAL, Source.IMPORT, key, at, detail=detail, by=by)
    return list(facts.values())


def _confirm(db: Db, session: LiveSession, shown: Preview, *, by: int, at: datetime) -> None:
    """Keep whom the coordinator confirmed, and forget what she said is wrong."""
    for entry in shown.entries:
        if not entry.may_choose or entry.how is How.ALIAS:
            continue
        chosen = entry.person.id if entry.person is not None and entry.how is How.CHOSEN else None
        if chosen == entry.confirmed:
            continue
        this = (
            CallAlias.batch_id == session.batch_id,
            CallAlias.provider == shown.file.provider.value,
            CallAlias.name == entry.caller.identity,
        )
        db.execute(delete(CallAlias).where(*this))
        if chosen is not None:
            db.add(
                CallAlias(
                    batch_id=session.batch_id,
                    provider=shown.file.provider.value,
                    name=entry.caller.identity,
                    person_id=chosen,
                    confirmed_by=by,
                    confirmed_at=at,
                )
            )
            db.flush()


def take_back(
    db: Db, session: LiveSession, import_id: int, *, units: Collection[int] | None, by: int, at: datetime
) -> int:
    """Take back what one import gave, for the people this coordinator may see; return how many facts. All rows stay.

    Raises NotFound for an import of another session, or when nothing of it stands any more.
    """
    row = db.get(CallImport, import_id)
    if row is None or row.session_id != session.id:
        raise NotFound()
    shown = {one.id for one in expected(db, session) if units is None or one.unit_id in units}
    standing = [fact for fact in read_ledger(db, session).standing_of(import_id) if fact.person_id in shown]
    if not standing:
        raise NotFound("nothing_to_take_back")
    facts = [
        Witnessed(
            fact.person_id,
            Kind.RETRACTED,
            Source.COORDINATOR,
            key=f"retract:{fact.id}",
            claimed_at=at,
            detail={"evidence": fact.id, "import": import_id},
            by=by,
        )
        for fact in standing
    ]
    new = record_all(db, session, facts, at=at)
    judge_marks(db, session, at=at, person_ids={fact.person_id for fact in facts}, why=Said("mark_changed_by_file"))
    return len(new)
