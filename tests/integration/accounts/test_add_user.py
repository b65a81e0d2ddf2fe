"""`flask add-user`."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.commands import add_user
from lms.accounts.models import Grant, Person
from lms.accounts.passwords import verify_password
from lms.db import reading
from tests.factories import World


def test_the_first_admin_gets_a_link_that_works(app: Flask, client: FlaskClient, world: World) -> None:
    ran = app.test_cli_runner().invoke(
        add_user, ["Siti Rahmawati", "--email", "Siti@balikpapan.example", "--role", "admin"]
    )
    assert ran.exit_code == 0, ran.output
    link = ran.output.strip().splitlines()[-1]
    assert (
        client.post(link.removeprefix("http://localhost"), data={"password": "tujuh langkah ke pasar"}).status_code
        == 302
    )
    with reading() as db:
        siti = db.scalars(select(Person).where(Person.email == "siti@balikpapan.example")).one()
        held = db.scalars(select(Grant).where(Grant.person_id == siti.id)).one()
    assert (held.role, held.scope_kind) == ("admin", "everything")


def test_a_password_typed_here_works_at_once(app: Flask, world: World) -> None:
    ran = app.test_cli_runner().invoke(
        add_user,
        ["Siti", "--nip", "19900315 201403 2 007", "--ask-password"],
        input="tujuh langkah ke pasar\ntujuh langkah ke pasar\n",
    )
    assert ran.exit_code == 0, ran.output
    assert "invitation" not in ran.output.lower()
    with reading() as db:
        kept = db.scalars(select(Person.password_hash).where(Person.nip == "199003152014032007")).one()
    assert verify_password(kept, "tujuh langkah ke pasar")


def test_nonsense_is_told_in_words_and_nothing_is_stored(app: Flask, world: World) -> None:
    runner = app.test_cli_runner()
    nothing = runner.invoke(add_user, ["Siti"])
    taken = runner.invoke(add_user, ["Siti", "--nip", "198609262015052001"])
    weak = runner.invoke(add_user, ["Siti", "--email", "siti@b.example", "--ask-password"], input="short\nshort\n")
    assert [ran.exit_code for ran in (nothing, taken, weak)] == [1, 1, 1]
    assert "NIP or an e-mail" in nothing.output
    assert "registered with this NIP" in taken.output
    assert "too short" in weak.output
    with reading() as db:
        assert db.scalars(select(Person).where(Person.name == "Siti")).all() == []
