"""The one door: load a thing and authorise the asker in one statement, on HTTP and Socket.IO alike.

A stranger to the thing gets NotFound, a member without the right Forbidden. How a model is reached from
a grant's scope is told once per model by `reach()` (see `lms/reaches.py`), so that loading one row and
narrowing a list can never disagree.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import g, has_request_context
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, true

from lms.accounts.permissions import PERSONAL, Permission, ScopeKind
from lms.accounts.principal import Principal, Right
from lms.db import Base, Db
from lms.kernel.errors import Forbidden, NotFound

Clause = ColumnElement[bool]
T = TypeVar("T", bound=Base)
S = TypeVar("S", bound=Select[Any])
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Reach:
    """How rows of a model are reached: each callable turns scope ids into a SQL condition on the model.

    `own` turns a person's id into the condition "this row is that person's"; PERSONAL permissions
    (taking a quiz, seeing one's record) then never reach a classmate's row.
    """

    batch: Callable[[Collection[int]], Clause] | None = None
    course: Callable[[Collection[int]], Clause] | None = None
    unit: Callable[[Collection[int]], Clause] | None = None
    own: Callable[[int], Clause] | None = None


_reaches: dict[type[Base], Reach] = {}


def reach(model: type[Base], way: Reach) -> None:
    """Tell the guard how this model is reached; `create_app` does so for every model that is loaded."""
    _reaches[model] = way
    _loading.cache_clear()
    _asking.cache_clear()


def principal() -> Principal:
    """Return who is asking. Raises NotSignedIn, which becomes the way to the sign-in page."""
    if not current_user.is_authenticated:
        raise NotSignedIn()
    return current_user._get_current_object()


class NotSignedIn(Forbidden):
    """Nobody has signed in on this connection, or the sign-in was ended elsewhere."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_signed_in")


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view or socket event that anyone may call without signing in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def _authorised() -> None:
    """Note that this request went through the door; the response hook refuses one that did not."""
    if has_request_context():
        g.authorised = True


def allow_public() -> None:
    """Note that a public view answers this request."""
    _authorised()


def require(*, needs: Permission) -> Principal:
    """Return the asker if the permission holds for them anywhere; for pages that narrow by `visible`."""
    who = principal()
    if not who.can(needs):
        raise Forbidden(permission=str(needs))
    _authorised()
    return who


def everywhere(*, needs: Permission) -> Principal:
    """Return the asker if the permission holds for everything, not only within some batch or unit."""
    who = principal()
    if ScopeKind.EVERYTHING not in who.scopes(needs):
        raise Forbidden(permission=str(needs))
    _authorised()
    return who


def _clause(model: type[Base], scopes: Mapping[ScopeKind, frozenset[int]], who: Principal, own_only: bool) -> Clause:
    way = _reaches.get(model)
    if way is None:
        raise LookupError(f"the guard does not know how {model.__name__} is reached: see lms/reaches.py")
    if own_only and way.own is not None:
        return way.own(who.id) if scopes else false()
    if ScopeKind.EVERYTHING in scopes:
        return true()
    ways = {ScopeKind.BATCH: way.batch, ScopeKind.COURSE: way.course, ScopeKind.UNIT: way.unit}
    parts = [ways[kind](sorted(ids)) for kind, ids in scopes.items() if ways.get(kind) is not None]  # type: ignore[misc]
    return or_(*parts) if parts else false()


def allowed(model: type[Base], *, needs: Permission, who: Principal | None = None) -> Clause:
    """Return the SQL condition "the asker has this permission on this row"."""
    who = who or principal()
    return _clause(model, who.scopes(needs), who, own_only=needs in PERSONAL)


@lru_cache(maxsize=1024)
def _loading(
    model: type[Base], needs: Permission, rights: tuple[Right, ...], own_id: int, columns: tuple[str, ...], lock: bool
) -> Any:
    """Return the statement of `load`, built once for everybody with these rights: building takes longer than asking."""
    who = Principal(own_id, "", "", UTC_ZONE, 0, rights)
    may = allowed(model, needs=needs, who=who)
    known = _clause(model, who.all_scopes(), who, own_only=False)
    statement = select(model, may.label("may"), or_(known, may).label("known")).where(
        and_(*(getattr(model, column) == bindparam(f"by_{column}") for column in columns))
    )
    return statement.with_for_update(of=model) if lock else statement


def load(
    db: Db,
    model: type[T],
    key: int | None = None,
    *,
    needs: Permission,
    lock: bool = False,
    options: Collection[Any] = (),
    **by: Any,
) -> T:
    """Return the row with this id (or these column values), if the asker has the right on it.

    One statement. NotFound for a stranger, Forbidden for somebody who may know the thing but not do
    this. `lock` locks the row for the rest of a writing transaction; `options` are loader options.
    """
    who = principal()
    if key is not None:
        by["id"] = key
    # Only what is the asker's own depends on who asks; everything else on the rights, which a whole batch shares.
    own_id = who.id if needs in PERSONAL else 0
    statement = _loading(model, needs, who.rights, own_id, tuple(by), lock)
    if options:
        statement = statement.options(*options)
    row = db.execute(statement, {f"by_{column}": value for column, value in by.items()}).one_or_none()
    if row is None or not row.known:
        raise NotFound()
    if not row.may:
        raise Forbidden(permission=str(needs))
    _authorised()
    return row[0]


def visible(statement: S, model: type[Base], *, needs: Permission) -> S:
    """Return the statement narrowed to rows of `model` on which the asker has the permission."""
    narrowed = statement.where(allowed(model, needs=needs))
    _authorised()
    return narrowed


def under(db: Db, parent: type[T], key: int, *, needs: Permission, **options: Any) -> T:
    """Return the parent under which something is to be created, if the asker may create there."""
    return load(db, parent, key, needs=needs, **options)


@lru_cache(maxsize=1024)
def _asking(model: type[Base], wanted: tuple[Permission, ...], rights: tuple[Right, ...], own_id: int) -> Any:
    """Return the statement of `rights_on`, built once for everybody with these rights."""
    who = Principal(own_id, "", "", UTC_ZONE, 0, rights)
    columns = (allowed(model, needs=one, who=who).label(f"may_{number}") for number, one in enumerate(wanted))
    return select(*columns).where(model.id == bindparam("key"))  # type: ignore[attr-defined]


def rights_on(db: Db, model: type[Base], key: int, among: Collection[Permission]) -> frozenset[Permission]:
    """Return which of these permissions the asker has on this row; one statement, for showing buttons."""
    wanted = tuple(sorted(among))
    who = principal()
    own_id = who.id if PERSONAL.intersection(wanted) else 0
    row = db.execute(_asking(model, wanted, who.rights, own_id), {"key": key}).one_or_none()
    return frozenset(permission for permission, may in zip(wanted, row or (), strict=False) if may)
