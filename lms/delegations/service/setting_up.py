"""Setting a visit up: criteria and weights until they are published, candidates and panel until the decision."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.accounts.service.finding import find_by_login
from lms.db import Db, insert_new
from lms.delegations.models import Delegation, DelegationCandidate, DelegationCriterion, DelegationPanelist
from lms.delegations.rules.drafts import CriterionDraft, OutDraft, PanelDraft, VisitDraft, WeightsDraft
from lms.delegations.rules.ranking import fingerprint
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.outbox.service import tell
from lms.programmes.models import Batch, Enrolment, Programme

FIELDS = ("title_id", "title_en", "about_id", "about_en", "place", "host", "starts_on", "ends_on", "quota", "reserves")


def create_visit(db: Db, programme: Programme, draft: VisitDraft, *, by: int, at: datetime) -> Delegation:
    """Return a new visit of the programme, without criteria yet."""
    visit = Delegation(programme_id=programme.id, created_at=at, created_by=by, **_values(draft))
    db.add(visit)
    db.flush()
    record_act(db, "visit_created", "delegation", visit.id, by=by, at=at, quota=draft.quota)
    return visit


def edit_visit(db: Db, visit: Delegation, draft: VisitDraft, *, by: int, at: datetime) -> None:
    """Change the visit. Raises Conflict where quota or reserves would change after they were published."""
    if visit.published_at and (draft.quota, draft.reserves) != (visit.quota, visit.reserves):
        raise Conflict("visit_quota_is_published")
    changed = {name: [str(getattr(visit, name)), str(value)] for name, value in _values(draft).items()}
    for name, value in _values(draft).items():
        setattr(visit, name, value)
    changed = {name: both for name, both in changed.items() if both[0] != both[1]}
    record_act(db, "visit_edited", "delegation", visit.id, by=by, at=at, changed=changed)


def _values(draft: VisitDraft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in FIELDS}


def criteria_of(db: Db, visit_id: int) -> Sequence[DelegationCriterion]:
    """Return the visit's criteria in their order."""
    return db.scalars(
        select(DelegationCriterion)
        .where(DelegationCriterion.delegation_id == visit_id)
        .order_by(DelegationCriterion.position, DelegationCriterion.id)
    ).all()


def add_criterion(db: Db, visit: Delegation, draft: CriterionDraft, *, by: int, at: datetime) -> DelegationCriterion:
    """Return a new criterion at the end. Raises Conflict once they are published, or for a second of one record."""
    _unpublished(visit)
    there = criteria_of(db, visit.id)
    if draft.source != "panel" and any(one.source == draft.source for one in there):
        raise Invalid(Problem.of("criterion_source_taken", field="source"))
    criterion = DelegationCriterion(
        delegation_id=visit.id,
        position=max((one.position for one in there), default=0) + 1,
        **draft.model_dump(),
    )
    db.add(criterion)
    db.flush()
    record_act(
        db, "criterion_added", "delegation", visit.id, by=by, at=at, name=draft.name_id, weight=str(draft.weight)
    )
    return criterion


def remove_criterion(db: Db, visit: Delegation, criterion_id: int, *, by: int, at: datetime) -> None:
    """Take a criterion out. Raises Conflict once they are published, NotFound for another visit's."""
    _unpublished(visit)
    criterion = db.get(DelegationCriterion, criterion_id)
    if criterion is None or criterion.delegation_id != visit.id:
        raise NotFound()
    db.delete(criterion)
    record_act(db, "criterion_removed", "delegation", visit.id, by=by, at=at, name=criterion.name_id)


def set_weights(db: Db, visit: Delegation, draft: WeightsDraft, *, by: int, at: datetime) -> None:
    """Change the weights. Raises Conflict once they are published."""
    _unpublished(visit)
    weights = dict(zip(draft.criterion, draft.weight, strict=True))
    criteria = criteria_of(db, visit.id)
    if {one.id for one in criteria} != set(weights):
        raise Conflict("criteria_changed_meanwhile")
    for criterion in criteria:
        criterion.weight = weights[criterion.id]
    record_act(
        db, "weights_set", "delegation", visit.id, by=by, at=at, weights={str(k): str(v) for k, v in weights.items()}
    )


def publish(db: Db, visit: Delegation, *, by: int, at: datetime) -> None:
    """Publish criteria and weights: from now on they stand, and scores may be given.

    The lot's seed is their hash with the moment of publication. Raises Invalid unless the weights add up to 100.
    """
    _unpublished(visit)
    criteria = criteria_of(db, visit.id)
    if not criteria:
        raise Invalid(Problem.of("criteria_missing"))
    total = sum(one.weight for one in criteria)
    if total != 100:
        raise Invalid(Problem.of("weights_not_hundred", total=float(total)))
    stated = [
        [one.id, one.name_id, one.source, f"{one.weight:.2f}", None if one.least is None else f"{one.least:.2f}"]
        for one in criteria
    ]
    visit.published_at, visit.published_by = at, by
    visit.seed = fingerprint([visit.id, visit.quota, visit.reserves, at.isoformat(), stated])
    record_act(db, "criteria_published", "delegation", visit.id, by=by, at=at, criteria=stated, seed=visit.seed)
    for person_id in trainees_of(db, visit, at=at):
        tell(
            db,
            person_id,
            "visit_criteria",
            {"title": words_of(visit)},
            f"visit-criteria-{visit.id}-{person_id}",
            link_to(visit),
            at=at,
        )


def link_to(visit: Delegation) -> str:
    """Return the visit's path on this site."""
    return f"/study-visits/{visit.id}"


def words_of(visit: Delegation) -> dict[str, str]:
    """Return the visit's title as messages keep it, in both languages."""
    return {"id": visit.title_id, "en": visit.title_en}


def trainees_of(db: Db, visit: Delegation, *, at: datetime) -> Sequence[int]:
    """Return the ids of the trainees of the programme's batches that are not put aside."""
    return db.scalars(
        select(Enrolment.person_id)
        .join(Batch, Batch.id == Enrolment.batch_id)
        .where(
            Batch.programme_id == visit.programme_id,
            Batch.archived_at.is_(None),
            Enrolment.role == "trainee",
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
        )
        .distinct()
    ).all()


def _unpublished(visit: Delegation) -> None:
    if visit.published_at is not None:
        raise Conflict("criteria_are_published")


def _undecided(visit: Delegation) -> None:
    if visit.decided_at is not None:
        raise Conflict("visit_is_decided")


def nominate(db: Db, visit: Delegation, people: Collection[int], *, by: int, at: datetime) -> int:
    """Nominate these trainees of the programme; return how many are new. Raises Conflict once it is decided.

    Somebody in two of its batches is nominated from the later one.
    """
    _undecided(visit)
    rows = db.execute(
        select(Enrolment.person_id, func.max(Enrolment.batch_id))
        .join(Batch, Batch.id == Enrolment.batch_id)
        .where(
            Batch.programme_id == visit.programme_id, Enrolment.role == "trainee", Enrolment.person_id.in_(list(people))
        )
        .group_by(Enrolment.person_id)
    ).all()
    new = 0
    for person_id, batch_id in rows:
        values = {
            "delegation_id": visit.id,
            "person_id": person_id,
            "batch_id": batch_id,
            "nominated_at": at,
            "nominated_by": by,
            "outcome_reason": "",
            "report": "",
        }
        if insert_new(db, DelegationCandidate, values, ["delegation_id", "person_id"]):
            new += 1
            record_act(db, "candidate_nominated", "delegation", visit.id, by=by, at=at, person=person_id)
            tell(
                db,
                person_id,
                "visit_nominated",
                {"title": words_of(visit)},
                f"visit-nominated-{visit.id}-{person_id}",
                link_to(visit),
                at=at,
            )
    return new


def find_candidate(db: Db, visit: Delegation, candidate_id: int) -> DelegationCandidate:
    """Return a candidate of this visit. Raises NotFound."""
    candidate = db.get(DelegationCandidate, candidate_id)
    if candidate is None or candidate.delegation_id != visit.id:
        raise NotFound()
    return candidate


def set_out(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: OutDraft, *, by: int, at: datetime
) -> None:
    """Take a candidate out, with the reason, or bring her back. Raises Conflict once it is decided."""
    _undecided(visit)
    candidate.out_reason = draft.reason if draft.out else None
    action = "candidate_out" if draft.out else "candidate_back"
    record_act(db, action, "delegation", visit.id, by=by, at=at, person=candidate.person_id, note=draft.reason)


def panel_of(db: Db, visit_id: int) -> Sequence[tuple[DelegationPanelist, Person]]:
    """Return the panel's members by name."""
    rows = db.execute(
        select(DelegationPanelist, Person)
        .join(Person, Person.id == DelegationPanelist.person_id)
        .where(DelegationPanelist.delegation_id == visit_id, DelegationPanelist.left_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [(row[0], row[1]) for row in rows]


def add_panelist(db: Db, visit: Delegation, draft: PanelDraft, *, by: int, at: datetime) -> Person:
    """Return who joined the panel. Raises Invalid for an unknown login, or a candidate, who cannot judge herself."""
    _undecided(visit)
    person = find_by_login(db, draft.login)
    if person is None or not person.active:
        raise Invalid(Problem.of("panelist_unknown", field="login"))
    is_candidate = db.scalar(
        select(DelegationCandidate.id).where(
            DelegationCandidate.delegation_id == visit.id, DelegationCandidate.person_id == person.id
        )
    )
    if is_candidate:
        raise Invalid(Problem.of("panelist_is_candidate", field="login"))
    member = db.scalars(
        select(DelegationPanelist).where(
            DelegationPanelist.delegation_id == visit.id, DelegationPanelist.person_id == person.id
        )
    ).one_or_none()
    if member is None:
        db.add(DelegationPanelist(delegation_id=visit.id, person_id=person.id, added_at=at, added_by=by))
    else:
        member.left_at = None
    record_act(db, "panelist_added", "delegation", visit.id, by=by, at=at, person=person.id)
    tell(
        db,
        person.id,
        "visit_panel",
        {"title": words_of(visit)},
        f"visit-panel-{visit.id}-{person.id}-{at.timestamp():.0f}",
        f"{link_to(visit)}/scores",
        at=at,
    )
    return person


def remove_panelist(db: Db, visit: Delegation, panelist_id: int, *, by: int, at: datetime) -> None:
    """Let a member leave; the scores given so far no longer count. Raises NotFound for another visit's."""
    _undecided(visit)
    member = db.get(DelegationPanelist, panelist_id)
    if member is None or member.delegation_id != visit.id:
        raise NotFound()
    member.left_at = at
    record_act(db, "panelist_removed", "delegation", visit.id, by=by, at=at, person=member.person_id)


def may_be_nominated(db: Db, visit: Delegation, *, at: datetime) -> Sequence[tuple[Person, Batch]]:
    """Return trainees of the programme who are not candidates yet, with their batch, by name."""
    there = select(DelegationCandidate.person_id).where(DelegationCandidate.delegation_id == visit.id)
    rows = db.execute(
        select(Person, Batch)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Batch, Batch.id == Enrolment.batch_id)
        .where(
            Batch.programme_id == visit.programme_id,
            Enrolment.role == "trainee",
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
            Person.active.is_(True),
            Person.id.not_in(there),
        )
        .order_by(Person.name, Person.id, Batch.id)
    )
    return [(row[0], row[1]) for row in rows]
