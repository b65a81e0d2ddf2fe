"""Work units on two levels."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.models import Unit
from lms.db import reading
from tests.factories import World

AsPerson = Callable[[int], FlaskClient]


def unit_id(name: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.name == name)).one()


def names() -> set[str]:
    with reading() as db:
        return set(db.scalars(select(Unit.name)))


def test_an_admin_adds_renames_and_removes_a_unit(as_person: AsPerson, world: World) -> None:
    admin = as_person(world.admin)
    given = {"name": "Puskesmas Klandasan", "parent_id": str(world.other_unit)}
    assert admin.post("/units", data=given).status_code == 302
    assert "Puskesmas Klandasan" in admin.get("/units").text
    unit = unit_id("Puskesmas Klandasan")
    renamed = {"name": "Puskesmas Klandasan Ilir", "parent_id": str(world.other_unit)}
    assert admin.post(f"/units/{unit}/edit", data=renamed).status_code == 302
    assert admin.post(f"/units/{unit}/remove").status_code == 302
    assert not any("Klandasan" in name for name in names())


def test_a_third_level_a_twin_and_a_unit_in_use_are_refused(as_person: AsPerson, world: World) -> None:
    admin = as_person(world.admin)
    admin.post("/units", data={"name": "Puskesmas Klandasan", "parent_id": str(world.other_unit)})
    below, before = unit_id("Puskesmas Klandasan"), names()
    assert admin.post("/units", data={"name": "Apotek", "parent_id": str(below)}).status_code == 422
    assert admin.post("/units", data={"name": "dinas kesehatan", "parent_id": ""}).status_code == 422
    move = {"name": "Dinas Kesehatan", "parent_id": str(world.unit)}
    assert admin.post(f"/units/{world.other_unit}/edit", data=move).status_code == 422
    assert admin.post(f"/units/{world.unit}/remove").status_code == 409
    assert names() == before


def test_a_coordinator_reads_the_units_and_changes_none(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    assert citra.get("/units").status_code == 200
    assert "Add a unit" not in citra.get("/units").text
    assert citra.post("/units", data={"name": "Dinas Baru"}).status_code == 403
    assert citra.post(f"/units/{world.unit}/remove").status_code == 403
    assert as_person(world.ayu).get("/units").status_code == 403
