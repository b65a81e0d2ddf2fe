"""Giving an import's people their way in: invitations by mail, slips with one-time codes for those without."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.accounts.service import credentials
from lms.accounts.service.credentials import HELD_BACK, SLIP_LASTS, Purpose
from lms.db import writing
from lms.programmes.service import giving_access
from lms.programmes.views.blueprint import blueprint
from lms.programmes.views.imports import load_import

P = Permission
# What one press does: more letters or pages than that are better looked at before the next.
MOST_LETTERS = 500
MOST_SLIPS = 200


@blueprint.post("/people/import/<int:import_id>/invite")
def invite_imported(import_id: int) -> Any:
    """Post an invitation to everyone of this sheet who has mail and no open invitation."""
    who = guard.require(needs=P.PEOPLE_EDIT)
    at = clock.now()
    with writing() as db:
        one = load_import(db, import_id)
        allowed = guard.allowed(Person, needs=P.PEOPLE_EDIT)
        people = giving_access.to_invite(db, one, allowed, at=at, most=MOST_LETTERS)
        for person in people:
            token = credentials.issue_link(db, person, Purpose.INVITE, by=who.id, at=at)
            path = url_for("accounts.invitation", token=token)
            credentials.post_link(db, person, Purpose.INVITE, path, at=at, mail_at=at + HELD_BACK)
    if not people:
        flash(gettext("Everyone with an e-mail address has an invitation already."), "info")
        return redirect(url_for("programmes.people_import", import_id=import_id))
    # The instant names this posting: the page of letters shows how they leave.
    return redirect(url_for("outbox.letters", posted=f"{at:%Y%m%dT%H%M%S%f}"))


@blueprint.post("/people/import/<int:import_id>/slips")
def print_import_slips(import_id: int) -> Any:
    """Show a slip with a code for everyone of this sheet without mail, to be printed and cut; this once."""
    who = guard.require(needs=P.PEOPLE_EDIT)
    at = clock.now()
    with writing() as db:
        one = load_import(db, import_id)
        allowed = guard.allowed(Person, needs=P.PEOPLE_EDIT)
        people = giving_access.to_print_for(
            db, one, allowed, at=at, again=request.form.get("again") == "1", most=MOST_SLIPS
        )
        slips = [
            (person, credentials.hand_out_code(db, person, by=who.id, at=at, lasts=SLIP_LASTS)) for person in people
        ]
    back = url_for("programmes.people_import", import_id=import_id)
    if not slips:
        flash(gettext("Everyone without mail has a slip already. Print them again if they were lost."), "info")
        return redirect(back)
    return render_template(
        "accounts/codes.html",
        slips=[(person, f"{code[:4]} {code[4:]}") for person, code in slips],
        address=current_app.config["SETTINGS"].public_url + url_for("accounts.code"),
        lasts_until=at + SLIP_LASTS,
        back=back,
    )
