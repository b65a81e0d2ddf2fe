"""A programme's study visits, one visit as everyone sees it, and the form that sets it up."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import reading, writing
from lms.delegations.models import Delegation, DelegationCandidate, DelegationPanelist
from lms.delegations.rules.drafts import AppealDraft, VisitDraft
from lms.delegations.service import appealing, choosing, setting_up
from lms.delegations.views.blueprint import act, blueprint, load_visit, stage_of, typed
from lms.kernel.errors import NotFound, Problem, Refusal
from lms.programmes.models import Programme
from lms.web.forms import draft_from, form, form_values, problems_of

P = Permission


@blueprint.get("/programmes/<slug>/study-visits")
def visits(slug: str) -> str:
    """The programme's study visits and where each of them stands."""
    at = clock.now()
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_READ)
        own = select(Delegation).where(Delegation.programme_id == programme.id)
        found = db.scalars(
            guard.visible(own, Delegation, needs=P.DELEGATION_READ).order_by(Delegation.starts_on.desc())
        ).all()
        return render_template(
            "delegations/visits.html",
            programme=programme,
            visits=[(one, stage_of(one, at)) for one in found],
            may_create=P.DELEGATION_EDIT in guard.rights_on(db, Programme, programme.id, {P.DELEGATION_EDIT}),
        )


@blueprint.route("/programmes/<slug>/study-visits/new", methods=["GET", "POST"])
def new_visit(slug: str) -> Any:
    """A form for a new study visit."""
    values: dict[str, Any] = {"quota": 7, "reserves": 3, "host": "Civil Service College"}
    problems: tuple[Problem, ...] = ()
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.DELEGATION_EDIT)
    if request.method == "POST":
        values = form_values(VisitDraft, request.form)
        try:
            draft = draft_from(VisitDraft, values)
            with writing() as db:
                parent = guard.under(db, Programme, programme.id, needs=P.DELEGATION_EDIT)
                visit_id = setting_up.create_visit(db, parent, draft, by=guard.principal().id, at=clock.now()).id
            flash(gettext("The visit is set up. Next: by what people are chosen."), "success")
            return redirect(url_for("delegations.criteria", visit_id=visit_id))
        except Refusal as refusal:
            problems = problems_of(refusal)
    page = render_template(
        "delegations/edit_visit.html", programme=programme, visit=None, values=values, problems=problems
    )
    return page, 422 if problems else 200


@blueprint.route("/study-visits/<int:visit_id>/edit", methods=["GET", "POST"])
def edit_visit(visit_id: int) -> Any:
    """A form for an existing visit."""
    problems: tuple[Problem, ...] = ()
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        values: dict[str, Any] = {name: getattr(visit, name) for name in setting_up.FIELDS}
    if request.method == "POST":
        values = form_values(VisitDraft, request.form)
        try:
            draft = draft_from(VisitDraft, values)
            with writing() as db:
                kept = load_visit(db, visit_id, needs=P.DELEGATION_EDIT, lock=True)
                setting_up.edit_visit(db, kept, draft, by=guard.principal().id, at=clock.now())
            flash(gettext("Saved."), "success")
            return redirect(url_for("delegations.visit", visit_id=visit_id))
        except Refusal as refusal:
            problems = problems_of(refusal)
    page = render_template(
        "delegations/edit_visit.html", programme=visit.programme, visit=visit, values=values, problems=problems
    )
    return page, 422 if problems else 200


@blueprint.get("/study-visits/<int:visit_id>")
def visit(visit_id: int) -> Any:
    """The visit as everyone of the programme sees it: by what people are chosen, and once announced who goes."""
    return _show_visit(visit_id, ())


def _show_visit(visit_id: int, problems: Any) -> str:
    at = clock.now()
    who = guard.principal()
    with reading() as db:
        found = load_visit(db, visit_id, needs=P.DELEGATION_READ)
        rights = guard.rights_on(db, Delegation, visit_id, {P.DELEGATION_EDIT})
        own = db.scalars(
            select(DelegationCandidate).where(
                DelegationCandidate.delegation_id == visit_id, DelegationCandidate.person_id == who.id
            )
        ).one_or_none()
        seat = db.scalar(
            select(DelegationPanelist.id).where(
                DelegationPanelist.delegation_id == visit_id,
                DelegationPanelist.person_id == who.id,
                DelegationPanelist.left_at.is_(None),
            )
        )
        people = choosing.nominees(db, visit_id)
        ranked, _agrees = choosing.decided_lines(db, found) if found.announced_at else ([], True)
        line = next((line for nominee, line in ranked if own and nominee.candidate.id == own.id), None)
        return render_template(
            "delegations/visit.html",
            visit=found,
            stage=stage_of(found, at),
            criteria=setting_up.criteria_of(db, visit_id) if found.published_at or rights else (),
            may_edit=P.DELEGATION_EDIT in rights,
            own=own,
            own_line=line,
            appeal=appealing.appeal_of(db, own.id) if own else None,
            on_panel=seat is not None,
            nominated=len([one for one in people if one.candidate.out_reason is None]),
            chosen=[one for one in people if one.candidate.outcome == "chosen"] if found.announced_at else [],
            reserve=[nominee for nominee, _line in ranked if nominee.candidate.outcome == "reserve"],
            problems=problems,
            values=typed(problems),
            at=at,
        )


@blueprint.post("/study-visits/<int:visit_id>/appeal")
def appeal(visit_id: int) -> Any:
    """Ask for one's own outcome to be looked at again."""

    def do(db: Any, found: Delegation, by: int, at: Any) -> None:
        own = guard.load(db, DelegationCandidate, delegation_id=visit_id, person_id=by, needs=P.DELEGATION_OWN)
        appealing.file_appeal(db, found, own, form(AppealDraft), by=by, at=at)

    if not guard.principal().can(P.DELEGATION_OWN):
        raise NotFound()
    said = gettext("Your objection has arrived. You are told what is answered.")
    back = url_for("delegations.visit", visit_id=visit_id)
    return act(visit_id, _show_visit, do, said, back, needs=P.DELEGATION_READ)
