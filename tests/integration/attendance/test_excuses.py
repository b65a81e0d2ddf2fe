"""To be excused and to dispute a mark: asked by whom it concerns, answered once, told either way."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.models import Amendment, Correction, Petition
from lms.attendance.rules.petition_drafts import AnswerDraft, DisputeDraft, ExcuseDraft
from lms.attendance.service import decisions, petitions, register
from lms.attendance.tasks import locked_session
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from lms.kernel.intervals import Interval
from lms.outbox.models import Message
from lms.sessions.service import scheduling
from tests.factories import World, enrol, grant, make_person
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.witnessing import count, judge, line_of, mark_of, session_of, templates

Client = Callable[[int], FlaskClient]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def ask(world: World, lecture: int, minutes: float = -60, **fields: Any) -> Petition:
    draft = ExcuseDraft(**({"excuse": "dinas_luar", "letter_number": "800/12/2026"} | fields))
    with writing() as db:
        return petitions.ask_excuse(db, session_of(db, lecture), world.ayu, draft, None, at=at(minutes))


def disputed(world: World, lecture: int, minutes: float = 100, note: str = "Saya di ruang") -> Petition:
    with writing() as db:
        return petitions.dispute(db, session_of(db, lecture), world.ayu, DisputeDraft(note=note), at=at(minutes))


def answer(world: World, lecture: int, petition: Petition, minutes: float = 110, **fields: Any) -> Correction | None:
    draft = AnswerDraft.model_validate({"approve": True} | fields)
    with writing() as db:
        session = locked_session(db, lecture)
        kept = db.get_one(Petition, petition.id)
        return petitions.answer(db, session, kept, draft, by=world.citra, at=at(minutes))


def state(petition: Petition) -> str:
    with reading() as db:
        return db.get_one(Petition, petition.id).state


def letters(person: int) -> list[str]:
    with reading() as db:
        return list(db.scalars(select(Message.template).where(Message.person_id == person).order_by(Message.id)))


def test_an_excuse_asked_before_the_session_stands_when_it_is_judged(world: World, lecture: int) -> None:
    petition = ask(world, lecture)
    assert templates(world.citra) == ["excuse_asked"]
    answer(world, lecture, petition, minutes=-30)
    assert line_of(lecture, world.ayu, 10).verdict.status.value == "excused"
    judge(lecture)
    assert mark_of(lecture, world.ayu) == ("excused", "dinas_luar")
    assert templates(world.ayu) == ["excuse_approved"] and letters(world.ayu) == ["excuse_approved"]
    with reading() as db:
        row = db.scalars(select(Correction)).one()
        assert row.reason == "800/12/2026" and row.new["petition"] == petition.id


def test_an_excuse_asked_afterwards_changes_the_mark(world: World, lecture: int) -> None:
    judge(lecture)
    answer(world, lecture, ask(world, lecture, 100, excuse="sakit", letter_number=""), answer="")
    assert mark_of(lecture, world.ayu) == ("excused", "sakit")
    assert line_of(lecture, world.ayu, 120).verdict.reasons[0].code == "decided_plainly"


def test_a_refusal_keeps_the_mark_and_says_why(world: World, lecture: int) -> None:
    judge(lecture)
    petition = ask(world, lecture, 100)
    assert answer(world, lecture, petition, approve=False, answer="Surat tugas belum ada") is None
    assert state(petition) == "refused" and mark_of(lecture, world.ayu) == ("absent", None)
    assert templates(world.ayu) == ["excuse_refused"]
    # Refused once, she may bring the letter and ask again.
    assert ask(world, lecture, 130).id != petition.id


def test_the_same_request_sent_twice_is_one_and_another_has_to_wait(world: World, lecture: int) -> None:
    first = ask(world, lecture)
    assert ask(world, lecture, -59).id == first.id
    assert templates(world.citra) == ["excuse_asked"]
    with pytest.raises(Conflict, match="petition_open_already"):
        ask(world, lecture, -58, excuse="cuti")


def test_asked_by_two_windows_at_once_it_is_one(world: World, lecture: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len({petition.id for petition in pool.map(lambda _: ask(world, lecture), range(4))}) == 1


def test_whoever_is_excused_need_not_ask(world: World, lecture: int) -> None:
    answer(world, lecture, ask(world, lecture))
    with pytest.raises(Conflict, match="excuse_stands_already"):
        ask(world, lecture, 120)


def test_it_can_be_taken_back_until_it_is_answered(world: World, lecture: int) -> None:
    petition = ask(world, lecture)
    with writing() as db:
        petitions.withdraw(db, db.get_one(Petition, petition.id), at=at(-50))
    with pytest.raises(Conflict, match="petition_withdrawn_meanwhile"):
        answer(world, lecture, petition)
    again = ask(world, lecture, -40)
    answer(world, lecture, again)
    with writing() as db, pytest.raises(Conflict, match="petition_answered_meanwhile"):
        petitions.withdraw(db, db.get_one(Petition, again.id), at=at(130))


def test_of_two_coordinators_one_answers_and_the_other_is_told(world: World, lecture: int) -> None:
    judge(lecture)
    petition = ask(world, lecture, 100)

    def reply(number: int) -> str:
        try:
            answer(world, lecture, petition, approve=number == 0, answer="Belum ada suratnya")
        except Conflict as refusal:
            return f"{refusal.code} {refusal.said.params['name']}"
        return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(reply, range(2))) == ["petition_answered_meanwhile Citra Dewi", "won"]
    assert len(templates(world.ayu)) == 1


def test_a_session_called_off_needs_no_excuse(world: World, lecture: int) -> None:
    petition = ask(world, lecture)
    with writing() as db:
        scheduling.cancel(db, session_of(db, lecture), "Pengajar sakit", by=world.citra, at=at(-50))
    with pytest.raises(Conflict, match="session_cancelled"):
        answer(world, lecture, petition)
    with pytest.raises(Conflict, match="session_cancelled"):
        ask(world, lecture, -40, excuse="izin")
    with reading() as db:
        assert petitions.waiting(db, Petition.id.is_not(None)) == []


def test_an_excuse_for_a_session_that_moved_is_asked_about_again(world: World, lecture: int) -> None:
    petition = ask(world, lecture)
    answer(world, lecture, petition, minutes=-50)
    thursday = Interval(at(0) + timedelta(days=2), at(90) + timedelta(days=2))
    with writing() as db:
        scheduling.move(db, session_of(db, lecture), thursday, by=world.citra, at=at(-40))
    with reading() as db:
        assert [one.petition.id for one in petitions.outdated(db, Petition.id.is_not(None), at=at(-30))] == [
            petition.id
        ]
    with writing() as db:
        petitions.revoke(db, session_of(db, lecture), db.get_one(Petition, petition.id), by=world.citra, at=at(-20))
    assert state(petition) == "revoked" and templates(world.ayu)[-1] == "excuse_revoked"
    assert line_of(lecture, world.ayu, -10).verdict.status.value == "unknown"
    with writing() as db, pytest.raises(Conflict):
        petitions.revoke(db, session_of(db, lecture), db.get_one(Petition, petition.id), by=world.citra, at=at(-19))


def test_a_dispute_may_change_the_mark(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 30)
    judge(lecture)
    petition = disputed(world, lecture)
    assert templates(world.citra) == ["dispute_asked"]
    answer(world, lecture, petition, status="attended", answer="Terlihat pengajar sampai selesai")
    assert mark_of(lecture, world.ayu) == ("attended", None)
    assert templates(world.ayu) == ["dispute_approved"] and letters(world.ayu) == ["dispute_approved"]


def test_a_dispute_may_find_the_record_right(world: World, lecture: int) -> None:
    judge(lecture)
    petition = disputed(world, lecture, note="")
    answer(world, lecture, petition, approve=False, answer="Tidak ada saksi yang melihat")
    assert mark_of(lecture, world.ayu) == ("absent", None)
    assert templates(world.ayu) == ["dispute_refused"]


def test_nothing_is_disputed_before_the_session(world: World, lecture: int) -> None:
    with pytest.raises(Conflict, match="dispute_too_early"):
        disputed(world, lecture, -1)


def test_on_a_signed_register_an_answer_is_a_numbered_amendment(world: World, lecture: int) -> None:
    judge(lecture)
    with reading() as db:
        seen = register.version(db, lecture)
    with writing() as db:
        decisions.sign(db, session_of(db, lecture), seen_version=seen, by=world.citra, at=at(110))
    answer(world, lecture, ask(world, lecture, 120), minutes=130, answer="Suratnya baru datang")
    assert mark_of(lecture, world.ayu) == ("excused", "dinas_luar")
    with reading() as db:
        assert db.scalars(select(Amendment.number)).all() == [1]
        assert decisions.verify(db, lecture)


def form(**fields: Any) -> dict[str, Any]:
    return {"excuse": "sakit", "letter_number": "445/118", "note": ""} | fields


def test_the_letter_is_kept_and_opened_by_its_owner_and_deciders_alone(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(-60))
    ayu = as_person(world.ayu)
    assert ayu.get(f"/attendance/{lecture}/excuse").status_code == 200
    sent = ayu.post(f"/attendance/{lecture}/excuse", data=form(file=(io.BytesIO(PDF), "../surat dokter.pdf")))
    assert sent.status_code == 302
    with reading() as db:
        petition = db.scalars(select(Petition)).one()
    assert petition.file_name == "surat dokter.pdf"
    own = ayu.get(f"/attendance/{lecture}/petitions/{petition.id}/letter")
    assert own.data == PDF and own.headers["Cache-Control"] == "no-store"
    assert own.headers["Content-Disposition"].startswith("attachment")
    assert as_person(world.citra).get(f"/excuses/{petition.id}/letter").data == PDF
    for who, address, status in (
        (world.budi, f"/attendance/{lecture}/petitions/{petition.id}/letter", 403),
        (world.budi, f"/excuses/{petition.id}/letter", 403),
        (world.iskandar, f"/excuses/{petition.id}/letter", 403),
        (world.mallory, f"/excuses/{petition.id}/letter", 404),
        (world.ayu, f"/excuses/{petition.id}/letter", 403),
    ):
        assert as_person(who).get(address).status_code == status


@pytest.mark.parametrize(
    ("fields", "name", "content"),
    [
        ({"excuse": ""}, "", b""),
        ({"excuse": "pesta"}, "", b""),
        ({}, "surat.pdf", b"no letter at all"),
        ({}, "surat.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>"),
    ],
    ids=["no kind", "unknown kind", "no file we know", "a picture that could run"],
)
def test_nonsense_is_refused_with_words_and_nothing_is_stored(
    world: World,
    lecture: int,
    as_person: Client,
    clock: time_machine.Traveller,
    fields: dict[str, str],
    name: str,
    content: bytes,
) -> None:
    clock.move_to(at(-60))
    data = form(**fields) | ({"file": (io.BytesIO(content), name)} if name else {})
    page = as_person(world.ayu).post(f"/attendance/{lecture}/excuse", data=data)
    assert page.status_code == 422 and "error-summary" in page.text
    assert count(Petition) == 0


def test_the_inbox_shows_the_timeline_and_takes_the_answer(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    attend(tell, world.ayu, 0, 30)
    judge(lecture)
    clock.move_to(at(105))
    assert as_person(world.ayu).post(f"/attendance/{lecture}/dispute", data={"note": "Saya hadir"}).status_code == 302
    citra = as_person(world.citra)
    page = citra.get("/excuses")
    assert "Saya hadir" in page.text and "timeline-figure" in page.text
    with reading() as db:
        petition = db.scalars(select(Petition)).one()
    # Approving without a new mark, and a refusal without a reason, come back with what was typed.
    assert citra.post(f"/excuses/{petition.id}", data={"approve": "1", "answer": "Benar hadir"}).status_code == 422
    assert citra.post(f"/excuses/{petition.id}", data={"approve": "0", "answer": ""}).status_code == 422
    fields = {"approve": "1", "status": "attended", "answer": "Benar hadir"}
    assert citra.post(f"/excuses/{petition.id}", data=fields).status_code == 302
    assert mark_of(lecture, world.ayu) == ("attended", None)
    assert as_person(world.admin).post(f"/excuses/{petition.id}", data=fields).status_code == 409
    assert "Benar hadir" in as_person(world.ayu).get(f"/attendance/{lecture}").text


def test_home_counts_what_waits(world: World, lecture: int, as_person: Client, clock: time_machine.Traveller) -> None:
    clock.move_to(at(-60))
    assert 'id="requests"' not in as_person(world.citra).get("/").text
    ask(world, lecture)
    assert 'id="requests"' in as_person(world.citra).get("/").text


def test_strangers_classmates_and_staff_cannot_ask_for_others(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(-60))
    for who, status in ((world.mallory, 404), (world.citra, 403), (world.iskandar, 403)):
        assert as_person(who).post(f"/attendance/{lecture}/excuse", data=form()).status_code == status
    petition = ask(world, lecture)
    withdraw = f"/attendance/{lecture}/petitions/{petition.id}/withdraw"
    for who, status in ((world.budi, 403), (world.mallory, 404), (world.citra, 403)):
        assert as_person(who).post(withdraw).status_code == status
    assert state(petition) == "asked"
    assert as_person(world.ayu).post(withdraw).status_code == 302
    assert state(petition) == "withdrawn"


def test_a_coordinator_of_a_unit_answers_her_people_alone(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(-60))
    petition = ask(world, lecture)
    with writing() as db:
        hers, other = make_person(db, "Dewi"), make_person(db, "Hendra")
        grant(db, hers.id, "coordinator", "unit", world.unit)
        grant(db, other.id, "coordinator", "unit", world.other_unit)
        enrol(db, world.batch, make_person(db, "Lina", unit_id=world.other_unit).id)
    assert "800/12/2026" not in as_person(other.id).get("/excuses").text
    assert as_person(other.id).post(f"/excuses/{petition.id}", data={"approve": "1"}).status_code == 404
    assert "800/12/2026" in as_person(hers.id).get("/excuses").text
    assert as_person(hers.id).post(f"/excuses/{petition.id}", data={"approve": "1"}).status_code == 302
    assert state(petition) == "approved"
