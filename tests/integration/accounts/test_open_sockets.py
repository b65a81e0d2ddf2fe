"""What ends a sign-in also ends the sockets that were opened with it."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.web import sockets
from tests.factories import World

AsPerson = Callable[[int], FlaskClient]


def is_gone(socket: object) -> bool:
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up:
        if not socket.is_connected():  # type: ignore[attr-defined]
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("by", "path"),
    [
        ("ayu", "/settings/sign-out-everywhere"),
        ("citra", "/people/{ayu}/sign-out"),
        ("citra", "/people/{ayu}/deactivate"),
    ],
)
def test_an_open_socket_is_told_and_closed(app: Flask, as_person: AsPerson, world: World, by: str, path: str) -> None:
    ayu = sockets.io().test_client(app, flask_test_client=as_person(world.ayu))
    budi = sockets.io().test_client(app, flask_test_client=as_person(world.budi))
    assert ayu.is_connected()
    answer = as_person(getattr(world, by)).post(path.format(ayu=world.ayu))
    assert answer.status_code == 302
    assert is_gone(ayu)
    assert budi.is_connected()
    budi.disconnect()


def test_a_deactivation_that_was_refused_closes_nothing(app: Flask, as_person: AsPerson, world: World) -> None:
    ayu = sockets.io().test_client(app, flask_test_client=as_person(world.ayu))
    assert as_person(world.budi).post(f"/people/{world.ayu}/deactivate").status_code == 403
    assert ayu.is_connected()
    assert ayu.get_received() == []
    ayu.disconnect()
