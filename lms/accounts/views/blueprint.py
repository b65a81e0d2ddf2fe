"""The blueprint that every page of accounts is bound to, and how templates write people."""

from flask import Blueprint

from lms.accounts.models import Person
from lms.accounts.rules.names import with_titles
from lms.accounts.rules.phones import show_phone, whatsapp_link
from lms.accounts.rules.ranks import show_rank

blueprint = Blueprint("accounts", __name__)

blueprint.add_app_template_filter(show_phone, "phone")
blueprint.add_app_template_filter(whatsapp_link, "whatsapp")
blueprint.add_app_template_filter(show_rank, "rank")


@blueprint.app_template_filter("full_name")
def full_name(person: Person) -> str:
    """Return a person's name with titles."""
    return with_titles(person.title_before, person.name, person.title_after)
