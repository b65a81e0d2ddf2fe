"""The code on the wall: for whom it is shown, when, and that it changes without a write."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from lms.attendance.rules.codes import Codes, Purpose
from lms.db import writing
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy
from lms.web.qr import draw
from tests.factories import World
from tests.integration.attendance.conftest import at
from tests.integration.conftest import Statements

Client = Callable[[int], FlaskClient]


def shown(client: FlaskClient, session: int, **query: str) -> dict[str, Any]:
    answer = client.get(f"/sessions/{session}/projector/code", query_string=query)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return answer.get_json()


def test_the_code_shown_is_the_code_that_counts_and_changes_every_fifteen_seconds(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    iskandar = as_person(world.iskandar)
    clock.move_to(at(0) + timedelta(seconds=4))
    first = shown(iskandar, hall)
    assert (first["state"], first["left_ms"], first["period_ms"]) == ("open", 11_000, 15_000)
    assert (first["scanned"], first["expected"]) == (0, 2)
    assert as_person(world.ayu).get(f"/c/{first['code'].replace(' ', '')}").status_code == 200
    clock.move_to(at(0) + timedelta(seconds=15))
    assert shown(iskandar, hall)["code"] != first["code"]


def test_the_picture_says_the_address_of_the_code(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    body = shown(as_person(world.citra), hall)
    code = Codes("test-secret").show(Purpose.CHECK_IN, hall, at(0)).code
    drawn = draw(f"http://localhost/c/{code}")
    assert (body["size"], body["path"]) == (drawn.size, drawn.path)
    page = as_person(world.citra).get(f"/sessions/{hall}/projector")
    assert body["path"] in page.text and body["code"] in page.text
    assert "style=" not in page.text.replace("stylesheet", "")


def test_showing_a_code_writes_nothing(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, counted: Statements
) -> None:
    shown(as_person(world.citra), hall)
    assert not [statement for statement in counted if not statement.lstrip().upper().startswith("SELECT")]


@pytest.mark.parametrize(
    ("minutes", "state"), [(-16, "early"), (-15, "open"), (0, "open"), (89, "open"), (90, "over"), (121, "over")]
)
def test_it_is_shown_while_one_can_check_in(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, minutes: float, state: str
) -> None:
    clock.move_to(at(minutes))
    body = shown(as_person(world.citra), hall)
    assert body["state"] == state and ("code" in body) is (state == "open")
    assert as_person(world.citra).get(f"/sessions/{hall}/projector").status_code == 200


@pytest.mark.parametrize(
    ("minutes", "query", "purpose"),
    [
        (0, {}, Purpose.CHECK_IN),
        (0, {"purpose": "out"}, Purpose.CHECK_OUT),
        (85, {}, Purpose.CHECK_OUT),
        (85, {"purpose": "in"}, Purpose.CHECK_IN),
        (110, {}, Purpose.CHECK_OUT),
    ],
)
def test_towards_the_end_it_shows_the_way_out_where_one_is_asked_for(
    world: World,
    hall: int,
    as_person: Client,
    clock: time_machine.Traveller,
    minutes: float,
    query: dict[str, str],
    purpose: Purpose,
) -> None:
    with writing() as db:
        db.get_one(LiveSession, hall).policy = Policy(check_out=True).stored()
    clock.move_to(at(minutes))
    assert shown(as_person(world.citra), hall, **query)["code"][0] == purpose.value


def test_without_check_out_nobody_is_shown_a_way_out(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    assert shown(as_person(world.citra), hall, purpose="out")["code"][0] == Purpose.CHECK_IN.value


def test_neither_a_teleconference_nor_a_cancelled_session_has_a_code(
    world: World, hall: int, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    assert shown(as_person(world.citra), lecture) == {"ok": True, "state": "elsewhere"}
    with writing() as db:
        db.get_one(LiveSession, hall).status = "cancelled"
    assert shown(as_person(world.citra), hall) == {"ok": True, "state": "cancelled"}


def test_only_who_leads_the_session_may_show_the_code(
    world: World, hall: int, as_person: Client, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    for page in ("projector", "projector/code"):
        address = f"/sessions/{hall}/{page}"
        assert as_person(world.ayu).get(address).status_code == 403
        assert as_person(world.mallory).get(address).status_code == 404
        assert client.get(address).status_code == 302
        assert client.get(address, headers={"Accept": "application/json"}).status_code == 401
        assert as_person(world.admin).get(address).status_code == 200


def test_the_policy_form_asks_for_the_check_out(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(-60))
    citra = as_person(world.citra)
    assert 'name="check_out"' in citra.get(f"/sessions/{hall}/policy").text
    numbers = {
        "minimum_percent": "80",
        "late_after_minutes": "10",
        "left_early_minutes": "10",
        "grace_seconds": "90",
        "bridged_limit_minutes": "10",
    }
    assert citra.post(f"/sessions/{hall}/policy", data=numbers | {"check_out": "1"}).status_code == 302
    with writing() as db:
        assert Policy.of(db.get_one(LiveSession, hall).policy).check_out
    assert citra.post(f"/sessions/{hall}/policy", data=numbers).status_code == 302
    with writing() as db:
        assert not Policy.of(db.get_one(LiveSession, hall).policy).check_out
