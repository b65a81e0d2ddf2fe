"""Action plans: what trainees set out to do, how far they are, and a word on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.evaluations.models import ActionNote, ActionPlan, ActionStep
from lms.evaluations.rules.drafts import PlanDraft
from lms.kernel.errors import Invalid, Problem
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Enrolment


@dataclass(frozen=True)
class PlanLine:
    """A plan with its steps and its notes, the latest first."""

    plan: ActionPlan
    steps: tuple[ActionStep, ...]
    notes: tuple[ActionNote, ...]

    @property
    def share(self) -> float:
        """Return how much is done, each step alike."""
        return sum(step.percent for step in self.steps) / (100 * len(self.steps)) if self.steps else 0.0

    def overdue(self, today: date) -> int:
        """Return how many steps should be done by now and are not."""
        return sum(step.due_on is not None and step.due_on < today and step.percent < 100 for step in self.steps)


def find_plan(db: Db, batch_id: int, person_id: int) -> PlanLine | None:
    """Return this trainee's plan in the batch, None where there is none."""
    lines = read_plans(db, ActionPlan.batch_id == batch_id, ActionPlan.person_id == person_id)
    return lines[0] if lines else None


def read_plans(db: Db, *where: ColumnElement[bool]) -> list[PlanLine]:
    """Return the plans that meet these conditions, by name of their owner. Three statements."""
    plans = db.scalars(
        select(ActionPlan)
        .join(Person, Person.id == ActionPlan.person_id)
        .where(*where)
        .options(joinedload(ActionPlan.person).joinedload(Person.unit))
        .order_by(func.lower(Person.name), ActionPlan.id)
    ).all()
    ids = [plan.id for plan in plans]
    steps: dict[int, list[ActionStep]] = {}
    for step in db.scalars(select(ActionStep).where(ActionStep.plan_id.in_(ids)).order_by(ActionStep.id)):
        steps.setdefault(step.plan_id, []).append(step)
    notes: dict[int, list[ActionNote]] = {}
    for note in db.scalars(
        select(ActionNote)
        .where(ActionNote.plan_id.in_(ids))
        .options(joinedload(ActionNote.by))
        .order_by(ActionNote.id.desc())
    ):
        notes.setdefault(note.plan_id, []).append(note)
    return [PlanLine(plan, tuple(steps.get(plan.id, ())), tuple(notes.get(plan.id, ()))) for plan in plans]


def save_plan(db: Db, batch: Batch, person_id: int, draft: PlanDraft, *, at: datetime) -> ActionPlan:
    """Return the trainee's plan as she changed it; steps that were emptied are gone. Raises Invalid for a bad step."""
    try:
        wanted = draft.steps()
    except ValueError as error:
        raise Invalid(Problem.of(str(error), field="steps")) from None
    plan = db.scalars(
        select(ActionPlan).where(ActionPlan.batch_id == batch.id, ActionPlan.person_id == person_id).with_for_update()
    ).one_or_none()
    is_new = plan is None
    if plan is None:
        plan = ActionPlan(batch_id=batch.id, person_id=person_id, created_at=at)
        db.add(plan)
    plan.aim, plan.indicator, plan.changed_at = draft.aim, draft.indicator, at
    db.flush()
    known = {step.id: step for step in db.scalars(select(ActionStep).where(ActionStep.plan_id == plan.id))}
    for step in wanted:
        row = known.pop(step.id, None)
        if row is None:
            row = ActionStep(plan_id=plan.id)
            db.add(row)
        row.text, row.due_on, row.percent = step.text, step.due_on, step.percent
    for row in known.values():
        db.delete(row)
    db.flush()
    record_act(db, "action_plan_made" if is_new else "action_plan_changed", "batch", batch.id, by=person_id, at=at)
    return plan


def add_note(db: Db, plan: ActionPlan, text: str, *, by: int, at: datetime) -> None:
    """Add a word to a plan; its owner is told when it is not hers."""
    db.add(ActionNote(plan_id=plan.id, by_id=by, at=at, text=text))
    db.flush()
    if by != plan.person_id:
        key = f"plan-note-{plan.id}-{at.isoformat()}"
        link = f"/batches/{plan.batch_id}/action-plan"
        outbox.tell(db, plan.person_id, "plan_note", {"text": text}, key, link, at=at)


@dataclass(frozen=True)
class Progress:
    """Action plans taken together: of so many trainees so many have one; steps, and how many are done."""

    people: int
    plans: int
    steps: int
    done: int
    # Mean share done, a plan counting once; None without a plan.
    share: float | None


def progress_of(db: Db, batch_ids: Sequence[int]) -> dict[int, Progress]:
    """Return batch id → how its action plans go. Two statements."""
    people: dict[int, int] = dict(
        db.execute(
            select(Enrolment.batch_id, func.count(func.distinct(Enrolment.person_id)))
            .where(Enrolment.batch_id.in_(batch_ids), Enrolment.role == "trainee", Enrolment.ends_at.is_(None))
            .group_by(Enrolment.batch_id)
        ).all()
    )
    plans: dict[int, list[tuple[int, int, float]]] = {}
    rows = db.execute(
        select(
            ActionPlan.batch_id,
            func.count(ActionStep.id),
            func.count(ActionStep.id).filter(ActionStep.percent == 100),
            func.coalesce(func.avg(ActionStep.percent), 0),
        )
        .outerjoin(ActionStep, ActionStep.plan_id == ActionPlan.id)
        .where(ActionPlan.batch_id.in_(batch_ids))
        .group_by(ActionPlan.batch_id, ActionPlan.id)
    )
    for batch_id, steps, done, mean in rows:
        plans.setdefault(batch_id, []).append((steps, done, float(mean) / 100))
    return {
        batch_id: Progress(
            people.get(batch_id, 0),
            len(own := plans.get(batch_id, [])),
            sum(one[0] for one in own),
            sum(one[1] for one in own),
            sum(one[2] for one in own) / len(own) if own else None,
        )
        for batch_id in batch_ids
    }


def percent_done(db: Db, people: Collection[tuple[int, int]]) -> dict[int, Decimal | None]:
    """Return person id → per cent done of her action plan, each step alike, for people given as (batch id, person id).

    Without a plan, or with one that has no step yet, there is nothing to go by: None. One statement.
    """
    rows = db.execute(
        select(ActionPlan.batch_id, ActionPlan.person_id, func.sum(ActionStep.percent), func.count(ActionStep.id))
        .join(ActionStep, ActionStep.plan_id == ActionPlan.id)
        .where(
            ActionPlan.batch_id.in_({batch for batch, _ in people}),
            ActionPlan.person_id.in_({person for _, person in people}),
        )
        .group_by(ActionPlan.batch_id, ActionPlan.person_id)
    )
    known = {(batch, person): Decimal(done) / steps for batch, person, done, steps in rows}
    return {
        person: known[batch, person].quantize(Decimal("0.01")) if (batch, person) in known else None
        for batch, person in people
    }
