"""The scenarios a real server was recorded in, replayed: in order, out of order, twice over, with posts lost."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from lms.attendance.models import Evidence
from lms.db import writing
from lms.kernel.intervals import Interval
from lms.sessions.models import JitsiEvent
from tests.factories import NINE, World
from tests.integration.jitsi_server import recorded
from tests.integration.jitsi_server.places import BEARER
from tests.integration.jitsi_server.recorded import Recording
from tests.integration.jitsi_server.test_posts import ROOM, count, presence, session

__all__ = ["session"]


def seconds(start: float, end: float) -> Interval:
    return Interval(NINE + timedelta(seconds=start), NINE + timedelta(seconds=end))


def play(client: FlaskClient, posts: list[bytes]) -> None:
    headers = {"Authorization": f"Bearer {BEARER}", "Content-Type": "application/json"}
    for body in posts:
        assert client.post("/jitsi/events/any", data=body, headers=headers).status_code == 200


def forget() -> None:
    with writing() as db:
        db.execute(delete(Evidence))
        db.execute(delete(JitsiEvent))


Told = Callable[[str, datetime, int, int], Recording]
SCENARIOS: dict[str, tuple[Told, list[Interval], list[Interval]]] = {
    "01 good join": (recorded.good_join, [seconds(0, 1860)], [seconds(2, 1800)]),
    "09 duration enforced": (
        lambda room, start, _teacher, student: recorded.duration_enforced(room, start, student),
        [],
        [seconds(1, 1200)],
    ),
    "10 dropped line": (recorded.dropped_line, [seconds(0, 1200)], [seconds(1, 621)]),
    "16 breakout": (recorded.breakout, [seconds(0, 1810)], [seconds(1, 1800)]),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_recorded_scenario_gives_its_presence_in_any_order_and_told_twice(
    client: FlaskClient, world: World, session: int, name: str
) -> None:
    told, teachers, students = SCENARIOS[name]
    posts = told(ROOM, NINE, world.budi, world.ayu).posts
    shuffled = random.Random(5)
    for order in (posts, posts + posts, *(shuffled.sample(posts * 2, len(posts) * 2) for _ in range(4))):
        forget()
        play(client, order)
        assert presence(session, world.ayu) == students
        assert presence(session, world.budi) == teachers
        assert count(JitsiEvent) == len(posts)


def test_a_lost_goodbye_is_made_good_by_the_end_of_the_room(client: FlaskClient, world: World, session: int) -> None:
    posts = recorded.good_join(ROOM, NINE, world.budi, world.ayu).posts
    play(client, [post for post in posts if b"occupant-left" not in post])
    assert presence(session, world.ayu) == [seconds(2, 1800)]
    assert presence(session, world.budi) == [seconds(0, 1860)]
