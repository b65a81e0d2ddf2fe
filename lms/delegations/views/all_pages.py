"""Every page of study visits on its blueprint: importing the modules binds them."""

from lms.delegations.views import choosing, preparing, returning, visits
from lms.delegations.views.blueprint import blueprint

__all__ = ["blueprint", "choosing", "preparing", "returning", "visits"]
