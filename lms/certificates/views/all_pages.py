"""Every page of hours and certificates on its blueprint: importing the modules binds them."""

from lms.certificates.views import batch, documents, own, public, terms
from lms.certificates.views.blueprint import blueprint

__all__ = ["batch", "blueprint", "documents", "own", "public", "terms"]
