"""Every page of programmes on its blueprint: importing the modules binds them."""

from lms.programmes.views import asking, batches, enrolment, import_access, imports, phases, programmes
from lms.programmes.views.blueprint import blueprint

__all__ = ["asking", "batches", "blueprint", "enrolment", "import_access", "imports", "phases", "programmes"]
