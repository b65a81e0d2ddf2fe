"""The audit trail: who did what to which thing and when, written with the act."""

from datetime import datetime
from typing import Any

from lms.accounts.models import AuditEntry
from lms.db import Db


def record_act(
    db: Db, action: str, kind: str, thing_id: int, *, by: int | None, at: datetime, note: str = "", **detail: Any
) -> None:
    """Add an entry for an act on a thing, e.g. record_act(db, "person_deactivated", "person", 7, by=1, at=at).

    `by` is None for the system itself (a command, a job). Details are plain JSON and hold no secret.
    """
    db.add(AuditEntry(at=at, by_id=by, action=action, subject_kind=kind, subject_id=thing_id, detail=detail, note=note))
