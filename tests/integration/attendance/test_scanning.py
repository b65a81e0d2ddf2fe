"""A code on the wall, a phone, one tap: what counts, from when, and everything that does not count."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.accounts.models import Person
from lms.attendance.models import Evidence, Mark
from lms.attendance.rules.codes import Codes, Purpose
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import checking, register
from lms.attendance.tasks import judge_ended_sessions
from lms.attendance.views.scans import shortened
from lms.db import reading, writing
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy
from lms.web.limits import limiter
from tests.factories import World
from tests.integration.accounts.conftest import HASH, PASSWORD
from tests.integration.attendance.conftest import at

Client = Callable[[int], FlaskClient]
SECOND = timedelta(seconds=1)


@pytest.fixture
def asks_check_out(hall: int) -> int:
    with writing() as db:
        db.get_one(LiveSession, hall).policy = Policy(check_out=True).stored()
    return hall


def code_of(session: int, minutes: float, purpose: Purpose = Purpose.CHECK_IN) -> str:
    return Codes("test-secret").show(purpose, session, at(minutes)).code


def kept_in(page: TestResponse) -> str:
    found = re.search(r'name="scan" value="([\w-]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def scan(client: FlaskClient, code: str) -> TestResponse:
    """Scan and, if the page asks for it, tap."""
    page = client.get(f"/c/{code}")
    if page.status_code != 200:
        return page
    return client.post("/c", data={"scan": kept_in(page)})


def facts(session: int, person: int) -> list[Evidence]:
    with reading() as db:
        rows = select(Evidence).where(Evidence.session_id == session, Evidence.person_id == person)
        return list(db.scalars(rows.order_by(Evidence.id)))


def count() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Evidence)) or 0


def test_one_tap_after_the_scan_and_she_is_present(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(2))
    ayu = as_person(world.ayu)
    answer = scan(ayu, code_of(hall, 2))
    assert answer.status_code == 302
    page = ayu.get(answer.headers["Location"])
    assert page.status_code == 200 and "Ayu Lestari" in page.text and "09:02 WITA" in page.text
    (fact,) = facts(hall, world.ayu)
    assert (fact.kind, fact.source, fact.claimed_at, fact.by_id) == ("checked_in", "check_in", at(2), world.ayu)
    assert fact.detail["address"] == "127.0.0.0/24" and re.fullmatch(r"[0-9a-f]{24}", fact.detail["device"])
    with reading() as db:
        (line,) = register.read_lines(db, db.get_one(LiveSession, hall), at=at(30), person_ids=[world.ayu])
    why = as_person(world.citra).get(f"/sessions/{hall}/register/{world.ayu}")
    assert "network 127.0.0.0/24" in why.text
    assert line.group == "present" and line.checked_in and line.verdict.attended == timedelta(minutes=28)


def test_opening_the_page_alone_stores_nothing(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    assert as_person(world.ayu).get(f"/c/{code_of(hall, 0)}").status_code == 200
    assert count() == 0


def test_a_slow_tap_still_counts_the_moment_of_the_scan(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    ayu = as_person(world.ayu)
    kept = kept_in(ayu.get(f"/c/{code_of(hall, 0)}"))
    clock.move_to(at(10))
    assert ayu.post("/c", data={"scan": kept}).status_code == 302
    assert [(fact.claimed_at, fact.received_at) for fact in facts(hall, world.ayu)] == [(at(0), at(10))]


def test_a_tap_after_a_quarter_of_an_hour_is_too_late(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    ayu = as_person(world.ayu)
    kept = kept_in(ayu.get(f"/c/{code_of(hall, 0)}"))
    clock.move_to(at(15.1))
    assert ayu.post("/c", data={"scan": kept}).status_code == 410
    assert count() == 0


def test_signing_in_comes_between_and_the_scan_still_counts_its_moment(
    world: World, hall: int, app: Flask, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        person = db.get_one(Person, world.ayu)
        person.password_hash = HASH
        email = person.email
    visitor = app.test_client()
    clock.move_to(at(1))
    answer = visitor.get(f"/c/{code_of(hall, 1)}")
    assert answer.status_code == 302 and "/sign-in?next=/c" in answer.headers["Location"].replace("%2F", "/")
    assert count() == 0
    clock.move_to(at(6))
    signed_in = visitor.post("/sign-in", data={"login": email, "password": PASSWORD, "next": "/c"})
    assert signed_in.headers["Location"] == "/c"
    assert visitor.post("/c", data={"scan": kept_in(visitor.get("/c"))}).status_code == 302
    assert [(fact.claimed_at, fact.received_at) for fact in facts(hall, world.ayu)] == [(at(1), at(6))]
    # Once used it is gone: the next who signs in on this browser does not inherit it.
    assert 'name="scan"' not in visitor.get("/c").text


def test_whoever_signs_in_by_another_way_is_led_to_her_scan_as_well(
    world: World, hall: int, app: Flask, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        person = db.get_one(Person, world.ayu)
        person.password_hash = HASH
        email = person.email
    visitor = app.test_client()
    visitor.get(f"/c/{code_of(hall, 0)}")
    signed_in = visitor.post("/sign-in", data={"login": email, "password": PASSWORD})
    assert signed_in.headers["Location"] == "/c"


def test_a_kept_scan_cannot_be_handed_to_a_friend(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    kept = kept_in(as_person(world.ayu).get(f"/c/{code_of(hall, 0)}"))
    assert as_person(world.budi).post("/c", data={"scan": kept}).status_code == 410
    assert count() == 0


def test_a_code_photographed_and_sent_elsewhere_is_stale(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    photographed = code_of(hall, 0)
    clock.move_to(at(0) + 19 * SECOND)
    assert as_person(world.ayu).get(f"/c/{photographed}").status_code == 200
    clock.move_to(at(0) + 20 * SECOND)
    refused = as_person(world.budi).get(f"/c/{photographed}")
    assert refused.status_code == 410 and "fifteen seconds" in refused.text
    assert count() == 0


@pytest.mark.parametrize("invented", ["M1S7QPM2XF", "hello", "M", "0"])
def test_an_invented_code_is_none(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, invented: str
) -> None:
    assert as_person(world.ayu).get(f"/c/{invented}").status_code == 404
    assert count() == 0


def test_another_batch_is_refused_in_words(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    refused = as_person(world.mallory).get(f"/c/{code_of(hall, 0)}")
    assert refused.status_code == 404 and "another batch" in refused.text
    # Nor with a scan of her own kept before somebody looked.
    kept = Codes("test-secret")
    found = kept.read(code_of(hall, 0), at(0))
    assert found is not None
    answer = as_person(world.mallory).post("/c", data={"scan": kept.keep(found, person=world.mallory)})
    assert answer.status_code == 404
    assert count() == 0


@pytest.mark.parametrize(("minutes", "says"), [(-16, "open"), (90, "over"), (119, "over"), (121, "over")])
def test_outside_its_time_a_code_does_not_count(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, minutes: float, says: str
) -> None:
    clock.move_to(at(minutes))
    refused = as_person(world.ayu).get(f"/c/{code_of(hall, minutes)}")
    assert refused.status_code == 409 and says in refused.text
    assert count() == 0


def test_a_cancelled_session_takes_nobody(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        db.get_one(LiveSession, hall).status = "cancelled"
    assert as_person(world.ayu).get(f"/c/{code_of(hall, 0)}").status_code == 409


def test_a_teleconference_has_no_code_on_the_wall(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    assert as_person(world.ayu).get(f"/c/{code_of(lecture, 0)}").status_code == 409


def test_the_same_code_twice_and_at_once_is_one_fact(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    kept = kept_in(as_person(world.ayu).get(f"/c/{code_of(hall, 0)}"))

    def tap(_number: int) -> int:
        return as_person(world.ayu).post("/c", data={"scan": kept}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(tap, range(4))) == {302}
    assert len(facts(hall, world.ayu)) == 1


def test_a_typed_code_is_the_same_code(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    ayu = as_person(world.ayu)
    spaced = Codes("test-secret").show(Purpose.CHECK_IN, hall, at(0)).spaced.lower()
    assert ayu.get("/c").status_code == 200
    answer = ayu.get("/c", query_string={"code": spaced}, follow_redirects=True)
    assert kept_in(answer)


@pytest.fixture
def counting(app: Flask) -> Iterator[None]:
    limiter.reset()
    limiter.enabled = True
    yield
    limiter.enabled = False
    limiter.reset()


def test_guessing_is_slowed_down_and_a_slow_camera_is_not(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, counting: None
) -> None:
    ayu, old = as_person(world.ayu), code_of(hall, -5)
    assert {ayu.get(f"/c/{old}").status_code for _ in range(25)} == {410}
    assert [ayu.get(f"/c/M1S00000{n:02}").status_code for n in range(21)] == [404] * 20 + [429]
    assert ayu.get(f"/c/{code_of(hall, 0)}").status_code == 429
    assert as_person(world.budi).get(f"/c/{code_of(hall, 0)}").status_code == 200


def test_checking_out_ends_the_time_in_the_room(
    world: World, asks_check_out: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    hall = asks_check_out
    ayu = as_person(world.ayu)
    scan(ayu, code_of(hall, 0))
    clock.move_to(at(60))
    page = ayu.get(scan(ayu, code_of(hall, 60, Purpose.CHECK_OUT)).headers["Location"])
    assert "Checked out" in page.text and "10:00 WITA" in page.text
    judge_ended_sessions(at(95))
    with reading() as db:
        mark = db.scalars(select(Mark).where(Mark.person_id == world.ayu)).one()
    assert (mark.status, mark.attended_seconds, mark.left_early) == ("partial", 3600, True)


def test_a_missing_check_out_is_the_coordinators_to_decide_and_a_late_one_settles_it(
    world: World, asks_check_out: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    hall = asks_check_out
    scan(as_person(world.ayu), code_of(hall, 0))
    judge_ended_sessions(at(91.5))
    with reading() as db:
        mark = db.scalars(select(Mark).where(Mark.person_id == world.ayu)).one()
        (line,) = register.read_lines(db, db.get_one(LiveSession, hall), at=at(95), person_ids=[world.ayu])
    assert mark.status == "unknown" and mark.reasons[-1][0] == "check_out_missing"
    assert line.as_json()["lacks"]
    clock.move_to(at(100))
    assert scan(as_person(world.ayu), code_of(hall, 100, Purpose.CHECK_OUT)).status_code == 302
    with reading() as db:
        assert db.scalars(select(Mark).where(Mark.person_id == world.ayu)).one().status == "attended"


def test_where_no_check_out_is_asked_for_its_code_does_not_count(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    assert as_person(world.ayu).get(f"/c/{code_of(hall, 0, Purpose.CHECK_OUT)}").status_code == 409


def test_one_device_for_several_people_is_reported(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    phone = "a" * 24
    for person in (world.ayu, world.budi):
        client = as_person(person)
        client.set_cookie("device", phone)
        scan(client, code_of(hall, 0))
    with reading() as db:
        (found,) = checking.same_device(db, hall, {world.ayu, world.budi})
        (partly,) = checking.same_device(db, hall, {world.ayu})
        assert checking.same_device(db, hall, {world.mallory}) == []
    assert [name for name, _ in found.scans] == ["Ayu Lestari", "Budi Santoso"]
    assert [name for name, _ in partly.scans] == ["Ayu Lestari", ""]
    for page in ("register", "roster"):
        text = as_person(world.citra).get(f"/sessions/{hall}/{page}").text
        assert "same device" in text and "Budi Santoso (09:00)" in text


def test_two_devices_are_nothing_to_report(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    scan(as_person(world.ayu), code_of(hall, 0))
    scan(as_person(world.budi), code_of(hall, 0))
    with reading() as db:
        assert checking.same_device(db, hall, {world.ayu, world.budi}) == []
    assert [fact.kind for fact in facts(hall, world.budi)] == [Kind.CHECKED_IN.value]


def test_the_address_is_kept_without_its_end() -> None:
    assert shortened("36.88.12.200") == "36.88.12.0/24"
    assert shortened("2001:db8:1:2:3::4") == "2001:db8:1::/48"
    assert shortened("unix") == ""


def test_the_result_is_nobodys_but_ones_own(
    world: World, hall: int, as_person: Client, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    assert as_person(world.mallory).get(f"/sessions/{hall}/here").status_code == 404
    assert client.get(f"/sessions/{hall}/here").status_code == 302
    assert "Not recorded" in as_person(world.ayu).get(f"/sessions/{hall}/here").text
    assert client.post("/c", data={"scan": "x"}).status_code == 302
