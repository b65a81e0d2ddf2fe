"""Nobody may take over a stronger account."""

import pytest

from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.ranking import Right, may_manage

SITE = (ScopeKind.EVERYTHING, 0)
ADMIN: Right = (Role.ADMIN, *SITE)
COORDINATOR: Right = (Role.COORDINATOR, *SITE)
OF_UNIT: Right = (Role.COORDINATOR, ScopeKind.UNIT, 3)
OF_OTHER_UNIT: Right = (Role.COORDINATOR, ScopeKind.UNIT, 4)
HEAD_OF_UNIT: Right = (Role.UNIT_HEAD, ScopeKind.UNIT, 3)
TRAINEE: Right = (Role.TRAINEE, ScopeKind.BATCH, 1)
INSTRUCTOR: Right = (Role.INSTRUCTOR, *SITE)


@pytest.mark.parametrize(
    ("mine", "theirs", "may"),
    [
        ([OF_UNIT], [TRAINEE, INSTRUCTOR], True),
        ([OF_UNIT], [], True),
        ([OF_UNIT], [OF_UNIT], True),
        ([OF_UNIT], [OF_OTHER_UNIT], False),
        ([OF_UNIT], [COORDINATOR], False),
        ([COORDINATOR], [OF_UNIT], True),
        ([COORDINATOR], [TRAINEE, ADMIN], False),
        ([ADMIN], [ADMIN, COORDINATOR], True),
        ([INSTRUCTOR], [OF_UNIT], False),
        ([OF_UNIT], [HEAD_OF_UNIT], True),
        ([OF_OTHER_UNIT], [HEAD_OF_UNIT], False),
        ([HEAD_OF_UNIT], [OF_UNIT], False),
    ],
)
def test_every_weighty_right_must_be_matched(mine: list[Right], theirs: list[Right], may: bool) -> None:
    assert may_manage(mine, theirs) is may
