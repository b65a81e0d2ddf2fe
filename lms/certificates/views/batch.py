"""A batch's certificates for its coordinator: who is ready, what others lack, issuing, and what was let pass."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.certificates.models.certificates import Certificate, IssueRun
from lms.certificates.rules.drafts import WaiverDraft
from lms.certificates.service import issuing, ruling
from lms.certificates.service.standing import Candidate, read_candidates
from lms.certificates.views.blueprint import WITH_PROGRAMME, P, blueprint
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem, Refusal
from lms.programmes.models import Batch, Enrolment
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import DEFAULT_ZONE, reader


@blueprint.get("/batches/<int:batch_id>/certificates")
def batch(batch_id: int) -> Any:
    """Show the batch's trainees: ready, missing something (what, in words), issued, signed, revoked."""
    return _page(batch_id)


@blueprint.post("/batches/<int:batch_id>/certificates/issue")
def issue(batch_id: int) -> Any:
    """Ask for certificates for the chosen trainees; a job writes them, the page shows how far it is."""
    at = clock.now()
    today = at.astimezone(DEFAULT_ZONE).date()
    try:
        on = _day(request.form.get("on", ""))
        chosen = {int(one) for one in request.form.getlist("person") if one.isdecimal()}
        with writing() as db:
            found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE, lock=True)
            own = set(db.scalars(select(Enrolment.person_id).where(Enrolment.batch_id == batch_id)))
            who = guard.principal().id
            issuing.ask_for(db, found, chosen & own, on=on, today=today, by=who, at=at)
    except Refusal as refusal:
        if refusal.status in (401, 403, 404):
            raise
        return _page(batch_id, problems=problems_of(refusal), values=request.form), refusal.status
    return redirect(url_for("certificates.batch", batch_id=batch_id, _anchor="progress"))


@blueprint.post("/batches/<int:batch_id>/certificates/call-off")
def call_off(batch_id: int) -> Any:
    """Take back what was asked for while no number has been given."""
    run_id = _run_asked()
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE, lock=True)
        is_off = issuing.call_off(db, found, run_id, by=guard.principal().id, at=clock.now())
    if is_off:
        flash(gettext("Undone: no certificate was issued, no number was used, and nobody was told."), "success")
    else:
        flash(
            gettext("It can no longer be undone: the certificates are being written or are there already."), "warning"
        )
    return redirect(url_for("certificates.batch", batch_id=batch_id))


@blueprint.post("/batches/<int:batch_id>/certificates/begin")
def begin(batch_id: int) -> Any:
    """Begin at once with what was asked for: whoever is sure need not wait."""
    run_id = _run_asked()
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE, lock=True)
        issuing.begin_now(db, found, run_id, by=guard.principal().id, at=clock.now())
    return redirect(url_for("certificates.batch", batch_id=batch_id, _anchor="progress"))


def _run_asked() -> int:
    """Return the number of the run that the form names. Raises NotFound for anything else."""
    run_id = request.form.get("run", "")
    if not run_id.isascii() or not run_id.isdecimal() or len(run_id) > 9:
        raise NotFound()
    return int(run_id)


@blueprint.get("/batches/<int:batch_id>/certificates/progress")
def progress(batch_id: int) -> Any:
    """Tell the page's script how far issuing is."""
    with reading() as db:
        guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_READ)
        run = issuing.latest_run(db, batch_id)
    if run is None:
        raise NotFound()
    return jsonify(
        done=run.done,
        of=len(run.people),
        issued=run.issued,
        over=run.state == "done",
        waits=run.state == "waiting",
    )


@blueprint.get("/batches/<int:batch_id>/certificates/<int:person_id>")
def person(batch_id: int, person_id: int) -> Any:
    """Show one trainee's requirements in full, what was let pass, and every certificate of hers in this batch."""
    return _person_page(batch_id, person_id)


@blueprint.post("/batches/<int:batch_id>/certificates/<int:person_id>/waive")
def waive(batch_id: int, person_id: int) -> Any:
    """Let a requirement pass for this trainee, with a reason."""
    values = form_values(WaiverDraft, request.form)
    try:
        draft = draft_from(WaiverDraft, values)
        with writing() as db:
            found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE, lock=True)
            ruling.waive(db, found, person_id, draft, by=guard.principal().id, at=clock.now())
    except Invalid as refusal:
        return _person_page(batch_id, person_id, problems=refusal.problems, values=values), 422
    flash(gettext("The requirement is let pass; the reason is kept."), "success")
    return redirect(url_for("certificates.person", batch_id=batch_id, person_id=person_id))


@blueprint.post("/batches/<int:batch_id>/certificates/<int:person_id>/demand")
def take_back_waiver(batch_id: int, person_id: int) -> Any:
    """Ask for a requirement again that was let pass."""
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE, lock=True)
        kind = request.form.get("kind", "")
        gone = ruling.take_back_waiver(db, found, person_id, kind, by=guard.principal().id, at=clock.now())
    if not gone:
        raise NotFound()
    flash(gettext("The requirement holds again."), "success")
    return redirect(url_for("certificates.person", batch_id=batch_id, person_id=person_id))


def _page(batch_id: int, *, problems: Sequence[Problem] = (), values: Any = None, outcomes: Sequence[Any] = ()) -> str:
    at = clock.now()
    with reading() as db:
        found, candidates = _load(db, batch_id)
        rule = ruling.find_rule(db, found.programme_id)
        rights = guard.rights_on(db, Batch, batch_id, {P.CERTIFICATE_ISSUE, P.PROGRAMME_EDIT})
        run = issuing.latest_run(db, batch_id)
        left_out = _names(db, run)
    return render_template(
        "certificates/batch.html",
        batch=found,
        rule=rule,
        ready=[one for one in candidates if one.is_ready and not one.has_left],
        missing=[one for one in candidates if one.certificate is None and not (one.is_ready and not one.has_left)],
        issued=[one for one in candidates if one.certificate is not None],
        rights=rights,
        run=run,
        left_out=left_out,
        begins_at=run.beat_at if run and run.state == "waiting" and run.beat_at > at else None,
        today=at.astimezone(reader().zone).date(),
        problems=problems,
        values=values or {},
        outcomes=outcomes,
        show=request.args.get("show", ""),
    )


def page_with(batch_id: int, **more: Any) -> str:
    """Return the batch's page with what an upload led to."""
    return _page(batch_id, **more)


def _load(db: Db, batch_id: int) -> tuple[Batch, list[Candidate]]:
    found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_READ, options=[WITH_PROGRAMME])
    rule = ruling.find_rule(db, found.programme_id)
    narrowed = guard.allowed(Enrolment, needs=P.CERTIFICATE_READ)
    return found, read_candidates(db, found, rule, at=clock.now(), narrowed=narrowed)


def _person_page(
    batch_id: int, person_id: int, *, problems: Sequence[Problem] = (), values: dict[str, Any] | None = None
) -> str:
    with reading() as db:
        found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_READ, options=[WITH_PROGRAMME])
        rule = ruling.find_rule(db, found.programme_id)
        narrowed = guard.allowed(Enrolment, needs=P.CERTIFICATE_READ)
        own = read_candidates(db, found, rule, at=clock.now(), narrowed=narrowed, people=[person_id])
        if not own:
            raise NotFound()
        certificates = db.scalars(
            select(Certificate)
            .where(Certificate.batch_id == batch_id, Certificate.person_id == person_id)
            .order_by(Certificate.id.desc())
        ).all()
        rights = guard.rights_on(db, Batch, batch_id, {P.CERTIFICATE_ISSUE})
    return render_template(
        "certificates/person.html",
        batch=found,
        candidate=own[0],
        certificates=certificates,
        rights=rights,
        problems=problems,
        values=values or {},
    )


def _names(db: Db, run: IssueRun | None) -> list[str]:
    """Return the names of those whom the last run left out; nobody's where the asker may not see them all."""
    if run is None or not run.left_out:
        return []
    seen = guard.visible(select(Person.name).where(Person.id.in_(run.left_out)), Person, needs=P.PEOPLE_READ)
    return list(db.scalars(seen.order_by(Person.name)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(Problem.of("input_date_parsing", field="on")) from None
