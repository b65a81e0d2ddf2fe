"""Who is asking: a frozen value with the asker's grants, read from a short cache, never an ORM object."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.accounts.models import Grant, Person
from lms.accounts.permissions import BEYOND_A_UNIT, EVERYONE, ROLE_PERMISSIONS, Permission, Role, ScopeKind
from lms.db import Db

# Seconds for which a right taken away may still work on a page; sign-out and deactivation bypass it.
CACHE_SECONDS = 5.0


@dataclass(frozen=True)
class Right:
    """One grant as the guard reads it; `scope_id` is 0 for everything."""

    role: Role
    kind: ScopeKind
    scope_id: int


@dataclass(frozen=True)
class Principal:
    """An authenticated asker. Serves as Flask-Login's user object."""

    id: int
    name: str
    language: str
    zone: ZoneInfo
    stamp: int
    rights: tuple[Right, ...]
    unit_id: int | None = None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the cookie keeps: person and sign-in stamp, so that one change signs out everywhere."""
        return f"{self.id}.{self.stamp}"

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(right.role for right in self.rights)

    def scopes(self, permission: Permission) -> dict[ScopeKind, frozenset[int]]:
        """Return where this permission holds: scope kind → ids; EVERYTHING → {0}; empty when nowhere."""
        if permission in EVERYONE:
            return {ScopeKind.EVERYTHING: frozenset({0})}
        found: dict[ScopeKind, set[int]] = {}
        for right in self.rights:
            if permission not in ROLE_PERMISSIONS[right.role]:
                continue
            if right.kind is ScopeKind.UNIT and permission in BEYOND_A_UNIT:
                continue
            found.setdefault(right.kind, set()).add(right.scope_id)
        return {kind: frozenset(ids) for kind, ids in found.items()}

    def all_scopes(self) -> dict[ScopeKind, frozenset[int]]:
        """Return every scope of any grant: what this person may know the existence of."""
        found: dict[ScopeKind, set[int]] = {}
        for right in self.rights:
            found.setdefault(right.kind, set()).add(right.scope_id)
        return {kind: frozenset(ids) for kind, ids in found.items()}

    def can(self, permission: Permission | str) -> bool:
        """Return whether the permission holds anywhere; for showing a link, never for authorising."""
        return bool(self.scopes(Permission(permission)))


_cache: dict[int, tuple[float, Principal | None]] = {}
_lock = threading.Lock()


def read_principal(db: Db, person_id: int) -> Principal | None:
    """Return the person as a principal, or None when unknown or deactivated."""
    row = db.execute(
        select(Person.id, Person.name, Person.language, Person.zone, Person.stamp, Person.unit_id).where(
            Person.id == person_id, Person.active.is_(True)
        )
    ).one_or_none()
    if row is None:
        return None
    grants = db.execute(select(Grant.role, Grant.scope_kind, Grant.scope_id).where(Grant.person_id == person_id)).all()
    rights = tuple(Right(Role(role), ScopeKind(kind), scope_id) for role, kind, scope_id in sorted(grants))
    return Principal(row.id, row.name, row.language, ZoneInfo(row.zone), row.stamp, rights, row.unit_id)


def cached(person_id: int) -> Principal | None:
    """Return the principal from the cache, reading it when older than `CACHE_SECONDS`."""
    moment = time.monotonic()
    entry = _cache.get(person_id)
    if entry is not None and entry[0] > moment:
        return entry[1]
    from lms.db import reading

    with reading() as db:
        principal = read_principal(db, person_id)
    with _lock:
        if len(_cache) > 20_000:
            _cache.clear()
        _cache[person_id] = (moment + CACHE_SECONDS, principal)
    return principal


def forget(person_ids: Iterable[int] | None = None) -> None:
    """Drop these people (None: everyone) from the cache; call after the commit that changed them."""
    with _lock:
        if person_ids is None:
            _cache.clear()
        else:
            for person_id in person_ids:
                _cache.pop(person_id, None)
