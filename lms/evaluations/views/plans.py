"""Action plans and whom an alumnus names: the trainee's pages, and what the coordinator sees of them."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.db import reading, writing
from lms.evaluations.models import ActionPlan, Survey
from lms.evaluations.rules.drafts import ContactDraft, NoteDraft, PlanDraft
from lms.evaluations.service import followups, plans
from lms.evaluations.views.blueprint import WITH_PROGRAMME, P, blueprint, token_of
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lms.programmes.models import Batch, Enrolment
from lms.programmes.service.members import roles_in
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import DEFAULT_ZONE

# Empty lines offered below the steps there are.
SPARE_STEPS = 2


@blueprint.route("/batches/<int:batch_id>/action-plan", methods=["GET", "POST"])
def plan(batch_id: int) -> Any:
    """The asker's own action plan in the batch: what for, steps, and how far each is."""
    at = clock.now()
    problems: Sequence[Problem] = ()
    with reading() as db:
        batch = _own_batch(db, batch_id, needs=P.EVALUATION_ANSWER)
        line = plans.find_plan(db, batch_id, guard.principal().id)
    values = _values(line)
    if request.method == "POST":
        values = form_values(PlanDraft, request.form)
        try:
            draft = draft_from(PlanDraft, values)
            with writing() as db:
                kept = _own_batch(db, batch_id, needs=P.EVALUATION_ANSWER)
                plans.save_plan(db, kept, guard.principal().id, draft, at=at)
            flash(gettext("Your action plan is saved."), "success")
            return redirect(url_for("evaluations.plan", batch_id=batch_id))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "evaluations/plan.html",
        batch=batch,
        line=line,
        values=values,
        problems=problems,
        spare=SPARE_STEPS,
        today=at.astimezone(DEFAULT_ZONE).date(),
    )
    return page, 422 if problems else 200


@blueprint.get("/batches/<int:batch_id>/action-plans")
def batch_plans(batch_id: int) -> Any:
    """Show the coordinator every action plan of the batch and how far it is."""
    at = clock.now()
    with reading() as db:
        batch = guard.load(db, Batch, batch_id, needs=P.ACTION_PLAN_READ, options=[WITH_PROGRAMME])
        narrowed = guard.allowed(ActionPlan, needs=P.ACTION_PLAN_READ)
        lines = plans.read_plans(db, ActionPlan.batch_id == batch_id, narrowed)
        people = db.query(Enrolment.person_id).where(
            Enrolment.batch_id == batch_id,
            Enrolment.role == "trainee",
            Enrolment.ends_at.is_(None),
            guard.allowed(Enrolment, needs=P.ACTION_PLAN_READ),
        )
        count = people.count()
    today = at.astimezone(DEFAULT_ZONE).date()
    return render_template("evaluations/plans.html", batch=batch, lines=lines, count=count, today=today)


@blueprint.route("/action-plans/<int:plan_id>", methods=["GET", "POST"])
def one_plan(plan_id: int) -> Any:
    """One action plan as its owner and her coordinator see it, and a word on it."""
    at = clock.now()
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, ActionPlan, plan_id, needs=P.ACTION_PLAN_READ)
        (line,) = plans.read_plans(db, ActionPlan.id == plan_id)
        batch = db.get_one(Batch, found.batch_id)
    if request.method == "POST":
        try:
            draft = draft_from(NoteDraft, form_values(NoteDraft, request.form))
            with writing() as db:
                kept = guard.load(db, ActionPlan, plan_id, needs=P.ACTION_PLAN_READ, lock=True)
                plans.add_note(db, kept, draft.text, by=guard.principal().id, at=at)
            flash(gettext("Your word is added; the owner of the plan is told."), "success")
            return redirect(url_for("evaluations.one_plan", plan_id=plan_id))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "evaluations/one_plan.html",
        batch=batch,
        line=line,
        problems=problems,
        text=request.form.get("text", ""),
        today=at.astimezone(DEFAULT_ZONE).date(),
    )
    return page, 422 if problems else 200


@blueprint.route("/batches/<int:batch_id>/follow-up", methods=["GET", "POST"])
def contacts(batch_id: int) -> Any:
    """Let an alumnus name a superior and peers for the follow-up, and hand them their links."""
    at = clock.now()
    problems: Sequence[Problem] = ()
    values: dict[str, Any] = {}
    if request.method == "POST":
        values = form_values(ContactDraft, request.form)
        try:
            draft = draft_from(ContactDraft, values)
            survey_id = request.form.get("survey", "")
            with writing() as db:
                _own_batch(db, batch_id, needs=P.EVALUATION_ANSWER)
                survey = db.get(Survey, int(survey_id)) if survey_id.isdecimal() else None
                if survey is None or survey.batch_id != batch_id or survey.kind != draft.kind:
                    raise NotFound()
                me = db.get_one(Person, guard.principal().id)
                invitation = followups.invite(db, survey, me, draft, at=at)
                path = url_for("evaluations.follow_up", token=token_of(invitation.id))
                followups.tell_invited(db, invitation, me, path, at=at)
            flash(gettext("Named. Below is the link to hand on."), "success")
            return redirect(url_for("evaluations.contacts", batch_id=batch_id))
        except (Invalid, Conflict) as refusal:
            problems = problems_of(refusal)
    with reading() as db:
        batch = _own_batch(db, batch_id, needs=P.EVALUATION_ANSWER)
        rounds = followups.rounds_of(db, batch_id, guard.principal().id, at=at)
    page = render_template(
        "evaluations/contacts.html",
        batch=batch,
        rounds=rounds,
        values=values,
        problems=problems,
        token_of=token_of,
        asked_for=request.form.get("survey", ""),
    )
    return page, 422 if problems else 200


def _own_batch(db: Any, batch_id: int, *, needs: P) -> Batch:
    """Return the batch if the asker is one of its trainees; Forbidden for its other members."""
    batch = guard.load(db, Batch, batch_id, needs=needs, options=[WITH_PROGRAMME])
    if "trainee" not in roles_in(db, guard.principal().id, batch_id, clock.now()):
        raise Forbidden()
    return batch


def _values(line: plans.PlanLine | None) -> dict[str, Any]:
    if line is None:
        return {"aim": "", "indicator": "", "step_id": [], "step_text": [], "step_due": [], "step_percent": []}
    return {
        "aim": line.plan.aim,
        "indicator": line.plan.indicator,
        "step_id": [step.id for step in line.steps],
        "step_text": [step.text for step in line.steps],
        "step_due": [step.due_on.isoformat() if step.due_on else "" for step in line.steps],
        "step_percent": [step.percent for step in line.steps],
    }
