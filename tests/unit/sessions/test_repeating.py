"""The days of a repeated session, worked out from the first one."""

from datetime import date, timedelta
from typing import Any

import pytest

from lms.kernel.errors import Invalid
from lms.sessions.repeating import MOST, RepeatDraft

# A Tuesday.
FIRST = date(2026, 12, 1)


def days(**fields: Any) -> list[str]:
    return [day.strftime("%a %d %b") for day in RepeatDraft(**fields).days(FIRST)]


def test_once_is_one_day() -> None:
    assert days() == ["Tue 01 Dec"]
    assert days(repeat="", times="", until="") == ["Tue 01 Dec"]


def test_so_many_times_counts_the_first() -> None:
    assert days(repeat="weekly", times=3) == ["Tue 01 Dec", "Tue 08 Dec", "Tue 15 Dec"]
    assert days(repeat="fortnightly", times=3) == ["Tue 01 Dec", "Tue 15 Dec", "Tue 29 Dec"]
    assert days(repeat="daily", times=6)[-2:] == ["Sat 05 Dec", "Sun 06 Dec"]


def test_until_a_day_includes_that_day() -> None:
    assert days(repeat="weekly", until="2026-12-15") == ["Tue 01 Dec", "Tue 08 Dec", "Tue 15 Dec"]
    assert days(repeat="weekly", until="2026-12-14") == ["Tue 01 Dec", "Tue 08 Dec"]


def test_whichever_end_comes_first_ends_it() -> None:
    assert len(days(repeat="daily", times=4, until="2026-12-20")) == 4
    assert len(days(repeat="daily", times=40, until="2026-12-04")) == 4


def test_working_days_leave_out_the_weekend_but_not_the_day_that_was_named() -> None:
    assert days(repeat="workdays", times=6) == [
        "Tue 01 Dec",
        "Wed 02 Dec",
        "Thu 03 Dec",
        "Fri 04 Dec",
        "Mon 07 Dec",
        "Tue 08 Dec",
    ]
    saturday = RepeatDraft(repeat="workdays", times=2).days(date(2026, 12, 5))
    assert saturday == [date(2026, 12, 5), date(2026, 12, 7)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"repeat": "weekly"}, "series_end_missing"),
        ({"repeat": "weekly", "until": "2026-11-30"}, "series_until_odd"),
        ({"repeat": "weekly", "until": "2028-12-01"}, "series_until_odd"),
        ({"repeat": "daily", "until": "2027-03-01"}, "series_too_long"),
        ({"repeat": "weekly", "until": "2026-12-05"}, "series_too_short"),
    ],
)
def test_an_end_that_makes_no_series_is_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        days(**fields)
    assert refused.value.problems[0].code == code


def test_days_without_a_tick_are_left_out_and_foreign_ones_ignored() -> None:
    ticked = ["2026-12-01", "2026-12-15", "2027-01-01"]
    draft = RepeatDraft(repeat="weekly", times=4, dates=ticked)
    assert draft.chosen(FIRST) == [date(2026, 12, 1), date(2026, 12, 15)]
    with pytest.raises(Invalid):
        RepeatDraft(repeat="weekly", times=4, dates=["2027-01-01"]).chosen(FIRST)


def test_another_beginning_or_end_needs_another_preview() -> None:
    one = RepeatDraft(repeat="weekly", times=4)
    assert one.signature(FIRST) == RepeatDraft(repeat="weekly", times=4, dates=[FIRST]).signature(FIRST)
    assert one.signature(FIRST) != one.signature(FIRST + timedelta(days=1))
    assert one.signature(FIRST) != RepeatDraft(repeat="weekly", times=5).signature(FIRST)
    assert MOST == 60
