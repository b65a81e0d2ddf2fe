"""What is done to an account from the person's page: access given, rights given and taken, closed and opened."""

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard, principal, signing_in
from lms.accounts.models import Grant, Person
from lms.accounts.permissions import Permission, Role, ScopeKind
from lms.accounts.rules.drafts import GrantDraft
from lms.accounts.scopes import scope_names
from lms.accounts.service import credentials, people, rights
from lms.accounts.service.credentials import Purpose
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.people import load_to_manage, person_page
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.web.forms import form


@blueprint.post("/people/<int:person_id>/code")
def hand_out_code(person_id: int) -> Any:
    """Show an eight-digit code, this once, to be told to somebody without mail."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    with writing() as db:
        person = load_to_manage(db, person_id, lock=True)
        code = credentials.hand_out_code(db, person, by=who.id, at=clock.now())
    with reading() as db:
        return person_page(db, person_id, code=f"{code[:4]} {code[4:]}")


@blueprint.post("/people/<int:person_id>/invite")
def invite(person_id: int) -> Any:
    """Send the invitation by mail; without an address, show the link once to be passed on."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    at = clock.now()
    with writing() as db:
        person = load_to_manage(db, person_id, lock=True)
        token = credentials.issue_link(db, person, Purpose.INVITE, by=who.id, at=at)
        path = url_for("accounts.invitation", token=token)
        if person.email:
            credentials.post_link(db, person, Purpose.INVITE, path, at=at)
        email = person.email
    if email:
        flash(gettext("The invitation is on its way to %(email)s.", email=email), "success")
        return redirect(url_for("accounts.person", person_id=person_id))
    with reading() as db:
        return person_page(db, person_id, invited=current_app.config["SETTINGS"].public_url + path)


@blueprint.post("/people/<int:person_id>/sign-out")
def sign_out_person(person_id: int) -> Any:
    """End somebody's sign-ins on every device, for a lost phone or a shared computer left open."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    with writing() as db:
        person = load_to_manage(db, person_id, lock=True)
        credentials.sign_out_everywhere(db, person, by=who.id, at=clock.now())
        signing_in.end_everywhere(db, person_id)
    flash(gettext("%(name)s is signed out on every device.", name=person.name), "success")
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/deactivate")
def deactivate(person_id: int) -> Any:
    """Close somebody's account."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    if who.id == person_id:
        raise Conflict("not_yourself")
    with writing() as db:
        person = load_to_manage(db, person_id, lock=True)
        people.deactivate(db, person, by=who.id, at=clock.now(), note=request.form.get("note", "").strip()[:500])
        signing_in.end_everywhere(db, person_id)
    flash(gettext("The account of %(name)s is deactivated.", name=person.name), "success")
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/reactivate")
def reactivate(person_id: int) -> Any:
    """Open somebody's account again."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    with writing() as db:
        person = load_to_manage(db, person_id, lock=True)
        people.reactivate(db, person, by=who.id, at=clock.now())
        db.after_commit(lambda: principal.forget([person_id]))
    flash(gettext("The account of %(name)s is active again.", name=person.name), "success")
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/grants")
def grant(person_id: int) -> Any:
    """Give somebody a role for everything, a unit or a course."""
    who = guard.everywhere(needs=Permission.SITE_ADMINISTER)
    try:
        draft = form(GrantDraft)
        with writing() as db:
            person = guard.load(db, Person, person_id, needs=Permission.SITE_ADMINISTER, lock=True)
            if draft.scope_id and draft.scope_id not in scope_names(db, [draft.kind]).get(draft.kind, {}):
                raise Invalid(Problem.of("scope_unknown", field="scope"))
            rights.grant_role(db, person_id, draft.role, draft.kind, draft.scope_id, by=who.id, at=clock.now())
            db.after_commit(lambda: principal.forget([person_id]))
    except Invalid as refused:
        with reading() as db:
            return person_page(db, person_id, problems=refused.problems), 422
    flash(gettext("The role is given to %(name)s.", name=person.name), "success")
    return redirect(url_for("accounts.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/grants/<int:grant_id>/revoke")
def revoke(person_id: int, grant_id: int) -> Any:
    """Take a role given by hand away again; what enrolling gave ends with the enrolment."""
    who = guard.everywhere(needs=Permission.SITE_ADMINISTER)
    with writing() as db:
        person = guard.load(db, Person, person_id, needs=Permission.SITE_ADMINISTER, lock=True)
        held = db.get(Grant, grant_id)
        if held is None or held.person_id != person_id:
            raise NotFound()
        if held.source != "manual":
            raise Conflict("grant_by_enrolment")
        kind = ScopeKind(held.scope_kind)
        rights.revoke_role(db, person_id, Role(held.role), kind, held.scope_id, by=who.id, at=clock.now())
        db.after_commit(lambda: principal.forget([person_id]))
    flash(gettext("The role of %(name)s is taken away.", name=person.name), "success")
    return redirect(url_for("accounts.person", person_id=person_id))
