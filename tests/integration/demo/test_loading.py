"""The demo: loaded once through the services, judged from evidence, and with a session live at every start."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms import syncing
from lms.accounts.models import Person
from lms.accounts.passwords import verify_password
from lms.accounts.rules.nip import read_nip
from lms.accounts.service.finding import find_by_login
from lms.attendance.models import Amendment, Amnesty, Mark, Petition, Register, WalkIn
from lms.attendance.service import checks, decisions, petitions, register, walk_ins
from lms.certificates.models.certificates import Certificate
from lms.certificates.service import ruling
from lms.certificates.service.standing import read_candidates
from lms.db import Base, reading, writing
from lms.demo import alumni, loading
from lms.demo.people import BATCHES, PASSWORD
from lms.evaluations.models import Survey
from lms.evaluations.service.results import read_results
from lms.outbox.models import Message
from lms.programmes.models import Batch, Enrolment
from lms.quizzes.models import Attempt
from lms.quizzes.service.due import due
from lms.sessions.models import LiveSession
from lms.settings import ROOT
from tests.integration.conftest import Site

AT = datetime(2026, 11, 24, 3, 37, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(site: Site) -> Iterator[Site]:
    """The demo on an otherwise empty database of this engine; the tests of this file share it."""
    site.reset()
    with writing() as db:
        for batch in db.scalars(select(Batch)):
            batch.contact_id = None
        db.flush()
        for table in reversed(Base.metadata.sorted_tables):
            db.execute(table.delete())
    folder = ROOT / "courses" / "pelayanan-publik-prima"
    report = syncing.sync_folder(folder, site.app.config["SETTINGS"], at=AT - timedelta(days=1))
    assert not report.failed
    assert loading.people() == []
    assert len(loading.load(at=AT)) == 10
    yield site
    site.reset()


def rows() -> dict[str, int]:
    with reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
        }


def live_sessions(at: datetime) -> list[LiveSession]:
    with reading() as db:
        return list(
            db.scalars(
                select(LiveSession).where(
                    LiveSession.status == "scheduled", LiveSession.starts_at <= at, LiveSession.ends_at > at
                )
            )
        )


def test_trainees_of_more_than_eight_units_with_numbers_that_hold(demo: Site) -> None:
    with reading() as db:
        trainees = db.scalars(
            select(Person).where(Person.id.in_(select(Enrolment.person_id).where(Enrolment.role == "trainee")))
        ).all()
        assert len(trainees) == 20 + 20 + 12
        assert not [person.name for person in trainees if read_nip(person.nip or "", AT.date()).warnings]
        assert len([person for person in trainees if person.email is None]) >= 3
    assert len({person.unit for batch in BATCHES.values() for person in batch}) > 8


def test_every_account_told_can_sign_in(demo: Site) -> None:
    with reading() as db:
        for account in loading.ACCOUNTS:
            for login in filter(None, (account.person.email, account.person.nip)):
                person = find_by_login(db, login)
                assert person is not None and verify_password(person.password_hash, PASSWORD), login
    lines = loading.people()
    assert len(lines) == len(loading.ACCOUNTS) + 1
    assert all(PASSWORD in line for line in lines)


def test_marks_are_judged_from_evidence_of_every_kind(demo: Site) -> None:
    with reading() as db:
        marks = db.scalars(select(Mark)).all()
    # Five sessions of twenty, two of the twelve of the finished batch, and one who walked in.
    assert len(marks) == 5 * 20 + 2 * 12 + 1
    assert set(Counter(mark.status for mark in marks)) == {"attended", "partial", "absent", "excused", "unknown"}
    codes = {reason[0] for mark in marks for reason in mark.reasons}
    assert {
        "gap_bridged", "gaps_missed", "outage_credited", "arrived_late", "left_early", "elsewhere_unverified",
        "decided_by_coordinator",
    } <= codes  # fmt: skip


def test_ayus_own_record_has_one_bridged_gap(demo: Site) -> None:
    with reading() as db:
        ayu = find_by_login(db, "ayu.lestari@balikpapan.example")
        assert ayu is not None
        reasons = [mark.reasons for mark in db.scalars(select(Mark).where(Mark.person_id == ayu.id))]
    assert [code for own in reasons for code, *_ in own].count("gap_bridged") == 1


def test_registers_are_signed_amended_and_waiting(demo: Site) -> None:
    with reading() as db:
        signed = db.scalars(select(Register.session_id)).all()
        assert len(signed) == 5
        assert all(decisions.verify(db, session_id) for session_id in signed)
        assert db.scalars(select(Amendment.number)).all() == [1]
        past = db.scalars(select(LiveSession).where(LiveSession.ends_at < AT)).all()
        states = Counter(register.read_state(db, session, at=AT).state for session in past)
    assert states == {"signed": 5, "provisional": 2}


def test_something_of_every_kind_waits_for_the_coordinator(demo: Site) -> None:
    with reading() as db:
        past = db.scalars(select(LiveSession).where(LiveSession.ends_at < AT)).all()
        asked = {check.person.name for session in past for check in checks.open_checks(db, session, at=AT)}
        (outage,) = db.scalars(select(Amnesty)).all()
        everything = Petition.id.is_not(None)
        topics = Counter(one.petition.topic for one in petitions.waiting(db, everything))
        (guest,) = walk_ins.undecided(db, WalkIn.session_id.is_not(None))
    assert asked == {"Budi Santoso", "Theresia Wulandari"}
    assert (outage.unit, len(outage.people), outage.state) == ("Dinas Kesehatan", 3, "proposed")
    assert topics == {"excuse": 2, "dispute": 1}
    assert guest.person.name == "Taufik Hidayat"


def test_tests_are_taken_with_a_spread_and_some_are_due(demo: Site) -> None:
    with reading() as db:
        scores = db.scalars(select(Attempt.percent)).all()
        assert len(scores) > 45 and max(scores) - min(scores) > 50
        first, second = (find_by_login(db, f"{name}@balikpapan.example") for name in ("melati.siregar", "ayu.lestari"))
        assert first is not None and second is not None
        assert [one.purpose for one in due(db, first.id, AT)] == ["post"]
        assert [one.purpose for one in due(db, second.id, AT)] == ["pre"]


def test_one_session_is_live_with_people_in_it_and_nobody_is_mailed(demo: Site) -> None:
    (session,) = live_sessions(AT)
    assert AT - timedelta(minutes=35) < session.starts_at <= AT - timedelta(minutes=25)
    with reading() as db:
        counts = register.counts(register.read_lines(db, session, at=AT))
        assert db.scalar(select(func.count()).where(Message.state == "waiting")) == 0
    assert (counts["expected"], counts["present"], counts["elsewhere"], counts["missing"]) == (20, 12, 1, 7)


def test_the_finished_batch_shows_certificates_of_every_state_and_who_still_lacks_something(demo: Site) -> None:
    with reading() as db:
        batch = db.scalars(select(Batch).where(Batch.name == alumni.BATCH).options(joinedload(Batch.programme))).one()
        rule = ruling.find_rule(db, batch.programme_id)
        found = {one.member.plain_name.split()[0].lower(): one for one in read_candidates(db, batch, rule, at=AT)}
        issued = db.scalars(select(Certificate).order_by(Certificate.serial)).all()
    assert [one.serial for one in issued] == list(range(1, len(issued) + 1))
    assert Counter(one.state for one in issued) == {"draft": len(issued) - 1, "revoked": 1}
    assert all(found[key].is_ready for key in alumni.READY)
    assert [need.said.code for need in found[alumni.LACKING].missing] == ["need_test_not_taken"]


def test_the_finished_batch_has_results_and_those_of_few_stay_hidden(demo: Site) -> None:
    with reading() as db:
        results = {one.survey.key: one.result for one in read_results(db, Survey.id.is_not(None), at=AT)}
    told = Counter(None if result is None else result.is_told for result in results.values())
    # Organiser, two instructors, alumni and superiors; four peers are too few; two of the running batch are open.
    assert told == {True: 5, False: 1, None: 2}


def test_loading_again_changes_nothing(demo: Site) -> None:
    before = rows()
    assert len(loading.load(at=AT + timedelta(hours=1))) == 10
    assert not loading.refresh(at=AT + timedelta(minutes=10))
    assert rows() == before


# Midnight in Balikpapan, midnight in Greenwich, and an hour when the next planned session is near.
@pytest.mark.parametrize("later", ["2026-11-25T16:05:00Z", "2026-11-27T00:05:00Z", "2026-11-29T23:30:00Z"])
def test_a_later_start_finds_a_live_session_at_any_hour_once(demo: Site, later: str) -> None:
    at = datetime.fromisoformat(later)
    before = rows()
    assert loading.refresh(at=at)
    assert not loading.refresh(at=at)
    (session,) = live_sessions(at)
    after = rows()
    assert after["live_session"] == before["live_session"] + 1
    assert all(after[table] >= before[table] for table in before)
    with reading() as db:
        beside = select(func.count()).where(
            LiveSession.id != session.id,
            LiveSession.status == "scheduled",
            LiveSession.starts_at < session.ends_at,
            LiveSession.ends_at > session.starts_at,
        )
        assert db.scalar(beside) == 0


def test_what_nobody_held_is_cancelled_and_planned_anew(demo: Site) -> None:
    at = AT + timedelta(days=60)
    assert loading.refresh(at=at)
    with reading() as db:
        cancelled = db.scalars(select(LiveSession).where(LiveSession.status == "cancelled")).all()
        coming = db.scalars(select(LiveSession).where(LiveSession.starts_at > at)).all()
    assert {session.title_en for session in cancelled} >= {"Handling complaints", "Measuring satisfaction"}
    assert not any(session.has_evidence for session in cancelled)
    assert len(coming) == 3
