"""An outage that struck many: proposed by itself, granted or refused by whoever coordinates the whole batch."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.accounts.models import AuditEntry
from lms.attendance.models import Amnesty, Evidence
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import amnesties, decisions, recording, register
from lms.attendance.tasks import locked_session, propose_amnesties
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from tests.factories import World, enrol, grant, make_person
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.witnessing import judge, mark_of, session_of, templates, told

Client = Callable[[int], FlaskClient]


@pytest.fixture
def office(world: World, lecture: int, tell: Tell) -> list[int]:
    """Four people of one unit whose network fails from the 40th to the 65th minute; Ayu's does not."""
    with writing() as db:
        people = [make_person(db, name, unit_id=world.other_unit).id for name in ("Dian", "Eko", "Fitri", "Gani")]
        for person in people:
            enrol(db, world.batch, person)
    for number, person in enumerate(people):
        tell(person, Kind.JOINED, 0, line="a")
        with writing() as db:
            lost = at(40 + number / 10)
            recording.drop(db, f"a{person}", last_heard=lost, reason="ping timeout", at=at(41))
        tell(person, Kind.RESUMED, 65 - number / 10, line="b")
        tell(person, Kind.LEFT, 90, line="b")
    attend(tell, world.ayu)
    attend(tell, world.budi)
    return people


def stored() -> list[Amnesty]:
    with reading() as db:
        return list(db.scalars(select(Amnesty).order_by(Amnesty.id)))


def decide(world: World, session: int, amnesty: Amnesty, *, grant: bool = True, minutes: float = 100) -> Amnesty:
    with writing() as db:
        return amnesties.decide_amnesty(
            db,
            locked_session(db, session),
            amnesty.id,
            grant=grant,
            seen=amnesty.state,
            by=world.citra,
            at=at(minutes),
        )


def facts(kind: Kind) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Evidence).where(Evidence.kind == kind.value)) or 0


def test_it_is_proposed_once_with_its_people_and_the_coordinator_is_told(
    world: World, lecture: int, office: list[int]
) -> None:
    assert propose_amnesties(at(70)) == 1
    assert propose_amnesties(at(71)) == 0
    (found,) = stored()
    assert (found.unit, found.people, found.state) == ("Dinas Kesehatan", office, "proposed")
    assert (found.starts_at, found.ends_at) == (at(40), at(65))
    (notice,) = told(world.citra)
    assert notice.template == "amnesty_proposed" and notice.link == f"/sessions/{lecture}/checks"


def test_proposing_alone_changes_no_mark(lecture: int, office: list[int]) -> None:
    propose_amnesties(at(70))
    judge(lecture, 95)
    assert {mark_of(lecture, person) for person in office} == {("partial", None)}


def test_a_proposal_that_later_evidence_explains_away_is_gone(
    world: World, lecture: int, office: list[int], tell: Tell
) -> None:
    propose_amnesties(at(70))
    for person in office[:2]:
        tell(person, Kind.JOINED, 35, line="phone", device="p" * 20)
        tell(person, Kind.LEFT, 80, line="phone", device="p" * 20)
    assert propose_amnesties(at(85)) == 0
    assert stored() == []


def test_granting_gives_the_gap_and_tells_whose_mark_changed(world: World, lecture: int, office: list[int]) -> None:
    judge(lecture, 95)
    propose_amnesties(at(96))
    decide(world, lecture, stored()[0])
    assert {mark_of(lecture, person) for person in office} == {("attended", None)}
    assert facts(Kind.AMNESTY) == 4
    notices = told(office[0])
    assert [notice.template for notice in notices] == ["mark_changed"]
    assert notices[0].params["reason"]["code"] == "mark_changed_by_amnesty"
    assert templates(world.ayu) == []
    with reading() as db:
        line = register.read_lines(db, session_of(db, lecture), at=at(101), person_ids=[office[0]])[0]
        assert "amnesty_granted" in {said.code for said in line.verdict.reasons}
        assert not line.decided and not line.seen
        assert db.scalar(select(AuditEntry.by_id).where(AuditEntry.action == "amnesty_granted")) == world.citra


def test_granting_twice_is_granting_once(world: World, lecture: int, office: list[int]) -> None:
    propose_amnesties(at(70))
    decide(world, lecture, stored()[0])
    decide(world, lecture, stored()[0], minutes=101)
    assert facts(Kind.AMNESTY) == 4


def test_a_granted_one_can_be_taken_back_and_granted_again(world: World, lecture: int, office: list[int]) -> None:
    judge(lecture, 95)
    propose_amnesties(at(96))
    decide(world, lecture, stored()[0], minutes=100)
    decide(world, lecture, stored()[0], grant=False, minutes=101)
    assert facts(Kind.RETRACTED) == 4
    assert {mark_of(lecture, person) for person in office} == {("partial", None)}
    # Nobody had read of the first change, and what was is again.
    assert templates(office[0]) == []
    decide(world, lecture, stored()[0], minutes=102)
    assert {mark_of(lecture, person) for person in office} == {("attended", None)}


def test_what_was_decided_is_not_asked_again(world: World, lecture: int, office: list[int]) -> None:
    for grant_it in (False, True):
        propose_amnesties(at(70))
        decide(world, lecture, stored()[0], grant=grant_it)
        assert propose_amnesties(at(80)) == 0
        assert len(stored()) == 1


def test_of_two_who_decide_at_once_one_wins(world: World, lecture: int, office: list[int]) -> None:
    propose_amnesties(at(70))
    (proposed,) = stored()

    def answer(number: int) -> str:
        by = [world.citra, world.admin][number]
        try:
            with writing() as db:
                amnesties.decide_amnesty(
                    db,
                    locked_session(db, lecture),
                    proposed.id,
                    grant=number == 0,
                    seen="proposed",
                    by=by,
                    at=at(100),
                )
        except Conflict as refusal:
            return refusal.code
        return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(answer, range(2))) == ["amnesty_decided_meanwhile", "won"]


def test_a_signed_register_grants_nothing(world: World, lecture: int, office: list[int]) -> None:
    propose_amnesties(at(70))
    with reading() as db:
        seen = register.version(db, lecture)
    with writing() as db:
        decisions.sign(db, session_of(db, lecture), seen_version=seen, by=world.citra, at=at(110))
    with pytest.raises(Conflict, match="register_already_signed"):
        decide(world, lecture, stored()[0], minutes=111)
    assert facts(Kind.AMNESTY) == 0


def test_the_page_grants_with_one_press(
    world: World, lecture: int, office: list[int], as_person: Client, clock: time_machine.Traveller
) -> None:
    propose_amnesties(at(70))
    clock.move_to(at(100))
    citra = as_person(world.citra)
    page = citra.get(f"/sessions/{lecture}/checks")
    assert "Dinas Kesehatan" in page.text and "4 people" in page.text
    address = f"/sessions/{lecture}/amnesties/{stored()[0].id}"
    assert citra.post(address, data={"grant": "1", "seen": "proposed"}).status_code == 302
    assert stored()[0].state == "granted"
    # A second page that still shows it as proposed is told, not obeyed.
    assert as_person(world.admin).post(address, data={"grant": "0", "seen": "proposed"}).status_code == 409


@pytest.mark.parametrize(("who", "status"), [("iskandar", 403), ("ayu", 403), ("mallory", 404)])
def test_nobody_else_decides(
    world: World,
    lecture: int,
    office: list[int],
    as_person: Client,
    clock: time_machine.Traveller,
    who: str,
    status: int,
) -> None:
    propose_amnesties(at(70))
    clock.move_to(at(100))
    address = f"/sessions/{lecture}/amnesties/{stored()[0].id}"
    browser = as_person(getattr(world, who))
    assert browser.post(address, data={"grant": "1", "seen": "proposed"}).status_code == status
    assert stored()[0].state == "proposed"


def test_a_coordinator_of_a_unit_sees_it_and_may_not_decide(
    world: World, lecture: int, office: list[int], as_person: Client, clock: time_machine.Traveller
) -> None:
    propose_amnesties(at(70))
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.other_unit)
        other = make_person(db, "Hendra")
        grant(db, other.id, "coordinator", "unit", world.unit)
    clock.move_to(at(100))
    page = as_person(dewi.id).get(f"/sessions/{lecture}/checks").text
    assert "Dinas Kesehatan" in page and "Gani" in page
    assert "Gani" not in as_person(other.id).get(f"/sessions/{lecture}/checks").text
    address = f"/sessions/{lecture}/amnesties/{stored()[0].id}"
    assert as_person(dewi.id).post(address, data={"grant": "1", "seen": "proposed"}).status_code == 403
