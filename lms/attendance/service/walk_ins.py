"""Walk-ins: people who came without being enrolled, put on the register in one step, asked about afterwards."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person, Unit
from lms.accounts.rules.drafts import PersonDraft
from lms.accounts.rules.nip import normalise_nip
from lms.accounts.service.audit import record_act
from lms.accounts.service.people import create_person
from lms.attendance.models import Mark, Register, WalkIn
from lms.attendance.rules.petition_drafts import NewWalkInDraft, WalkInDraft
from lms.attendance.service.expecting import expected
from lms.attendance.service.marks import judge_marks
from lms.attendance.service.seeing import see, unsee
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.programmes.models import Batch
from lms.programmes.service.enrolling import enrol
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.rules import doors

# Fewer letters would list half the town to whoever only looks for one person.
LEAST_LETTERS = 3
MOST_FOUND = 8


@dataclass(frozen=True)
class Candidate:
    """Somebody found by name or NIP, and whether the register has her already."""

    person: Person
    unit: str
    is_expected: bool


def find_candidates(db: Db, session: LiveSession, text: str, *, units: Collection[int] | None) -> list[Candidate]:
    """Return people whose name or NIP holds this text, at most a few; none for too short a text.

    `units` narrows it to the people of these units (None: no limit).
    """
    text = " ".join(text.split())
    if len(text) < LEAST_LETTERS:
        return []
    digits = normalise_nip(text)
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    names = func.lower(Person.name).like(f"%{escaped}%", escape="\\")
    is_named = names | Person.nip.like(f"{digits}%") if digits.isdigit() else names
    statement = select(Person, Unit.name).outerjoin(Unit, Unit.id == Person.unit_id).where(is_named)
    teaches = select(SessionInstructor.person_id).where(SessionInstructor.session_id == session.id)
    statement = statement.where(Person.id.not_in(teaches))
    statement = statement.where(Person.active.is_(True)).order_by(func.lower(Person.name), Person.id).limit(MOST_FOUND)
    if units is not None:
        statement = statement.where(Person.unit_id.in_(units))
    rows = db.execute(statement).all()
    here = {one.id for one in expected(db, session, [person.id for person, _ in rows])}
    return [Candidate(person, unit or "", person.id in here) for person, unit in rows]


def add(db: Db, session: LiveSession, draft: WalkInDraft, *, by: int, at: datetime) -> bool:
    """Put somebody on the register of this session as seen in the room; return whether that was news.

    Raises NotFound for nobody, Conflict before the doors open or for a session called off. On a signed register
    the line waits for an amendment, like every fact that comes after the signature.
    """
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    opens = doors(session.starts_at, session.ends_at).start
    if at < opens:
        raise Conflict("session_not_open", opens=opens)
    person = db.get(Person, draft.person)
    if person is None:
        raise NotFound("person_unknown")
    if expected(db, session, [person.id]):
        return False
    since = session.starts_at if draft.since == "start" or at >= session.ends_at else at
    row = {
        "session_id": session.id,
        "person_id": person.id,
        "added_at": at,
        "added_by": by,
        "state": "open",
    }
    is_new = bool(insert_new(db, WalkIn, row, ["session_id", "person_id"]))
    see(db, session, [person.id], since=since, key=draft.key, by=by, at=at)
    judge_marks(db, session, at=at, person_ids=[person.id])
    if is_new:
        record_act(db, "walk_in_added", "session", session.id, by=by, at=at, person_id=person.id)
        db.touch(session.id, None)
    return is_new


def add_new(db: Db, session: LiveSession, draft: NewWalkInDraft, *, by: int, at: datetime) -> int:
    """Enter somebody the platform does not know and put her on the register; return her id.

    A NIP that is known names that person, so that nobody exists twice. Raises Invalid for a bad NIP.
    """
    known = draft.nip and db.scalar(select(Person.id).where(Person.nip == draft.nip, Person.active.is_(True)))
    if not known:
        # Not validated as a form for people is: a guest without NIP and e-mail can be called but not sign in.
        person = PersonDraft.model_construct(
            name=draft.name, nip=draft.nip, phone=draft.phone, unit_id=draft.unit_id, email=None
        )
        known = create_person(db, person, by=by, at=at).id
    add(db, session, WalkInDraft(person=known, since=draft.since, key=draft.key), by=by, at=at)
    return known


def remove(db: Db, session: LiveSession, person_id: int, *, key: str, by: int, at: datetime) -> None:
    """Take somebody off the register who was added by mistake. Raises Conflict once it is signed."""
    if db.get(Register, session.id) is not None:
        raise Conflict("register_already_signed")
    here = (WalkIn.session_id == session.id, WalkIn.person_id == person_id)
    if not db.execute(delete(WalkIn).where(*here)).rowcount:  # type: ignore[attr-defined]
        raise NotFound()
    with suppress(NotFound):
        # What was seen may have been taken back before.
        unsee(db, session, person_id, key=key, by=by, at=at)
    if not expected(db, session, [person_id]):
        db.execute(delete(Mark).where(Mark.session_id == session.id, Mark.person_id == person_id))
    record_act(db, "walk_in_removed", "session", session.id, by=by, at=at, person_id=person_id)
    db.touch(session.id, None)


@dataclass(frozen=True)
class Guest:
    """A walk-in whose enrolment is to be decided: the person, and the sessions of one batch she came to."""

    person: Person
    unit: str
    batch: Batch
    sessions: tuple[LiveSession, ...]


def undecided(db: Db, reach: ColumnElement[bool]) -> list[Guest]:
    """Return the walk-ins within reach about whom nobody has decided, one a person and batch, by name."""
    rows = db.execute(
        select(LiveSession, Person, Unit.name)
        .join(WalkIn, WalkIn.session_id == LiveSession.id)
        .join(Person, Person.id == WalkIn.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .options(joinedload(LiveSession.batch).joinedload(Batch.programme))
        .where(WalkIn.state == "open", reach)
        .order_by(func.lower(Person.name), Person.id, LiveSession.batch_id, LiveSession.starts_at)
    )
    found: dict[tuple[int, int], Guest] = {}
    for session, person, unit in rows:
        before = found.get((person.id, session.batch_id))
        sessions = (*before.sessions, session) if before else (session,)
        found[person.id, session.batch_id] = Guest(person, unit or "", session.batch, sessions)
    return list(found.values())


def settle(db: Db, batch: Batch, person_id: int, *, enrolled: bool, by: int, at: datetime) -> bool:
    """Enrol a walk-in from the first session she came to, or leave her a guest; return whether that was news.

    Of two who decide at once the second changes nothing.
    """
    of_batch = select(LiveSession.id).where(LiveSession.batch_id == batch.id)
    mine = (WalkIn.person_id == person_id, WalkIn.session_id.in_(of_batch), WalkIn.state == "open")
    first = db.scalar(
        select(func.min(LiveSession.starts_at)).join(WalkIn, WalkIn.session_id == LiveSession.id).where(*mine)
    )
    won = db.execute(update(WalkIn).where(*mine).values(state="enrolled" if enrolled else "guest"))
    if first is None or not won.rowcount:  # type: ignore[attr-defined]
        return False
    if enrolled:
        enrol(db, batch, person_id, "trainee", starts_at=first, by=by, at=at)
    else:
        record_act(db, "walk_in_stays_guest", "batch", batch.id, by=by, at=at, person_id=person_id)
    return True


def refuse_outside(db: Db, units: Collection[int] | None, person_id: int) -> None:
    """Raise Invalid for somebody of a unit to which a coordinator's right does not reach (None: it reaches all)."""
    if units is not None and db.scalar(select(Person.unit_id).where(Person.id == person_id)) not in units:
        raise Invalid(Problem.of("walk_in_outside_unit", field="person"))
