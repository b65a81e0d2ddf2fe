"""One person's own record, batch by batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, select

from lms.attendance.models import Mark, Register
from lms.attendance.rules.balance import NOTHING, Balance, Outlook, Tally
from lms.attendance.rules.judgement import Status, read_reasons
from lms.attendance.service.balance import answered_for, read_balances
from lms.db import Db
from lms.kernel.errors import Said
from lms.programmes.models import Batch, Enrolment, Programme
from lms.reports.queries.cells import cell_of, state_of
from lms.reports.rules import Cell
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class OwnSession:
    """One session of a person's own record; `state` like a matrix column's."""

    session_id: int
    title_id: str
    title_en: str
    mode: str
    place: str
    starts_at: datetime
    ends_at: datetime
    worth: Decimal
    cell: Cell
    reasons: tuple[Said, ...]
    state: str


@dataclass(frozen=True)
class OwnBatch:
    """A person's record in one batch: sessions that have begun, the latest first, and how many are to come."""

    batch_id: int
    batch: str
    programme_id: str
    programme_en: str
    minimum: Decimal
    balance: Balance
    outlook: Outlook
    sessions: tuple[OwnSession, ...]
    to_come: int


def read_own_record(db: Db, person_id: int, *narrowed: ColumnElement[bool], at: datetime) -> list[OwnBatch]:
    """Return the person's record by batch, the batch with the latest session first. Two statements.

    `narrowed` are conditions on Enrolment: the batches whose record the asker may see.
    """
    own = (Enrolment.person_id == person_id, *narrowed)
    expectations = answered_for(*own).subquery("expected")
    rows = db.execute(
        select(LiveSession, Batch, Programme, Mark, Register.signed_at)
        .join(expectations, expectations.c.session_id == LiveSession.id)
        .join(Batch, Batch.id == LiveSession.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .outerjoin(Mark, and_(Mark.session_id == LiveSession.id, Mark.person_id == person_id))
        .outerjoin(Register, Register.session_id == LiveSession.id)
        .order_by(LiveSession.starts_at.desc(), LiveSession.id.desc())
    ).all()
    balances = read_balances(db, *own)
    batches: dict[int, tuple[Batch, Programme, list[OwnSession], int]] = {}
    for session, batch, programme, mark, signed_at in rows:
        _, _, sessions, to_come = batches.setdefault(batch.id, (batch, programme, [], 0))
        if session.starts_at > at:
            batches[batch.id] = (batch, programme, sessions, to_come + 1)
            continue
        sessions.append(_own_session(session, mark, signed_at is not None, at))
    found = []
    for batch, programme, sessions, to_come in batches.values():
        balance = balances.get((batch.id, person_id), Balance())
        found.append(
            OwnBatch(
                batch_id=batch.id,
                batch=batch.name,
                programme_id=programme.title_id,
                programme_en=programme.title_en,
                minimum=programme.minimum_share,
                balance=balance,
                outlook=balance.outlook(programme.minimum_share),
                sessions=tuple(sessions),
                to_come=to_come,
            )
        )
    return found


@dataclass(frozen=True)
class OwnWish:
    """What the address of one's own record asks for; empty is everything."""

    batch: str = ""
    status: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "OwnWish":
        """Return the wish in these query parameters."""
        return cls(batch=asked.get("batch", "").strip()[:20], status=asked.get("status", "").strip()[:20])

    @property
    def is_narrow(self) -> bool:
        return self != OwnWish()


def narrow(batches: Iterable[OwnBatch], wish: OwnWish) -> list[OwnBatch]:
    """Return the batches with the sessions the wish asks for; the shares stay those of the whole batch.

    Asked for a status, a batch without such a session is left out.
    """
    chosen = [one for one in batches if wish.batch in ("", str(one.batch_id))]
    if not wish.status:
        return chosen
    fitting = (
        replace(one, sessions=tuple(session for session in one.sessions if session.cell.status == wish.status))
        for one in chosen
    )
    return [one for one in fitting if one.sessions]


def statuses_of(batches: Iterable[OwnBatch]) -> list[Status]:
    """Return which statuses occur in the record, in the order of the vocabulary."""
    occurring = {session.cell.status for one in batches for session in one.sessions}
    return [status for status in Status if status in occurring]


def is_worth_narrowing(batches: list[OwnBatch]) -> bool:
    """Say whether there is something to choose from: several batches, or many sessions that differ."""
    return len(batches) > 1 or (
        sum(len(one.sessions) for one in batches) > _SESSIONS_AT_A_GLANCE and len(statuses_of(batches)) > 1
    )


def together(batches: Iterable[OwnBatch]) -> Balance:
    """Return the balances of all batches added up."""

    def add(unit: str) -> Tally:
        tallies = [getattr(one.balance, unit) for one in batches]
        return Tally(*(sum((getattr(tally, name) for tally in tallies), NOTHING) for name in _TALLIED))

    batches = list(batches)
    return Balance(add("sessions"), add("hours"))


# So many sessions are read without a filter.
_SESSIONS_AT_A_GLANCE = 5
_TALLIED = ("planned", "attended", "excused", "missed")


def _own_session(session: LiveSession, mark: Mark | None, is_signed: bool, at: datetime) -> OwnSession:
    return OwnSession(
        session_id=session.id,
        title_id=session.title_id,
        title_en=session.title_en,
        mode=session.mode,
        place=session.place,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        worth=session.lesson_hours,
        cell=cell_of(mark) if mark is not None else Cell(),
        reasons=tuple(read_reasons(mark.reasons)) if mark is not None else (),
        state=state_of(is_signed, mark is not None, session.starts_at, session.ends_at, at),
    )
