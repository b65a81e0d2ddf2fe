"""One's own lesson hours: this year against the minimum, where they come from, and hours earned elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.service.people import HERE
from lms.certificates.models.hours import HourClaim
from lms.certificates.rules.hour_drafts import ClaimDraft
from lms.certificates.rules.hours import HourPolicy, policy_on, target_of
from lms.certificates.service import claims, ledger
from lms.certificates.service.claims import Proof
from lms.certificates.service.hour_tables import policies
from lms.certificates.views.blueprint import P, blueprint
from lms.courses import files
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem, Said
from lms.programmes.service.kinds import all_kinds, kinds_at
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import titled

# A scan of a certificate, not a film of its award.
MOST_PROOF = 10 * 1024 * 1024
SCANS = ("application/pdf", "image/jpeg", "image/png", "image/webp")


@blueprint.app_template_filter()
def kept_said(kept: Sequence[Any]) -> Said:
    """Return a reason kept as [code, parameters]."""
    return Said(kept[0], kept[1])


@blueprint.get("/hours")
def hours() -> Any:
    """The asker's own hours of a year."""
    who = guard.require(needs=P.HOURS_OWN)
    with reading() as db:
        return person_hours(db, db.get_one(Person, who.id), is_own=True)


def person_hours(db: Db, person: Person, *, is_own: bool) -> str:
    """Return the page of one person's hours, for herself or for whoever may read them."""
    at = clock.now()
    year = asked_year(at)
    policy = policy_of(db, year)
    totals = ledger.own_totals(db, person.id)
    total = next((one for one in totals if one.year == year), None)
    return render_template(
        "certificates/hours.html",
        person=person,
        is_own=is_own,
        year=year,
        years=sorted({*(one.year for one in totals), this_year(at)}, reverse=True),
        totals=totals,
        final=total.final if total else 0,
        provisional=total.provisional if total else 0,
        target=target_of(person.nip, policy),
        is_pppk=bool(person.nip and person.nip[12:14] >= "21"),
        entries=ledger.own_entries(db, person.id, year),
        claims=ledger.own_claims(db, person.id),
        kinds={kind.code: kind for kind in all_kinds(db)},
    )


@blueprint.route("/hours/claims/new", methods=["GET", "POST"])
def new_claim() -> Any:
    """Tell of hours earned elsewhere, with the scan that proves them."""
    who = guard.require(needs=P.HOURS_OWN)
    at = clock.now()
    values: dict[str, Any] = {"scope": "national", "kind": 3}
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        values = form_values(ClaimDraft, request.form)
        try:
            draft = draft_from(ClaimDraft, values)
            proof = take_proof("file")
            if proof is None:
                raise Invalid(Problem.of("claim_needs_proof", field="file"))
            with writing() as db:
                _refuse_unknown_kind(db, draft.kind, at)
                is_news = claims.tell(db, who.id, draft, proof, by=who.id, at=at)
            if is_news:
                flash(gettext("Sent. The hours count once the coordinator has looked at the proof."), "success")
            else:
                flash(gettext("You have told of this activity before; it is not counted twice."), "info")
            return redirect(url_for("certificates.hours"))
        except Invalid as refused:
            problems = problems_of(refused)
    with reading() as db:
        kinds = [(kind.code, titled(kind, "name")) for kind in kinds_at(db, at).values()]
    page = render_template("certificates/new_claim.html", values=values, problems=problems, kinds=kinds)
    return page, 422 if problems else 200


@blueprint.post("/hours/claims/<int:claim_id>/take-back")
def take_claim_back(claim_id: int) -> Any:
    """Take one's own claim back before anybody decides on it."""
    with writing() as db:
        claim = guard.load(db, HourClaim, claim_id, needs=P.HOURS_OWN, lock=True)
        claims.take_back(db, claim, by=guard.principal().id, at=clock.now())
    flash(gettext("Taken back."), "success")
    return redirect(url_for("certificates.hours"))


@blueprint.get("/hours/claims/<int:claim_id>/proof")
def own_proof(claim_id: int) -> Any:
    """The scan one handed in."""
    with reading() as db:
        return send_proof(guard.load(db, HourClaim, claim_id, needs=P.HOURS_OWN))


def send_proof(claim: HourClaim) -> Any:
    """Return the proof's bytes as a download. Raises NotFound without one, or when its bytes are lost."""
    if claim.file_sha256 is None:
        raise NotFound()
    path = files.path_of(current_app.config["SETTINGS"].uploads, claim.file_sha256)
    if not path.is_file():
        current_app.logger.error("the store lacks the proof of claim %s", claim.id)
        raise NotFound("file_lost")
    response = send_file(path, mimetype=claim.file_kind, as_attachment=True, download_name=claim.file_name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def take_proof(field: str) -> Proof | None:
    """Return the uploaded scan, kept in the store; None where none was chosen. Raises Invalid for other files."""
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        return None
    kept = files.keep(current_app.config["SETTINGS"].uploads, sent.stream, most=MOST_PROOF)
    if str(kept.kind) not in SCANS:
        raise Invalid(Problem.of("claim_proof_is_no_scan", field="file"))
    return Proof(kept.sha256, sent.filename.replace("\\", "/").rpartition("/")[2], str(kept.kind))


def this_year(at: datetime) -> int:
    """Return the year it is in Balikpapan."""
    return at.astimezone(HERE).year


def asked_year(at: datetime) -> int:
    """Return the year in the address, else this one."""
    asked = request.values.get("year", type=int) or 0
    return asked if 2000 <= asked <= this_year(at) + 1 else this_year(at)


def policy_of(db: Db, year: int) -> HourPolicy:
    """Return the policy a year is measured by."""
    return policy_on(policies(db), ledger.last_day(year))


def _refuse_unknown_kind(db: Db, kind: int, at: datetime) -> None:
    if kind not in kinds_at(db, at):
        raise Invalid(Problem.of("kind_unknown", field="kind"))
