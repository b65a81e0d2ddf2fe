"""Whose lines a coordinator may see: everyone's, or those of her units alone."""

from collections.abc import Mapping

from sqlalchemy import or_, select

from lms.accounts.models import Unit
from lms.accounts.permissions import ScopeKind
from lms.db import Db


def units_shown(db: Db, batch_id: int, scopes: Mapping[ScopeKind, frozenset[int]]) -> set[int] | None:
    """Return the unit ids (with those below) somebody with these scopes is limited to in this batch; None: not limited.

    A right on another batch widens nothing here.
    """
    if ScopeKind.EVERYTHING in scopes or batch_id in scopes.get(ScopeKind.BATCH, ()):
        return None
    ids = scopes.get(ScopeKind.UNIT, frozenset())
    return set(db.scalars(select(Unit.id).where(or_(Unit.id.in_(ids), Unit.parent_id.in_(ids)))))
