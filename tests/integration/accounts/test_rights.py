"""Giving and taking roles."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.models import AuditEntry, Grant
from lms.db import reading, writing
from tests.factories import World, grant, make_person

AsPerson = Callable[[int], FlaskClient]


def roles(person_id: int) -> set[tuple[str, str, int]]:
    with reading() as db:
        rows = db.execute(
            select(Grant.role, Grant.scope_kind, Grant.scope_id).where(Grant.person_id == person_id)
        ).all()
    return {(row.role, row.scope_kind, row.scope_id) for row in rows}


def grant_id(person_id: int, role: str) -> int:
    with reading() as db:
        return db.scalars(select(Grant.id).where(Grant.person_id == person_id, Grant.role == role)).one()


def test_an_admin_makes_somebody_coordinator_of_a_unit_and_it_works_at_once(as_person: AsPerson, world: World) -> None:
    budi, admin = as_person(world.budi), as_person(world.admin)
    assert budi.get("/people").status_code == 403
    given = {"role": "coordinator", "scope": f"unit:{world.other_unit}"}
    for _ in range(2):
        assert admin.post(f"/people/{world.budi}/grants", data=given).status_code == 302
    page = budi.get("/people").text.partition("<tbody>")[2]
    assert "Budi" in page
    assert "Mallory" in page
    assert "Ayu" not in page
    with reading() as db:
        trail = db.scalars(select(AuditEntry).where(AuditEntry.action == "role_granted")).all()
    assert [(entry.subject_id, entry.by_id) for entry in trail] == [(world.budi, world.admin)]


def test_a_role_is_taken_away_again_and_it_works_at_once(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        grant(db, world.budi, "coordinator")
    budi, admin = as_person(world.budi), as_person(world.admin)
    assert budi.get("/people").status_code == 200
    held = grant_id(world.budi, "coordinator")
    assert admin.post(f"/people/{world.budi}/grants/{held}/revoke").status_code == 302
    assert budi.get("/people").status_code == 403
    assert admin.post(f"/people/{world.budi}/grants/{held}/revoke").status_code == 404


def test_only_admins_give_roles(as_person: AsPerson, world: World) -> None:
    given = {"role": "admin", "scope": "everything:0"}
    before = roles(world.ayu)
    for person_id in (world.citra, world.iskandar, world.ayu):
        assert as_person(person_id).post(f"/people/{world.ayu}/grants", data=given).status_code == 403
    assert roles(world.ayu) == before


def test_a_scope_that_is_not_there_or_does_not_fit_is_refused(as_person: AsPerson, world: World) -> None:
    admin, before = as_person(world.admin), roles(world.ayu)
    for given in (
        {"role": "coordinator", "scope": "unit:99999"},
        {"role": "admin", "scope": f"unit:{world.unit}"},
        {"role": "trainee", "scope": f"batch:{world.batch}"},
    ):
        assert admin.post(f"/people/{world.ayu}/grants", data=given).status_code == 422
    assert roles(world.ayu) == before


def test_what_enrolling_gave_is_not_taken_by_hand(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        db.scalars(select(Grant).where(Grant.person_id == world.ayu)).one().source = "enrolment"
    held = grant_id(world.ayu, "trainee")
    assert as_person(world.admin).post(f"/people/{world.ayu}/grants/{held}/revoke").status_code == 409


def test_the_last_admin_stays(as_person: AsPerson, world: World) -> None:
    held = grant_id(world.admin, "admin")
    answer = as_person(world.admin).post(f"/people/{world.admin}/grants/{held}/revoke")
    assert answer.status_code == 409
    assert "last administrator" in answer.text


def test_somebody_invited_but_not_enrolled_has_settings_already(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        newcomer = make_person(db, "Dewi Anggraini").id
    assert as_person(newcomer).get("/settings").status_code == 200
    assert as_person(newcomer).get("/people").status_code == 403
