"""Every page of programmes on its blueprint: importing the modules binds them."""

from lms.programmes.views import batches, enrolment, import_access, imports, programmes
from lms.programmes.views.blueprint import blueprint

__all__ = ["batches", "blueprint", "enrolment", "import_access", "imports", "programmes"]
