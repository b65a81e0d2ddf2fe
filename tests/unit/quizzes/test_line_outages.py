"""How much of what a device says about its line is believed, and what it is worth."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.kernel.intervals import Interval
from lms.quizzes.rules.line_outages import believed, worth

NINE = datetime(2026, 11, 24, 1, tzinfo=UTC)


def minute(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def span(start: float, end: float) -> Interval:
    return Interval(minute(start), minute(end))


@pytest.mark.parametrize(
    ("lost", "back", "ends", "saved", "expected"),
    [
        pytest.param(5, 11, 20, [], (5, 11), id="as_told"),
        pytest.param(5, 11, None, [], (5, 11), id="no_time_limit"),
        pytest.param(-3, 4, 20, [], (0, 4), id="not_before_the_attempt"),
        pytest.param(15, 26, 20, [], (15, 20), id="not_after_its_end"),
        pytest.param(21, 26, 20, [], None, id="all_after_its_end"),
        pytest.param(5, 11, 20, [4, 7, 11.02], (7, 11), id="not_while_an_answer_arrived"),
        pytest.param(5, 11, 20, [10.95], (5, 11), id="an_answer_that_overtook_the_message"),
        pytest.param(5, 5.1, 20, [], None, id="too_short_to_matter"),
        pytest.param(11, 5, 20, [], None, id="the_wrong_way_round"),
    ],
)
def test_a_device_is_believed_where_the_server_does_not_know_better(lost, back, ends, saved, expected):
    found = believed(
        minute(lost),
        minute(back),
        began=NINE,
        ends=None if ends is None else minute(ends),
        saved=[minute(one) for one in saved],
    )
    assert found == (expected and span(*expected))


def test_what_is_given_back_already_is_not_given_twice():
    assert worth(span(5, 11), ours=[], given=[]) == timedelta(minutes=6)
    assert worth(span(5, 11), ours=[span(4, 8)], given=[span(10, 30)]) == timedelta(minutes=2)
    assert worth(span(5, 11), ours=[span(4, 12)], given=[]) == timedelta()
