"""What everybody sets for themselves: language, time zone, phone number, password."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard, principal, signing_in
from lms.accounts.models import Person
from lms.accounts.passwords import hash_password, verify_password
from lms.accounts.permissions import Permission
from lms.accounts.rules.drafts import OwnPasswordDraft, OwnSettingsDraft
from lms.accounts.rules.password_choice import refuse_password
from lms.accounts.service import credentials, people
from lms.accounts.tries import clear_tries, count_failure, count_try
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.sign_in import begin_for, keep_language
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.web.forms import form

# As people choose them: the name on every clock, and where it is used.
ZONE_OPTIONS = [
    ("Asia/Makassar", "WITA · Balikpapan"),
    ("Asia/Singapore", "SGT · Singapore"),
    ("Asia/Jakarta", "WIB · Jakarta"),
    ("Asia/Jayapura", "WIT · Jayapura"),
]


@blueprint.get("/settings")
def settings() -> Any:
    """One's own account."""
    who = guard.require(needs=Permission.SELF_EDIT)
    with reading() as db:
        return _page(db, who.id)


@blueprint.post("/settings")
def save_settings() -> Any:
    """Keep language, zone and phone number."""
    who = guard.require(needs=Permission.SELF_EDIT)
    try:
        draft = form(OwnSettingsDraft)
    except Invalid as refused:
        with reading() as db:
            return _page(db, who.id, refused.problems), 422
    with writing() as db:
        people.edit_own_settings(db, guard.load(db, Person, who.id, needs=Permission.SELF_EDIT, lock=True), draft)
        db.after_commit(lambda: principal.forget([who.id]))
    flash(gettext("Your settings are saved."), "success")
    return keep_language(redirect(url_for("accounts.settings")), draft.language)


@blueprint.post("/settings/password")
def change_password() -> Any:
    """Set another password, given the present one; other devices are signed out."""
    who = guard.require(needs=Permission.SELF_EDIT)
    with reading() as db:
        person = guard.load(db, Person, who.id, needs=Permission.SELF_EDIT)
    try:
        draft = form(OwnPasswordDraft)
        wait = count_try("own-password", str(who.id))
        if wait is not None:
            raise Invalid(Problem.of("sign_in_throttled", field="current", wait=wait))
        if not verify_password(person.password_hash, draft.current):
            count_failure("own-password")
            raise Invalid(Problem.of("password_not_yours", field="current"))
        problem = refuse_password(draft.password, name=person.name, nip=person.nip, email=person.email)
        if problem is not None:
            raise Invalid(problem)
    except Invalid as refused:
        with reading() as db:
            return _page(db, who.id, refused.problems), 422
    kept, at = hash_password(draft.password), clock.now()
    with writing() as db:
        mine = guard.load(db, Person, who.id, needs=Permission.SELF_EDIT, lock=True)
        credentials.set_password(db, mine, draft.password, kept, by=who.id, at=at)
        signing_in.end_everywhere(db, who.id)
    clear_tries("own-password", str(who.id))
    begin_for(who.id)
    flash(gettext("Your password is changed. Other devices were signed out."), "success")
    return redirect(url_for("accounts.settings"))


@blueprint.post("/settings/sign-out-everywhere")
def sign_out_everywhere() -> Any:
    """End every sign-in of one's account, on this browser too."""
    who = guard.require(needs=Permission.SELF_EDIT)
    with writing() as db:
        mine = guard.load(db, Person, who.id, needs=Permission.SELF_EDIT, lock=True)
        credentials.sign_out_everywhere(db, mine, by=who.id, at=clock.now())
        signing_in.end_everywhere(db, who.id)
    signing_in.end()
    flash(gettext("You are signed out on every device."), "success")
    return redirect(url_for("accounts.sign_in"))


def _page(db: Db, person_id: int, problems: Sequence[Problem] = ()) -> str:
    person = guard.load(db, Person, person_id, needs=Permission.SELF_EDIT)
    return render_template(
        "accounts/settings.html", person=person, problems=problems, zones=ZONE_OPTIONS, sent=request.form
    )
