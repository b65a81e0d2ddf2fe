"""What an export says about the register it was made from: its state, its version, and the hash of its content."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.attendance.models import Correction, Evidence, Mark
from lms.attendance.service.register import fingerprint, read_state
from lms.db import Db
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class Seal:
    """A register's `state` (live, closing, provisional, signed), how often it was amended, its version, and SHA-256
    over the evidence, decisions and marks it rests on.

    Of a signed register these are what was signed, or the latest amendment of it; before that, what stands now.
    """

    state: str
    amendments: int
    version: str
    fingerprint: str
    signed_at: datetime | None = None
    signed_by: int | None = None


def read_seal(db: Db, session: LiveSession, *, at: datetime) -> Seal:
    """Return what an export made now has to say about the register."""
    state = read_state(db, session, at=at)
    if state.signed is None:
        return Seal(state.state, 0, state.version, fingerprint(*_ground(db, session.id)))
    latest = state.amendments[-1].fingerprint if state.amendments else state.signed.fingerprint
    return Seal(
        state.state, len(state.amendments), state.version, latest, state.signed.signed_at, state.signed.signed_by
    )


# As columns: a thousand people leave twenty thousand facts, and nothing of them is to be changed.
_EVIDENCE: Any = select(
    Evidence.id,
    Evidence.person_id,
    Evidence.source,
    Evidence.kind,
    Evidence.claimed_at,
    Evidence.received_at,
    Evidence.key,
)
_CORRECTIONS: Any = select(
    Correction.id,
    Correction.person_id,
    Correction.new,
    Correction.reason,
    Correction.by_id,
    Correction.at,
    Correction.file_sha256,
)
_MARKS: Any = select(
    Mark.person_id,
    Mark.status,
    Mark.excuse,
    Mark.late,
    Mark.left_early,
    Mark.attended_seconds,
    Mark.counted_seconds,
)


def _ground(db: Db, session_id: int) -> tuple[Any, Any, Any]:
    return (
        db.execute(_EVIDENCE.where(Evidence.session_id == session_id)).all(),
        db.execute(_CORRECTIONS.where(Correction.session_id == session_id)).all(),
        db.execute(_MARKS.where(Mark.session_id == session_id)).all(),
    )
