"""How the letters of one posting leave: a page to come back to, and to take them back while they wait."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import Select, exists, select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import OneTimeCode, Person
from lms.accounts.permissions import Permission
from lms.accounts.service import credentials
from lms.accounts.service.credentials import Purpose
from lms.db import Db, reading, writing
from lms.kernel.errors import NotFound
from lms.outbox import service
from lms.outbox.models import Message

# What a state is to people: a letter a sender has just taken is still on its way.
SHOWN_AS = {
    "waiting": "on_its_way",
    "claimed": "on_its_way",
    "sent": "sent",
    "failed": "failed",
    "no_address": "failed",
}


@dataclass(frozen=True)
class Line:
    """A letter of the posting: to whom, how it stands, and when it leaves if it still waits."""

    id: int
    name: str
    state: str
    leaves_at: datetime | None


def register(blueprint: Blueprint) -> None:
    """Bind these pages to the blueprint of the outbox."""
    blueprint.add_url_rule("/letters/<posted>", "letters", letters)
    blueprint.add_url_rule("/letters/<posted>/state", "letters_state", letters_state)
    blueprint.add_url_rule("/letters/<posted>/undo", "undo_letters", undo_letters, methods=["POST"])


def letters(posted: str) -> str:
    """Show each letter of the posting: to whom, and whether it has left."""
    guard.require(needs=Permission.PEOPLE_EDIT)
    with reading() as db:
        lines = _read(db, posted)
    at = clock.now()
    held = [line.leaves_at for line in lines if line.leaves_at is not None and line.leaves_at > at]
    return render_template(
        "outbox/letters.html", lines=lines, posted=posted, leaves_at=min(held, default=None), at=at, **_counts(lines)
    )


def letters_state(posted: str) -> Any:
    """Tell the page's script what has changed."""
    guard.require(needs=Permission.PEOPLE_EDIT)
    with reading() as db:
        lines = _read(db, posted)
    answer = jsonify({**_counts(lines), "letters": {line.id: line.state for line in lines}})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def undo_letters(posted: str) -> Any:
    """Take back the asker's own invitations of that posting, those that have not left."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    at, posted_at = clock.now(), _instant(posted)
    is_own = exists().where(
        OneTimeCode.person_id == Message.person_id,
        OneTimeCode.created_at == posted_at,
        OneTimeCode.created_by == who.id,
    )
    count = 0
    with writing() as db:
        waiting = _posted(posted).where(Message.state == "waiting", is_own).order_by(Message.id)
        for message in db.scalars(waiting.with_only_columns(Message)).all():
            # One that a sender has taken meanwhile leaves, and its link goes on working.
            if service.call_off(db, message.key):
                credentials.take_back_link(db, message.person_id, Purpose.INVITE, issued_at=posted_at, by=who.id, at=at)
                count += 1
    if count:
        flash(ngettext("%(num)s invitation is taken back.", "%(num)s invitations are taken back.", count), "success")
    else:
        flash(gettext("The invitations have left already and can no longer be taken back."), "warning")
    return redirect(url_for("outbox.letters", posted=posted))


def _posted(posted: str) -> Select[int, str, str, str, datetime]:
    """Return the statement for the letters posted at that instant to people whose accounts the asker edits."""
    return (
        select(Message.id, Person.name, Message.state, Message.last_error, Message.due_at)
        .join(Person, Person.id == Message.person_id)
        .where(
            Message.template == "invitation",
            Message.created_at == _instant(posted),
            guard.allowed(Person, needs=Permission.PEOPLE_EDIT),
        )
    )


def _read(db: Db, posted: str) -> list[Line]:
    """Return the letters posted at that instant, by name. Raises NotFound where there are none."""
    rows = db.execute(_posted(posted).order_by(Person.name, Message.id)).all()
    if not rows:
        raise NotFound()
    return [
        Line(
            row.id,
            row.name,
            "taken_back" if row.last_error == service.CALLED_OFF else SHOWN_AS[row.state],
            row.due_at if row.state == "waiting" else None,
        )
        for row in rows
    ]


def _counts(lines: list[Line]) -> dict[str, int]:
    states = [line.state for line in lines]
    open_ones = states.count("on_its_way")
    return {"open": open_ones, "sent": states.count("sent"), "failed": states.count("failed"), "all": len(states)}


def _instant(posted: str) -> datetime:
    try:
        return datetime.strptime(posted, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        raise NotFound() from None
