"""Tested devices, and who was told before entering that a session may be recorded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from lms.db import Db, insert_new
from lms.sessions.devices.rules import GOOD_FOR, FoundDraft, Part, trouble
from lms.sessions.models import DeviceCheck, LiveSession, RecordingNotice


@dataclass(frozen=True)
class Tested:
    """What somebody's latest test found; `trouble` names the parts that need help."""

    at: datetime
    trouble: tuple[Part, ...]


def note_tested(db: Db, session: LiveSession, draft: FoundDraft, *, by: int, at: datetime) -> None:
    """Keep what a device's test found; what it did not test this time stays as it was found last."""
    row = _row(db, draft.device, by=by, at=at)
    row.results, row.tested_at = row.results | draft.results, at
    db.touch(session.id, by)


def note_entering(db: Db, session: LiveSession, device: str, *, by: int, at: datetime) -> None:
    """Note that somebody saw the page before the room, and what it says about recording; from now on Join leads
    straight in."""
    _row(db, device, by=by, at=at)
    if session.may_be_recorded:
        mine = {"session_id": session.id, "person_id": by}
        insert_new(db, RecordingNotice, mine | {"seen_at": at}, unique=list(mine))


def _row(db: Db, device: str, *, by: int, at: datetime) -> DeviceCheck:
    mine = {"person_id": by, "device": device}
    insert_new(db, DeviceCheck, mine | {"results": {}, "tested_at": at}, unique=list(mine))
    return db.scalars(select(DeviceCheck).filter_by(**mine).with_for_update()).one()


def is_new_here(db: Db, session: LiveSession, person_id: int) -> bool:
    """Return whether this person should see the page before the room first: never offered the test, or not yet told
    that this session may be recorded. One statement."""
    offered = exists().where(DeviceCheck.person_id == person_id)
    told = exists().where(RecordingNotice.session_id == session.id, RecordingNotice.person_id == person_id)
    was_offered, was_told = db.execute(select(offered, told)).one()
    return not was_offered or (session.may_be_recorded and not was_told)


def of_device(db: Db, person_id: int, device: str) -> DeviceCheck | None:
    return db.scalars(select(DeviceCheck).filter_by(person_id=person_id, device=device)).one_or_none()


def tested_for(db: Db, session: LiveSession, person_ids: Collection[int] | None) -> dict[int, Tested]:
    """Return the latest test of each of these people (None: everybody's) that says something about this session."""
    statement = (
        select(DeviceCheck.person_id, DeviceCheck.results, DeviceCheck.tested_at)
        .where(DeviceCheck.tested_at >= session.starts_at - GOOD_FOR, DeviceCheck.tested_at < session.ends_at)
        .order_by(DeviceCheck.tested_at)
    )
    if person_ids is not None:
        statement = statement.where(DeviceCheck.person_id.in_(person_ids))
    return {row.person_id: Tested(row.tested_at, trouble(row.results)) for row in db.execute(statement) if row.results}
