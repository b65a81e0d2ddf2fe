"""What people say of themselves with their own phone: I come, I go, I watch at her screen, I leave it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import Person
from lms.attendance.models import Evidence, Visit
from lms.attendance.rules.codes import Purpose, Scan
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.rules.sharing import links
from lms.attendance.service.marks import judge_marks
from lms.attendance.service.recording import record
from lms.attendance.service.standing import read_screen, read_standing
from lms.db import Db
from lms.kernel.errors import Conflict
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy, doors

KINDS = {Purpose.CHECK_IN: Kind.CHECKED_IN, Purpose.CHECK_OUT: Kind.CHECKED_OUT, Purpose.SHARED: Kind.SHARED}


@dataclass(frozen=True)
class Trace:
    """From where somebody said so: a random name kept on the device, and the network's address without its end
    (docs/decisions/0006)."""

    device: str
    address: str


def session_of(db: Db, scan: Scan) -> int | None:
    """Return the id of the session this scan is about; None when its device is not known (any more)."""
    if scan.purpose is not Purpose.SHARED:
        return scan.subject
    return db.scalar(select(Visit.session_id).where(Visit.id == scan.subject))


def check(db: Db, session: LiveSession, person_id: int, scan: Scan, *, at: datetime) -> None:
    """Raise Conflict if this scan cannot count for this person, so that it is said before anything is pressed.

    What decides is the moment of the scan, not that of its storing: signing in takes its time.
    """
    window = doors(session.starts_at, session.ends_at)
    if session.status == "cancelled":
        raise Conflict("scan_session_cancelled")
    if scan.moment < window.start:
        raise Conflict("session_not_open", opens=window.start)
    if scan.moment >= (session.ends_at if scan.purpose is Purpose.CHECK_IN else window.end):
        raise Conflict("scan_session_over")
    if scan.purpose is Purpose.SHARED:
        _check_screen(db, session, person_id, scan, at)
    elif session.mode == "teleconference":
        raise Conflict("scan_not_for_teleconference")
    elif scan.purpose is Purpose.CHECK_OUT and not Policy.of(session.policy).check_out:
        raise Conflict("scan_no_check_out")


def _check_screen(db: Db, session: LiveSession, person_id: int, scan: Scan, at: datetime) -> None:
    if db.scalar(select(Visit.person_id).where(Visit.id == scan.subject)) == person_id:
        raise Conflict("scan_own_screen")
    screen = read_screen(db, session, scan.subject, at)
    if not screen.open and not any(stay.start <= scan.moment <= stay.end for stay in screen.intervals):
        raise Conflict("scan_screen_not_in_room")


def claim(db: Db, session: LiveSession, person_id: int, scan: Scan, trace: Trace, *, at: datetime) -> bool:
    """Store what this scan says about this person, dated to the scan; return whether it was new.

    The same code scanned twice by one person is one fact. Raises Conflict like `check`.
    """
    check(db, session, person_id, scan, at=at)
    is_new = record(
        db,
        session,
        person_id,
        KINDS[scan.purpose],
        source=Source.CHECK_IN,
        key=f"scan:{scan.purpose}:{scan.subject}:{scan.slot}:{person_id}",
        claimed_at=scan.moment,
        at=at,
        detail={"device": trace.device, "address": trace.address},
        host_visit_id=scan.subject if scan.purpose is Purpose.SHARED else None,
        by=person_id,
    )
    judge_marks(db, session, at=at, person_ids=[person_id])
    return is_new


def leave_screen(db: Db, session: LiveSession, person_id: int, *, key: str, at: datetime) -> None:
    """Store that this person no longer watches at somebody else's screen. Raises Conflict if she does not.

    Told again with the same key it changes nothing.
    """
    key = f"leave:{person_id}:{key}"
    if db.scalar(select(Evidence.id).where(Evidence.key == key)) is not None:
        return
    watching = links(read_standing(db, session, [person_id]).facts.get(person_id, ()))
    if not watching or watching[-1].end is not None:
        raise Conflict("share_not_watching")
    record(
        db,
        session,
        person_id,
        Kind.SHARE_LEFT,
        source=Source.CHECK_IN,
        key=key,
        claimed_at=at,
        at=at,
        by=person_id,
    )
    judge_marks(db, session, at=at, person_ids=[person_id])


@dataclass(frozen=True)
class OwnPresence:
    """What somebody's own scans say in one session. `host` is at whose screen she watches, `watching_since` when
    she confirmed it; `is_here` whether she counts as present now."""

    checked_in: datetime | None = None
    checked_out: datetime | None = None
    host: str = ""
    watching_since: datetime | None = None
    is_here: bool = False


def own_presence(db: Db, session: LiveSession, person_id: int, at: datetime) -> OwnPresence:
    """Return what this person's scans say, for the page that shows her their result."""
    standing = read_standing(db, session, [person_id])
    facts = standing.facts.get(person_id, [])
    watching = [link for link in links(facts) if link.end is None]
    return OwnPresence(
        checked_in=max((fact.at for fact in facts if fact.kind is Kind.CHECKED_IN), default=None),
        checked_out=max((fact.at for fact in facts if fact.kind is Kind.CHECKED_OUT), default=None),
        host=host_of(db, watching[-1].visit) if watching else "",
        watching_since=watching[-1].start if watching else None,
        is_here=standing.presence(person_id, at).open,
    )


def host_of(db: Db, visit_id: int) -> str:
    """Return the name of whom this device belongs to."""
    return hosts_of(db, [visit_id]).get(visit_id, "")


def hosts_of(db: Db, visits: Collection[int]) -> dict[int, str]:
    """Return visit id → the name of whom the device belongs to; nothing is asked for none."""
    if not visits:
        return {}
    rows = select(Visit.id, Person.name).join(Person, Person.id == Visit.person_id).where(Visit.id.in_(visits))
    return {row.id: row.name for row in db.execute(rows)}


def own_visit(db: Db, session: LiveSession, person_id: int, device: str) -> int | None:
    """Return the visit of this person's device in this session; None when it has not been in the room."""
    return db.scalar(
        select(Visit.id).where(Visit.session_id == session.id, Visit.person_id == person_id, Visit.device == device)
    )


def watching_at(db: Db, session: LiveSession, visit_id: int) -> list[str]:
    """Return the names of those who watch at this device now, by name."""
    guests = db.scalars(select(Evidence.person_id).where(Evidence.host_visit_id == visit_id).distinct()).all()
    if not guests:
        return []
    facts = read_standing(db, session, guests).facts
    here = [
        person_id
        for person_id in guests
        if any(link.visit == visit_id and link.end is None for link in links(facts[person_id]))
    ]
    return list(db.scalars(select(Person.name).where(Person.id.in_(here)).order_by(Person.name, Person.id)))


@dataclass(frozen=True)
class SameDevice:
    """Several people who scanned with one device: (name, when), in order of time. An empty name stands for somebody
    the asker may not see."""

    scans: tuple[tuple[str, datetime], ...]


def same_device(db: Db, session_id: int, shown: Collection[int]) -> list[SameDevice]:
    """Return devices with which several people scanned, if one of them is among those `shown`. One statement."""
    rows = db.execute(
        select(Evidence.person_id, Evidence.claimed_at, Evidence.detail, Person.name)
        .join(Person, Person.id == Evidence.person_id)
        .where(
            Evidence.session_id == session_id,
            Evidence.source == Source.CHECK_IN.value,
            Evidence.kind.in_([kind.value for kind in KINDS.values()]),
        )
        .order_by(Evidence.claimed_at, Evidence.id)
    )
    by_device: dict[str, dict[int, tuple[str, datetime]]] = {}
    for row in rows:
        if "device" not in row.detail:
            # So long ago that it has been forgotten.
            continue
        scans = by_device.setdefault(row.detail["device"], {})
        scans.setdefault(row.person_id, (row.name if row.person_id in shown else "", row.claimed_at))
    return [
        SameDevice(tuple(scans.values()))
        for scans in by_device.values()
        if len(scans) > 1 and any(name for name, _ in scans.values())
    ]
