"""Asking to take part in a batch, agreeing to it as somebody's superior, and the waiting list."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.programmes.models import Batch, EnrolmentRequest
from lms.programmes.service import asking
from lms.programmes.service.kinds import today_of
from lms.programmes.views.blueprint import blueprint
from lms.web.forms import problems_of

P = Permission


@blueprint.get("/take-part")
def take_part() -> Any:
    """Batches one may ask for, what one asked for, and what waits for one's own consent."""
    guard.require(needs=P.HOME_READ)
    return _page()


@blueprint.post("/batches/<int:batch_id>/ask")
def ask(batch_id: int) -> Any:
    """Ask to take part; the superior is told."""
    who = guard.require(needs=P.HOME_READ)
    at = clock.now()
    try:
        with writing() as db:
            batch = db.get(Batch, batch_id)
            if batch is None:
                raise NotFound()
            superior, note = request.form.get("superior", "").strip(), request.form.get("note", "").strip()
            asking.ask(db, batch, who.id, superior, note, today=today_of(at), at=at)
    except (Conflict, Invalid) as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        return _page(problems_of(refused), batch_id), status
    flash(gettext("Asked. Your superior is told and decides."), "success")
    return redirect(url_for("programmes.take_part"))


@blueprint.post("/take-part/<int:request_id>/decide")
def decide_request(request_id: int) -> Any:
    """Agree to somebody's wish as her superior, or refuse it with a reason."""
    who = guard.require(needs=P.HOME_READ)
    try:
        with writing() as db:
            found = _mine(db, request_id, superior_id=who.id)
            agreed = request.form.get("agreed") == "1"
            state = asking.decide(
                db, found, agreed=agreed, reason=request.form.get("reason", ""), by=who.id, at=clock.now()
            )
    except Invalid as refused:
        return _page(problems_of(refused)), 422
    words = {
        "enrolled": gettext("Agreed: there was a free place, the person is enrolled."),
        "waiting": gettext("Agreed. All places are taken: the person waits in line."),
        "refused": gettext("Refused; the reason is sent."),
    }
    flash(words[state], "success")
    return redirect(url_for("programmes.take_part"))


@blueprint.post("/take-part/<int:request_id>/take-back")
def take_request_back(request_id: int) -> Any:
    """Take one's own wish back before one is enrolled."""
    who = guard.require(needs=P.HOME_READ)
    with writing() as db:
        asking.take_back(db, _mine(db, request_id, person_id=who.id), at=clock.now())
    flash(gettext("Taken back."), "success")
    return redirect(url_for("programmes.take_part"))


@blueprint.post("/enrolment-requests/<int:request_id>/refuse")
def refuse_waiting(request_id: int) -> Any:
    """Take somebody off the waiting list, as the batch's coordinator."""
    guard.require(needs=P.BATCH_EDIT)
    with writing() as db:
        found = db.get(EnrolmentRequest, request_id, with_for_update=True)
        if found is None:
            raise NotFound()
        batch = guard.load(db, Batch, found.batch_id, needs=P.BATCH_EDIT)
        by = guard.principal().id
        try:
            asking.refuse_waiting(db, found, reason=request.form.get("reason", ""), by=by, at=clock.now())
            flash(gettext("Refused; the reason is sent."), "success")
        except Invalid:
            flash(gettext("Say why you refuse."), "warning")
    return redirect(url_for("programmes.people", batch_id=batch.id))


def _mine(db: Db, request_id: int, **by: int) -> EnrolmentRequest:
    """Return the request if it is the asker's to act on, locked; anybody else's does not exist for her."""
    found = db.get(EnrolmentRequest, request_id, with_for_update=True)
    if found is None or any(getattr(found, name) != value for name, value in by.items()):
        raise NotFound()
    return found


def _page(problems: Sequence[Problem] = (), wrong: int = 0) -> str:
    who = guard.principal()
    at = clock.now()
    with reading() as db:
        own = asking.requests_of(db, who.id)
        asked = {one.batch_id for one in own if one.state in ("asked", "waiting", "enrolled")}
        batches = [batch for batch in asking.open_batches(db, today_of(at)) if batch.id not in asked]
        return render_template(
            "programmes/take_part.html",
            own=own,
            to_decide=asking.requests_to_decide(db, who.id),
            batches=[(batch, asking.places_left(db, batch)) for batch in batches],
            problems=problems,
            wrong=wrong,
            typed=request.form,
        )
