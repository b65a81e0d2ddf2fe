"""Every page of attendance on its blueprint: importing the modules binds them."""

from lms.attendance.views import (
    asking,
    checks,
    excuses,
    guests,
    imports,
    instructors,
    lengths,
    persons,
    projector,
    registers,
    roster,
    scans,
    screens,
    servers,
    sheets,
)
from lms.attendance.views.blueprint import blueprint

__all__ = [
    "asking",
    "blueprint",
    "checks",
    "excuses",
    "guests",
    "imports",
    "instructors",
    "lengths",
    "persons",
    "projector",
    "registers",
    "roster",
    "scans",
    "screens",
    "servers",
    "sheets",
]
