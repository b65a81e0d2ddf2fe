"""Giving rights and taking them away, each with its entry in the audit trail."""

from datetime import datetime

from sqlalchemy import delete, select

from lms.accounts.models import Grant, Person
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.ranking import Right, may_manage
from lms.accounts.service.audit import record_act
from lms.accounts.service.people import refuse_without_admin
from lms.db import Db, insert_new
from lms.kernel.errors import Forbidden


def grant_role(
    db: Db,
    person_id: int,
    role: Role,
    kind: ScopeKind,
    scope_id: int = 0,
    *,
    by: int | None,
    at: datetime,
    source: str = "manual",
) -> bool:
    """Return whether the right is new; granting again what is held changes nothing. `source` says what gave it."""
    values = {
        "person_id": person_id,
        "role": str(role),
        "scope_kind": str(kind),
        "scope_id": scope_id,
        "source": source,
        "granted_at": at,
        "granted_by": by,
    }
    if not insert_new(db, Grant, values, ["person_id", "role", "scope_kind", "scope_id"]):
        return False
    record_act(db, "role_granted", "person", person_id, by=by, at=at, role=role, scope=f"{kind}:{scope_id}")
    return True


def revoke_role(
    db: Db, person_id: int, role: Role, kind: ScopeKind, scope_id: int = 0, *, by: int | None, at: datetime
) -> bool:
    """Return whether there was such a right to take away. Raises Conflict for the last admin's."""
    if role is Role.ADMIN and kind is ScopeKind.EVERYTHING:
        refuse_without_admin(db, without_person=person_id)
    gone = db.execute(
        delete(Grant).where(
            Grant.person_id == person_id, Grant.role == role, Grant.scope_kind == kind, Grant.scope_id == scope_id
        )
    ).rowcount  # type: ignore[attr-defined]
    if not gone:
        return False
    record_act(db, "role_revoked", "person", person_id, by=by, at=at, role=role, scope=f"{kind}:{scope_id}")
    return True


def grants_of(db: Db, person_id: int) -> list[Grant]:
    """Return the person's grants, the strongest first and then the newest."""
    grants = db.scalars(select(Grant).where(Grant.person_id == person_id)).all()
    order = list(Role)
    return sorted(grants, key=lambda grant: (order.index(Role(grant.role)), -grant.granted_at.timestamp()))


def refuse_stronger(db: Db, person: Person, mine: list[Right]) -> None:
    """Raise Forbidden("person_stronger") if this person holds a right that the asker's rights do not cover."""
    theirs = [(Role(g.role), ScopeKind(g.scope_kind), g.scope_id) for g in grants_of(db, person.id)]
    if not may_manage(mine, theirs):
        raise Forbidden("person_stronger")
