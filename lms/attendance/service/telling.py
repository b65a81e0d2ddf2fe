"""Telling people of attendance: whose mark changed and why, and coordinators that something waits for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from lms.accounts.models import Grant, Person, Unit
from lms.accounts.permissions import Role, ScopeKind
from lms.db import Db
from lms.kernel.errors import Said
from lms.outbox import service as outbox
from lms.outbox.models import Notice
from lms.outbox.rules import freeze
from lms.sessions.models import LiveSession

# A mark that goes to and fro while witnesses still speak is one notice, as long as nobody has read it.
GATHERED = timedelta(hours=24)

CHANGED = "mark_changed"


def word_of(status: str, excuse: str | None) -> Said:
    """Return the code of what a mark says, for "old → new"."""
    return Said(f"excuse_{excuse}" if excuse else f"status_{status}")


def about(session: LiveSession) -> dict[str, Any]:
    """Return which session it is about, in both languages, for a notice or a letter."""
    title = {"id": session.title_id, "en": session.title_en or session.title_id}
    return {"title": title, "starts_at": session.starts_at}


def tell_change(
    db: Db, session: LiveSession, person_id: int, old: Said, new: Said, why: Said, *, at: datetime
) -> Notice | None:
    """Return the notice that tells somebody of another mark: old, new and why.

    A change after an unread one goes into that notice; back to what it was before takes it away (None).
    """
    link = f"/attendance/{session.id}"
    unread = db.scalar(
        select(Notice)
        .where(
            Notice.person_id == person_id,
            Notice.template == CHANGED,
            Notice.link == link,
            Notice.read_at.is_(None),
            Notice.created_at > at - GATHERED,
        )
        .order_by(Notice.id.desc())
        .limit(1)
    )
    if unread is None:
        params = about(session) | {"old": old, "new": new, "reason": why}
        return outbox.notify(db, person_id, CHANGED, params, link, at=at)
    if unread.params["old"] == freeze({"old": new})["old"]:
        db.delete(unread)
        return None
    unread.params = unread.params | freeze({"new": new, "reason": why})
    return unread


def coordinators_of(db: Db, session: LiveSession, unit_id: int | None = None) -> set[int]:
    """Return who coordinates this session's batch, and who this unit's people (of the unit or the one above it)."""
    units = select(Unit.id).where(
        or_(Unit.id == unit_id, Unit.id == select(Unit.parent_id).where(Unit.id == unit_id).scalar_subquery())
    )
    return set(
        db.scalars(
            select(Grant.person_id)
            .join(Person, Person.id == Grant.person_id)
            .where(
                Grant.role == Role.COORDINATOR.value,
                Person.active.is_(True),
                or_(
                    Grant.scope_kind == ScopeKind.EVERYTHING.value,
                    (Grant.scope_kind == ScopeKind.BATCH.value) & (Grant.scope_id == session.batch_id),
                    (Grant.scope_kind == ScopeKind.UNIT.value) & Grant.scope_id.in_(units),
                ),
            )
        )
    )


def notify_all(
    db: Db, people: Iterable[int], template: str, params: Mapping[str, Any], link: str, *, by: int | None, at: datetime
) -> None:
    """Tell these people in the app, except whoever did it."""
    for person_id in sorted(set(people) - {by}):
        outbox.notify(db, person_id, template, params, link, at=at)
