"""What comes first on the first page."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.home.rules import Part, Pull, greeting, has_live_register, in_order
from lms.sessions.rules import Phase

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def test_what_is_going_on_comes_before_what_is_soon_and_that_before_what_waits() -> None:
    pulls = [
        Pull(Part.LEARNING, waiting=4),
        Pull(Part.TEACHING, next_at=NINE + timedelta(hours=3)),
        Pull(Part.COORDINATING, is_on=True, next_at=NINE),
        Pull(Part.ADMINISTERING),
    ]
    assert in_order(pulls, NINE) == [Part.COORDINATING, Part.TEACHING, Part.LEARNING, Part.ADMINISTERING]


def test_a_session_of_next_week_is_not_urgent() -> None:
    pulls = [Pull(Part.TEACHING, next_at=NINE + timedelta(days=7)), Pull(Part.COORDINATING, waiting=1)]
    assert in_order(pulls, NINE) == [Part.COORDINATING, Part.TEACHING]


def test_where_nothing_is_urgent_learning_comes_first() -> None:
    assert in_order([Pull(Part.ADMINISTERING), Pull(Part.TEACHING), Pull(Part.LEARNING)], NINE) == [
        Part.LEARNING,
        Part.TEACHING,
        Part.ADMINISTERING,
    ]


def test_a_register_is_live_from_ten_minutes_before_the_start() -> None:
    assert not has_live_register(NINE, Phase.OPEN, NINE - timedelta(minutes=11))
    assert has_live_register(NINE, Phase.OPEN, NINE - timedelta(minutes=10))
    assert has_live_register(NINE, Phase.OVERRUN, NINE + timedelta(hours=2))
    assert not has_live_register(NINE, Phase.OVER, NINE + timedelta(hours=3))
    assert not has_live_register(NINE, Phase.CANCELLED, NINE)


@pytest.mark.parametrize(
    ("hour", "code"),
    [
        (3, "greeting_evening"),
        (4, "greeting_morning"),
        (10, "greeting_morning"),
        (11, "greeting_noon"),
        (15, "greeting_afternoon"),
        (18, "greeting_evening"),
    ],
)
def test_one_is_greeted_by_the_hour_of_one_s_own_day(hour: int, code: str) -> None:
    assert greeting(hour) == code
