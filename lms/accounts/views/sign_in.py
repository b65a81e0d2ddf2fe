"""Signing in and out, and the language a page is read in."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from lms.accounts import guard, principal, signing_in
from lms.accounts.models import Person
from lms.accounts.passwords import verify_password
from lms.accounts.rules.drafts import SignInDraft
from lms.accounts.rules.names import is_local_path
from lms.accounts.service.finding import find_by_login
from lms.accounts.tries import clear_tries, count_failure, count_try
from lms.accounts.views.blueprint import blueprint
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.kernel.languages import LANGUAGES
from lms.web.forms import form

A_YEAR = 365 * 24 * 3600


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guard.public
def sign_in() -> Any:
    """The sign-in page; a right password leads on to `next`, a wrong one says so without telling which part."""
    if request.method == "GET":
        wanted = request.args.get("next", "")
        if current_user.is_authenticated:
            return redirect(wanted if is_local_path(wanted) else url_for("home.home"))
        return _page(next=wanted if is_local_path(wanted) else "")
    try:
        draft = form(SignInDraft)
    except Invalid as refused:
        return _page(refused.problems), 422
    wait = count_try("sign-in", draft.login)
    if wait is not None:
        return _page([Problem.of("sign_in_throttled", wait=wait)], next=draft.next), 429
    with reading() as db:
        person = find_by_login(db, draft.login)
    # Hashing takes its time, so no transaction is open; and it takes it for unknown accounts as well.
    is_right = verify_password(person.password_hash if person else None, draft.password)
    if person is None or not is_right or not person.active:
        count_failure("sign-in")
        return _page([Problem.of("sign_in_wrong")], next=draft.next), 422
    clear_tries("sign-in", draft.login)
    begin_for(person.id)
    return redirect(draft.next or signing_in.way_on())


@blueprint.post("/sign-out")
@guard.public
def sign_out() -> Any:
    """End the sign-in on this browser."""
    signing_in.end()
    return redirect(url_for("accounts.sign_in"))


@blueprint.post("/language")
@guard.public
def switch_language() -> Any:
    """Read on in the other language: kept in a cookie, and with the person who has signed in."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise Invalid(Problem.of("language_unknown", field="language"))
    if current_user.is_authenticated:
        person_id = current_user.id
        with writing() as db:
            person = db.get(Person, person_id)
            if person is not None:
                person.language = language
            db.after_commit(lambda: principal.forget([person_id]))
    back = request.form.get("back", "")
    return keep_language(redirect(back if is_local_path(back) else url_for("home.home")), language)


def keep_language(response: Response, language: str) -> Response:
    """Return the answer with the language kept for the time before the next sign-in."""
    secure = current_app.config["SETTINGS"].secure
    response.set_cookie("language", language, max_age=A_YEAR, samesite="Lax", secure=secure, httponly=True)
    return response


def begin_for(person_id: int) -> None:
    """Sign this person in on this browser with what the database says now, not what the cache said before."""
    principal.forget([person_id])
    who = principal.cached(person_id)
    if who is not None:
        signing_in.begin(who)


def _page(problems: Sequence[Problem] = (), *, next: str = "") -> str:
    return render_template("accounts/sign_in.html", problems=problems, login=request.form.get("login", ""), next=next)
