"""The self-test of the meeting server: a page with a button for the administrator, and a run every night."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Grant, Person
from lms.accounts.permissions import Permission, Role
from lms.db import Db, reading, writing
from lms.outbox import service as outbox
from lms.outbox.jobs import every
from lms.sessions.jitsi import self_test as chain
from lms.sessions.jitsi import self_test_there
from lms.sessions.jitsi.client import JitsiClient
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.self_test import Link, State
from lms.sessions.jitsi.servers import where_to_mend
from lms.sessions.meeting_place import meeting_servers
from lms.sessions.service import self_test as stored

log = logging.getLogger(__name__)

# Plays the test's events as a lecture's: (db, room, people, at=…) → how long each was there.
Rehearse = Callable[..., list[timedelta]]


def nobody_rehearses(_db: Db, _room: str, names: list[str], *, at: datetime) -> list[timedelta]:
    """Return that nobody was there: without attendance nothing is counted."""
    return [timedelta(0)] * len(names)


_rehearse: Rehearse = nobody_rehearses

# How many seconds the server's own posts may take.
PATIENCE = 8.0


def rehearse_with(call: Rehearse) -> None:
    """Let `call` play the test's events; `create_app` does so, since attendance knows sessions and not the other way
    round."""
    global _rehearse
    _rehearse = call


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
            chains = [(server, _known(db, server)) for server in meeting_servers().servers]
    return render_template(
        "sessions/self_test.html",
        chains=chains,
        standard=meeting_servers().standard,
        tested=tested,
        at=at,
    )


def _known(db: Db, server: JitsiServer) -> list[Link]:
    """Return what is known of a server without testing it."""
    return [stored.last_real_event(db, server.key)] if server.gives_evidence else []


def run(at: datetime) -> list[tuple[JitsiServer, list[Link]]]:
    """Return every link of every server's chain, tried now. Outside any transaction: it asks other servers, and our
    own."""
    return [
        (server, [replace(link, setting=where_to_mend(server, link.setting)) for link in _run(server, at)])
        for server in meeting_servers().servers
    ]


def _run(server: JitsiServer, at: datetime) -> list[Link]:
    settings = current_app.config["SETTINGS"]
    room, there = (chain.new_room(settings.secret_key, at=at) for _ in range(2))
    links = chain.try_chain(server, settings.public_url.rstrip("/"), room, at=at)
    if any(link.name == "jitsi_link_event" and link.state is State.GOOD for link in links):
        links += _wait_for(lambda db: [stored.arrived(db, room)])
        (stayed,) = _rehearsed(room, [chain.TRAINEE], at)
        links.append(stored.counted(stayed))
    if server.kind is ServerKind.SELF_HOSTED and links[1].state is State.GOOD:
        links += _try_there(server, there, at)
    with reading() as db:
        if server.gives_evidence:
            links += [stored.uninterpreted(db, at=at), stored.last_real_event(db, server.key)]
    return links


def _try_there(server: JitsiServer, room: str, at: datetime) -> list[Link]:
    """Enter a room of the server itself, see what it tells of that, and how its parts are."""
    client = JitsiClient(server)
    links = self_test_there.try_server(server, room, client, at=at)
    if all(link.state is not State.UNTRIED for link in links):
        told = _wait_for(lambda db: stored.told_there(db, room))
        links += told
        if all(link.state is State.GOOD for link in told):
            links.append(stored.counted_there(_rehearsed(room, [chain.TRAINEE, chain.TEACHER], clock.now())))
    return [*links, *self_test_there.try_parts(server, client, at=at)]


def _wait_for(look: Callable[[Db], list[Link]]) -> list[Link]:
    """Return these links once all are good, or as they are after some seconds: servers post beside their work, and we
    interpret beside ours."""
    give_up = time.monotonic() + PATIENCE
    while True:
        with reading() as db:
            links = look(db)
        if all(link.state is State.GOOD for link in links) or time.monotonic() > give_up:
            return links
        time.sleep(0.25)


class _Undone(Exception):
    """Takes a transaction back and carries what was learned in it."""

    def __init__(self, stayed: list[timedelta]) -> None:
        super().__init__()
        self.stayed = stayed


def _rehearsed(room: str, names: list[str], at: datetime) -> list[timedelta]:
    try:
        with writing() as db:
            raise _Undone(_rehearse(db, room, names, at=at))
    except _Undone as undone:
        return undone.stayed


@every(3600, name="jitsi_self_test")
def test_at_night(at: datetime) -> int:
    """Test the chain once a night and tell the administrators what is broken; return how many links are."""
    if at.hour != NIGHT_HOUR:
        return 0
    with writing() as db:
        stored.forget_tests(db, at=at)
        stored.try_again(db, at=at)
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
