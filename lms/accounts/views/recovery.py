"""Setting a password without knowing one: by a link from a letter, or by a code a coordinator handed out."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard, signing_in
from lms.accounts.models import Person
from lms.accounts.passwords import hash_password
from lms.accounts.rules.drafts import CodeDraft, LoginDraft, PasswordDraft
from lms.accounts.rules.password_choice import refuse_password
from lms.accounts.service import credentials
from lms.accounts.service.credentials import Purpose
from lms.accounts.service.finding import find_by_login
from lms.accounts.tries import clear_tries, count_failure, count_try
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.sign_in import begin_for
from lms.db import reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.web.forms import form


@blueprint.route("/forgotten", methods=["GET", "POST"])
@guard.public
def forgotten() -> Any:
    """Asks for e-mail or NIP and sends a link; the answer is the same whether or not somebody is known by it."""
    if request.method == "GET":
        return render_template("accounts/forgotten.html", problems=(), login=request.args.get("login", ""), sent=False)
    try:
        draft = form(LoginDraft)
    except Invalid as refused:
        return _forgotten(refused.problems), 422
    wait = count_try("forgotten", draft.login)
    if wait is not None:
        return _forgotten([Problem.of("sign_in_throttled", wait=wait)]), 429
    at = clock.now()
    with writing() as db:
        person = find_by_login(db, draft.login)
        if person is not None and person.email and person.active and not credentials.asked_lately(db, person, at):
            token = credentials.issue_link(db, person, Purpose.RESET, by=None, at=at)
            path = url_for("accounts.invitation", token=token)
            credentials.post_link(db, person, Purpose.RESET, path, at=at)
    return render_template("accounts/forgotten.html", problems=(), login=draft.login, sent=True)


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@guard.public
def invitation(token: str) -> Any:
    """The page behind a letter's link: choose a password, and one is signed in."""
    at = clock.now()
    try:
        with reading() as db:
            _code, person = credentials.find_link(db, token, at)
        if request.method == "GET":
            return _invitation(person)
        try:
            draft = form(PasswordDraft)
            problem = refuse_password(draft.password, name=person.name, nip=person.nip, email=person.email)
            if problem is not None:
                raise Invalid(problem)
        except Invalid as refused:
            return _invitation(person, refused.problems), 422
        kept = hash_password(draft.password)
        with writing() as db:
            credentials.use_link(db, token, draft.password, kept, at=at)
            signing_in.end_everywhere(db, person.id)
    except NotFound:
        return render_template("accounts/link_unusable.html"), 404
    begin_for(person.id)
    flash(gettext("Your password is set. Welcome!"), "success")
    return redirect(signing_in.way_on())


@blueprint.route("/code", methods=["GET", "POST"])
@guard.public
def code() -> Any:
    """Takes e-mail or NIP, the eight digits from a coordinator and a new password."""
    if request.method == "GET":
        return _code()
    try:
        draft = form(CodeDraft)
    except Invalid as refused:
        return _code(refused.problems), 422
    wait = count_try("code", draft.login)
    if wait is not None:
        return _code([Problem.of("sign_in_throttled", wait=wait)]), 429
    at = clock.now()
    kept = hash_password(draft.password)
    try:
        with writing() as db:
            found = credentials.try_code(db, draft.login, draft.code, at=at)
            if found is not None:
                code_id, person = found
                credentials.use_code(db, code_id, person, draft.password, kept, at=at)
                signing_in.end_everywhere(db, person.id)
    except Invalid as refused:
        # Only somebody with the right code gets this far, so the try may be given back.
        return _code(refused.problems), 422
    if found is None:
        count_failure("code")
        return _code([Problem.of("code_wrong", field="code")]), 422
    clear_tries("code", draft.login)
    begin_for(found[1].id)
    flash(gettext("Your password is set. Welcome!"), "success")
    return redirect(signing_in.way_on())


def _forgotten(problems: Sequence[Problem]) -> str:
    login = request.form.get("login", "")
    return render_template("accounts/forgotten.html", problems=problems, login=login, sent=False)


def _invitation(person: Person, problems: Sequence[Problem] = ()) -> str:
    return render_template("accounts/invitation.html", person=person, problems=problems)


def _code(problems: Sequence[Problem] = ()) -> str:
    login = request.form.get("login", request.args.get("login", ""))
    return render_template("accounts/code.html", problems=problems, login=login)
