"""The self-test of the meeting server: a page with a button for the administrator, and a run every night."""

import logging
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Grant, Person
from lms.accounts.permissions import Permission, Role
from lms.db import reading, writing
from lms.outbox import service as outbox
from lms.outbox.jobs import every
from lms.sessions.jitsi import self_test as chain
from lms.sessions.jitsi.self_test import Link, Secrets, State
from lms.sessions.service import self_test as stored

log = logging.getLogger(__name__)

# By the clock of UTC: four in the morning in Balikpapan, when nobody meets.
NIGHT_HOUR = 20


def register(blueprint: Blueprint) -> None:
    """Bind the page to the sessions blueprint."""
    blueprint.add_url_rule("/jitsi/self-test", "self_test", self_test, methods=["GET", "POST"])


def self_test() -> Any:
    """Show what can be tested; on the button, test it. By GET nothing is tried, since a test leaves a trace."""
    guard.everywhere(needs=Permission.SITE_ADMINISTER)
    at = clock.now()
    if request.method == "POST":
        links = run(at)
    else:
        with reading() as db:
            links = [stored.last_real_event(db)]
    return render_template(
        "sessions/self_test.html",
        links=links,
        server=current_app.extensions["jitsi_server"],
        tested=request.method == "POST",
        at=at,
    )


def run(at: datetime) -> list[Link]:
    """Return every link of the chain, tried now. Outside any transaction: it asks other servers, and our own."""
    settings, server = current_app.config["SETTINGS"], current_app.extensions["jitsi_server"]
    room = chain.new_room()
    given = Secrets(settings.public_url.rstrip("/"), settings.jitsi_events_secret, settings.jitsi_webhook_secret)
    links = chain.try_chain(server, given, room, at=at)
    with reading() as db:
        if any(link.name == "jitsi_link_event" and link.state is State.GOOD for link in links):
            links.append(stored.arrived(db, room))
        if server is not None:
            links.append(stored.last_real_event(db))
    return links


@every(3600, name="jitsi_self_test")
def test_at_night(at: datetime) -> int:
    """Test the chain once a night and tell the administrators what is broken; return how many links are."""
    if at.hour != NIGHT_HOUR:
        return 0
    with writing() as db:
        stored.forget_tests(db, at=at)
    broken = [link for link in run(at) if link.state is State.BAD]
    if not broken:
        return 0
    log.warning("self-test of the meeting server: %s", ", ".join(link.name for link in broken))
    with writing() as db:
        for person_id in db.scalars(
            select(Grant.person_id)
            .join(Person, Person.id == Grant.person_id)
            .where(Grant.role == Role.ADMIN.value, Person.active.is_(True))
            .distinct()
        ).all():
            key = f"jitsi_broken:{at:%Y-%m-%d}:{person_id}"
            what = {"link_broken": broken[0].said, "setting": broken[0].setting or "–", "number": len(broken)}
            outbox.tell(db, person_id, "jitsi_broken", what, key, "/jitsi/self-test", at=at)
    return len(broken)
