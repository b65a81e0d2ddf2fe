"""Pages of a batch: what it is, the forms that make and change it, and putting it aside."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission, ScopeKind
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem, Refusal
from lms.programmes.agenda import agenda_of
from lms.programmes.models import Batch, Enrolment, Programme
from lms.programmes.rules.drafts import BatchDraft
from lms.programmes.service import batches, members
from lms.programmes.views.blueprint import blueprint
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import reader

P = Permission


@blueprint.route("/programmes/<slug>/batches/new", methods=["GET", "POST"])
def new_batch(slug: str) -> Any:
    """A form for a new batch of a programme."""
    values: dict[str, Any] = {}
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
    if request.method == "POST":
        values = form_values(BatchDraft, request.form)
        who = guard.principal()
        # Whose rights end at single batches would otherwise be a stranger to the one just made.
        coordinator_id = None if ScopeKind.EVERYTHING in who.scopes(P.BATCH_EDIT) else who.id
        try:
            draft = draft_from(BatchDraft, values)
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT, lock=True)
                batch_id = batches.create_batch(
                    db, kept, draft, coordinator_id=coordinator_id, by=who.id, at=clock.now()
                ).id
            flash(gettext("The batch is set up. Next, enrol its people."), "success")
            return redirect(url_for("programmes.enrol", batch_id=batch_id))
        except Refusal as refusal:
            problems = problems_of(refusal)
    page = render_template(
        "programmes/edit_batch.html", programme=found, batch=None, values=values, problems=problems, contacts=()
    )
    return page, 422 if problems else 200


@blueprint.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> str:
    """One batch: its sessions in date order, its courses, its people and whom to call."""
    at = clock.now()
    with reading() as db:
        found = guard.load(
            db,
            Batch,
            batch_id,
            needs=P.BATCH_READ,
            options=[joinedload(Batch.programme), joinedload(Batch.contact)],
        )
        people = members.who_is_enrolled(db, batch_id, at, narrowed=guard.allowed(Enrolment, needs=P.BATCH_READ))
        return render_template(
            "programmes/batch.html",
            batch=found,
            agenda=agenda_of(db, batch_id, at),
            at=at,
            today=at.astimezone(reader().zone).date(),
            courses=batches.courses_of(db, found.programme_id),
            staff=[person for person in people if person.role != "trainee"],
            trainees=[person for person in people if person.role == "trainee"],
            rights=guard.rights_on(
                db,
                Batch,
                batch_id,
                {
                    P.BATCH_EDIT,
                    P.ACTION_PLAN_READ,
                    P.CERTIFICATE_READ,
                    P.EVALUATION_RESULTS,
                    P.ENROLMENT_EDIT,
                    P.PEOPLE_READ,
                    P.REGISTER_READ,
                    P.SESSION_ATTEND,
                    P.SESSION_SCHEDULE,
                },
            ),
        )


@blueprint.route("/batches/<int:batch_id>/edit", methods=["GET", "POST"])
def edit_batch(batch_id: int) -> Any:
    """A form for a batch's name, days, place and contact."""
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Batch, batch_id, needs=P.BATCH_EDIT, options=[joinedload(Batch.programme)])
        contacts = members.everyone_ever(db, batch_id, roles=("coordinator", "instructor"))
    values: dict[str, Any] = {name: getattr(found, name) for name in tuple(BatchDraft.model_fields)}
    if request.method == "POST":
        values = form_values(BatchDraft, request.form)
        try:
            draft = draft_from(BatchDraft, values)
            with writing() as db:
                kept = guard.load(db, Batch, batch_id, needs=P.BATCH_EDIT, lock=True)
                batches.edit_batch(db, kept, draft, by=guard.principal().id, at=clock.now())
            flash(gettext("Saved."), "success")
            return redirect(url_for("programmes.batch", batch_id=batch_id))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "programmes/edit_batch.html",
        programme=found.programme,
        batch=found,
        values=values,
        problems=problems,
        contacts=list({member.person_id: member.name for member in contacts}.items()),
    )
    return page, 422 if problems else 200


@blueprint.post("/batches/<int:batch_id>/archive")
def archive(batch_id: int) -> Any:
    """Put a batch aside, or bring it back (`archived=0`)."""
    archived = request.form.get("archived") != "0"
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.BATCH_EDIT, lock=True)
        batches.archive_batch(db, found, archived=archived, by=guard.principal().id, at=clock.now())
    flash(gettext("The batch is put aside.") if archived else gettext("The batch is back in the list."), "success")
    return redirect(url_for("programmes.batch", batch_id=batch_id))
