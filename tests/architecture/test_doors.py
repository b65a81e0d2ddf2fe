"""Every way in is guarded: each view and each socket event names what it needs, or says that it is public."""

import ast
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from lms.app import create_app
from lms.settings import Settings
from lms.web import sockets


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = tmp_path_factory.mktemp("doors")
    return create_app(Settings.read({"JEMBATAN_HOME": str(home), "SECRET_KEY": "test"}))


def names_a_need(function: Callable[..., Any], depth: int = 2) -> bool:
    """Return whether the function, or one of its own module's functions it calls, passes `needs=`."""
    function = inspect.unwrap(function)
    module = inspect.getmodule(function)
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if any(keyword.arg == "needs" for call in calls for keyword in call.keywords):
        return True
    if depth == 0:
        return False
    called = [getattr(module, call.func.id, None) for call in calls if isinstance(call.func, ast.Name)]
    return any(
        names_a_need(other, depth - 1)
        for other in called
        if inspect.isfunction(other) and (inspect.getmodule(other) or module).__name__.startswith("lms.")
    )


def test_every_page_names_what_it_needs_or_is_public(app: Flask) -> None:
    unguarded = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not getattr(view, "is_public", False) and not names_a_need(view)
    ]
    assert unguarded == []


def test_every_socket_event_names_what_it_needs(app: Flask) -> None:
    assert sockets.EVENTS
    unguarded = [event for event, answer in sockets.EVENTS.items() if not names_a_need(answer.handler)]  # type: ignore[attr-defined]
    assert unguarded == []


def test_a_view_that_forgot_the_guard_would_be_found() -> None:
    def forgetful() -> str:
        return "secret"

    assert not names_a_need(forgetful)


# Reading these may hand in an attempt whose time is over: the rule holds though the client is gone.
SUBMITS_ON_READING = {"quizzes.attempt", "quizzes.results"}


def test_nothing_that_changes_anything_is_reached_by_a_link(app: Flask) -> None:
    """A view that opens a writer answers POST (or PUT, DELETE), so that no prefetch or crawler can trigger it."""
    offenders = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint in SUBMITS_ON_READING:
            continue
        if methods == {"GET"} and "writing(" in inspect.getsource(inspect.unwrap(view)):
            offenders.append(rule.rule)
    assert offenders == []
