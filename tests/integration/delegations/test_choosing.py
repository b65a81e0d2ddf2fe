"""Choosing who goes: nothing is seen before the criteria are published, and nobody is told before the announcement."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.attendance.models import Mark
from lms.db import reading, writing
from lms.delegations.models import (
    Delegation,
    DelegationCandidate,
    DelegationCriterion,
    DelegationScore,
    DelegationTask,
)
from lms.delegations.rules.drafts import (
    AppealAnswerDraft,
    AppealDraft,
    ConflictDraft,
    CriterionDraft,
    DecisionDraft,
    OutcomeDraft,
    OutDraft,
    PanelDraft,
    ScoresDraft,
    WeightsDraft,
)
from lms.delegations.rules.ranking import Source
from lms.delegations.service import appealing, choosing, scoring, setting_up
from lms.delegations.service.figures import read_figures
from lms.evaluations.models import ActionPlan, ActionStep
from lms.kernel.errors import Conflict, Invalid, NotFound, Refusal
from lms.outbox.models import Message, Notice
from lms.quizzes.models import Attempt, QuizVersion
from tests.factories import NINE, World, make_quiz, make_session
from tests.integration.delegations.conftest import BEGUN, House

Make = Callable[..., House]


def told(person: int) -> list[str]:
    with reading() as db:
        return list(db.scalars(select(Notice.template).where(Notice.person_id == person).order_by(Notice.id)))


def refused(code: str, work: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refusal:
        work()
    assert refusal.value.code == code


def test_weights_must_add_up_and_stand_once_published(make_visit: Make) -> None:
    house = make_visit(published=False)
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        attendance = CriterionDraft(name_id="Kehadiran", source="attendance", weight=Decimal(30))
        setting_up.add_criterion(db, visit, attendance, by=house.world.citra, at=NINE)
        refused("weights_not_hundred", lambda: setting_up.publish(db, visit, by=house.world.citra, at=NINE))
        with pytest.raises(Invalid):
            setting_up.add_criterion(db, visit, attendance, by=house.world.citra, at=NINE)
        ids = [one.id for one in setting_up.criteria_of(db, visit.id)]
        draft = WeightsDraft(criterion=ids, weight=[Decimal(70), Decimal(30)])
        setting_up.set_weights(db, visit, draft, by=house.world.citra, at=NINE)
        setting_up.publish(db, visit, by=house.world.citra, at=NINE)
        assert len(visit.seed) == 64
        for change in (
            lambda: setting_up.set_weights(db, visit, draft, by=house.world.citra, at=NINE),
            lambda: setting_up.add_criterion(db, visit, attendance, by=house.world.citra, at=NINE),
            lambda: setting_up.remove_criterion(db, visit, ids[0], by=house.world.citra, at=NINE),
            lambda: setting_up.publish(db, visit, by=house.world.citra, at=NINE),
        ):
            refused("criteria_are_published", change)


def test_before_the_criteria_are_published_there_is_no_score_and_no_figure(make_visit: Make) -> None:
    house = make_visit(published=False)
    refused("scores_before_criteria", lambda: house.give(house.judges[0], house.world.ayu, 80))
    with reading() as db:
        visit = db.get_one(Delegation, house.visit)
        refused("scores_before_criteria", lambda: choosing.read_ranking(db, visit))


def test_the_decision_waits_for_every_score_and_is_worked_out_again_from_what_was_stored(make_visit: Make) -> None:
    house = make_visit()
    for person in house.people:
        house.give(house.judges[0], person, 70)
    refused("ranking_incomplete", house.decide)
    house.score_all()
    house.decide()
    assert house.outcomes() == ["chosen", "reserve", "not_chosen"]
    with reading() as db:
        visit = db.get_one(Delegation, house.visit)
        lines, agrees = choosing.decided_lines(db, visit)
        assert agrees
        assert [(nominee.person.id, line.total) for nominee, line in lines] == [
            (house.world.ayu, Decimal("90.00")),
            (house.world.budi, Decimal("80.00")),
            (house.others[0], Decimal("70.00")),
        ]
        changed = dict(visit.decided_on or {}, quota=3)
    with writing() as db:
        db.get_one(Delegation, house.visit).decided_on = changed
    with reading() as db:
        assert not choosing.decided_lines(db, db.get_one(Delegation, house.visit))[1]


def test_after_the_decision_no_score_and_no_candidate_changes(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    refused("visit_is_decided", lambda: house.give(house.judges[0], house.world.ayu, 1))
    refused("visit_is_decided", house.decide)
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        candidate = setting_up.find_candidate(db, visit, house.candidate(house.world.budi))
        out = OutDraft(out=True, reason="terlambat mendaftar")
        refused("visit_is_decided", lambda: setting_up.set_out(db, visit, candidate, out, by=1, at=NINE))


def test_a_ranking_that_moved_since_it_was_looked_at_is_not_decided(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    with reading() as db:
        seen = choosing.read_ranking(db, db.get_one(Delegation, house.visit)).hash
    house.give(house.judges[0], house.world.budi, 99)
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        draft = DecisionDraft(
            reasons="Menurut peringkat.",
            announce_on=NINE.date() + timedelta(days=2),
            announce_time=NINE.time(),
            seen=seen,
        )
        refused("ranking_moved", lambda: choosing.decide(db, visit, draft, by=house.world.citra, at=NINE))


def test_a_member_who_steps_back_is_left_out_for_that_candidate_alone(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    judge = house.judges[0]
    candidate_id = house.candidate(house.world.ayu)
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        seat = scoring.own_seat(db, house.visit, judge)
        candidate = setting_up.find_candidate(db, visit, candidate_id)
        draft = ConflictDraft(reason="bawahan langsung saya")
        scoring.declare_conflict(db, visit, seat, candidate, draft, by=judge, at=NINE)
        scoring.declare_conflict(db, visit, seat, candidate, draft, by=judge, at=NINE)
    with reading() as db:
        points = db.scalars(select(DelegationScore.points).where(DelegationScore.candidate_id == candidate_id)).all()
        assert len(points) == 1
        ranking = choosing.read_ranking(db, db.get_one(Delegation, house.visit))
        judged = {one.person.id: (one.scored_by, one.judges) for one in ranking.lines}
        assert judged[house.world.ayu] == (1, 1) and judged[house.world.budi] == (2, 2)
    refused("panelist_stepped_back", lambda: house.give(judge, house.world.ayu, 50))


def test_points_of_a_member_who_left_do_not_count(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    house.give(house.judges[1], house.world.ayu, 0)
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        seat = scoring.own_seat(db, house.visit, house.judges[1])
        setting_up.remove_panelist(db, visit, seat.id, by=house.world.citra, at=NINE)
    with pytest.raises(NotFound):
        house.seat(house.judges[1])
    house.decide()
    assert house.outcomes() == ["chosen", "reserve", "not_chosen"]


def test_a_candidate_does_not_sit_on_the_panel(make_visit: Make) -> None:
    house = make_visit()
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        ayu = db.get_one(Person, house.world.ayu)
        draft = PanelDraft(login=ayu.email)
        refused(
            "panelist_is_candidate",
            lambda: setting_up.add_panelist(db, visit, draft, by=house.world.citra, at=NINE),
        )


def test_nobody_is_told_before_the_moment_and_everybody_once_at_it(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    house.decide(announce=NINE + timedelta(days=1))
    assert house.announce(at=NINE + timedelta(hours=23)) == 0
    assert "visit_chosen" not in told(house.world.ayu)
    assert house.announce() > 0
    assert house.announce() == 0
    outcomes = [told(person)[-1] for person in house.people]
    assert outcomes == ["visit_chosen", "visit_reserve", "visit_not_chosen"]
    # Mallory learns in another batch of the programme.
    assert told(house.world.mallory)[-1] == "visit_announced"
    with reading() as db:
        mails = db.scalars(select(func.count()).select_from(Message).where(Message.template == "visit_chosen")).one()
        assert mails == 1


def test_two_processes_announce_once(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    counts: list[int] = []

    def announce() -> None:
        with writing() as db:
            visit = db.get_one(Delegation, house.visit, with_for_update=True)
            counts.append(choosing.announce(db, visit, at=NINE + timedelta(days=2)))

    threads = [threading.Thread(target=announce) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts)[:3] == [0, 0, 0] and max(counts) > 0
    assert told(house.world.ayu).count("visit_chosen") == 1


def test_two_coordinators_decide_once(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    codes: list[str] = []

    def decide() -> None:
        try:
            with writing() as db:
                visit = db.get_one(Delegation, house.visit, with_for_update=True)
                draft = DecisionDraft(
                    reasons="Menurut peringkat.",
                    announce_on=NINE.date() + timedelta(days=2),
                    announce_time=NINE.time(),
                    seen=choosing.read_ranking(db, visit).hash,
                )
                choosing.decide(db, visit, draft, by=house.world.citra, at=NINE)
            codes.append("decided")
        except Conflict as conflict:
            codes.append(conflict.code)

    threads = [threading.Thread(target=decide) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["decided", "visit_is_decided", "visit_is_decided"]


def test_an_objection_is_taken_within_its_window_and_answered_once(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    text = AppealDraft(text="Nilai wawancara saya tertukar dengan peserta lain.")

    def object_at(days: float) -> None:
        with writing() as db:
            visit = db.get_one(Delegation, house.visit)
            own = setting_up.find_candidate(db, visit, house.candidate(house.world.budi))
            appealing.file_appeal(db, visit, own, text, by=house.world.budi, at=NINE + timedelta(days=days))

    refused("appeal_window_closed", lambda: object_at(0.5))
    house.announce()
    refused("appeal_window_closed", lambda: object_at(9))
    object_at(2)
    refused("appeal_there_already", lambda: object_at(3))
    answer = AppealAnswerDraft(upheld=True, answer="Nilainya memang tertukar.")
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        ((appeal, _, _),) = appealing.appeals_of(db, house.visit)
        appealing.answer_appeal(db, visit, appeal.id, answer, by=house.world.citra, at=NINE + timedelta(days=3))
        refused(
            "appeal_answered_already",
            lambda: appealing.answer_appeal(db, visit, appeal.id, answer, by=house.world.citra, at=NINE),
        )
    assert told(house.world.budi)[-1] == "visit_appeal_upheld"
    assert "visit_appeal" in told(house.world.citra)


def test_a_reserve_moves_up_when_a_place_is_free_and_gets_a_checklist(make_visit: Make) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    house.announce()

    def change(person: int, outcome: str) -> None:
        candidate_id = house.candidate(person)
        with writing() as db:
            visit = db.get_one(Delegation, house.visit)
            candidate = setting_up.find_candidate(db, visit, candidate_id)
            draft = OutcomeDraft(outcome=outcome, reason="Berhalangan karena sakit.")
            choosing.change_outcome(db, visit, candidate, draft, by=house.world.citra, at=NINE + timedelta(days=4))

    refused("quota_full", lambda: change(house.world.budi, "chosen"))
    change(house.world.ayu, "not_chosen")
    change(house.world.budi, "chosen")
    assert house.outcomes() == ["not_chosen", "chosen", "not_chosen"]
    assert told(house.world.budi)[-1] == "visit_chosen"
    with reading() as db:
        own = db.scalars(
            select(DelegationTask.code).where(DelegationTask.candidate_id == house.candidate(house.world.budi))
        ).all()
    assert "passport" in own and "report" in own


def test_platform_figures_come_from_attendance_and_the_post_test(make_visit: Make, world: World) -> None:
    with writing() as db:
        first = make_session(db, world.batch, starts_at=NINE - timedelta(days=9))
        second = make_session(db, world.batch, starts_at=NINE - timedelta(days=8))
        third = make_session(db, world.batch, starts_at=NINE - timedelta(days=7))
        quiz = make_quiz(db, world.course, "post", more="")
        quiz.purpose = "post"
        db.flush()
        version = db.scalars(select(QuizVersion.id).where(QuizVersion.quiz_id == quiz.id)).one()
        for session, status in ((first, "attended"), (second, "absent"), (third, "excused")):
            excuse = "izin" if status == "excused" else None
            db.add(Mark(session_id=session.id, person_id=world.ayu, status=status, excuse=excuse, judged_at=NINE))
        for person, percent in ((world.ayu, 62.5), (world.budi, 80.0)):
            attempt = Attempt(
                quiz_id=quiz.id, version_id=version, batch_id=world.batch, person_id=person, number=1, seed="s",
                percent=percent, earned=1.0, possible=1.0, started_at=NINE, submitted_at=NINE, submitted_by="person",
            )  # fmt: skip
            db.add(attempt)
    with reading() as db:
        people = [(world.batch, world.ayu), (world.batch, world.budi)]
        figures = read_figures(db, [Source.ATTENDANCE, Source.POST_TEST, Source.GAIN], people)
    assert figures[Source.ATTENDANCE] == {world.ayu: Decimal("50.00"), world.budi: None}
    assert figures[Source.POST_TEST] == {world.ayu: Decimal("62.50"), world.budi: Decimal("80.00")}
    assert figures[Source.GAIN] == {world.ayu: None, world.budi: None}


def test_the_figure_of_the_action_plan_is_how_much_of_it_is_done(world: World, app: Flask) -> None:
    with writing() as db:
        for person in (world.ayu, world.budi):
            plan = ActionPlan(batch_id=world.batch, person_id=person, aim="Antrean", created_at=NINE, changed_at=NINE)
            db.add(plan)
            db.flush()
            if person == world.ayu:
                steps = [ActionStep(plan_id=plan.id, text="Langkah", percent=percent) for percent in (100, 50, 25)]
                db.add_all(steps)
    with reading() as db:
        people = [(world.batch, world.ayu), (world.batch, world.budi), (world.other_batch, world.mallory)]
        figures = read_figures(db, [Source.ACTION_PLAN], people)
    assert figures == {Source.ACTION_PLAN: {world.ayu: Decimal("58.33"), world.budi: None, world.mallory: None}}


def test_rows_of_one_visit_cannot_be_reached_through_another(make_visit: Make) -> None:
    house, other = make_visit(), make_visit()
    with reading() as db:
        visit = db.get_one(Delegation, house.visit)
        with pytest.raises(NotFound):
            setting_up.find_candidate(db, visit, other.candidate(other.world.ayu))
        assert db.scalar(select(func.count()).select_from(DelegationCriterion)) == 2
        assert db.scalar(select(func.count()).select_from(DelegationCandidate)) == 6
    with writing() as db:
        visit = db.get_one(Delegation, house.visit)
        foreign = scoring.panel_criteria(db, other.visit)[0].id
        seat = scoring.own_seat(db, house.visit, house.judges[0])
        candidate = setting_up.find_candidate(db, visit, house.candidate(house.world.ayu))
        draft = ScoresDraft(criterion=[foreign], points=[50])
        refused(
            "criterion_not_scored",
            lambda: scoring.score(db, visit, seat, candidate, draft, by=house.judges[0], at=BEGUN),
        )
