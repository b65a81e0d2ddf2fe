"""Messages leave once, in the reader's words, and come back to it when they could not."""

import threading
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.accounts.models import Person
from lms.db import reading, writing
from lms.outbox.delivery import deliver_due
from lms.outbox.models import Message, Notice
from lms.outbox.postmen import Folder
from lms.outbox.rules import MOST_ATTEMPTS
from lms.outbox.service import call_off, send_later, tell
from lms.settings import Settings
from tests.factories import NINE, World
from tests.integration.outbox.conftest import Carrier

LATER = NINE + timedelta(hours=2)


def invite(person_id: int, key: str = "a", due_at: object = NINE) -> bool:
    with writing() as db:
        return send_later(
            db, person_id, "invitation", {"lasts_until": LATER}, key, due_at, NINE, "/invitation/secret-token"
        )


def the_message() -> Message:
    with reading() as db:
        return db.scalars(select(Message)).one()


def words(mail: EmailMessage) -> str:
    """The letter as programs without HTML show it."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def deliver(app: Flask, settings: Settings, by: Carrier | Folder, at: object = NINE) -> int:
    with app.app_context():
        return deliver_due(settings, at=at, by=by)


def test_a_letter_is_worded_in_its_readers_language_and_zone(
    app: Flask, settings: Settings, carrier: Carrier, world: World
) -> None:
    with writing() as db:
        db.execute(update(Person).where(Person.id == world.ayu).values(language="id"))
    invite(world.ayu, "a")
    invite(world.iskandar, "b")
    assert deliver(app, settings, carrier) == 2
    ayu, iskandar = carrier.carried
    assert ayu["Subject"] == "Undangan ke Jembatan"
    assert "1 Desember 2026 11.00 WITA" in words(ayu)
    assert iskandar["Subject"] == "Your invitation to Jembatan"
    assert "1 December 2026 11:00 SGT" in words(iskandar)
    assert "http://localhost/invitation/secret-token" in words(iskandar)
    assert "Dear Iskandar Rahman" in words(iskandar)
    assert iskandar["To"].addresses[0].display_name == "Iskandar Rahman"


def test_the_same_cause_sends_once(app: Flask, settings: Settings, carrier: Carrier, world: World) -> None:
    assert invite(world.ayu) is True
    assert invite(world.ayu) is False
    assert deliver(app, settings, carrier) == 1
    assert deliver(app, settings, carrier) == 0
    assert invite(world.ayu) is False
    assert len(carrier.carried) == 1


def test_what_is_not_due_waits(app: Flask, settings: Settings, carrier: Carrier, world: World) -> None:
    invite(world.ayu, due_at=LATER)
    assert deliver(app, settings, carrier) == 0
    assert deliver(app, settings, carrier, LATER) == 1


def test_what_was_called_off_does_not_leave(app: Flask, settings: Settings, carrier: Carrier, world: World) -> None:
    invite(world.ayu)
    with writing() as db:
        assert call_off(db, "a") is True
        assert call_off(db, "a") is False
    assert deliver(app, settings, carrier) == 0


def test_two_senders_at_once_send_each_letter_once(app: Flask, settings: Settings, world: World) -> None:
    for number in range(60):
        invite(world.ayu, f"key {number}")
    carriers, together = [Carrier(), Carrier(), Carrier()], threading.Barrier(3)

    def work(carrier: Carrier) -> None:
        together.wait()
        deliver(app, settings, carrier)

    threads = [threading.Thread(target=work, args=(carrier,)) for carrier in carriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [mail["Message-ID"] for carrier in carriers for mail in carrier.carried]
    assert len(ids) == len(set(ids)) == 60


def test_a_letter_that_could_not_leave_tries_again_later_with_the_same_id(
    app: Flask, settings: Settings, carrier: Carrier, world: World
) -> None:
    invite(world.ayu)
    carrier.failing = True
    assert deliver(app, settings, carrier) == 0
    failed = the_message()
    assert (failed.state, failed.attempts) == ("waiting", 1)
    assert "no mail server" in failed.last_error
    assert failed.link == "/invitation/secret-token"
    assert deliver(app, settings, carrier, NINE + timedelta(seconds=30)) == 0
    assert the_message().attempts == 1
    carrier.failing = False
    again = NINE + timedelta(minutes=1)
    assert deliver(app, settings, carrier, again) == 1
    assert the_message().sent_at == again


def test_a_letter_that_never_leaves_is_given_up(app: Flask, settings: Settings, carrier: Carrier, world: World) -> None:
    invite(world.ayu)
    carrier.failing = True
    for day in range(MOST_ATTEMPTS + 3):
        deliver(app, settings, carrier, NINE + timedelta(days=day))
    given_up = the_message()
    assert (given_up.state, given_up.attempts) == ("failed", MOST_ATTEMPTS)


def test_one_letter_that_fails_holds_up_no_other(app: Flask, settings: Settings, world: World) -> None:
    class Picky(Carrier):
        def send(self, mail: object) -> None:
            if "Ayu" in str(mail["To"]):  # type: ignore[index]
                raise ValueError("no such mailbox")
            super().send(mail)  # type: ignore[arg-type]

    picky = Picky()
    invite(world.ayu, "a")
    invite(world.budi, "b")
    assert deliver(app, settings, picky) == 1


def test_a_sender_that_died_lets_go_after_a_while(
    app: Flask, settings: Settings, carrier: Carrier, world: World
) -> None:
    invite(world.ayu)
    with writing() as db:
        db.execute(update(Message).values(state="claimed", claimed_at=NINE, claimed_by="dead", attempts=1))
    assert deliver(app, settings, carrier, NINE + timedelta(minutes=10)) == 0
    assert deliver(app, settings, carrier, NINE + timedelta(minutes=16)) == 1
    assert the_message().attempts == 2


def test_people_without_an_address_or_with_a_closed_account_get_none(
    app: Flask, settings: Settings, carrier: Carrier, world: World
) -> None:
    with writing() as db:
        db.execute(update(Person).where(Person.id == world.ayu).values(email=None))
        db.execute(update(Person).where(Person.id == world.budi).values(active=False))
    invite(world.ayu, "a")
    invite(world.budi, "b")
    assert deliver(app, settings, carrier) == 0
    with reading() as db:
        states = db.execute(select(Message.key, Message.state).order_by(Message.key)).all()
    assert [tuple(row) for row in states] == [("a", "no_address"), ("b", "failed")]


@pytest.mark.parametrize("template", ["invitation", "password_reset"])
def test_the_link_that_opens_an_account_is_wiped_once_it_has_left(
    app: Flask, settings: Settings, carrier: Carrier, world: World, template: str
) -> None:
    with writing() as db:
        send_later(db, world.ayu, template, {"lasts_until": LATER}, "k", NINE, NINE, "/invitation/secret-token")
    deliver(app, settings, carrier)
    assert "secret-token" in words(carrier.carried[0])
    kept = the_message()
    assert (kept.state, kept.link) == ("sent", "")


def test_a_cause_that_rolled_back_told_nobody(app: Flask, settings: Settings, carrier: Carrier, world: World) -> None:
    with pytest.raises(RuntimeError), writing() as db:
        tell(db, world.ayu, "invitation", {"lasts_until": LATER}, "k", at=NINE)
        raise RuntimeError("the cause failed")
    assert deliver(app, settings, carrier) == 0
    with reading() as db:
        assert db.scalars(select(Notice)).all() == []


def test_a_line_break_in_a_name_makes_no_header(app: Flask, settings: Settings, carrier: Carrier, world: World) -> None:
    with writing() as db:
        db.execute(update(Person).where(Person.id == world.ayu).values(name="Ayu\r\nBcc: all@example.test"))
    invite(world.ayu)
    deliver(app, settings, carrier)
    for mail in carrier.carried:
        assert mail["Bcc"] is None


def test_a_folder_holds_one_file_a_letter_however_often_it_is_sent(
    app: Flask, settings: Settings, world: World, tmp_path: Path
) -> None:
    invite(world.ayu)
    deliver(app, settings, Folder(tmp_path))
    with writing() as db:
        db.execute(update(Message).values(state="waiting"))
    deliver(app, settings, Folder(tmp_path))
    files = list(tmp_path.glob("*.eml"))
    assert len(files) == 1
    assert b"Auto-Submitted: auto-generated" in files[0].read_bytes()
