"""More ways to be witnessed than by a browser, and the questions every test of decisions asks."""

from sqlalchemy import func, select

from lms.attendance.models import Mark
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service import marks, recording, register
from lms.db import Base, Db, reading, writing
from lms.outbox.models import Notice
from lms.sessions.models import LiveSession
from tests.integration.attendance.conftest import at


def session_of(db: Db, session: int) -> LiveSession:
    return db.get_one(LiveSession, session)


def occupied(session: int, person: int, start: float, end: float, occupant: str = "a") -> None:
    """The meeting server lets a person in and sees her go."""
    detail = {"room": "sesi", "occupant": f"{person}{occupant}"}
    with writing() as db:
        for kind, minutes in ((Kind.JOINED, start), (Kind.LEFT, end)):
            recording.record(
                db,
                session_of(db, session),
                person,
                kind,
                source=Source.JITSI,
                key=f"j:{person}:{occupant}:{kind}:{minutes}",
                claimed_at=at(minutes),
                at=at(minutes),
                detail=detail,
            )


def judge(session: int, minutes: float = 100) -> int:
    with writing() as db:
        return marks.judge_marks(db, session_of(db, session), at=at(minutes))


def mark_of(session: int, person: int) -> tuple[str, str | None] | None:
    """Status and excuse of the stored mark, None without one."""
    with reading() as db:
        mark = db.scalar(select(Mark).where(Mark.session_id == session, Mark.person_id == person))
        return None if mark is None else (mark.status, mark.excuse)


def line_of(session: int, person: int, minutes: float) -> register.RegisterLine:
    with reading() as db:
        return register.read_lines(db, session_of(db, session), at=at(minutes), person_ids=[person])[0]


def told(person: int) -> list[Notice]:
    """The person's notices, oldest first."""
    with reading() as db:
        return list(db.scalars(select(Notice).where(Notice.person_id == person).order_by(Notice.id)))


def templates(person: int) -> list[str]:
    return [notice.template for notice in told(person)]


def count(model: type[Base]) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0
