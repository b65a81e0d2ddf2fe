"""Who is asking: a frozen value with the asker's grants, read from a short cache, never an ORM object."""

import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

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
_forgets = 0
_next: "_Reading | None" = None
_one_at_a_time = threading.Lock()


# Built once; a class that connects at once asks it a thousand times in a second.
_WHO = (
    select(
        Person.id,
        Person.name,
        Person.language,
        Person.zone,
        Person.stamp,
        Person.unit_id,
        Grant.role,
        Grant.scope_kind,
        Grant.scope_id,
    )
    .outerjoin(Grant, Grant.person_id == Person.id)
    .where(Person.id.in_(bindparam("people", expanding=True)), Person.active.is_(True))
)


def read_principal(db: Db, person_id: int) -> Principal | None:
    """Return the person as a principal, or None when unknown or deactivated."""
    return read_principals(db, [person_id])[person_id]


def read_principals(db: Db, person_ids: Collection[int]) -> dict[int, Principal | None]:
    """Return each of these people as a principal, None for the unknown or deactivated; one statement."""
    found: dict[int, list[Any]] = {}
    for row in db.connection().execute(_WHO, {"people": list(person_ids)}):
        found.setdefault(row.id, []).append(row)
    return {person_id: _principal(found[person_id]) if person_id in found else None for person_id in person_ids}


def _principal(rows: Sequence[Any]) -> Principal:
    grants = sorted((row.role, row.scope_kind, row.scope_id) for row in rows if row.role is not None)
    rights = tuple(Right(Role(role), ScopeKind(kind), scope_id) for role, kind, scope_id in grants)
    one = rows[0]
    return Principal(one.id, one.name, one.language, ZoneInfo(one.zone), one.stamp, rights, one.unit_id)


class _Reading:
    """One reading of the database for everybody who needs a principal at this moment."""

    def __init__(self) -> None:
        self.people: set[int] = set()
        self.done = threading.Event()
        self.found: dict[int, Principal | None] = {}
        self.error: Exception | None = None


def cached(person_id: int) -> Principal | None:
    """Return the principal from the cache, reading it when older than `CACHE_SECONDS`.

    One thread reads at a time, and the next for all who came meanwhile: a class that connects at once would else
    need a database connection each.
    """
    global _next
    entry = _cache.get(person_id)
    if entry is not None and entry[0] > time.monotonic():
        return entry[1]
    with _lock:
        reads_for_all = _next is None
        mine = _next = _next or _Reading()
        mine.people.add(person_id)
    if reads_for_all:
        with _one_at_a_time:
            with _lock:
                _next = None
            try:
                mine.found = _read_into_cache(mine.people)
            except Exception as error:
                mine.error = error
            finally:
                mine.done.set()
    else:
        mine.done.wait()
    if mine.error is not None:
        raise mine.error
    return mine.found[person_id]


def _read_into_cache(person_ids: Collection[int]) -> dict[int, Principal | None]:
    from lms.db import reading

    forgets, until = _forgets, time.monotonic() + CACHE_SECONDS
    with reading() as db:
        found = read_principals(db, person_ids)
    with _lock:
        if len(_cache) > 20_000:
            _cache.clear()
        # What was read before somebody was forgotten may be the very thing to forget.
        if forgets == _forgets:
            _cache.update((person_id, (until, who)) for person_id, who in found.items())
    return found


def forget(person_ids: Iterable[int] | None = None) -> None:
    """Drop these people (None: everyone) from the cache; call after the commit that changed them."""
    global _forgets
    with _lock:
        _forgets += 1
        if person_ids is None:
            _cache.clear()
        else:
            for person_id in person_ids:
                _cache.pop(person_id, None)
