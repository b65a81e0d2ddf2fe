"""Hours earned elsewhere before the coordinator: the proofs that wait, accepted or refused with a reason."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.certificates.models.hours import HourClaim
from lms.certificates.service import claims, ledger
from lms.certificates.views.blueprint import P, blueprint
from lms.certificates.views.hours import send_proof
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.programmes.service.kinds import all_kinds


@blueprint.get("/hours/claims")
def hour_claims() -> Any:
    """Claims nobody has decided on yet, the oldest first."""
    guard.require(needs=P.HOURS_EDIT)
    return _page()


@blueprint.post("/hours/claims/<int:claim_id>/decide")
def decide_claim(claim_id: int) -> Any:
    """Accept a claim, or refuse it with a reason."""
    accepted = request.form.get("accepted") == "1"
    try:
        with writing() as db:
            claim = guard.load(db, HourClaim, claim_id, needs=P.HOURS_EDIT, lock=True)
            reason = request.form.get("reason", "")
            claims.decide(db, claim, accepted=accepted, reason=reason, by=guard.principal().id, at=clock.now())
    except Invalid as refused:
        return _page(refused.problems, claim_id), 422
    flash(gettext("Accepted: the hours count now.") if accepted else gettext("Refused; the reason is sent."), "success")
    return redirect(url_for("certificates.hour_claims"))


@blueprint.get("/hours/claims/<int:claim_id>/file")
def claim_proof(claim_id: int) -> Any:
    """The scan that proves a claim, for whoever decides on it."""
    with reading() as db:
        return send_proof(guard.load(db, HourClaim, claim_id, needs=P.HOURS_EDIT))


def _page(problems: tuple[Problem, ...] = (), wrong: int = 0) -> str:
    with reading() as db:
        narrowed = guard.allowed(HourClaim, needs=P.HOURS_EDIT)
        waiting = db.scalars(
            ledger.waiting_claims(narrowed).options(joinedload(HourClaim.person).joinedload(Person.unit)).limit(100)
        ).all()
        return render_template(
            "certificates/hour_claims.html",
            waiting=waiting,
            kinds={kind.code: kind for kind in all_kinds(db)},
            problems=problems,
            wrong=wrong,
        )
