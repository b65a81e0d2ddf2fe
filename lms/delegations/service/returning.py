"""What comes home: a learning note for each day, a report, and what each delegate passes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.courses.models import Course, Module, ModuleDraft
from lms.courses.rules import ModuleDraft as NewModule
from lms.courses.service.publishing import create_module
from lms.db import Db
from lms.delegations.models import Delegation, DelegationCandidate, DelegationCascade, DelegationDiary, DelegationTask
from lms.delegations.rules.drafts import CascadeDraft, DiaryDraft, ReportDraft
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem


def diary_of(db: Db, candidate_id: int) -> Sequence[DelegationDiary]:
    """Return the delegate's notes, day by day."""
    return db.scalars(
        select(DelegationDiary).where(DelegationDiary.candidate_id == candidate_id).order_by(DelegationDiary.on)
    ).all()


def write_diary(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: DiaryDraft, *, by: int, at: datetime
) -> DelegationDiary:
    """Return the day's note; writing it again replaces it. Raises Invalid for a day outside the journey."""
    _travels(candidate)
    if not visit.starts_on <= draft.on <= visit.ends_on:
        raise Invalid(Problem.of("stop_outside_visit", field="on", first=visit.starts_on, last=visit.ends_on))
    note = db.scalars(
        select(DelegationDiary).where(DelegationDiary.candidate_id == candidate.id, DelegationDiary.on == draft.on)
    ).one_or_none()
    if note is None:
        note = DelegationDiary(candidate_id=candidate.id, on=draft.on, learned="", saved_at=at)
        db.add(note)
    note.learned, note.use, note.saved_at = draft.learned, draft.use, at
    db.flush()
    return note


def save_report(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: ReportDraft, *, by: int, at: datetime
) -> None:
    """Keep the report, or hand it in, which ticks its line of the checklist. Raises Conflict once it is handed in."""
    _travels(candidate)
    if candidate.report_sent_at is not None:
        raise Conflict("report_is_sent")
    candidate.report, candidate.report_saved_at = draft.text, at
    if not draft.sent:
        return
    candidate.report_sent_at = at
    db.execute(
        update(DelegationTask)
        .where(
            DelegationTask.candidate_id == candidate.id,
            DelegationTask.code == "report",
            DelegationTask.done_at.is_(None),
        )
        .values(done_at=at, done_by=by)
    )
    record_act(db, "report_sent", "delegation", visit.id, by=by, at=at, candidate=candidate.id)


@dataclass(frozen=True)
class Passing:
    """Something a delegate passes on, and the module it became."""

    cascade: DelegationCascade
    person: Person
    course: Course | None
    module: Module | None


def cascades_of(db: Db, visit_id: int, *, candidate_id: int | None = None) -> list[Passing]:
    """Return what the delegates pass on, by due date; of one delegate with `candidate_id`."""
    statement = (
        select(DelegationCascade, Person, Course, Module)
        .join(DelegationCandidate, DelegationCandidate.id == DelegationCascade.candidate_id)
        .join(Person, Person.id == DelegationCandidate.person_id)
        .outerjoin(Module, Module.id == DelegationCascade.module_id)
        .outerjoin(Course, Course.id == Module.course_id)
        .where(DelegationCandidate.delegation_id == visit_id)
        .order_by(DelegationCascade.due_on, DelegationCascade.id)
    )
    if candidate_id is not None:
        statement = statement.where(DelegationCascade.candidate_id == candidate_id)
    return [Passing(*row) for row in db.execute(statement)]


def find_cascade(db: Db, visit: Delegation, cascade_id: int) -> DelegationCascade:
    """Return one thing that is passed on by a delegate of this visit. Raises NotFound."""
    cascade = db.get(DelegationCascade, cascade_id)
    candidate = db.get(DelegationCandidate, cascade.candidate_id) if cascade else None
    if cascade is None or candidate is None or candidate.delegation_id != visit.id:
        raise NotFound()
    return cascade


def add_cascade(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: CascadeDraft, *, by: int, at: datetime
) -> DelegationCascade:
    """Return a new thing to pass on."""
    _travels(candidate)
    cascade = DelegationCascade(candidate_id=candidate.id, created_at=at, **draft.model_dump())
    db.add(cascade)
    db.flush()
    record_act(db, "cascade_added", "delegation", visit.id, by=by, at=at, title=draft.title)
    return cascade


def set_passed_on(db: Db, visit: Delegation, cascade: DelegationCascade, done: bool, *, by: int, at: datetime) -> None:
    """Note that it has been passed on, or has not after all."""
    cascade.done_at = at if done else None
    record_act(
        db, "cascade_done" if done else "cascade_reopened", "delegation", visit.id, by=by, at=at, cascade=cascade.id
    )


def make_module(
    db: Db, visit: Delegation, cascade: DelegationCascade, course: Course, language: str, *, by: int, at: datetime
) -> Module:
    """Return a new module of the course, its draft holding what the delegate wrote. Raises Conflict for a second."""
    if cascade.module_id is not None:
        raise Conflict("cascade_is_module")
    module = create_module(
        db, course, NewModule.model_validate({"title": cascade.title, "language": language}), by=by, at=at
    )
    db.flush()
    draft = db.scalars(select(ModuleDraft).where(ModuleDraft.module_id == module.id)).one()
    draft.markdown = cascade.text
    cascade.module_id = module.id
    record_act(db, "cascade_made_module", "delegation", visit.id, by=by, at=at, cascade=cascade.id, module=module.id)
    return module


def _travels(candidate: DelegationCandidate) -> None:
    if candidate.outcome != "chosen":
        raise Conflict("not_a_delegate")
