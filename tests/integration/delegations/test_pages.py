"""The pages of a study visit, from planning it to a module of what came home, each by who does it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.courses.models import Module, ModuleDraft
from lms.db import reading
from lms.delegations.models import Delegation, DelegationCascade, DelegationCost, DelegationTask
from lms.delegations.tasks import announce_study_visits, remind_of_visit_tasks
from lms.outbox.models import Notice
from tests.factories import NINE, World
from tests.integration.delegations.conftest import House

Make = Callable[..., House]
As = Callable[[int], FlaskClient]
VISIT = {
    "title_id": "Kunjungan studi",
    "place": "Singapura",
    "starts_on": "2027-03-01",
    "ends_on": "2027-03-05",
    "quota": "7",
    "reserves": "3",
}


@pytest.fixture(autouse=True)
def at_nine() -> object:
    with time_machine.travel(NINE, tick=False):
        yield


def text_of(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))  # type: ignore[attr-defined]


def test_a_coordinator_plans_a_visit_and_publishes_its_criteria(world: World, as_person: As) -> None:
    citra = as_person(world.citra)
    answer = citra.post("/programmes/pelayanan-prima/study-visits/new", data=VISIT)
    assert answer.status_code == 302
    page = answer.headers["Location"]
    base = page.removesuffix("/criteria")
    assert citra.post(page, data={"name_id": "Kehadiran", "source": "attendance", "weight": "62,5"}).status_code == 302
    refused = citra.post(page, data={"name_id": "Bahasa", "source": "panel", "weight": "seratus"})
    assert refused.status_code == 422 and 'value="Bahasa"' in text_of(refused)
    assert citra.post(f"{base}/publish").status_code == 422
    assert citra.post(page, data={"name_id": "Bahasa", "source": "panel", "weight": "37.5"}).status_code == 302
    tried = text_of(citra.get(page))
    assert "Five invented people" in tried
    assert citra.post(f"{base}/publish").status_code == 302
    assert "Published on" in text_of(citra.get(page))
    # Who learns in the programme reads what counts.
    seen = text_of(as_person(world.ayu).get(base))
    assert "Kehadiran" in seen and "62.5 %" in seen
    with reading() as db:
        templates = db.scalars(select(Notice.template).where(Notice.person_id == world.ayu)).all()
    assert "visit_criteria" in templates


def test_weights_are_tried_in_the_address_and_change_nothing(make_visit: Make, as_person: As) -> None:
    house = make_visit(published=False)
    citra = as_person(house.world.citra)
    page = f"/study-visits/{house.visit}/criteria"
    found = re.search(r'name="criterion" value="(\d+)"', citra.get(page).get_data(as_text=True))
    assert found
    tried = text_of(citra.get(f"{page}?criterion={found[1]}&weight=40"))
    assert 'name="weight" inputmode="decimal" value="40"' in tried and "must be 100" in tried
    assert 'value="100"' in text_of(citra.get(page))
    assert citra.get(f"{page}?criterion={found[1]}&weight=nan").status_code == 200


def test_a_member_of_the_panel_scores_and_sees_only_her_own_points(make_visit: Make, as_person: As) -> None:
    house = make_visit()
    first, second = (as_person(judge) for judge in house.judges)
    page = f"/study-visits/{house.visit}/scores"
    candidate = house.candidate(house.world.ayu)
    found = re.search(r'name="criterion" value="(\d+)"', first.get(page).get_data(as_text=True))
    assert found
    data = {"criterion": found[1], "points": "83", "note": "tenang dan ramah"}
    assert first.post(f"{page}/{candidate}", data=data).status_code == 302
    assert 'value="83"' in first.get(page).get_data(as_text=True)
    assert 'value="83"' not in second.get(page).get_data(as_text=True)
    refused = first.post(f"{page}/{candidate}", data=data | {"points": "183"})
    assert refused.status_code == 422 and 'value="183"' in text_of(refused)
    assert second.post(f"{page}/{candidate}/conflict", data={"reason": "kakak saya"}).status_code == 302
    assert "You stepped back" in text_of(second.get(page))
    # Nobody else has a sheet, not even who set the panel up.
    assert as_person(house.world.citra).get(page).status_code == 404
    assert as_person(house.world.ayu).get(page).status_code == 404


def test_a_candidate_is_taken_out_with_a_reason_and_a_short_one_is_refused_at_its_field(
    make_visit: Make, as_person: As
) -> None:
    house = make_visit()
    citra, base = as_person(house.world.citra), f"/study-visits/{house.visit}/candidates"
    ayu = house.candidate(house.world.ayu)
    refused = citra.post(f"{base}/{ayu}/out", data={"out": "1", "reason": "sdh"})
    assert refused.status_code == 422
    page = text_of(refused)
    # Open again with what was typed, marked where the complaint's link leads; the other candidates' stay closed.
    assert page.count("<details open>") == 1 and page.count('id="f-reason"') == 1
    assert 'href="#f-reason"' in page and 'value="sdh"' in page and 'id="f-reason-error"' in page
    taken_out = citra.post(f"{base}/{ayu}/out", data={"out": "1", "reason": "Sudah pernah."}, follow_redirects=True)
    assert "Sudah pernah." in text_of(taken_out)


def test_the_decision_is_announced_by_the_job_and_each_candidate_sees_her_own_line(
    make_visit: Make, as_person: As
) -> None:
    house = make_visit()
    house.score_all()
    citra, base = as_person(house.world.citra), f"/study-visits/{house.visit}"
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', citra.get(f"{base}/ranking").get_data(as_text=True))
    assert found
    data = {
        "seen": found[1],
        "reasons": "Menurut peringkat.",
        "announce_on": "2026-12-02",
        "announce_time": "09:00",
        "zone": "Asia/Makassar",
        "appeal_days": "7",
    }
    past = citra.post(f"{base}/decide", data=data | {"announce_on": "2026-11-30"})
    assert past.status_code == 422 and "Menurut peringkat." in text_of(past)
    assert citra.post(f"{base}/decide", data=data).status_code == 302
    before = text_of(as_person(house.world.ayu).get(base))
    assert "until then nobody sees the result" in before
    # Words alone: addresses and tokens hold digits by chance.
    assert "90" not in re.sub(r"<[^>]*>", " ", before)
    moment = NINE + timedelta(days=1)
    assert announce_study_visits(moment - timedelta(seconds=1)) == 0
    assert announce_study_visits(moment) > 0
    assert announce_study_visits(moment) == 0
    with time_machine.travel(moment, tick=False):
        chosen, other = text_of(as_person(house.world.ayu).get(base)), text_of(as_person(house.world.budi).get(base))
        assert "You are a member of the delegation" in chosen and "Rank 1 with 90 of 100" in chosen
        assert "Rank 2 with 80 of 100" in other and "I object to this result" in other
        too_short = as_person(house.world.budi).post(f"{base}/appeal", data={"text": "salah"})
        assert too_short.status_code == 422 and "salah" in text_of(too_short)
        objection = {"text": "Nilai wawancara saya tertukar dengan peserta lain."}
        assert as_person(house.world.budi).post(f"{base}/appeal", data=objection).status_code == 302
        assert "tertukar" in text_of(citra.get(f"{base}/ranking"))
        assert "the result is the same" in text_of(citra.get(f"{base}/ranking"))


def test_preparing_names_what_is_due_who_pays_and_whose_passport_expires(make_visit: Make, as_person: As) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    house.announce()
    citra, base = as_person(house.world.citra), f"/study-visits/{house.visit}"
    own = house.candidate(house.world.ayu)
    assert citra.post(f"{base}/candidates/{own}/passport", data={"expires_on": "2027-09-04"}).status_code == 302
    assert "Expires too soon" in text_of(citra.get(f"{base}/preparation"))
    assert citra.post(f"{base}/candidates/{own}/passport", data={"expires_on": "2027-09-05"}).status_code == 302
    assert "Expires too soon" not in text_of(citra.get(f"{base}/preparation"))
    cost = {"kind": "air_ticket", "payer": "unit", "currency": "IDR", "price": "4.850.000", "quantity": "2"}
    nameless = citra.post(f"{base}/costs", data=cost)
    assert nameless.status_code == 422 and "4.850.000" in text_of(nameless)
    assert citra.post(f"{base}/costs", data=cost | {"payer_name": "Dinas Kesehatan"}).status_code == 302
    rate = {"rate": "12.125", "rate_on": "2026-12-01", "rate_source": "Bank Indonesia"}
    assert citra.post(f"{base}/costs/rate", data=rate).status_code == 302
    shown = text_of(citra.get(f"{base}/costs")).replace("\u00a0", " ")
    assert "Rp 9,700,000" in shown and "S$ 800" in shown
    outside = {"on": "2027-03-09", "title": "Kunjungan"}
    assert citra.post(f"{base}/stops", data=outside).status_code == 422
    assert citra.post(f"{base}/stops", data=outside | {"on": "2027-03-02"}).status_code == 302
    assert "Ayu" in text_of(citra.get(f"{base}/candidates/{own}/travel-order"))
    other = house.candidate(house.world.budi)
    assert citra.get(f"{base}/candidates/{other}/travel-order").status_code == 409
    with reading() as db:
        first = db.scalars(select(DelegationTask).where(DelegationTask.code == "invitation")).one()
        due = first.due_on
        assert db.scalars(select(DelegationCost.price)).one() == 4_850_000
    near = NINE + timedelta(days=(due - NINE.date()).days - 3)
    assert remind_of_visit_tasks(near) == 1
    assert remind_of_visit_tasks(near) == 0
    assert citra.post(f"{base}/tasks/{first.id}", data={"done": "1"}).status_code == 302
    with reading() as db:
        assert db.scalars(select(DelegationTask.done_at).where(DelegationTask.id == first.id)).one() is not None


def test_a_delegate_keeps_notes_hands_in_a_report_and_her_task_becomes_a_module(
    make_visit: Make, as_person: As
) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    house.announce()
    ayu, base = as_person(house.world.ayu), f"/study-visits/{house.visit}"
    note = {"on": "2027-03-02", "learned": "Menyapa lebih dulu."}
    assert ayu.post(f"{base}/journey/diary", data=note | {"on": "2027-03-06"}).status_code == 422
    assert ayu.post(f"{base}/journey/diary", data=note).status_code == 302
    assert ayu.post(f"{base}/journey/diary", data=note | {"learned": "Menyapa dengan nama."}).status_code == 302
    shown = text_of(ayu.get(f"{base}/journey"))
    assert "Menyapa dengan nama." in shown and "Menyapa lebih dulu." not in shown
    assert ayu.post(f"{base}/journey/report", data={"text": "Laporan"}).status_code == 302
    assert ayu.post(f"{base}/journey/report", data={"text": "Laporan akhir", "sent": "1"}).status_code == 302
    assert ayu.post(f"{base}/journey/report", data={"text": "Lain"}).status_code == 409
    cascade = {"title": "Menyapa lebih dulu", "due_on": "2027-04-01", "text": "# Menyapa\n\nDua menit."}
    assert ayu.post(f"{base}/journey/cascades", data=cascade).status_code == 302
    with reading() as db:
        report = select(DelegationTask.done_at).where(
            DelegationTask.code == "report", DelegationTask.candidate_id == house.candidate(house.world.ayu)
        )
        assert db.scalars(report).one() is not None
        passed_on = db.scalars(select(DelegationCascade)).one()
    # Budi is a reserve: there is no journey for him, and he cannot tick Ayu's.
    budi = as_person(house.world.budi)
    assert budi.get(f"{base}/journey").status_code == 404
    assert budi.post(f"{base}/journey/cascades/{passed_on.id}", data={"done": "1"}).status_code == 404
    assert ayu.post(f"{base}/journey/cascades/{passed_on.id}", data={"done": "1"}).status_code == 302
    iskandar = as_person(house.world.iskandar)
    learned = text_of(iskandar.get(f"{base}/learned"))
    assert "Laporan akhir" in learned and "Make a draft module" in learned
    made = iskandar.post(
        f"{base}/cascades/{passed_on.id}/module", data={"course_id": str(house.world.course), "language": "id"}
    )
    assert made.status_code == 302 and made.headers["Location"].endswith("/edit")
    again = {"course_id": str(house.world.course), "language": "id"}
    assert iskandar.post(f"{base}/cascades/{passed_on.id}/module", data=again).status_code == 409
    with reading() as db:
        module = db.scalars(select(Module).order_by(Module.id.desc()).limit(1)).one()
        draft = db.scalars(select(ModuleDraft).where(ModuleDraft.module_id == module.id)).one()
        assert draft.title == "Menyapa lebih dulu" and draft.markdown.startswith("# Menyapa")
    assert as_person(house.world.ayu).get(f"{base}/learned").status_code == 403


def test_a_decision_nobody_was_told_is_taken_back_with_a_reason(make_visit: Make, as_person: As) -> None:
    house = make_visit()
    house.score_all()
    house.decide()
    citra, base = as_person(house.world.citra), f"/study-visits/{house.visit}"
    assert citra.post(f"{base}/decision/back", data={"reason": "x"}).status_code == 422
    assert citra.post(f"{base}/decision/back", data={"reason": "Satu calon lupa dinilai."}).status_code == 302
    with reading() as db:
        assert db.get_one(Delegation, house.visit).decided_at is None
        acts = db.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "delegation")).all()
    assert "visit_decided" in acts and "decision_taken_back" in acts
    assert house.outcomes() == [None, None, None]
    assert announce_study_visits(NINE + timedelta(days=9)) == 0
