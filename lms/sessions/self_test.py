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
from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.jitsi.self_test import Link, State
from lms.sessions.meeting_place import meeting_servers
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
    tested = request.method == "POST"
    if tested:
        chains = run(at)
    else:
        with reading() as db:
            chains = [(server, [stored.last_real_event(db, server.key)]) for server in meeting_servers().servers]
    return render_template(
        "sessions/self_test.html",
        chains=chains,
        standard=meeting_servers().standard,
        tested=tested,
        at=at,
    )


def run(at: datetime) -> list[tuple[JitsiServer, list[Link]]]:
    """Return every link of every server's chain, tried now. Outside any transaction: it asks other servers, and our
    own."""
    return [(server, _run(server, at)) for server in meeting_servers().servers]


def _run(server: JitsiServer, at: datetime) -> list[Link]:
    room = chain.new_room()
    public_url = current_app.config["SETTINGS"].public_url.rstrip("/")
    links = chain.try_chain(server, public_url, room, at=at)
    with reading() as db:
        if any(link.name == "jitsi_link_event" and link.state is State.GOOD for link in links):
            links.append(stored.arrived(db, room))
        links.append(stored.last_real_event(db, server.key))
    return links


@every(3600, name="jitsi_self_test")
def test_at_night(at: datetime) -> int:
    """Test the chain once a night and tell the administrators what is broken; return how many links are."""
    if at.hour != NIGHT_HOUR:
        return 0
    with writing() as db:
        stored.forget_tests(db, at=at)
    broken = [link for _, links in run(at) for link in links if link.state is State.BAD]
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
