"""Every page of accounts on its blueprint: importing the modules binds them."""

from lms.accounts.views import many, people, person_acts, recovery, settings, sign_in, units
from lms.accounts.views.blueprint import blueprint

__all__ = ["blueprint", "many", "people", "person_acts", "recovery", "settings", "sign_in", "units"]
