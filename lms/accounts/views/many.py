"""What is done for several people chosen in the list at once: invitations by mail, and codes on paper."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.accounts.rules.names import is_local_path
from lms.accounts.service import credentials, rights
from lms.accounts.service.credentials import HELD_BACK, SLIP_LASTS, Purpose
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.people import asker_rights
from lms.db import Db, writing
from lms.kernel.errors import Forbidden
from lms.web.row_numbers import row_number

# As many as a page of the list can show several times over; more at once is somebody's mistake.
MOST = 200


@blueprint.post("/people/invite")
def invite_many() -> Any:
    """Post an invitation to each of the people chosen, and show how the letters leave."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    at = clock.now()
    with writing() as db:
        people = _chosen(db)
        reached = [person for person in people if person.email]
        for person in reached:
            token = credentials.issue_link(db, person, Purpose.INVITE, by=who.id, at=at)
            path = url_for("accounts.invitation", token=token)
            credentials.post_link(db, person, Purpose.INVITE, path, at=at, mail_at=at + HELD_BACK)
    left_out = len(people) - len(reached)
    if left_out:
        flash(
            ngettext(
                "%(num)s person has no e-mail address and was left out: print a code instead.",
                "%(num)s people have no e-mail address and were left out: print codes instead.",
                left_out,
            ),
            "warning",
        )
    if not reached:
        return _back(people)
    # The instant names this posting: whoever has the address sees the same letters again.
    return redirect(url_for("outbox.letters", posted=f"{at:%Y%m%dT%H%M%S%f}"))


@blueprint.post("/people/codes")
def print_codes() -> Any:
    """Show a slip with a code for each of the people chosen, to be printed and cut; this once."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    at = clock.now()
    with writing() as db:
        people = _chosen(db)
        slips = [
            (person, credentials.hand_out_code(db, person, by=who.id, at=at, lasts=SLIP_LASTS)) for person in people
        ]
    if not slips:
        return _back(people)
    return render_template(
        "accounts/codes.html",
        slips=[(person, f"{code[:4]} {code[4:]}") for person, code in slips],
        address=current_app.config["SETTINGS"].public_url + url_for("accounts.code"),
        lasts_until=at + SLIP_LASTS,
        back=_way_back(),
    )


def _chosen(db: Db) -> list[Person]:
    """Return the active people chosen whom the asker may edit, by name, locked; the others are passed over."""
    ids = request.form.getlist("person", type=row_number)[:MOST]
    mine = asker_rights(guard.principal())
    found = db.scalars(
        select(Person)
        .where(Person.id.in_(ids), Person.active.is_(True), guard.allowed(Person, needs=Permission.PEOPLE_EDIT))
        .options(joinedload(Person.unit))
        .order_by(func.lower(Person.name), Person.id)
        .with_for_update(of=Person)
    ).all()
    return [person for person in found if _is_manageable(db, person, mine)]


def _is_manageable(db: Db, person: Person, mine: Any) -> bool:
    try:
        rights.refuse_stronger(db, person, mine)
    except Forbidden:
        return False
    return True


def _back(people: Sequence[Person]) -> Response:
    """Return to the list as it was, saying that nobody was chosen where that is the reason."""
    if not people:
        flash(gettext("Choose at least one person whose account you may edit."), "warning")
    return redirect(_way_back())


def _way_back() -> str:
    back = request.form.get("back", "")
    return back if is_local_path(back) else url_for("accounts.people")
