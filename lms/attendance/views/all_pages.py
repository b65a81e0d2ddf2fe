"""Every page of attendance on its blueprint: importing the modules binds them."""

from lms.attendance.views import persons, registers, sheets
from lms.attendance.views.blueprint import blueprint

__all__ = ["blueprint", "persons", "registers", "sheets"]
