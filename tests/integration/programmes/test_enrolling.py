"""Enrolling people by a pasted list, ending an enrolment, and the right that comes and goes with it."""

import threading
from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms.accounts.models import AuditEntry, Grant, Person
from lms.db import reading, writing
from lms.kernel.intervals import Interval
from lms.outbox.models import Message, Notice
from lms.programmes.models import Batch, Enrolment
from lms.programmes.service import enrolling, members
from tests.factories import NINE, World, grant, make_person

AsPerson = Callable[[int], FlaskClient]


def rows(person_id: int, batch_id: int) -> list[Enrolment]:
    with reading() as db:
        return list(
            db.scalars(
                select(Enrolment)
                .where(Enrolment.person_id == person_id, Enrolment.batch_id == batch_id)
                .order_by(Enrolment.id)
            )
        )


def roles(person_id: int, batch_id: int) -> list[str]:
    with reading() as db:
        return list(
            db.scalars(
                select(Grant.role).where(
                    Grant.person_id == person_id, Grant.scope_kind == "batch", Grant.scope_id == batch_id
                )
            )
        )


def newcomer(name: str = "Dewi Anggraini", **fields: object) -> int:
    with writing() as db:
        return make_person(db, name, **fields).id


def open_row(person_id: int, batch_id: int) -> int:
    return next(row.id for row in rows(person_id, batch_id) if row.ends_at is None)


def test_a_pasted_list_enrols_and_reports_line_by_line(as_person: AsPerson, world: World) -> None:
    dewi = newcomer(nip="199003152014032007")
    eko = newcomer("Eko Prasetyo", email="eko@balikpapan.example", active=False)
    lines = "\n".join(
        ["1\t19900315 201403 2 007\tDewi", "ayu nobody", "nobody@example.test", "eko@balikpapan.example", NIP_OF_AYU]
    )
    page = as_person(world.citra).post(f"/batches/{world.batch}/enrol", data={"lines": lines, "role": "trainee"})
    assert page.status_code == 200
    shown = page.text
    assert "1 person enrolled." in shown
    assert "3 lines could not be used." in shown
    for words in ("Not readable", "Nobody is known by this", "The account is deactivated"):
        assert words in shown
    assert "Was enrolled already" in shown
    assert [row.role for row in rows(dewi, world.batch)] == ["trainee"]
    assert roles(dewi, world.batch) == ["trainee"]
    assert rows(eko, world.batch) == []
    assert len(rows(world.ayu, world.batch)) == 1


NIP_OF_AYU = "198609262015052001"


def test_whoever_is_enrolled_is_told_in_the_app_and_by_mail(as_person: AsPerson, world: World) -> None:
    dewi = newcomer(email="dewi@balikpapan.example")
    as_person(world.citra).post(f"/batches/{world.batch}/enrol", data={"lines": "dewi@balikpapan.example"})
    with reading() as db:
        (notice,) = db.scalars(select(Notice).where(Notice.person_id == dewi))
        (message,) = db.scalars(select(Message).where(Message.person_id == dewi))
    assert (notice.template, notice.link) == ("enrolled", f"/batches/{world.batch}")
    assert message.template == "enrolled"
    shown = as_person(dewi).get("/notices").text
    assert "You are enrolled as Trainee in Angkatan I, Public Service Excellence." in shown


def test_the_new_member_sees_the_batch_at_once(as_person: AsPerson, world: World) -> None:
    dewi = newcomer(email="dewi@balikpapan.example")
    client = as_person(dewi)
    assert client.get(f"/batches/{world.batch}").status_code == 404
    as_person(world.citra).post(f"/batches/{world.batch}/enrol", data={"lines": "dewi@balikpapan.example"})
    assert client.get(f"/batches/{world.batch}").status_code == 200


def test_strangers_and_classmates_do_not_enrol(as_person: AsPerson, world: World) -> None:
    for person, status in ((world.mallory, 404), (world.ayu, 403), (world.iskandar, 403)):
        client = as_person(person)
        assert client.get(f"/batches/{world.batch}/enrol").status_code == status
        answer = client.post(f"/batches/{world.batch}/enrol", data={"lines": "x@example.test", "role": "trainee"})
        assert answer.status_code == status
        assert client.post(f"/enrolments/{open_row(world.budi, world.batch)}/withdraw").status_code == status
    assert rows(world.budi, world.batch)[0].ends_at is None


def test_nonsense_is_refused_and_what_was_typed_stays(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    page = client.post(f"/batches/{world.batch}/enrol", data={"lines": NIP_OF_AYU, "role": "admin"})
    assert page.status_code == 422
    assert NIP_OF_AYU in page.text
    assert client.post(f"/batches/{world.batch}/enrol", data={"lines": "  "}).status_code == 422


def test_an_ended_enrolment_keeps_its_row_and_loses_its_right(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    row = open_row(world.budi, world.batch)
    budi = as_person(world.budi)
    assert budi.get(f"/batches/{world.batch}").status_code == 200
    assert client.post(f"/enrolments/{row}/withdraw").status_code == 302
    assert budi.get(f"/batches/{world.batch}").status_code == 404
    assert roles(world.budi, world.batch) == []
    assert client.post(f"/enrolments/{row}/withdraw").status_code == 302
    (kept,) = rows(world.budi, world.batch)
    assert kept.ends_at is not None
    with reading() as db:
        acts = list(db.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "batch")))
        notices = list(db.scalars(select(Notice.template).where(Notice.person_id == world.budi)))
    assert acts == ["person_withdrawn"]
    assert notices == ["withdrawn"]


def test_a_right_given_by_hand_outlives_the_enrolment(world: World, as_person: AsPerson) -> None:
    dewi = newcomer(email="dewi@balikpapan.example")
    with writing() as db:
        grant(db, dewi, "trainee", "batch", world.batch)
    client = as_person(world.citra)
    client.post(f"/batches/{world.batch}/enrol", data={"lines": "dewi@balikpapan.example"})
    client.post(f"/enrolments/{open_row(dewi, world.batch)}/withdraw")
    assert roles(dewi, world.batch) == ["trainee"]


def test_enrolling_again_after_the_end_begins_a_new_row(world: World) -> None:
    with writing() as db:
        batch = db.get_one(Batch, world.batch)
        (first,) = db.scalars(select(Enrolment).where(Enrolment.person_id == world.budi))
        enrolling.withdraw(db, first, by=world.citra, at=NINE)
        assert enrolling.enrol(db, batch, world.budi, "trainee", by=world.citra, at=NINE + timedelta(days=2))
        assert not enrolling.enrol(db, batch, world.budi, "trainee", by=world.citra, at=NINE + timedelta(days=3))
    assert [row.ends_at is None for row in rows(world.budi, world.batch)] == [False, True]
    assert roles(world.budi, world.batch) == ["trainee"]


def test_two_coordinators_enrolling_the_same_person_make_one_row(world: World) -> None:
    dewi = newcomer()
    results: list[bool] = []

    def enrol() -> None:
        with writing() as db:
            results.append(
                enrolling.enrol(db, db.get_one(Batch, world.batch), dewi, "trainee", by=world.citra, at=NINE)
            )

    threads = [threading.Thread(target=enrol) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert len(rows(dewi, world.batch)) == 1
    assert roles(dewi, world.batch) == ["trainee"]


def test_who_was_enrolled_is_asked_of_the_time_not_of_today(world: World) -> None:
    with writing() as db:
        db.execute(
            update(Enrolment)
            .where(Enrolment.person_id == world.budi)
            .values(starts_at=NINE - timedelta(days=2), ends_at=NINE + timedelta(minutes=30))
        )
    lecture = Interval(NINE, NINE + timedelta(minutes=90))
    with reading() as db:

        def trainees(during: Interval) -> list[str]:
            return [member.name for member in members.who_is_enrolled(db, world.batch, during, roles=("trainee",))]

        assert trainees(lecture) == ["Ayu Lestari", "Budi Santoso"]
        assert trainees(Interval(NINE + timedelta(minutes=30), lecture.end)) == ["Ayu Lestari"]
        assert trainees(Interval(NINE - timedelta(days=4), NINE - timedelta(days=3))) == ["Ayu Lestari"]
        assert members.roles_in(db, world.budi, world.batch, NINE) == {"trainee"}
        assert members.roles_in(db, world.budi, world.batch, lecture.end) == frozenset()
        assert members.roles_in(db, world.mallory, world.batch, NINE) == frozenset()
        assert [batch.id for batch in members.batches_of(db, world.ayu, NINE)] == [world.batch]


def test_somebody_enrolled_twice_within_a_session_is_one_member(world: World) -> None:
    with writing() as db:
        (row,) = db.scalars(select(Enrolment).where(Enrolment.person_id == world.budi))
        enrolling.withdraw(db, row, by=None, at=NINE + timedelta(minutes=5))
        batch = db.get_one(Batch, world.batch)
        enrolling.enrol(db, batch, world.budi, "trainee", by=None, at=NINE + timedelta(minutes=10))
    with reading() as db:
        found = members.who_is_enrolled(db, world.batch, Interval(NINE, NINE + timedelta(minutes=90)))
    budis = [member for member in found if member.person_id == world.budi]
    assert [member.ends_at for member in budis] == [None]


def test_a_coordinator_of_units_enrols_only_their_trainees(as_person: AsPerson, world: World) -> None:
    sari = newcomer("Sari Utami", role="coordinator", scope="unit", scope_id=world.unit)
    own = newcomer(email="own@balikpapan.example", unit_id=world.unit)
    foreign = newcomer("Fajar", email="foreign@balikpapan.example", unit_id=world.other_unit)
    client = as_person(sari)
    lines = "own@balikpapan.example\nforeign@balikpapan.example"
    page = client.post(f"/batches/{world.batch}/enrol", data={"lines": lines, "role": "trainee"})
    assert page.status_code == 200
    assert "Not from your units" in page.text
    assert "Fajar" not in page.text
    assert len(rows(own, world.batch)) == 1
    assert rows(foreign, world.batch) == []
    as_instructor = {"lines": "own@balikpapan.example", "role": "instructor"}
    assert client.post(f"/batches/{world.batch}/enrol", data=as_instructor).status_code == 403
    # Her batch's people, for her, are those of her units.
    shown = client.get(f"/batches/{world.batch}/people").text
    assert "Ayu Lestari" in shown
    assert "Budi Santoso" not in shown
    assert client.post(f"/enrolments/{open_row(world.budi, world.batch)}/withdraw").status_code in (403, 404)
    assert rows(world.budi, world.batch)[0].ends_at is None


def test_a_batch_put_aside_takes_nobody(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    client.post(f"/batches/{world.batch}/archive", data={"archived": "1"})
    page = client.post(f"/batches/{world.batch}/enrol", data={"lines": "mallory@example.test", "role": "trainee"})
    assert page.status_code == 200
    dewi = newcomer(email="dewi@balikpapan.example")
    page = client.post(f"/batches/{world.batch}/enrol", data={"lines": "dewi@balikpapan.example", "role": "trainee"})
    assert page.status_code == 422
    assert "put aside" in page.text
    assert rows(dewi, world.batch) == []


def test_the_list_of_people_costs_the_same_for_one_and_for_thirty(
    as_person: AsPerson, world: World, counted: list[str]
) -> None:
    client = as_person(world.citra)
    client.get(f"/batches/{world.batch}/people")
    counted.clear()
    client.get(f"/batches/{world.batch}/people")
    few = len(counted)
    with writing() as db:
        batch = db.get_one(Batch, world.batch)
        for number in range(30):
            enrolling.enrol(db, batch, make_person(db, f"Peserta {number}").id, "trainee", by=None, at=NINE)
    counted.clear()
    page = client.get(f"/batches/{world.batch}/people")
    assert "Peserta 29" in page.text
    assert len(counted) == few


def test_nips_are_masked_and_phones_shown_to_who_may_reach_people(as_person: AsPerson, world: World) -> None:
    shown = as_person(world.citra).get(f"/batches/{world.batch}/people").text
    assert NIP_OF_AYU not in shown
    assert "1986**********2001" in shown
    with reading() as db:
        phone = db.get_one(Person, world.ayu).phone
    assert phone in shown
    batch_page = as_person(world.budi).get(f"/batches/{world.batch}").text
    assert "Ayu Lestari" in batch_page
    assert phone not in batch_page
