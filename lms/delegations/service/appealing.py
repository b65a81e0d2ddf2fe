"""Objections to an outcome, and their answers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.delegations.models import Delegation, DelegationAppeal, DelegationCandidate
from lms.delegations.rules.drafts import AppealAnswerDraft, AppealDraft
from lms.delegations.service.setting_up import link_to, words_of
from lms.kernel.errors import Conflict, NotFound
from lms.outbox.service import tell
from lms.programmes.models import Batch


def file_appeal(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: AppealDraft, *, by: int, at: datetime
) -> DelegationAppeal:
    """Return the objection, whose answer the coordinators owe. Raises Conflict outside the window or for a second."""
    if visit.announced_at is None or visit.appeal_until is None or at > visit.appeal_until:
        raise Conflict("appeal_window_closed")
    if appeal_of(db, candidate.id) is not None:
        raise Conflict("appeal_there_already")
    appeal = DelegationAppeal(candidate_id=candidate.id, text=draft.text, filed_at=at)
    db.add(appeal)
    db.flush()
    record_act(db, "appeal_filed", "delegation", visit.id, by=by, at=at, candidate=candidate.id)
    contacts = set(db.scalars(select(Batch.contact_id).where(Batch.programme_id == visit.programme_id)))
    for person_id in {one for one in (*contacts, visit.decided_by) if one}:
        key = f"visit-appeal-{appeal.id}-{person_id}"
        tell(db, person_id, "visit_appeal", {"title": words_of(visit)}, key, f"{link_to(visit)}/ranking", at=at)
    return appeal


def appeal_of(db: Db, candidate_id: int) -> DelegationAppeal | None:
    """Return the candidate's objection, None where she made none."""
    return db.scalars(select(DelegationAppeal).where(DelegationAppeal.candidate_id == candidate_id)).one_or_none()


def appeals_of(db: Db, visit_id: int) -> Sequence[tuple[DelegationAppeal, DelegationCandidate, Person]]:
    """Return the visit's objections, those that wait for an answer first."""
    rows = db.execute(
        select(DelegationAppeal, DelegationCandidate, Person)
        .join(DelegationCandidate, DelegationCandidate.id == DelegationAppeal.candidate_id)
        .join(Person, Person.id == DelegationCandidate.person_id)
        .where(DelegationCandidate.delegation_id == visit_id)
        .order_by(DelegationAppeal.answered_at.is_not(None), DelegationAppeal.filed_at)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def answer_appeal(
    db: Db, visit: Delegation, appeal_id: int, draft: AppealAnswerDraft, *, by: int, at: datetime
) -> None:
    """Answer an objection; whoever made it is told. Raises Conflict for a second answer, NotFound for another's."""
    appeal = db.get(DelegationAppeal, appeal_id)
    candidate = db.get(DelegationCandidate, appeal.candidate_id) if appeal else None
    if appeal is None or candidate is None or candidate.delegation_id != visit.id:
        raise NotFound()
    if appeal.answered_at is not None:
        raise Conflict("appeal_answered_already")
    appeal.upheld, appeal.answer, appeal.answered_at, appeal.answered_by = draft.upheld, draft.answer, at, by
    record_act(
        db, "appeal_answered", "delegation", visit.id, by=by, at=at, note=draft.answer, upheld=draft.upheld,
        candidate=candidate.id,
    )  # fmt: skip
    template = "visit_appeal_upheld" if draft.upheld else "visit_appeal_refused"
    params = {"title": words_of(visit), "answer": draft.answer}
    tell(db, candidate.person_id, template, params, f"visit-appeal-answer-{appeal.id}", link_to(visit), at=at)
