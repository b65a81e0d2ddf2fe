"""Preparing the journey: checklist, passports, itinerary, costs, and the data sheet for the travel order."""

from collections.abc import Sequence
from typing import Any

from babel.dates import format_date
from flask import render_template, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts.permissions import Permission
from lms.accounts.rules.ranks import show_rank
from lms.db import Db, reading
from lms.delegations.models import Delegation
from lms.delegations.rules.checklist import passport_needed_until, passport_state
from lms.delegations.rules.costs import CostKind, Currency, Payer
from lms.delegations.rules.drafts import CostDraft, DoneDraft, DueDraft, PassportDraft, RateDraft, StopDraft, TaskDraft
from lms.delegations.service import choosing, preparing, setting_up
from lms.delegations.views.blueprint import act, blueprint, load_visit, stage_of, typed
from lms.kernel.errors import Conflict, NotFound, Problem
from lms.web.forms import form
from lms.web.i18n import reader

P = Permission


@blueprint.get("/study-visits/<int:visit_id>/preparation")
def preparation(visit_id: int) -> Any:
    """What has to be done by when and by whom, the delegates' passports, the itinerary."""
    return _show_preparation(visit_id, ())


def _show_preparation(visit_id: int, problems: Sequence[Problem]) -> str:
    at = clock.now()
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        chosen = [one for one in choosing.nominees(db, visit_id) if one.candidate.outcome == "chosen"]
        tasks = preparing.tasks_of(db, visit_id)
        return render_template(
            "delegations/preparation.html",
            visit=visit,
            stage=stage_of(visit, at),
            delegates=chosen,
            names={one.candidate.id: one.person.name for one in chosen},
            states={one.candidate.id: passport_state(one.candidate.passport_until, visit.ends_on) for one in chosen},
            needed_until=passport_needed_until(visit.ends_on),
            tasks=tasks,
            groups=_groups(tasks),
            done=len([task for task, _ in tasks if task.done_at]),
            owners=_owners(db, visit, chosen),
            stops=preparing.stops_of(db, visit_id),
            today=at.astimezone(reader().zone).date(),
            problems=problems,
            values=typed(problems),
        )


def _groups(tasks: Sequence[Any]) -> list[list[Any]]:
    """Return the lines in their order, those that each delegate has of one kind together."""
    groups: dict[Any, list[Any]] = {}
    for task, owner in tasks:
        key = (task.code, task.due_on) if task.candidate_id and task.code else task.id
        groups.setdefault(key, []).append((task, owner))
    return list(groups.values())


def _owners(db: Db, visit: Delegation, chosen: Sequence[choosing.Nominee]) -> list[tuple[int, str]]:
    """Return who can see to a line: whoever decided, the panel, the delegates."""
    from_panel = [(person.id, person.name) for _, person in setting_up.panel_of(db, visit.id)]
    travelling = [(one.person.id, one.person.name) for one in chosen]
    decider = preparing.decider_of(db, visit)
    return list(dict.fromkeys([*decider, *from_panel, *travelling]))


def _to_preparation(visit_id: int, do: Any, said: str, part: str) -> Any:
    back = url_for("delegations.preparation", visit_id=visit_id) + f"#{part}"
    return act(visit_id, _show_preparation, do, said, back, needs=P.DELEGATION_EDIT)


@blueprint.post("/study-visits/<int:visit_id>/tasks")
def add_task(visit_id: int) -> Any:
    """Add a line to the checklist."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.add_task(db, visit, form(TaskDraft), by=by, at=at)

    return _to_preparation(visit_id, do, gettext("The line is added."), "checklist")


@blueprint.post("/study-visits/<int:visit_id>/tasks/<int:task_id>")
def tick(visit_id: int, task_id: int) -> Any:
    """Note that a line of the checklist is done, or is not after all."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.tick(db, visit, preparing.find_task(db, visit, task_id), form(DoneDraft), by=by, at=at)

    return _to_preparation(visit_id, do, gettext("Saved."), f"task-{task_id}")


@blueprint.post("/study-visits/<int:visit_id>/tasks/<int:task_id>/edit")
def edit_task(visit_id: int, task_id: int) -> Any:
    """Change when a line is due and who sees to it."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        task = preparing.find_task(db, visit, task_id)
        preparing.edit_task(db, visit, task, form(DueDraft), by=by, at=at)

    return _to_preparation(visit_id, do, gettext("Saved."), f"task-{task_id}")


@blueprint.post("/study-visits/<int:visit_id>/tasks/<int:task_id>/remove")
def remove_task(visit_id: int, task_id: int) -> Any:
    """Take a line off the checklist."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.remove_task(db, visit, preparing.find_task(db, visit, task_id), by=by, at=at)

    return _to_preparation(visit_id, do, gettext("The line is taken off."), "checklist")


@blueprint.post("/study-visits/<int:visit_id>/candidates/<int:candidate_id>/passport")
def set_passport(visit_id: int, candidate_id: int) -> Any:
    """Note until when a delegate's passport is valid."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        candidate = setting_up.find_candidate(db, visit, candidate_id)
        preparing.set_passport(db, visit, candidate, form(PassportDraft), by=by, at=at)

    return _to_preparation(visit_id, do, gettext("Saved."), "passports")


@blueprint.post("/study-visits/<int:visit_id>/stops")
def add_stop(visit_id: int) -> Any:
    """Add a line to the itinerary."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.add_stop(db, visit, form(StopDraft), by=by, at=at)

    return _to_preparation(visit_id, do, gettext("The line is added."), "itinerary")


@blueprint.post("/study-visits/<int:visit_id>/stops/<int:stop_id>/remove")
def remove_stop(visit_id: int, stop_id: int) -> Any:
    """Take a line out of the itinerary."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.remove_stop(db, visit, stop_id, by=by, at=at)

    return _to_preparation(visit_id, do, gettext("The line is taken off."), "itinerary")


@blueprint.get("/study-visits/<int:visit_id>/costs")
def costs(visit_id: int) -> Any:
    """Every cost with who pays it, and totals by payer in both currencies."""
    return _show_costs(visit_id, ())


def _show_costs(visit_id: int, problems: Sequence[Problem]) -> str:
    at = clock.now()
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        lines = preparing.costs_of(db, visit_id)
        return render_template(
            "delegations/costs.html",
            visit=visit,
            stage=stage_of(visit, at),
            lines=lines,
            totals=preparing.totals_of(visit, lines),
            kinds=list(CostKind),
            payers=list(Payer),
            currencies=list(Currency),
            today=at.astimezone(reader().zone).date(),
            problems=problems,
            values=typed(problems),
        )


def _to_costs(visit_id: int, do: Any, said: str) -> Any:
    back = url_for("delegations.costs", visit_id=visit_id)
    return act(visit_id, _show_costs, do, said, back, needs=P.DELEGATION_EDIT)


@blueprint.post("/study-visits/<int:visit_id>/costs")
def add_cost(visit_id: int) -> Any:
    """Add a line to the costs."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.add_cost(db, visit, form(CostDraft), by=by, at=at)

    return _to_costs(visit_id, do, gettext("The line is added."))


@blueprint.post("/study-visits/<int:visit_id>/costs/<int:cost_id>/remove")
def remove_cost(visit_id: int, cost_id: int) -> Any:
    """Take a line out of the costs."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.remove_cost(db, visit, cost_id, by=by, at=at)

    return _to_costs(visit_id, do, gettext("The line is taken off."))


@blueprint.post("/study-visits/<int:visit_id>/costs/rate")
def set_rate(visit_id: int) -> Any:
    """State the rate at which totals are given in the other currency."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        preparing.set_rate(db, visit, form(RateDraft), by=by, at=at)

    return _to_costs(visit_id, do, gettext("The rate is stated."))


@blueprint.get("/study-visits/<int:visit_id>/candidates/<int:candidate_id>/travel-order")
def travel_order(visit_id: int, candidate_id: int) -> Any:
    """The data that the office's travel order (SPPD) asks for, to be printed or copied."""
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        nominee = next((one for one in choosing.nominees(db, visit_id) if one.candidate.id == candidate_id), None)
        if nominee is None:
            raise NotFound()
        if nominee.candidate.outcome != "chosen":
            raise Conflict("not_a_delegate")
        others = [
            one.person
            for one in choosing.nominees(db, visit_id)
            if one.candidate.outcome == "chosen" and one.candidate.id != candidate_id
        ]
        codes = {one.budget_code for one in preparing.costs_of(db, visit_id) if one.budget_code}
        return render_template(
            "delegations/travel_order.html",
            visit=visit,
            person=nominee.person,
            rank=show_rank(nominee.person.rank) if nominee.person.rank else "",
            unit=nominee.unit,
            days=(visit.ends_on - visit.starts_on).days + 1,
            starts_on=format_date(visit.starts_on, "d MMMM y", locale="id"),
            ends_on=format_date(visit.ends_on, "d MMMM y", locale="id"),
            followers=others,
            budget_codes=sorted(codes),
        )
