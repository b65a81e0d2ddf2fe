"""Questionnaires opened, filled in, closed, read: who is asked, what is told, and what it means for certificates."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from lms.db import reading, writing
from lms.evaluations import tasks
from lms.evaluations.models import ActionPlan, ActionStep, Ballot, Invitation, Survey, Turnout
from lms.evaluations.service import surveys
from lms.outbox.models import Notice
from lms.programmes.models import Batch
from tests.factories import NINE, World, make_survey
from tests.integration.evaluations.conftest import AsPerson, answers


def found(kind: str) -> Survey:
    with reading() as db:
        return db.scalars(select(Survey).where(Survey.kind == kind)).one()


def let_answer(survey: int, people: list[int], as_person: AsPerson, marks: list[int], text: str = "") -> None:
    for person_id, mark in zip(people, marks, strict=True):
        sent = answers(survey, mark, **({"good": f"{text} {person_id}"} if text else {}))
        assert as_person(person_id).post(f"/evaluations/{survey}", data=sent).status_code == 302


def end(survey: int) -> None:
    with writing() as db:
        db.execute(update(Survey).where(Survey.id == survey).values(closes_at=NINE))


def test_a_coordinator_opens_what_there_is_and_everyone_asked_is_told(
    world: World, app: Flask, lesson: int, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    address = f"/batches/{world.batch}/evaluation"
    assert citra.post(f"{address}/open", data={"what": "lessons"}).status_code == 302
    assert citra.post(f"{address}/open", data={"what": "organiser"}).status_code == 302
    assert citra.post(f"{address}/open", data={"what": "organiser"}).status_code == 302
    assert citra.post(f"{address}/open", data={"what": "nonsense"}).status_code == 404
    with reading() as db:
        assert sorted(db.scalars(select(Survey.kind))) == ["instructor", "organiser"]
        told = db.scalars(select(Notice.person_id).where(Notice.template == "survey_open")).all()
    # Budi was absent: he is asked about the organisation alone. Two on one day are one letter.
    assert sorted(told) == sorted([world.ayu, world.budi])
    assert "0 of 2 answered" in citra.get(address).text


def test_who_was_not_there_cannot_say_anything_about_the_instructor(
    world: World, app: Flask, lesson: int, as_person: AsPerson
) -> None:
    as_person(world.citra).post(f"/batches/{world.batch}/evaluation/open", data={"what": "lessons"})
    survey = found("instructor")
    assert as_person(world.budi).get(f"/evaluations/{survey.id}").status_code == 403
    assert as_person(world.budi).post(f"/evaluations/{survey.id}", data=answers(survey.id)).status_code == 403
    assert "Iskandar Rahman" in as_person(world.ayu).get(f"/evaluations/{survey.id}").text


def test_ones_own_page_lists_what_is_open_then_what_is_past(world: World, app: Flask, as_person: AsPerson) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
    ayu = as_person(world.ayu)
    assert f'href="/evaluations/{survey}"' in ayu.get("/evaluations").text
    ayu.post(f"/evaluations/{survey}", data=answers(survey))
    page = ayu.get("/evaluations").text
    assert f'href="/evaluations/{survey}"' not in page and "You have filled in everything" in page
    assert "1 earlier questionnaire" in page


def test_what_is_missing_is_named_and_nothing_typed_is_lost(world: World, app: Flask, as_person: AsPerson) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
    sent = answers(survey, 4, better="Ruang terlalu dingin")
    sent.pop("item-committee-2")
    answer = as_person(world.ayu).post(f"/evaluations/{survey}", data=sent)
    assert answer.status_code == 422
    assert 'href="#f-item-committee-2"' in answer.text and "Ruang terlalu dingin" in answer.text
    assert answer.text.count(" checked") == len(sent) - 1
    with reading() as db:
        assert db.scalars(select(Turnout)).all() == [] and db.scalars(select(Ballot)).all() == []


def test_results_wait_for_closing_and_for_five(
    world: World, app: Flask, classmates: list[int], as_person: AsPerson
) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
        other = make_survey(db, world.batch, key="second").id
    let_answer(survey, classmates[:5], as_person, [4, 4, 3, 3, 2], "Diskusi")
    let_answer(other, classmates[:4], as_person, [4, 4, 4, 4], "Rahasia")
    citra = as_person(world.citra)
    assert citra.get(f"/evaluations/{survey}/results").status_code == 409
    assert "3.2" not in citra.get(f"/batches/{world.batch}/evaluation").text
    citra.post(f"/evaluations/{survey}/close")
    end(other)
    page = citra.get(f"/evaluations/{survey}/results").text
    assert "3.2" in page and "Diskusi" in page and "Only 5 answers" in page
    few = citra.get(f"/evaluations/{other}/results").text
    assert "4 answers are too few" in few and "Rahasia" not in few
    # Closed is closed: opened again, the next answer would be told by difference.
    assert citra.post(f"/evaluations/{survey}/prolong", data={"until": "2026-12-24"}).status_code == 409
    assert as_person(classmates[6]).get(f"/evaluations/{survey}").status_code == 409


def test_an_open_questionnaire_can_be_prolonged(world: World, app: Flask, as_person: AsPerson) -> None:
    with writing() as db:
        survey = make_survey(db, world.batch).id
    citra = as_person(world.citra)
    assert citra.post(f"/evaluations/{survey}/prolong", data={"until": "2026-11-30"}).status_code == 422
    assert citra.post(f"/evaluations/{survey}/prolong", data={"until": "bad"}).status_code == 422
    assert citra.post(f"/evaluations/{survey}/prolong", data={"until": "2026-12-24"}).status_code == 302
    with reading() as db:
        assert db.get_one(Survey, survey).closes_at.isoformat().startswith("2026-12-24")


def test_an_instructor_sees_means_of_own_lessons_and_nobodys_words(
    world: World, app: Flask, lesson: int, classmates: list[int], as_person: AsPerson
) -> None:
    with writing() as db:
        about = {"session_id": lesson, "instructor_id": world.iskandar}
        survey = make_survey(db, world.batch, "instructor", **about).id
        ballots = [{"marks": {"teaching-1": mark}, "texts": {"good": "Kata-kata"}} for mark in (4, 4, 4, 3, 3)]
        for number, one in enumerate(ballots):
            db.add(Ballot(id=f"{number:032}", survey_id=survey, answers=one))
    end(survey)
    page = as_person(world.iskandar).get("/evaluations/taught").text
    assert "3.6" in page and "Kata-kata" not in page
    assert as_person(world.iskandar).get(f"/evaluations/{survey}/results").status_code == 403


def test_a_batch_set_to_it_evaluates_itself_and_reminds_once(
    world: World, app: Flask, lesson: int, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    form = {"automatic": "1", "days_open": "7"}
    assert citra.post(f"/batches/{world.batch}/evaluation/setting", data=form).status_code == 302
    with app.app_context():
        assert tasks.evaluate_batches(NINE) == 1
        assert tasks.evaluate_batches(NINE) == 0
        assert tasks.evaluate_batches(NINE + timedelta(days=5, hours=1)) == 0
        tasks.evaluate_batches(NINE + timedelta(days=6))
    with reading() as db:
        reminded = db.scalars(select(Notice.person_id).where(Notice.template == "survey_reminder")).all()
    assert reminded == [world.ayu]


def test_the_follow_up_opens_by_itself_after_three_and_six_months(
    world: World, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        db.get_one(Batch, world.batch).ends_on = NINE.date()
        surveys.save_setting(db, db.get_one(Batch, world.batch), surveys.SettingDraft(automatic=True), by=None, at=NINE)
    with app.app_context():
        assert tasks.evaluate_batches(NINE + timedelta(days=80)) == 0
        assert tasks.evaluate_batches(NINE + timedelta(days=91)) == 3
        assert tasks.evaluate_batches(NINE + timedelta(days=183)) == 3
    with reading() as db:
        opened = db.execute(select(Survey.month, Survey.kind).order_by(Survey.month, Survey.kind)).all()
    assert opened == [(m, k) for m in (3, 6) for k in ("alumnus", "peer", "superior")]


def test_evaluation_filled_in_is_part_of_what_a_certificate_needs(
    world: World, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        first = make_survey(db, world.batch).id
        make_survey(db, world.batch, "alumnus", month=3)
    assert "1 questionnaire is still to be filled in" in as_person(world.ayu).get("/certificates").text
    as_person(world.ayu).post(f"/evaluations/{first}", data=answers(first))
    assert "everything asked so far is filled in" in as_person(world.ayu).get("/certificates").text
    end(first)
    page = as_person(world.citra).get(f"/batches/{world.batch}/certificates/{world.budi}").text
    assert "1 questionnaire has closed without being filled in" in page


def test_a_programme_asks_its_own_questions_from_then_on(world: World, app: Flask, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    address = "/programmes/pelayanan-prima/questionnaires/organiser"
    assert citra.post(address, data={"scale": "4"}).status_code == 422
    form = {"blocks": ["relevance"], "own": "Apakah tepat? | Is it apt?", "scale": "5"}
    assert citra.post(address, data=form).status_code == 302
    assert citra.get(address.replace("organiser", "nonsense")).status_code == 404
    citra.post(f"/batches/{world.batch}/evaluation/open", data={"what": "organiser"})
    page = as_person(world.ayu).get(f"/evaluations/{found('organiser').id}").text
    assert "Is it apt?" in page and 'value="5"' in page and "Taste of the meals" not in page


def test_a_superior_answers_by_link_once_and_stays_unknown(world: World, app: Flask, as_person: AsPerson) -> None:
    as_person(world.citra).post(f"/batches/{world.batch}/evaluation/open", data={"what": "month-3"})
    superior, peer = found("superior"), found("peer")
    ayu = as_person(world.ayu)
    address = f"/batches/{world.batch}/follow-up"
    named = {"survey": superior.id, "kind": "superior", "name": "Bu Ratna", "login": ""}
    assert ayu.post(address, data=named).status_code == 302
    assert "enough named" in ayu.post(address, data=named | {"name": "Pak Lain"}).text
    unknown = ayu.post(address, data={"survey": peer.id, "kind": "peer", "name": "X", "login": "no@example.test"})
    assert unknown.status_code == 422 and "Nobody here has this e-mail" in unknown.text
    assert ayu.post(address, data={"survey": peer.id, "kind": "superior", "name": "X"}).status_code == 404
    link = ayu.get(address).text.split("/follow-up/")[1].split('"')[0]
    stranger = app.test_client()
    stranger.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "Ayu Lestari took part" in stranger.get(f"/follow-up/{link}").text
    assert stranger.post(f"/follow-up/{link}", data={}).status_code == 422
    assert stranger.post(f"/follow-up/{link}", data=answers(superior.id, 4)).status_code == 302
    assert "Thank you" in stranger.get(f"/follow-up/{link}").text
    assert "Thank you" in stranger.post(f"/follow-up/{link}", data=answers(superior.id, 1)).text
    assert stranger.get(f"/follow-up/{link}x").status_code == 404
    with reading() as db:
        assert [one.answers["marks"]["effect-1"] for one in db.scalars(select(Ballot))] == [4]
        assert [one.used for one in db.scalars(select(Invitation))] == [True]


def test_a_peer_with_an_account_is_told_here(world: World, app: Flask, as_person: AsPerson) -> None:
    as_person(world.citra).post(f"/batches/{world.batch}/evaluation/open", data={"what": "month-3"})
    peer = found("peer")
    named = {"survey": peer.id, "kind": "peer", "name": "Budi", "login": "198001012005011002"}
    assert as_person(world.ayu).post(f"/batches/{world.batch}/follow-up", data=named).status_code == 302
    with reading() as db:
        (notice,) = db.scalars(select(Notice).where(Notice.template == "follow_up_invited"))
    assert notice.person_id == world.budi
    assert as_person(world.budi).get(notice.link).status_code == 200


def test_an_action_plan_is_kept_step_by_step_and_read_by_the_coordinator(
    world: World, app: Flask, as_person: AsPerson
) -> None:
    ayu, address = as_person(world.ayu), f"/batches/{world.batch}/action-plan"
    form = {
        "aim": "Waktu tunggu turun", "step_id": ["0", "0"], "step_text": ["Ukur antrean", "Ubah loket"],
        "step_due": ["2026-11-01", "2027-02-01"], "step_percent": ["50", "0"],
    }  # fmt: skip
    assert ayu.post(address, data=form | {"aim": ""}).status_code == 422
    assert "Ukur antrean" in ayu.post(address, data=form | {"step_due": ["kapan", ""]}).text
    assert ayu.post(address, data=form).status_code == 302
    with reading() as db:
        first, second = db.scalars(select(ActionStep).order_by(ActionStep.id))
        plan = db.scalars(select(ActionPlan)).one()
    changed = form | {"step_id": [str(first.id), str(second.id)], "step_text": ["Ukur antrean", ""]}
    ayu.post(address, data=changed | {"step_percent": ["100", "0"]})
    with reading() as db:
        assert [(one.id, one.percent) for one in db.scalars(select(ActionStep))] == [(first.id, 100)]
    citra = as_person(world.citra)
    assert "1 of 2 trainees have one" in citra.get(f"/batches/{world.batch}/action-plans").text
    citra.post(f"/action-plans/{plan.id}", data={"text": "Bagus, lanjutkan."})
    assert "Bagus, lanjutkan." in ayu.get(address).text
    assert as_person(world.budi).get(f"/action-plans/{plan.id}").status_code == 403


def test_a_programme_stands_on_four_levels_with_the_numbers_behind_them(
    world: World, app: Flask, classmates: list[int], as_person: AsPerson, counted: list[str]
) -> None:
    with writing() as db:
        organiser = make_survey(db, world.batch).id
        alumni = make_survey(db, world.batch, "alumnus", month=3).id
        db.add(ActionPlan(batch_id=world.batch, person_id=world.ayu, aim="A", created_at=NINE, changed_at=NINE))
    let_answer(organiser, classmates[:6], as_person, [4, 4, 4, 4, 4, 4])
    let_answer(alumni, classmates[:4], as_person, [4, 4, 4, 4])
    end(organiser)
    end(alumni)
    citra = as_person(world.citra)
    counted.clear()
    page = citra.get("/programmes/pelayanan-prima/evaluation").text.replace("\xa0", " ")
    few = len(counted)
    assert "<strong>100 %</strong>" in page and "6 of 8 answered" in page
    assert "too few answers (4)" in page and "1 / 8" in page
    with writing() as db:
        for number in range(5):
            make_survey(db, world.batch, key=f"more-{number}")
    counted.clear()
    citra.get("/programmes/pelayanan-prima/evaluation")
    assert len(counted) == few
