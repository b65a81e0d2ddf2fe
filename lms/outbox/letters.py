"""How the letters of one posting leave: a page that can be left and come back to, and what its script asks."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, render_template
from sqlalchemy import select

from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.db import Db, reading
from lms.kernel.errors import NotFound
from lms.outbox.models import Message

# What a state is to people: a letter a sender has just taken is still on its way.
SHOWN_AS = {
    "waiting": "on_its_way",
    "claimed": "on_its_way",
    "sent": "sent",
    "failed": "failed",
    "no_address": "failed",
}


def register(blueprint: Blueprint) -> None:
    """Bind these pages to the blueprint of the outbox."""
    blueprint.add_url_rule("/letters/<posted>", "letters", letters)
    blueprint.add_url_rule("/letters/<posted>/state", "letters_state", letters_state)


def letters(posted: str) -> str:
    """Show each letter of the posting: to whom, and whether it has left."""
    guard.require(needs=Permission.PEOPLE_EDIT)
    with reading() as db:
        lines = _read(db, posted)
    return render_template("outbox/letters.html", lines=lines, posted=posted, **_counts([line[2] for line in lines]))


def letters_state(posted: str) -> Any:
    """Tell the page's script what has changed."""
    guard.require(needs=Permission.PEOPLE_EDIT)
    with reading() as db:
        lines = _read(db, posted)
    counts = _counts([state for _, _, state in lines])
    answer = jsonify({**counts, "letters": {message_id: state for message_id, _, state in lines}})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _read(db: Db, posted: str) -> list[tuple[int, str, str]]:
    """Return message id, name and state of the letters posted at that instant. Raises NotFound where there are none."""
    rows = db.execute(
        select(Message.id, Person.name, Message.state)
        .join(Person, Person.id == Message.person_id)
        .where(
            Message.template == "invitation",
            Message.created_at == _instant(posted),
            guard.allowed(Person, needs=Permission.PEOPLE_EDIT),
        )
        .order_by(Person.name, Message.id)
    ).all()
    if not rows:
        raise NotFound()
    return [(message_id, name, SHOWN_AS[state]) for message_id, name, state in rows]


def _counts(states: list[str]) -> dict[str, int]:
    return {"sent": states.count("sent"), "failed": states.count("failed"), "all": len(states)}


def _instant(posted: str) -> datetime:
    try:
        return datetime.strptime(posted, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        raise NotFound() from None
