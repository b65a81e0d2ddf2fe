"""`flask add-user`: the first admin, and anybody else from the command line."""

import click
from flask import current_app, url_for
from flask.cli import with_appcontext

from lms import clock
from lms.accounts.passwords import hash_password
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.drafts import PersonDraft
from lms.accounts.service import credentials, people, rights
from lms.accounts.service.credentials import Purpose
from lms.db import writing
from lms.kernel.errors import Invalid, Refusal
from lms.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from lms.web.forms import draft_from
from lms.web.i18n import Reader, reading_as, say

# Trainees come by enrolling, which needs a batch.
ROLES = [Role.ADMIN, Role.COORDINATOR, Role.INSTRUCTOR]


@click.command("add-user")
@click.argument("name")
@click.option("--email", help="E-mail address: for signing in, and for letters.")
@click.option("--nip", help="Employee number, 18 digits: signs in as well as an e-mail address.")
@click.option("--role", type=click.Choice([str(role) for role in ROLES]), help="A role for the whole site.")
@click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT_LANGUAGE, help="Of pages and letters.")
@click.option("--ask-password", is_flag=True, help="Type the password here instead of getting an invitation link.")
@with_appcontext
def add_user(
    name: str, email: str | None, nip: str | None, role: str | None, language: str, ask_password: bool
) -> None:
    """Add a person who can sign in, for example the first administrator:

    \b
      flask --app wsgi add-user "Siti Rahmawati" --email siti@balikpapan.example --role admin

    Prints an invitation link (works once, for seven days), at which the person chooses a password. At least one
    of --email and --nip is needed. Without --role the person may do nothing until enrolled in a batch.
    """
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask_password else None
    kept = hash_password(password) if password else None
    at = clock.now()
    token = None
    with current_app.test_request_context(base_url=current_app.config["SETTINGS"].public_url), reading_as(Reader("en")):
        try:
            draft = draft_from(PersonDraft, {"name": name, "email": email, "nip": nip, "language": language})
            with writing() as db:
                person = people.create_person(db, draft, by=None, at=at)
                if role:
                    rights.grant_role(db, person.id, Role(role), ScopeKind.EVERYTHING, by=None, at=at)
                if password and kept:
                    credentials.set_password(db, person, password, kept, by=None, at=at)
                else:
                    token = credentials.issue_link(db, person, Purpose.INVITE, by=None, at=at)
        except Invalid as refused:
            raise click.ClickException(" ".join(say(problem) for problem in refused.problems)) from None
        except Refusal as refused:
            raise click.ClickException(say(refused.said)) from None
        click.echo(f"{person.name} is added.")
        if token:
            link = url_for("accounts.invitation", token=token, _external=True)
            click.echo(f"Invitation, works once and for seven days:\n{link}")
