"""With whose rights a sheet of people is entered: the asker's on a page, its maker's in a job."""

from sqlalchemy import or_, select

from lms.accounts import guard
from lms.accounts.models import Person, Unit
from lms.accounts.permissions import Permission, ScopeKind
from lms.accounts.principal import Principal
from lms.accounts.service.sheet_people import Entrant
from lms.db import Db


def entrant_of(db: Db, who: Principal) -> Entrant:
    """Return what this person may enter; one statement for whoever is limited to units."""
    scopes = who.scopes(Permission.PEOPLE_EDIT)
    units = None
    if ScopeKind.EVERYTHING not in scopes:
        ids = scopes.get(ScopeKind.UNIT, frozenset())
        units = frozenset(db.scalars(select(Unit.id).where(or_(Unit.id.in_(ids), Unit.parent_id.in_(ids)))))
    return Entrant(
        people=guard.allowed(Person, needs=Permission.PEOPLE_EDIT, who=who),
        units=units,
        rights=[(right.role, right.kind, right.scope_id) for right in who.rights],
    )


def may_enter(who: Principal) -> bool:
    """Return whether somebody may enter people at all: for everything, or for units of hers."""
    return bool({ScopeKind.EVERYTHING, ScopeKind.UNIT} & set(who.scopes(Permission.PEOPLE_EDIT)))
