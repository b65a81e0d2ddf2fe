"""The blueprint that every page of hours and certificates is bound to, and what the pages of certificates share."""

from flask import Blueprint, current_app
from sqlalchemy.orm import joinedload

from lms.accounts.permissions import Permission
from lms.certificates.rules.requirements import Need
from lms.certificates.service.badges import Site
from lms.kernel.errors import Said
from lms.outbox.rules import revive
from lms.programmes.models import Batch
from lms.settings import Settings
from lms.web.i18n import reader, say

P = Permission

blueprint = Blueprint("certificates", __name__)

WITH_PROGRAMME = joinedload(Batch.programme)


@blueprint.app_template_filter()
def need_words(need: Need) -> str:
    """Return a need in the reader's words; titles in it in the reader's language."""
    return words_of(need.said)


@blueprint.app_template_filter()
def need_name(kind: str) -> tuple[str, str]:
    """Return a kind of need as an option of a form: its value and its name."""
    return kind, say(f"need_{kind}")


def words_of(said: Said) -> str:
    """Return a code whose parameters may be bilingual titles in the reader's words."""
    return say(said.code, **revive(said.params, reader().language))


def settings() -> Settings:
    return current_app.config["SETTINGS"]


def badge_site() -> Site:
    """Return where this installation issues its badges."""
    return Site(settings().public_url, settings().secret_key)
