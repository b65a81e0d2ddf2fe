"""Contradictions of witnesses: listed, decided with one press, once, by whom they concern."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.models import Correction
from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.rules.judgement import Excuse, Status
from lms.attendance.service import checks, decisions, recording, register
from lms.attendance.tasks import judge_ended_sessions, locked_session, tell_of_later_checks
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from lms.outbox.models import Notice
from tests.factories import World, grant, make_person
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.witnessing import (
    count,
    judge,
    line_of,
    mark_of,
    occupied,
    session_of,
    templates,
    told,
)

Client = Callable[[int], FlaskClient]


@pytest.fixture
def contradiction(world: World, lecture: int, tell: Tell) -> int:
    """Ayu's page says she stayed, the server that she left after half an hour; of Budi they agree."""
    attend(tell, world.ayu)
    occupied(lecture, world.ayu, 0, 30)
    attend(tell, world.budi)
    occupied(lecture, world.budi, 0, 90)
    judge(lecture, 95)
    return lecture


def asked(session: int, minutes: float = 100) -> list[checks.Check]:
    with reading() as db:
        return checks.open_checks(db, session_of(db, session), at=at(minutes))


def choose(
    world: World, session: int, witness: str, *, key: str = "k" * 20, seen: int = 0, minutes: float = 100
) -> int:
    with writing() as db:
        return checks.choose(
            db, locked_session(db, session), world.ayu, witness, seen=seen, key=key, by=world.citra, at=at(minutes)
        ).id


def test_both_accounts_count_until_somebody_decides(world: World, contradiction: int) -> None:
    found = asked(contradiction)
    assert [check.person.id for check in found] == [world.ayu]
    assert [account.witness for account in found[0].accounts] == ["jitsi", "browser", "all"]
    assert [account.verdict.status.value for account in found[0].accounts] == ["partial", "attended", "attended"]
    assert mark_of(contradiction, world.ayu) == ("attended", None)


def test_nothing_is_asked_before_every_witness_had_time_to_speak(contradiction: int) -> None:
    assert asked(contradiction, 90.5) == []


def test_the_app_alone_raises_no_question_and_counts(world: World, lecture: int) -> None:
    occupied(lecture, world.ayu, 2, 90)
    judge(lecture)
    assert asked(lecture) == []
    assert mark_of(lecture, world.ayu) == ("attended", None)
    assert line_of(lecture, world.ayu, 100).verdict.attended.total_seconds() == 88 * 60


@pytest.mark.parametrize(("witness", "status"), [("jitsi", "partial"), ("browser", "attended"), ("all", "attended")])
def test_the_chosen_account_counts_and_the_question_is_answered(
    world: World, contradiction: int, witness: str, status: str
) -> None:
    choose(world, contradiction, witness)
    assert asked(contradiction) == []
    assert mark_of(contradiction, world.ayu) == (status, None)
    line = line_of(contradiction, world.ayu, 100)
    assert line.decided and line.verdict.reasons[0].code == f"witness_chosen_{witness}"
    # She hears of it only if her mark has changed by it.
    assert templates(world.ayu) == (["mark_corrected"] if status == "partial" else [])


def test_what_the_chosen_witness_tells_later_still_counts(world: World, contradiction: int) -> None:
    choose(world, contradiction, "jitsi")
    occupied(contradiction, world.ayu, 30, 90, "b")
    judge(contradiction, 110)
    assert mark_of(contradiction, world.ayu) == ("attended", None)


def test_the_same_choice_sent_twice_is_one(world: World, contradiction: int) -> None:
    assert choose(world, contradiction, "jitsi") == choose(world, contradiction, "jitsi")
    assert count(Correction) == 1


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_by_whom(world: World, contradiction: int) -> None:
    def decide(number: int) -> str:
        try:
            choose(world, contradiction, ["jitsi", "browser"][number], key=f"{number}" * 20)
        except Conflict as refusal:
            return f"{refusal.code} {refusal.said.params['name']}"
        return "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(decide, range(2)))
    assert outcomes == ["check_decided_meanwhile Citra Dewi", "won"]
    assert count(Correction) == 1


def test_giving_the_word_back_to_the_evidence_asks_again(world: World, contradiction: int) -> None:
    first = choose(world, contradiction, "jitsi")
    with writing() as db:
        new = {"status": None, "excuse": None}
        decisions.decide(
            db, session_of(db, contradiction), world.ayu, new, "Keliru", key="e" * 20, by=world.citra, at=at(101)
        )
    assert [check.seen for check in asked(contradiction)] == [first + 1]
    assert mark_of(contradiction, world.ayu) == ("attended", None)


def test_a_signed_register_asks_nothing_and_its_fingerprint_knows_the_choice(world: World, contradiction: int) -> None:
    choose(world, contradiction, "jitsi")
    with reading() as db:
        seen = register.version(db, contradiction)
    with writing() as db:
        decisions.sign(db, session_of(db, contradiction), seen_version=seen, by=world.citra, at=at(120))
    with reading() as db:
        assert decisions.verify(db, contradiction)
    with writing() as db:
        row = db.scalars(select(Correction)).one()
        row.new = row.new | {"witness": "browser"}
    with reading() as db:
        assert not decisions.verify(db, contradiction)


def test_the_page_shows_both_accounts_and_takes_the_decision(
    world: World, contradiction: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(100))
    citra = as_person(world.citra)
    register_page = citra.get(f"/sessions/{contradiction}/register")
    assert f"/sessions/{contradiction}/checks" in register_page.text
    page = citra.get(f"/sessions/{contradiction}/checks")
    assert page.status_code == 200 and "Ayu Lestari" in page.text and "Budi Santoso" not in page.text
    fields: dict[str, Any] = {"witness": "jitsi", "seen": 0, "key": "k" * 20}
    answer = citra.post(
        f"/sessions/{contradiction}/checks/{world.ayu}", data=fields, headers={"Accept": "application/json"}
    )
    assert answer.get_json()["ok"]
    assert mark_of(contradiction, world.ayu) == ("partial", None)
    assert "Ayu Lestari" not in citra.get(f"/sessions/{contradiction}/checks").text


def test_where_neither_is_right_another_mark_is_typed_in_the_card(
    world: World, contradiction: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(110))
    citra = as_person(world.citra)
    address = f"/sessions/{contradiction}/checks/{world.ayu}/mark"
    assert address in citra.get(f"/sessions/{contradiction}/checks").text
    typed = {"status": "excused", "excuse": "", "reason": "Dipanggil wali kota", "key": "m" * 20, "seen": "0"}
    # What is missing is said in the card, and nothing typed is lost; a script is told the same.
    page = citra.post(address, data=typed)
    assert page.status_code == 422 and "Dipanggil wali kota" in page.text and "error-summary" in page.text
    told = citra.post(address, data=typed, headers={"Accept": "application/json"})
    assert told.status_code == 422 and told.get_json()["problems"][0]["code"] == "correction_excuse_missing"
    sent = citra.post(address, data=typed | {"excuse": "dinas_luar"}, headers={"Accept": "application/json"})
    assert sent.get_json()["ok"] and mark_of(contradiction, world.ayu) == ("excused", "dinas_luar")
    assert address not in citra.get(f"/sessions/{contradiction}/checks").text
    late = citra.post(address, data=typed | {"excuse": "sakit", "key": "n" * 20})
    assert late.status_code == 409 and mark_of(contradiction, world.ayu) == ("excused", "dinas_luar")


@pytest.mark.parametrize(
    ("answer", "mark"),
    [({"status": "evidence"}, ("attended", None)), ({"status": "excused", "excuse": "izin"}, ("excused", "izin"))],
)
def test_who_was_excused_beforehand_and_came_is_asked_about_once(
    world: World,
    lecture: int,
    tell: Tell,
    as_person: Client,
    clock: time_machine.Traveller,
    answer: dict[str, str],
    mark: tuple[str, str | None],
) -> None:
    excused = CorrectionDraft(status=Status.EXCUSED, excuse=Excuse.PERMITTED, reason="Ada keperluan", key="e" * 20)
    with writing() as db:
        for person in (world.ayu, world.budi):
            draft = excused.model_copy(update={"key": f"{person:020}"})
            decisions.correct(db, locked_session(db, lecture), person, draft, by=world.citra, at=at(-60))
    attend(tell, world.ayu)
    judge_ended_sessions(at(95))
    assert mark_of(lecture, world.ayu) == ("excused", "izin")
    assert templates(world.citra) == ["checks_waiting"]
    clock.move_to(at(100))
    citra, page = as_person(world.citra), f"/sessions/{lecture}/checks"
    with reading() as db:
        (found,) = checks.came_anyway(db, session_of(db, lecture), at=at(100))
    assert found.person.id == world.ayu and found.account.verdict.status == "attended"
    assert "90 of 90 min" in citra.get(page).text
    sent = answer | {"reason": "Ternyata datang", "key": "z" * 20, "seen": str(found.seen)}
    assert citra.post(f"{page}/{world.ayu}/mark", data=sent).status_code == 302
    assert mark_of(lecture, world.ayu) == mark
    assert "90 of 90 min" not in citra.get(page).text


def test_the_coordinator_is_told_once_that_somebody_is_to_be_checked(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu)
    occupied(lecture, world.ayu, 0, 30)
    judge_ended_sessions(at(95))
    assert templates(world.citra) == ["checks_waiting"] and templates(world.iskandar) == []
    with writing() as db:
        assert checks.tell_waiting(db, session_of(db, lecture), at=at(96)) == 0
    assert tell_of_later_checks(at(97)) == 0


def test_a_witness_who_speaks_late_makes_the_unread_notice_a_fuller_one(world: World, lecture: int, tell: Tell) -> None:
    def people_told() -> list[int]:
        with reading() as db:
            told = select(Notice).where(Notice.template == "checks_waiting", Notice.person_id == world.citra)
            return [notice.params["people"] for notice in db.scalars(told)]

    attend(tell, world.ayu)
    attend(tell, world.budi)
    occupied(lecture, world.ayu, 0, 30)
    occupied(lecture, world.budi, 0, 90)
    judge_ended_sessions(at(95))
    assert people_told() == [1]
    with writing() as db:
        recording.record(
            db,
            session_of(db, lecture),
            world.budi,
            Kind.IN_CALL,
            source=Source.IMPORT,
            key="a file",
            claimed_at=at(0),
            at=at(100),
            detail={"from": at(0).isoformat(), "to": at(20).isoformat()},
        )
    assert tell_of_later_checks(at(101)) == 1
    assert people_told() == [2]
    assert tell_of_later_checks(at(102)) == 0


@pytest.mark.parametrize(
    ("who", "status"), [("ayu", 403), ("iskandar", 403), ("mallory", 404)], ids=["trainee", "instructor", "stranger"]
)
def test_nobody_else_sees_or_decides(
    world: World, contradiction: int, as_person: Client, clock: time_machine.Traveller, who: str, status: int
) -> None:
    clock.move_to(at(100))
    browser = as_person(getattr(world, who))
    assert browser.get(f"/sessions/{contradiction}/checks").status_code == status
    fields = {"witness": "browser", "seen": 0, "key": "k" * 20}
    assert browser.post(f"/sessions/{contradiction}/checks/{world.ayu}", data=fields).status_code == status
    assert count(Correction) == 0


def test_a_coordinator_of_another_unit_neither_sees_nor_decides(
    world: World, contradiction: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(100))
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.other_unit)
    browser = as_person(dewi.id)
    page = browser.get(f"/sessions/{contradiction}/checks")
    assert page.status_code == 200 and "Ayu Lestari" not in page.text
    fields = {"witness": "browser", "seen": 0, "key": "k" * 20}
    assert browser.post(f"/sessions/{contradiction}/checks/{world.ayu}", data=fields).status_code == 404


def test_nonsense_is_refused_and_nothing_stored(
    world: World, contradiction: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(100))
    for fields in ({"witness": "coordinator"}, {"witness": "jitsi", "key": "short"}, {}):
        sent = {"seen": 0, "key": "k" * 20} | fields
        address = f"/sessions/{contradiction}/checks/{world.ayu}"
        assert as_person(world.citra).post(address, data=sent).status_code == 422
    assert count(Correction) == 0


def test_a_mark_that_late_evidence_changes_is_told_once_with_old_new_and_why(
    world: World, lecture: int, tell: Tell
) -> None:
    attend(tell, world.ayu, 0, 30)
    judge(lecture, 95)
    assert templates(world.ayu) == []
    occupied(lecture, world.ayu, 0, 90)
    judge(lecture, 100)
    judge(lecture, 101)
    notices = told(world.ayu)
    assert [notice.template for notice in notices] == ["mark_changed"]
    assert notices[0].params["old"]["code"] == "status_partial"
    assert notices[0].params["new"]["code"] == "status_attended"
    assert notices[0].params["reason"]["code"] == "mark_changed_by_evidence"


def test_a_mark_that_goes_to_and_fro_unread_is_told_as_one_change_or_none(
    world: World, lecture: int, tell: Tell
) -> None:
    judge(lecture, 95)
    occupied(lecture, world.ayu, 0, 30)
    judge(lecture, 96)
    occupied(lecture, world.ayu, 30, 90, "b")
    judge(lecture, 97)
    notices = told(world.ayu)
    assert len(notices) == 1
    assert (notices[0].params["old"]["code"], notices[0].params["new"]["code"]) == ("status_absent", "status_attended")
    with writing() as db:
        db.merge(notices[0]).read_at = at(98)
    tell(world.ayu, Kind.CONNECTED, 98)
    choose(world, lecture, "browser", minutes=99)
    assert mark_of(lecture, world.ayu) == ("absent", None)
    assert templates(world.ayu) == ["mark_changed", "mark_corrected"]
