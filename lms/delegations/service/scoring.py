"""The panel's work: points for candidates, and stepping back where somebody is too close."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from lms.accounts.models import Person, Unit
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.delegations.models import (
    Delegation,
    DelegationCandidate,
    DelegationConflict,
    DelegationCriterion,
    DelegationPanelist,
    DelegationScore,
)
from lms.delegations.rules.drafts import ConflictDraft, ScoresDraft
from lms.delegations.rules.ranking import Source
from lms.delegations.service.setting_up import criteria_of
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem


@dataclass(frozen=True)
class ToScore:
    """A candidate as a member sees her: who she is, the member's own points, a conflict that was declared."""

    candidate: DelegationCandidate
    person: Person
    unit: str
    points: Mapping[int, int]
    note: str
    conflict: str | None

    def is_done(self, criteria: Sequence[DelegationCriterion]) -> bool:
        """Return whether nothing is left to do about her."""
        return self.conflict is not None or all(one.id in self.points for one in criteria)


def panel_criteria(db: Db, visit_id: int) -> list[DelegationCriterion]:
    """Return the criteria that the panel scores."""
    return [one for one in criteria_of(db, visit_id) if one.source == Source.PANEL]


def sheet(db: Db, panelist: DelegationPanelist) -> list[ToScore]:
    """Return the member's candidates by name. Nobody sees the others' points, so that each judges for herself."""
    rows = db.execute(
        select(DelegationCandidate, Person, Unit.name)
        .join(Person, Person.id == DelegationCandidate.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(DelegationCandidate.delegation_id == panelist.delegation_id, DelegationCandidate.out_reason.is_(None))
        .order_by(Person.name, Person.id)
    ).all()
    points: dict[int, dict[int, int]] = {}
    notes: dict[int, str] = {}
    for score in db.scalars(select(DelegationScore).where(DelegationScore.panelist_id == panelist.id)):
        points.setdefault(score.candidate_id, {})[score.criterion_id] = score.points
        notes[score.candidate_id] = score.note
    conflicts = {
        one.candidate_id: one.reason
        for one in db.scalars(select(DelegationConflict).where(DelegationConflict.panelist_id == panelist.id))
    }
    return [
        ToScore(
            candidate,
            person,
            unit or "",
            points.get(candidate.id, {}),
            notes.get(candidate.id, ""),
            conflicts.get(candidate.id),
        )
        for candidate, person, unit in rows
    ]


def score(
    db: Db,
    visit: Delegation,
    panelist: DelegationPanelist,
    candidate: DelegationCandidate,
    draft: ScoresDraft,
    *,
    by: int,
    at: datetime,
) -> None:
    """Store the member's points for a candidate; an empty field takes a score back.

    Raises Conflict before the criteria are published, after the decision, and where the member stepped back; Invalid
    for a criterion that the panel does not score.
    """
    _open(visit)
    if _has_conflict(db, panelist, candidate):
        raise Conflict("panelist_stepped_back")
    known = {one.id for one in panel_criteria(db, visit.id)}
    given = dict(zip(draft.criterion, draft.points, strict=True))
    if not set(given) <= known:
        raise Invalid(Problem.of("criterion_not_scored"))
    there = {
        one.criterion_id: one
        for one in db.scalars(
            select(DelegationScore).where(
                DelegationScore.panelist_id == panelist.id, DelegationScore.candidate_id == candidate.id
            )
        )
    }
    for criterion_id, points in given.items():
        existing = there.get(criterion_id)
        if points is None:
            if existing is not None:
                db.delete(existing)
        elif existing is not None:
            existing.points, existing.note, existing.scored_at = points, draft.note, at
        else:
            db.add(
                DelegationScore(
                    panelist_id=panelist.id,
                    candidate_id=candidate.id,
                    criterion_id=criterion_id,
                    points=points,
                    note=draft.note,
                    scored_at=at,
                )
            )
    record_act(
        db,
        "candidate_scored",
        "delegation",
        visit.id,
        by=by,
        at=at,
        candidate=candidate.id,
        points={str(key): value for key, value in given.items()},
    )


def declare_conflict(
    db: Db,
    visit: Delegation,
    panelist: DelegationPanelist,
    candidate: DelegationCandidate,
    draft: ConflictDraft,
    *,
    by: int,
    at: datetime,
) -> None:
    """Step back from judging a candidate; points given before are taken away. Saying it again changes nothing."""
    _open(visit)
    if _has_conflict(db, panelist, candidate):
        return
    db.execute(
        delete(DelegationScore).where(
            DelegationScore.panelist_id == panelist.id, DelegationScore.candidate_id == candidate.id
        )
    )
    db.add(DelegationConflict(panelist_id=panelist.id, candidate_id=candidate.id, reason=draft.reason, declared_at=at))
    record_act(db, "conflict_declared", "delegation", visit.id, by=by, at=at, candidate=candidate.id, note=draft.reason)


def own_seat(db: Db, visit_id: int, person_id: int) -> DelegationPanelist:
    """Return the person's seat on the panel. Raises NotFound for whoever has none."""
    seat = db.scalars(
        select(DelegationPanelist).where(
            DelegationPanelist.delegation_id == visit_id,
            DelegationPanelist.person_id == person_id,
            DelegationPanelist.left_at.is_(None),
        )
    ).one_or_none()
    if seat is None:
        raise NotFound()
    return seat


def _open(visit: Delegation) -> None:
    if visit.published_at is None:
        raise Conflict("scores_before_criteria")
    if visit.decided_at is not None:
        raise Conflict("visit_is_decided")


def _has_conflict(db: Db, panelist: DelegationPanelist, candidate: DelegationCandidate) -> bool:
    found = db.scalar(
        select(DelegationConflict.id).where(
            DelegationConflict.panelist_id == panelist.id, DelegationConflict.candidate_id == candidate.id
        )
    )
    return found is not None
