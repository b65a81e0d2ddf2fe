"""The table of conversion as it holds until somebody edits it: the forms of learning outside the classroom.

What is not named here counts as held. The figures are those agencies apply; before they are printed on a form a
person compares them with the gazette.
"""

from decimal import Decimal

from lms.certificates.rules.hours import Basis, Conversion
from lms.programmes.rules.kinds import Scope

_N, _I = str(Scope.NATIONAL), str(Scope.INTERNATIONAL)
_FIFTH_MORE = Decimal("1.2")

DEFAULT_TABLE = (
    Conversion(10, _N, Basis.ACTIVITY, fixed=Decimal(20)),
    Conversion(10, _I, Basis.ACTIVITY, fixed=Decimal(24)),
    Conversion(16, _N, daily_cap=Decimal(3)),
    Conversion(16, _I, daily_cap=Decimal(3)),
    Conversion(17, _N),
    Conversion(17, _I, factor=_FIFTH_MORE),
    Conversion(18, _N, Basis.ACTIVITY, fixed=Decimal(20)),
    Conversion(18, _I, factor=_FIFTH_MORE),
    Conversion(19, _N),
    Conversion(19, _I, factor=_FIFTH_MORE),
    Conversion(21, _N, Basis.ACTIVITY, fixed=Decimal(20)),
    Conversion(21, _I, Basis.ACTIVITY, fixed=Decimal(24)),
    Conversion(23, _N, daily_cap=Decimal(2)),
    Conversion(23, _I, factor=_FIFTH_MORE),
    Conversion(24, _N, Basis.TIME, fixed=Decimal(2), monthly_times=2),
    Conversion(24, _I, Basis.TIME, fixed=Decimal(2), factor=_FIFTH_MORE, monthly_times=2),
)
