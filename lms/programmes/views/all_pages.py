"""Every page of programmes on its blueprint: importing the modules binds them."""

from lms.programmes.views import batches, enrolment, programmes
from lms.programmes.views.blueprint import blueprint

__all__ = ["batches", "blueprint", "enrolment", "programmes"]
