"""Certificates issued: who gets one, under which number, and what stands in it for ever."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

from flask import Flask
from sqlalchemy import select, update

from lms.accounts.models import AuditEntry, Person
from lms.attendance.models import Mark
from lms.certificates import tasks
from lms.certificates.models.certificates import Certificate, CertificateRule, IssueRun, NumberCounter
from lms.certificates.service import issuing
from lms.courses.models import Course
from lms.db import reading, writing
from lms.outbox.models import Notice
from lms.programmes.models import Batch, Enrolment, Programme
from tests.factories import NINE, World, enrol, grant, make_person, make_session
from tests.integration.certificates.conftest import (
    TERMS,
    AsPerson,
    Over,
    ask,
    certificates,
    hold,
    stranger_to,
    work_off,
)


def test_a_coordinator_issues_to_all_who_are_ready(world: World, over: Over, app: Flask, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    page = citra.get(f"/batches/{world.batch}/certificates")
    assert page.text.count('name="person"') == 2
    assert ask(citra, world.batch, world.ayu, world.budi).status_code == 302
    assert citra.get(f"/batches/{world.batch}/certificates/progress").json["over"] is False
    assert work_off(app) == 2
    assert citra.get(f"/batches/{world.batch}/certificates/progress").json == {
        "done": 2, "of": 2, "issued": 2, "over": True, "waits": False,
    }  # fmt: skip
    found = certificates()
    assert [one.number for one in found] == ["800.2.4/001/BKPSDM/XII/2026", "800.2.4/002/BKPSDM/XII/2026"]
    assert {one.person_id for one in found} == {world.ayu, world.budi}
    assert {one.state for one in found} == {"draft"}
    assert len({one.code for one in found}) == 2
    with reading() as db:
        told = db.scalars(select(Notice.person_id).where(Notice.template == "certificate_issued")).all()
        assert set(told) == {world.ayu, world.budi}
        assert db.scalars(select(AuditEntry).where(AuditEntry.action == "certificate_issued")).all()


def test_issuing_again_gives_nobody_a_second_one(world: World, over: Over, app: Flask, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    for _again in range(2):
        ask(citra, world.batch, world.ayu, world.budi)
        work_off(app)
    assert [one.serial for one in certificates()] == [1, 2]
    with reading() as db:
        assert db.scalars(select(NumberCounter.last)).one() == 2


def test_whoever_lacks_something_is_left_out_and_takes_no_number(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        db.execute(update(Mark).where(Mark.person_id == world.ayu).values(status="absent"))
    citra = as_person(world.citra)
    page = citra.get(f"/batches/{world.batch}/certificates")
    assert "0 % of the planned lesson hours, 80 % are required; no longer in reach" in page.text
    ask(citra, world.batch, world.ayu, world.budi)
    assert work_off(app) == 1
    assert [(one.person_id, one.serial) for one in certificates()] == [(world.budi, 1)]
    assert "Ayu Lestari" in citra.get(f"/batches/{world.batch}/certificates").text


def test_an_unsigned_register_or_a_session_to_come_holds_certificates_back(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        hold(db, world.batch, {world.ayu: "attended", world.budi: "attended"}, by=world.citra, signed=False)
    citra = as_person(world.citra)
    assert "has yet to sign that of 1 session" in citra.get(f"/batches/{world.batch}/certificates").text
    with writing() as db:
        make_session(db, world.batch, starts_at=NINE + timedelta(days=2))
    assert "1 is still to be held" in citra.get(f"/batches/{world.batch}/certificates").text
    ask(citra, world.batch, world.ayu)
    assert work_off(app) == 0


def test_a_trainee_reads_in_words_what_is_missing(world: World, over: Over, as_person: AsPerson) -> None:
    with writing() as db:
        db.execute(update(Mark).where(Mark.person_id == world.ayu).values(status="partial"))
    page = as_person(world.ayu).get("/certificates")
    assert "there is still missing" in page.text and "no longer in reach" in page.text
    assert "You have everything" in as_person(world.budi).get("/certificates").text


def test_a_requirement_let_pass_with_a_reason_makes_ready(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        db.execute(update(Mark).where(Mark.person_id == world.ayu).values(status="excused", excuse="dinas_luar"))
    citra = as_person(world.citra)
    address = f"/batches/{world.batch}/certificates/{world.ayu}"
    refused = citra.post(f"{address}/waive", data={"kind": "attendance", "reason": "ya"})
    assert refused.status_code == 422
    assert citra.post(f"{address}/waive", data={"kind": "attendance", "reason": "Surat tugas 214"}).status_code == 302
    assert "Surat tugas 214" in as_person(world.ayu).get("/certificates").text
    citra.post(f"{address}/demand", data={"kind": "attendance"})
    ask(citra, world.batch, world.ayu)
    assert work_off(app) == 0
    citra.post(f"{address}/waive", data={"kind": "attendance", "reason": "Surat tugas 214"})
    ask(citra, world.batch, world.ayu)
    assert work_off(app) == 1


def test_a_stranger_to_the_batch_cannot_be_let_pass(world: World, over: Over, as_person: AsPerson) -> None:
    address = f"/batches/{world.batch}/certificates/{world.mallory}/waive"
    answer = as_person(world.citra).post(address, data={"kind": "attendance", "reason": "Surat tugas"})
    assert answer.status_code == 404


def test_bad_dates_and_nobody_are_refused_and_nothing_is_stored(world: World, over: Over, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    ayu = (world.ayu,)
    for people, on in (((), "2026-12-01"), (ayu, "2026-12-02"), (ayu, "2026-10-01"), (ayu, "x")):
        answer = ask(citra, world.batch, *people, on=on)
        assert answer.status_code == 422, (people, on)
        assert 'class="error-summary"' in answer.text
    assert ask(citra, world.batch, world.mallory).status_code == 422
    with reading() as db:
        assert db.scalars(select(IssueRun)).all() == []


def test_one_run_of_a_batch_at_a_time(world: World, over: Over, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    assert ask(citra, world.batch, world.ayu).status_code == 302
    assert ask(citra, world.batch, world.budi).status_code == 409


def test_a_run_whose_worker_died_is_taken_over(world: World, over: Over, app: Flask, as_person: AsPerson) -> None:
    ask(as_person(world.citra), world.batch, world.ayu, world.budi)
    with writing() as db:
        begins_at = NINE + issuing.GRACE + timedelta(minutes=1)
        run = issuing.claim(db, at=begins_at)
        assert run is not None
        issuing.next_of(db, run.id, at=begins_at)
        assert issuing.claim(db, at=begins_at + timedelta(seconds=30)) is None
    with app.app_context():
        tasks.issue_certificates(NINE + timedelta(minutes=9))
    assert [one.serial for one in certificates()] == [1, 2]


def test_until_the_first_number_is_given_issuing_can_be_undone(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    ask(citra, world.batch, world.ayu, world.budi)
    page = citra.get(f"/batches/{world.batch}/certificates")
    assert "2 certificates are about to be issued" in page.text
    with app.app_context():
        assert tasks.issue_certificates(NINE + timedelta(minutes=1)) == 0
    with reading() as db:
        run = db.scalars(select(IssueRun.id)).one()
    address = f"/batches/{world.batch}/certificates/call-off"
    assert as_person(world.mallory).post(address, data={"run": run}).status_code == 404
    assert as_person(world.ayu).post(address, data={"run": run}).status_code in (403, 404)
    assert citra.post(address, data={"run": "x"}).status_code == 404
    assert "nobody was told" in citra.post(address, data={"run": run}, follow_redirects=True).text
    assert "no longer be undone" in citra.post(address, data={"run": run}, follow_redirects=True).text
    assert work_off(app) == 0 and certificates() == []
    with reading() as db:
        assert db.scalars(select(NumberCounter.last)).all() == []
        assert db.scalars(select(Notice).where(Notice.template == "certificate_issued")).all() == []
        assert db.scalars(select(AuditEntry).where(AuditEntry.action == "certificates_called_off")).one()
    ask(citra, world.batch, world.ayu)
    with reading() as db:
        run = db.scalars(select(IssueRun.id)).one()
    assert work_off(app) == 1
    assert "no longer be undone" in citra.post(address, data={"run": run}, follow_redirects=True).text
    assert [one.serial for one in certificates()] == [1]


def test_whoever_is_sure_need_not_wait_until_it_can_no_longer_be_undone(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    ask(citra, world.batch, world.ayu, world.budi)
    with reading() as db:
        run = db.scalars(select(IssueRun.id)).one()
    address = f"/batches/{world.batch}/certificates/begin"
    assert as_person(world.mallory).post(address, data={"run": run}).status_code == 404
    assert citra.post(address, data={"run": "0"}).status_code == 302
    with app.app_context():
        assert tasks.issue_certificates(NINE + timedelta(minutes=1)) == 0
    assert citra.post(address, data={"run": run}).status_code == 302
    with app.app_context():
        assert tasks.issue_certificates(NINE + timedelta(minutes=1)) == 2
    assert [one.serial for one in certificates()] == [1, 2]


def test_what_was_issued_survives_everything_that_changes_later(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    ask(citra, world.batch, world.ayu)
    work_off(app)
    (certificate,) = certificates()
    address = f"/certificates/{certificate.id}/certificate.pdf"
    before = citra.get(address)
    assert before.status_code == 200 and before.data.startswith(b"%PDF-")
    with writing() as db:
        db.get_one(Person, world.ayu).name = "Ayu Pratiwi"
        db.get_one(Programme, world.programme).title_id = "Sesuatu yang lain"
        db.get_one(Course, world.course).archived_at = NINE
        db.get_one(Batch, world.batch).archived_at = NINE
        db.execute(update(CertificateRule).values(terms={**certificate.content, "signer_name": "Lain"}))
        db.execute(update(Enrolment).where(Enrolment.person_id == world.ayu).values(ends_at=NINE))
    assert citra.get(address).data == before.data
    assert "Public Service Excellence" in as_person(world.ayu).get("/certificates").text
    assert "Public Service Excellence" in stranger_to(app).get(f"/verify/{certificate.code}").text


def test_all_drafts_come_as_one_file_named_by_code(world: World, over: Over, app: Flask, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    assert citra.get(f"/batches/{world.batch}/certificates.zip").status_code == 409
    ask(citra, world.batch, world.ayu, world.budi)
    work_off(app)
    answer = citra.get(f"/batches/{world.batch}/certificates.zip")
    assert answer.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(answer.data)) as packed:
        assert len(packed.namelist()) == 2
        for one in certificates():
            (name,) = [name for name in packed.namelist() if one.code[:4] in name and one.code[4:8] in name]
            assert f"jembatan-{one.code}".encode() in packed.read(name)


def test_a_coordinator_of_one_unit_reads_her_people_and_issues_nothing(
    world: World, over: Over, as_person: AsPerson
) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
    page = as_person(dewi.id).get(f"/batches/{world.batch}/certificates")
    assert "Ayu Lestari" in page.text and "Budi Santoso" not in page.text
    assert ask(as_person(dewi.id), world.batch, world.ayu).status_code == 403
    assert as_person(dewi.id).get(f"/batches/{world.batch}/certificates/{world.budi}").status_code == 404


def test_a_newcomer_adds_no_statement(world: World, over: Over, as_person: AsPerson, counted: list[str]) -> None:
    citra = as_person(world.citra)
    citra.get(f"/batches/{world.batch}/certificates")
    counted.clear()
    citra.get(f"/batches/{world.batch}/certificates")
    few = len(counted)
    with writing() as db:
        for number in range(20):
            enrol(db, world.batch, make_person(db, f"Peserta {number}").id)
    counted.clear()
    citra.get(f"/batches/{world.batch}/certificates")
    assert len(counted) == few


def test_a_programmes_rule_is_set_in_its_form(world: World, over: Over, as_person: AsPerson) -> None:
    citra, address = as_person(world.citra), "/programmes/pelayanan-prima/certificate"
    assert f'<option value="{over.book}" selected>' in citra.get(address).text
    form = {name: str(value) for name, value in TERMS.items() if value not in (None, False)}
    form |= {"book_id": str(over.book), "evaluation": "1", "grade_excellent": "90", "grade_good": "95"}
    refused = citra.post(address, data=form)
    assert refused.status_code == 422 and "must begin below" in refused.text and 'value="95"' in refused.text
    assert citra.post(address, data=form | {"book_id": "99999", "grade_good": ""}).status_code == 422
    assert citra.post(address, data=form | {"grade_good": "70"}).status_code == 302
    with reading() as db:
        terms = db.scalars(select(CertificateRule.terms)).one()
    assert (terms["evaluation"], terms["counts_excused"], terms["grade_good"]) == (True, False, 70)


def test_the_specimen_shows_how_it_will_look(world: World, over: Over, as_person: AsPerson) -> None:
    answer = as_person(world.citra).get("/programmes/pelayanan-prima/certificate/specimen.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert not db_has_certificates()


def db_has_certificates() -> bool:
    with reading() as db:
        return db.scalar(select(Certificate.id).limit(1)) is not None
