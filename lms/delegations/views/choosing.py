"""Choosing who goes: criteria and weights, candidates and panel, scores, the ranking and the decision."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import Db, reading, writing
from lms.delegations.models import Delegation, DelegationCandidate, DelegationPanelist
from lms.delegations.rules.drafts import (
    AppealAnswerDraft,
    ConflictDraft,
    CriterionDraft,
    DecisionDraft,
    NominateDraft,
    OutcomeDraft,
    OutDraft,
    PanelDraft,
    ScoresDraft,
    WeightsDraft,
)
from lms.delegations.rules.ranking import Criterion, Source, try_weights
from lms.delegations.service import appealing, choosing, figures, scoring, setting_up
from lms.delegations.views.blueprint import act, blueprint, load_visit, stage_of, typed
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.web.forms import form, problems_of
from lms.web.i18n import reader

P = Permission


@blueprint.get("/study-visits/<int:visit_id>/criteria")
def criteria(visit_id: int) -> Any:
    """Criteria and weights until they are published, and what other weights would do to invented candidates."""
    return _show_criteria(visit_id, ())


def _show_criteria(visit_id: int, problems: Sequence[Problem]) -> str:
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        stated = setting_up.criteria_of(db, visit_id)
    tried = _tried(stated)
    weighed = [(Criterion(one.id, tried[one.id], one.least), Source(one.source)) for one in stated]
    taken = {one.source for one in stated}
    return render_template(
        "delegations/criteria.html",
        visit=visit,
        criteria=stated,
        tried=tried,
        total=sum(tried.values(), Decimal(0)),
        samples=try_weights(weighed) if stated and visit.published_at is None else [],
        sources=[one for one in figures.known_sources() if one is Source.PANEL or one not in taken],
        problems=problems,
        values=typed(problems),
    )


def _tried(stated: Sequence[Any]) -> dict[int, Decimal]:
    """Return criterion id → the weight in the address (to be tried), else the stored one."""
    tried = {one.id: one.weight for one in stated}
    for key, text in zip(request.args.getlist("criterion"), request.args.getlist("weight"), strict=False):
        try:
            weight = Decimal(text.replace(",", "."))
        except ArithmeticError:
            continue
        if key.isdigit() and int(key) in tried and weight.is_finite() and 0 <= weight <= 100:
            tried[int(key)] = weight
    return tried


def _to_criteria(visit_id: int, do: Any, said: str) -> Any:
    back = url_for("delegations.criteria", visit_id=visit_id)
    return act(visit_id, _show_criteria, do, said, back, needs=P.DELEGATION_EDIT)


@blueprint.post("/study-visits/<int:visit_id>/criteria")
def add_criterion(visit_id: int) -> Any:
    """Add a criterion."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.add_criterion(db, visit, form(CriterionDraft), by=by, at=at)

    return _to_criteria(visit_id, do, gettext("The criterion is added."))


@blueprint.post("/study-visits/<int:visit_id>/criteria/<int:criterion_id>/remove")
def remove_criterion(visit_id: int, criterion_id: int) -> Any:
    """Take a criterion out."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.remove_criterion(db, visit, criterion_id, by=by, at=at)

    return _to_criteria(visit_id, do, gettext("The criterion is taken out."))


@blueprint.post("/study-visits/<int:visit_id>/criteria/weights")
def set_weights(visit_id: int) -> Any:
    """Keep the weights that were tried."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.set_weights(db, visit, form(WeightsDraft), by=by, at=at)

    return _to_criteria(visit_id, do, gettext("The weights are kept."))


@blueprint.post("/study-visits/<int:visit_id>/publish")
def publish(visit_id: int) -> Any:
    """Publish criteria and weights."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.publish(db, visit, by=by, at=at)

    said = gettext("Criteria and weights are published: from now on they stand, and scores can be given.")
    back = url_for("delegations.candidates", visit_id=visit_id)
    return act(visit_id, _show_criteria, do, said, back, needs=P.DELEGATION_EDIT)


@blueprint.get("/study-visits/<int:visit_id>/candidates")
def candidates(visit_id: int) -> Any:
    """Who is nominated, who could be, and who sits on the panel."""
    return _show_candidates(visit_id, ())


def _show_candidates(visit_id: int, problems: Sequence[Problem]) -> str:
    at = clock.now()
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        return render_template(
            "delegations/candidates.html",
            visit=visit,
            stage=stage_of(visit, at),
            nominees=choosing.nominees(db, visit_id),
            others=setting_up.may_be_nominated(db, visit, at=at) if visit.decided_at is None else [],
            panel=setting_up.panel_of(db, visit_id),
            problems=problems,
            values=typed(problems),
        )


def _to_candidates(visit_id: int, do: Any, said: str) -> Any:
    back = url_for("delegations.candidates", visit_id=visit_id)
    return act(visit_id, _show_candidates, do, said, back, needs=P.DELEGATION_EDIT)


@blueprint.post("/study-visits/<int:visit_id>/candidates")
def nominate(visit_id: int) -> Any:
    """Nominate trainees."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.nominate(db, visit, form(NominateDraft).people, by=by, at=at)

    return _to_candidates(visit_id, do, gettext("They are nominated and have been told."))


@blueprint.post("/study-visits/<int:visit_id>/candidates/<int:candidate_id>/out")
def set_out(visit_id: int, candidate_id: int) -> Any:
    """Take a candidate out, or bring her back."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        candidate = setting_up.find_candidate(db, visit, candidate_id)
        setting_up.set_out(db, visit, candidate, form(OutDraft), by=by, at=at)

    return _to_candidates(visit_id, do, gettext("Saved."))


@blueprint.post("/study-visits/<int:visit_id>/panel")
def add_panelist(visit_id: int) -> Any:
    """Ask somebody onto the panel."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.add_panelist(db, visit, form(PanelDraft), by=by, at=at)

    return _to_candidates(visit_id, do, gettext("The new member has been told."))


@blueprint.post("/study-visits/<int:visit_id>/panel/<int:panelist_id>/remove")
def remove_panelist(visit_id: int, panelist_id: int) -> Any:
    """Let a member leave the panel."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        setting_up.remove_panelist(db, visit, panelist_id, by=by, at=at)

    return _to_candidates(visit_id, do, gettext("The member has left; the points given no longer count."))


@blueprint.get("/study-visits/<int:visit_id>/scores")
def scores(visit_id: int) -> Any:
    """A member's own sheet: each candidate, the points given so far, and the way to step back."""
    return _show_scores(visit_id, (), 0)


def _show_scores(visit_id: int, problems: Sequence[Problem], about: int) -> str:
    with reading() as db:
        seat = _seat(db, visit_id)
        visit = db.get_one(Delegation, visit_id)
        judged = scoring.panel_criteria(db, visit_id)
        lines = scoring.sheet(db, seat)
        return render_template(
            "delegations/scores.html",
            visit=visit,
            criteria=judged,
            lines=lines,
            left=len([one for one in lines if not one.is_done(judged)]),
            problems=problems,
            about=about,
            typed_points=request.form.getlist("points") if problems else [],
            values=typed(problems),
        )


def _seat(db: Db, visit_id: int) -> DelegationPanelist:
    """Return the asker's seat on this panel, or refuse as if there were no such visit."""
    who = guard.principal()
    seat = guard.load(db, DelegationPanelist, delegation_id=visit_id, person_id=who.id, needs=P.DELEGATION_SCORE)
    if seat.left_at is not None:
        raise NotFound()
    return seat


def _judge(visit_id: int, candidate_id: int, do: Any) -> Any:
    try:
        with writing() as db:
            seat = _seat(db, visit_id)
            visit = db.get_one(Delegation, visit_id, with_for_update=True)
            candidate = setting_up.find_candidate(db, visit, candidate_id)
            do(db, visit, seat, candidate)
    except (Invalid, Conflict) as refusal:
        return _show_scores(visit_id, problems_of(refusal), candidate_id), refusal.status
    flash(gettext("Saved."), "success")
    return redirect(url_for("delegations.scores", visit_id=visit_id) + f"#candidate-{candidate_id}")


@blueprint.post("/study-visits/<int:visit_id>/scores/<int:candidate_id>")
def score(visit_id: int, candidate_id: int) -> Any:
    """Store one's points for a candidate."""

    def do(db: Db, visit: Delegation, seat: DelegationPanelist, candidate: DelegationCandidate) -> None:
        scoring.score(db, visit, seat, candidate, form(ScoresDraft), by=seat.person_id, at=clock.now())

    return _judge(visit_id, candidate_id, do)


@blueprint.post("/study-visits/<int:visit_id>/scores/<int:candidate_id>/conflict")
def declare_conflict(visit_id: int, candidate_id: int) -> Any:
    """Step back from judging a candidate."""

    def do(db: Db, visit: Delegation, seat: DelegationPanelist, candidate: DelegationCandidate) -> None:
        scoring.declare_conflict(db, visit, seat, candidate, form(ConflictDraft), by=seat.person_id, at=clock.now())

    return _judge(visit_id, candidate_id, do)


@blueprint.get("/study-visits/<int:visit_id>/ranking")
def ranking(visit_id: int) -> Any:
    """The ranking: as it stands, or as it was decided and worked out again; and what people object to."""
    return _show_ranking(visit_id, ())


def _show_ranking(visit_id: int, problems: Sequence[Problem]) -> str:
    at = clock.now()
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_EDIT)
        common = {
            "visit": visit,
            "stage": stage_of(visit, at),
            "criteria": setting_up.criteria_of(db, visit_id),
            "problems": problems,
            "values": typed(problems),
            "at": at,
        }
        if visit.decided_at is not None:
            lines, agrees = choosing.decided_lines(db, visit)
            stored = {one["id"]: one["values"] for one in (visit.decided_on or {})["candidates"]}
            return render_template(
                "delegations/decision.html",
                lines=lines,
                figures=stored,
                agrees=agrees,
                names={nominee.candidate.id: nominee.person.name for nominee, _ in lines},
                appeals=appealing.appeals_of(db, visit_id),
                **common,
            )
        if visit.published_at is None:
            return render_template("delegations/ranking.html", ranking=None, **common)
        now = choosing.read_ranking(db, visit)
        return render_template(
            "delegations/ranking.html",
            ranking=now,
            names={one.candidate.id: one.person.name for one in now.lines},
            waiting=[one for one in now.lines if one.line.place.value != "out" and one.scored_by < one.judges],
            announce_on=_city_day(at),
            **common,
        )


def _city_day(at: Any) -> str:
    """Return the city's next day, 10 February, that is at least a week away: when names are announced."""
    year = (at + timedelta(days=7)).astimezone(reader().zone).date()
    day = year.replace(month=2, day=10)
    return (day if day >= year else day.replace(year=day.year + 1)).isoformat()


def _to_ranking(visit_id: int, do: Any, said: str) -> Any:
    back = url_for("delegations.ranking", visit_id=visit_id)
    return act(visit_id, _show_ranking, do, said, back, needs=P.DELEGATION_EDIT)


@blueprint.post("/study-visits/<int:visit_id>/decide")
def decide(visit_id: int) -> Any:
    """Decide as the ranking says."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        choosing.decide(db, visit, form(DecisionDraft), by=by, at=at)

    return _to_ranking(visit_id, do, gettext("Decided. Nobody is told before the announcement."))


@blueprint.post("/study-visits/<int:visit_id>/decision/back")
def take_back(visit_id: int) -> Any:
    """Take back a decision that nobody has been told yet."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        choosing.take_back(db, visit, form(ConflictDraft).reason, by=by, at=at)

    return _to_ranking(visit_id, do, gettext("The decision is taken back; scores can be given again."))


@blueprint.post("/study-visits/<int:visit_id>/candidates/<int:candidate_id>/outcome")
def change_outcome(visit_id: int, candidate_id: int) -> Any:
    """Give a candidate another outcome, with a reason."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        candidate = setting_up.find_candidate(db, visit, candidate_id)
        choosing.change_outcome(db, visit, candidate, form(OutcomeDraft), by=by, at=at)

    return _to_ranking(visit_id, do, gettext("Changed. The reason is kept, and who is concerned is told."))


@blueprint.post("/study-visits/<int:visit_id>/appeals/<int:appeal_id>")
def answer_appeal(visit_id: int, appeal_id: int) -> Any:
    """Answer an objection."""

    def do(db: Db, visit: Delegation, by: int, at: Any) -> None:
        appealing.answer_appeal(db, visit, appeal_id, form(AppealAnswerDraft), by=by, at=at)

    return _to_ranking(visit_id, do, gettext("Answered. Whoever objected is told."))
