"""Whose account may be changed by whom: nobody gains rights by changing a stronger person's password or address."""

from collections.abc import Iterable

from lms.accounts.permissions import Role, ScopeKind

_WEIGHT = {Role.TRAINEE: 0, Role.INSTRUCTOR: 0, Role.UNIT_HEAD: 1, Role.COORDINATOR: 2, Role.ADMIN: 3}

Right = tuple[Role, ScopeKind, int]

# Which scopes a role may be given by hand. Batches are missing on purpose: enrolling gives those rights, so that
# whoever holds them also stands in the batch's list.
GRANTABLE: dict[Role, frozenset[ScopeKind]] = {
    Role.INSTRUCTOR: frozenset({ScopeKind.EVERYTHING, ScopeKind.COURSE}),
    Role.COORDINATOR: frozenset({ScopeKind.EVERYTHING, ScopeKind.UNIT}),
    Role.UNIT_HEAD: frozenset({ScopeKind.UNIT}),
    Role.ADMIN: frozenset({ScopeKind.EVERYTHING}),
}


def may_manage(mine: Iterable[Right], theirs: Iterable[Right]) -> bool:
    """Return whether every weighty right of theirs is matched by one of mine, at least as strong and as wide.

    A coordinator of one unit could otherwise hand herself a code for the admin's account.
    """
    own = list(mine)
    return all(any(_covers(right, other) for right in own) for other in theirs if _WEIGHT[other[0]] > 0)


def _covers(right: Right, other: Right) -> bool:
    is_as_wide = right[1] is ScopeKind.EVERYTHING or right[1:] == other[1:]
    return _WEIGHT[right[0]] >= _WEIGHT[other[0]] and is_as_wide
