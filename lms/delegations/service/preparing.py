"""Preparing the journey: the checklist, passports, costs by payer, the itinerary."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.delegations.models import (
    Delegation,
    DelegationCandidate,
    DelegationCost,
    DelegationStop,
    DelegationTask,
)
from lms.delegations.rules.checklist import STANDARD, due_on
from lms.delegations.rules.costs import Amount, Currency, Payer, Total, totals
from lms.delegations.rules.drafts import CostDraft, DoneDraft, DueDraft, PassportDraft, RateDraft, StopDraft, TaskDraft
from lms.delegations.service.setting_up import link_to, words_of
from lms.kernel.errors import Invalid, NotFound, Problem, Said
from lms.outbox.service import tell

# So long before a line of the checklist is due its owner is reminded.
REMIND_BEFORE = timedelta(days=3)


def begin_checklist(db: Db, visit: Delegation) -> None:
    """Add what the standard checklist has and the visit's lacks, with a line for each delegate where one is needed."""
    there = {
        (task.code, task.candidate_id)
        for task in db.scalars(select(DelegationTask).where(DelegationTask.delegation_id == visit.id))
    }
    chosen = db.scalars(
        select(DelegationCandidate).where(
            DelegationCandidate.delegation_id == visit.id, DelegationCandidate.outcome == "chosen"
        )
    ).all()
    for line in STANDARD:
        for candidate in chosen if line.each else (None,):
            if (line.code, candidate.id if candidate else None) in there:
                continue
            db.add(
                DelegationTask(
                    delegation_id=visit.id,
                    candidate_id=candidate.id if candidate else None,
                    code=line.code,
                    due_on=due_on(line, visit.starts_on, visit.ends_on),
                    owner_id=candidate.person_id if candidate else visit.decided_by,
                )
            )


def tasks_of(
    db: Db, visit_id: int, *, candidate_id: int | None = None
) -> Sequence[tuple[DelegationTask, Person | None]]:
    """Return the checklist with who sees to each line, by due date; of one delegate with `candidate_id`.

    Lines of people who do not travel after all are left out.
    """
    travelling = select(DelegationCandidate.id).where(
        DelegationCandidate.delegation_id == visit_id, DelegationCandidate.outcome == "chosen"
    )
    statement = (
        select(DelegationTask, Person)
        .outerjoin(Person, Person.id == DelegationTask.owner_id)
        .where(
            DelegationTask.delegation_id == visit_id,
            DelegationTask.candidate_id.is_(None) | DelegationTask.candidate_id.in_(travelling),
        )
        .order_by(DelegationTask.due_on, DelegationTask.id)
    )
    if candidate_id is not None:
        statement = statement.where(DelegationTask.candidate_id == candidate_id)
    return [(row[0], row[1]) for row in db.execute(statement)]


def find_task(db: Db, visit: Delegation, task_id: int) -> DelegationTask:
    """Return a line of this visit's checklist. Raises NotFound."""
    task = db.get(DelegationTask, task_id)
    if task is None or task.delegation_id != visit.id:
        raise NotFound()
    return task


def add_task(db: Db, visit: Delegation, draft: TaskDraft, *, by: int, at: datetime) -> DelegationTask:
    """Return a new line of the checklist. Raises Invalid for a delegate of another visit or an unknown owner."""
    if draft.candidate_id is not None:
        candidate = db.get(DelegationCandidate, draft.candidate_id)
        if candidate is None or candidate.delegation_id != visit.id:
            raise Invalid(Problem.of("delegate_unknown", field="candidate_id"))
    if draft.owner_id is not None and db.get(Person, draft.owner_id) is None:
        raise Invalid(Problem.of("owner_unknown", field="owner_id"))
    task = DelegationTask(delegation_id=visit.id, **draft.model_dump())
    db.add(task)
    db.flush()
    record_act(db, "task_added", "delegation", visit.id, by=by, at=at, title=draft.title)
    return task


def edit_task(db: Db, visit: Delegation, task: DelegationTask, draft: DueDraft, *, by: int, at: datetime) -> None:
    """Change when a line is due and who sees to it."""
    if draft.owner_id is not None and db.get(Person, draft.owner_id) is None:
        raise Invalid(Problem.of("owner_unknown", field="owner_id"))
    before = [task.due_on.isoformat(), task.owner_id]
    task.due_on, task.owner_id = draft.due_on, draft.owner_id
    record_act(
        db, "task_edited", "delegation", visit.id, by=by, at=at, task=task.id, before=before,
        after=[draft.due_on.isoformat(), draft.owner_id],
    )  # fmt: skip


def decider_of(db: Db, visit: Delegation) -> list[tuple[int, str]]:
    """Return id and name of whoever decided; nothing before."""
    decider = db.get(Person, visit.decided_by) if visit.decided_by else None
    return [(decider.id, decider.name)] if decider else []


def tick(db: Db, visit: Delegation, task: DelegationTask, draft: DoneDraft, *, by: int, at: datetime) -> None:
    """Note that a line is done, or is not after all."""
    task.done_at, task.done_by = (at, by) if draft.done else (None, None)
    task.note = draft.note or task.note
    action = "task_done" if draft.done else "task_reopened"
    record_act(db, action, "delegation", visit.id, by=by, at=at, task=task.id, note=draft.note)


def remove_task(db: Db, visit: Delegation, task: DelegationTask, *, by: int, at: datetime) -> None:
    """Take a line off the checklist."""
    db.delete(task)
    record_act(db, "task_removed", "delegation", visit.id, by=by, at=at, task=task.id, title=task.title or task.code)


def remind(db: Db, *, at: datetime, today: date) -> int:
    """Remind whoever sees to a line that is due within three days or overdue, once for each date; return how many."""
    rows = db.execute(
        select(DelegationTask, Delegation)
        .join(Delegation, Delegation.id == DelegationTask.delegation_id)
        .outerjoin(DelegationCandidate, DelegationCandidate.id == DelegationTask.candidate_id)
        .where(
            Delegation.announced_at.is_not(None),
            DelegationTask.done_at.is_(None),
            DelegationTask.due_on <= today + REMIND_BEFORE,
            DelegationTask.candidate_id.is_(None) | (DelegationCandidate.outcome == "chosen"),
        )
    ).all()
    reminded = 0
    for task, visit in rows:
        if task.owner_id is None:
            continue
        key = f"visit-task-{task.id}-{task.due_on}"
        link = f"{link_to(visit)}/{'journey' if task.candidate_id else 'preparation'}"
        what = task.title or Said(f"visit_task_{task.code}")
        params = {"title": words_of(visit), "due": task.due_on, "task": what}
        reminded += tell(db, task.owner_id, "visit_task_due", params, key, link, at=at)
    return reminded


def set_passport(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: PassportDraft, *, by: int, at: datetime
) -> None:
    """Note until when a delegate's passport is valid."""
    candidate.passport_until = draft.expires_on
    record_act(db, "passport_noted", "delegation", visit.id, by=by, at=at, candidate=candidate.id)


def costs_of(db: Db, visit_id: int) -> Sequence[DelegationCost]:
    """Return the costs by payer and kind."""
    return db.scalars(
        select(DelegationCost)
        .where(DelegationCost.delegation_id == visit_id)
        .order_by(DelegationCost.payer, DelegationCost.payer_name, DelegationCost.kind, DelegationCost.id)
    ).all()


def payer_of(cost: DelegationCost) -> str:
    """Return the payer as the totals keep them apart: the kind, with the name where there is one."""
    return f"{cost.payer}:{cost.payer_name}" if cost.payer_name else cost.payer


def totals_of(visit: Delegation, costs: Sequence[DelegationCost]) -> list[Total]:
    """Return what each payer pays, and all together."""
    return totals([Amount(payer_of(one), Currency(one.currency), one.price, one.quantity) for one in costs], visit.rate)


def add_cost(db: Db, visit: Delegation, draft: CostDraft, *, by: int, at: datetime) -> DelegationCost:
    """Return a new line of the costs. Raises Invalid where a payer needs a name and has none."""
    if draft.payer in (Payer.UNIT, Payer.OTHER) and not draft.payer_name:
        raise Invalid(Problem.of("payer_name_missing", field="payer_name"))
    cost = DelegationCost(delegation_id=visit.id, **draft.model_dump())
    db.add(cost)
    db.flush()
    record_act(
        db, "cost_added", "delegation", visit.id, by=by, at=at, cost=cost.id, what=draft.kind.value,
        payer=draft.payer.value, price=str(draft.price), currency=draft.currency.value, quantity=draft.quantity,
    )  # fmt: skip
    return cost


def remove_cost(db: Db, visit: Delegation, cost_id: int, *, by: int, at: datetime) -> None:
    """Take a line out of the costs. Raises NotFound for another visit's."""
    cost = db.get(DelegationCost, cost_id)
    if cost is None or cost.delegation_id != visit.id:
        raise NotFound()
    db.delete(cost)
    record_act(
        db, "cost_removed", "delegation", visit.id, by=by, at=at, cost=cost.id, what=cost.kind, price=str(cost.price)
    )


def set_rate(db: Db, visit: Delegation, draft: RateDraft, *, by: int, at: datetime) -> None:
    """State how many rupiah a Singapore dollar is taken for, of which day and from where."""
    visit.rate, visit.rate_on, visit.rate_source = draft.rate, draft.rate_on, draft.rate_source
    record_act(db, "rate_set", "delegation", visit.id, by=by, at=at, rate=str(draft.rate), source=draft.rate_source)


def stops_of(db: Db, visit_id: int) -> Sequence[DelegationStop]:
    """Return the itinerary in order."""
    return db.scalars(
        select(DelegationStop)
        .where(DelegationStop.delegation_id == visit_id)
        .order_by(DelegationStop.on, DelegationStop.starts.is_not(None), DelegationStop.starts, DelegationStop.id)
    ).all()


def add_stop(db: Db, visit: Delegation, draft: StopDraft, *, by: int, at: datetime) -> DelegationStop:
    """Return a new line of the itinerary. Raises Invalid for a day outside the journey or an end before its start."""
    if not visit.starts_on <= draft.on <= visit.ends_on:
        raise Invalid(Problem.of("stop_outside_visit", field="on", first=visit.starts_on, last=visit.ends_on))
    if draft.starts and draft.ends and draft.ends <= draft.starts:
        raise Invalid(Problem.of("visit_ends_before_start", field="ends"))
    stop = DelegationStop(delegation_id=visit.id, **draft.model_dump())
    db.add(stop)
    db.flush()
    record_act(db, "stop_added", "delegation", visit.id, by=by, at=at, title=draft.title, on=draft.on.isoformat())
    return stop


def remove_stop(db: Db, visit: Delegation, stop_id: int, *, by: int, at: datetime) -> None:
    """Take a line out of the itinerary. Raises NotFound for another visit's."""
    stop = db.get(DelegationStop, stop_id)
    if stop is None or stop.delegation_id != visit.id:
        raise NotFound()
    db.delete(stop)
    record_act(db, "stop_removed", "delegation", visit.id, by=by, at=at, title=stop.title)
