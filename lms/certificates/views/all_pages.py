"""Every page of hours and certificates on its blueprint: importing the modules binds them."""

from lms.certificates.views import (
    batch,
    documents,
    hour_claims,
    hour_import,
    hour_people,
    hour_rules,
    hours,
    own,
    public,
    siasn,
    terms,
)  # fmt: skip
from lms.certificates.views.blueprint import blueprint

__all__ = [
    "batch", "blueprint", "documents", "hour_claims", "hour_import", "hour_people", "hour_rules", "hours", "own",
    "public", "siasn", "terms",
]  # fmt: skip
