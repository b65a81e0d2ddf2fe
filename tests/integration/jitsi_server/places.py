"""Gives the site meeting servers for a test, and takes them away again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.servers import MeetingServers

BEARER = "an-events-secret-of-decent-length"
WEBHOOK = "whsec_" + "0" * 32


def own_server(**fields: Any) -> JitsiServer:
    """Return a server of our own that proves itself by BEARER, and by WEBHOOK."""
    values: dict[str, Any] = {
        "kind": ServerKind.SELF_HOSTED,
        "domain": "meet.example.test",
        "app_id": "jembatan",
        "secret": "s" * 32,
        "events_secret": BEARER,
        "webhook_secret": WEBHOOK,
    }
    return JitsiServer(**(values | fields))


def set_up(app: Flask, *servers: JitsiServer) -> None:
    """Give the site these servers, the first as its standard."""
    app.extensions["meeting_servers"] = MeetingServers(servers, servers[0].key if servers else "")


@contextmanager
def meeting_on(app: Flask, *servers: JitsiServer) -> Iterator[None]:
    """Give the site these servers for a while."""
    set_up(app, *servers)
    try:
        yield
    finally:
        set_up(app)
