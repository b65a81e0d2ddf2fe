"""What a grant's scope is called. Accounts know units only; `lms/reaches.py` adds batches and courses."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from lms.accounts.models import Unit
from lms.accounts.permissions import ScopeKind
from lms.db import Db

# Names the scopes of a kind that can be granted, in the order a list shows them: id → name.
Naming = Callable[[Db], Mapping[int, str]]


def _units(db: Db) -> Mapping[int, str]:
    return {row.id: row.name for row in db.execute(select(Unit.id, Unit.name).order_by(Unit.name))}


_namings: dict[ScopeKind, Naming] = {ScopeKind.UNIT: _units}


def name_scopes(kind: ScopeKind, naming: Naming) -> None:
    """Tell how scopes of this kind are named."""
    _namings[kind] = naming


def scope_names(db: Db, kinds: Sequence[ScopeKind] = tuple(ScopeKind)) -> dict[ScopeKind, Mapping[int, str]]:
    """Return every scope's name by kind and id; one statement a kind, nothing for everything."""
    return {kind: _namings[kind](db) for kind in kinds if kind in _namings}
