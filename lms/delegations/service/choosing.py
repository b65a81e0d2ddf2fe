"""From figures and scores to a ranking, a decision with reasons, and its announcement to everyone at one moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

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
from lms.delegations.rules.drafts import DecisionDraft, OutcomeDraft
from lms.delegations.rules.ranking import (
    Contest,
    Criterion,
    Figures,
    Line,
    Place,
    Source,
    fingerprint,
    mean_score,
    rank,
)
from lms.delegations.service.figures import read_figures
from lms.delegations.service.preparing import begin_checklist
from lms.delegations.service.setting_up import criteria_of, link_to, panel_of, trainees_of, words_of
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.outbox.service import call_off, tell


@dataclass(frozen=True)
class Nominee:
    """A candidate with who she is."""

    candidate: DelegationCandidate
    person: Person
    unit: str


@dataclass(frozen=True)
class Ranked:
    """A nominee with her line and the figures behind it; `panel` counts whose scores are in, of how many."""

    nominee: Nominee
    line: Line
    values: Mapping[int, object]
    scored_by: int
    judges: int

    @property
    def candidate(self) -> DelegationCandidate:
        return self.nominee.candidate

    @property
    def person(self) -> Person:
        return self.nominee.person


@dataclass(frozen=True)
class Ranking:
    """The ranking as it stands now: what it depends on, its hash, and everybody's line."""

    contest: Contest
    criteria: Sequence[DelegationCriterion]
    lines: Sequence[Ranked]

    @property
    def hash(self) -> str:
        return fingerprint(self.contest.stored())

    @property
    def missing(self) -> int:
        """Return how many candidates still lack a figure."""
        return sum(one.line.place is Place.INCOMPLETE for one in self.lines)


def nominees(db: Db, visit_id: int) -> list[Nominee]:
    """Return the visit's candidates by name, those taken out too."""
    rows = db.execute(
        select(DelegationCandidate, Person, Unit.name)
        .join(Person, Person.id == DelegationCandidate.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(DelegationCandidate.delegation_id == visit_id)
        .options(joinedload(DelegationCandidate.batch))
        .order_by(Person.name, Person.id)
    )
    return [Nominee(row[0], row[1], row[2] or "") for row in rows]


def read_ranking(db: Db, visit: Delegation) -> Ranking:
    """Return the ranking from what is known now. Raises Conflict before the criteria are published."""
    if visit.published_at is None:
        raise Conflict("scores_before_criteria")
    people, criteria = nominees(db, visit.id), criteria_of(db, visit.id)
    sources = {Source(one.source) for one in criteria}
    figures = read_figures(db, sources, [(one.candidate.batch_id, one.person.id) for one in people])
    points, judges = _panel_points(db, visit.id)
    panel = {one.id for one in criteria if one.source == Source.PANEL}
    candidates = []
    for one in people:
        values = {
            criterion.id: mean_score(points[one.candidate.id, criterion.id])
            if criterion.id in panel
            else figures.get(Source(criterion.source), {}).get(one.person.id)
            for criterion in criteria
        }
        candidates.append(Figures(one.candidate.id, values, one.candidate.out_reason is not None))
    contest = Contest(
        [Criterion(one.id, one.weight, one.least) for one in criteria],
        candidates,
        visit.quota,
        visit.reserves,
        visit.seed,
    )
    by_id, values_of = {one.candidate.id: one for one in people}, {one.id: one.values for one in candidates}
    return Ranking(
        contest,
        criteria,
        [
            Ranked(
                by_id[line.id],
                line,
                values_of[line.id],
                min((len(points[line.id, criterion]) for criterion in panel), default=0),
                judges[line.id] if line.id in judges else judges[0],
            )
            for line in rank(contest)
        ],
    )


def _panel_points(db: Db, visit_id: int) -> tuple[Mapping[tuple[int, int], list[int]], Mapping[int, int]]:
    """Return (candidate, criterion) → points of the members who judge, and candidate → how many judge her (0: all)."""
    rows = db.execute(
        select(DelegationScore.candidate_id, DelegationScore.criterion_id, DelegationScore.points)
        .join(DelegationPanelist, DelegationPanelist.id == DelegationScore.panelist_id)
        .where(DelegationPanelist.delegation_id == visit_id, DelegationPanelist.left_at.is_(None))
        .order_by(DelegationScore.id)
    )
    points: dict[tuple[int, int], list[int]] = defaultdict(list)
    for candidate_id, criterion_id, given in rows:
        points[candidate_id, criterion_id].append(given)
    members = len(panel_of(db, visit_id))
    judges: dict[int, int] = {0: members}
    for (candidate_id,) in db.execute(
        select(DelegationConflict.candidate_id)
        .join(DelegationPanelist, DelegationPanelist.id == DelegationConflict.panelist_id)
        .where(DelegationPanelist.delegation_id == visit_id, DelegationPanelist.left_at.is_(None))
    ):
        judges[candidate_id] = judges.get(candidate_id, members) - 1
    return points, judges


def decide(db: Db, visit: Delegation, draft: DecisionDraft, *, by: int, at: datetime) -> None:
    """Decide as the ranking says; what it depends on is stored, so that anyone can work it out again.

    Raises Conflict where it is decided already, where the ranking moved since the decider looked, or while a figure or
    a score is missing; Invalid for an announcement in the past.
    """
    if visit.decided_at is not None:
        raise Conflict("visit_is_decided")
    ranking = read_ranking(db, visit)
    if ranking.hash != draft.seen:
        raise Conflict("ranking_moved")
    waiting = [one for one in ranking.lines if one.line.place is not Place.OUT and one.scored_by < one.judges]
    has_panel = any(one.source == Source.PANEL for one in ranking.criteria)
    if ranking.missing or (has_panel and waiting):
        raise Conflict("ranking_incomplete", n=max(ranking.missing, len(waiting)))
    if not any(one.line.place is Place.CHOSEN for one in ranking.lines):
        raise Conflict("ranking_empty")
    if draft.announce_at <= at:
        raise Invalid(Problem.of("announcement_past", field="announce_on"))
    visit.decided_at, visit.decided_by = at, by
    visit.decision_number, visit.decision_reasons = draft.number, draft.reasons
    visit.decided_on, visit.decided_hash = ranking.contest.stored(), ranking.hash
    visit.announce_at = draft.announce_at
    visit.appeal_until = draft.announce_at + timedelta(days=draft.appeal_days)
    for one in ranking.lines:
        one.candidate.outcome = _outcome(one.line.place)
    db.flush()
    begin_checklist(db, visit)
    record_act(
        db,
        "visit_decided",
        "delegation",
        visit.id,
        by=by,
        at=at,
        note=draft.reasons,
        hash=visit.decided_hash,
        outcomes={str(one.candidate.id): one.candidate.outcome for one in ranking.lines},
    )


def _outcome(place: Place) -> str:
    return place.value if place in (Place.CHOSEN, Place.RESERVE) else "not_chosen"


def decided_lines(db: Db, visit: Delegation) -> tuple[list[tuple[Nominee, Line]], bool]:
    """Return the decided ranking, worked out again from what was stored, and whether the stored hash agrees."""
    contest = Contest.read(visit.decided_on or {})
    by_id = {one.candidate.id: one for one in nominees(db, visit.id)}
    lines = [(by_id[line.id], line) for line in rank(contest) if line.id in by_id]
    return lines, fingerprint(contest.stored()) == visit.decided_hash


def take_back(db: Db, visit: Delegation, reason: str, *, by: int, at: datetime) -> None:
    """Take a decision back that has not been announced. Raises Conflict once it has been."""
    if visit.decided_at is None or visit.announced_at is not None:
        raise Conflict("visit_is_announced")
    record_act(db, "decision_taken_back", "delegation", visit.id, by=by, at=at, note=reason, hash=visit.decided_hash)
    visit.decided_at = visit.decided_by = visit.decided_on = visit.announce_at = visit.appeal_until = None
    visit.decided_hash = visit.decision_number = visit.decision_reasons = ""
    for one in nominees(db, visit.id):
        one.candidate.outcome, one.candidate.outcome_reason = None, ""


def change_outcome(
    db: Db, visit: Delegation, candidate: DelegationCandidate, draft: OutcomeDraft, *, by: int, at: datetime
) -> None:
    """Give a candidate another outcome than the ranking did, with the reason; she is told once it is announced.

    Raises Conflict before the decision, and where more people would be chosen than may go.
    """
    if visit.decided_at is None:
        raise Conflict("visit_undecided")
    before = candidate.outcome
    if before == draft.outcome:
        return
    if draft.outcome == "chosen":
        chosen = [one for one in nominees(db, visit.id) if one.candidate.outcome == "chosen"]
        if len(chosen) >= visit.quota:
            raise Conflict("quota_full", n=visit.quota)
    candidate.outcome, candidate.outcome_reason = draft.outcome, draft.reason
    db.flush()
    if draft.outcome == "chosen":
        begin_checklist(db, visit)
    record_act(
        db,
        "outcome_changed",
        "delegation",
        visit.id,
        by=by,
        at=at,
        note=draft.reason,
        candidate=candidate.id,
        before=before,
        after=draft.outcome,
    )
    if visit.announced_at is not None:
        _tell_outcome(db, visit, candidate, at=at, change=True)


def due_announcements(db: Db, at: datetime) -> Sequence[int]:
    """Return the ids of visits whose moment has come and that nobody announced yet."""
    return db.scalars(
        select(Delegation.id).where(Delegation.announce_at <= at, Delegation.announced_at.is_(None))
    ).all()


def announce(db: Db, visit: Delegation, *, at: datetime) -> int:
    """Announce the names: candidates are told their own outcome, all trainees of the programme that the list is out.

    Return how many were told. A second call tells nobody anything.
    """
    if visit.announced_at is not None or visit.announce_at is None or visit.announce_at > at:
        return 0
    visit.announced_at = at
    told = 0
    candidates = [one.candidate for one in nominees(db, visit.id)]
    for candidate in candidates:
        told += _tell_outcome(db, visit, candidate, at=at)
    own = {one.person_id for one in candidates}
    for person_id in trainees_of(db, visit, at=at):
        if person_id not in own:
            key = f"visit-announced-{visit.id}-{person_id}"
            told += tell(db, person_id, "visit_announced", {"title": words_of(visit)}, key, link_to(visit), at=at)
    record_act(db, "visit_announced", "delegation", visit.id, by=None, at=at, told=told)
    return told


def _tell_outcome(
    db: Db, visit: Delegation, candidate: DelegationCandidate, *, at: datetime, change: bool = False
) -> bool:
    template = f"visit_{candidate.outcome or 'not_chosen'}"
    key = f"visit-outcome-{visit.id}-{candidate.person_id}"
    if change:
        call_off(db, key)
        key += f"-{at.timestamp():.0f}"
    params = {"title": words_of(visit), "until": visit.appeal_until}
    return tell(db, candidate.person_id, template, params, key, link_to(visit), at=at)
