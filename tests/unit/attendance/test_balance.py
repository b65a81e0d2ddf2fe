"""The programme's minimum: who reached it, who is on course, who can no longer reach it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.balance import Balance, Outlook, Tally

EIGHTY = Decimal("0.8")


def hours(planned: int, attended: int = 0, excused: int = 0, missed: int = 0) -> Balance:
    tally = Tally(Decimal(planned), Decimal(attended), Decimal(excused), Decimal(missed))
    return Balance(sessions=tally, hours=tally)


@pytest.mark.parametrize(
    ("balance", "outlook"),
    [
        (hours(10), Outlook.ON_COURSE),
        (hours(10, attended=3), Outlook.ON_COURSE),
        (hours(10, attended=8), Outlook.REACHED),
        (hours(10, attended=8, missed=2), Outlook.REACHED),
        (hours(10, attended=1, missed=2), Outlook.BELOW),
        (hours(10, attended=1, missed=3), Outlook.OUT_OF_REACH),
        (hours(10, attended=1, excused=3), Outlook.WITH_EXCUSES),
        (hours(10, attended=1, excused=2), Outlook.ON_COURSE),
        (hours(10, attended=7, excused=1, missed=2), Outlook.WITH_EXCUSES),
        (hours(10, attended=6, excused=1, missed=3), Outlook.OUT_OF_REACH),
        (hours(0), Outlook.ON_COURSE),
    ],
)
def test_the_outlook_says_whether_the_minimum_is_in_reach(balance: Balance, outlook: Outlook) -> None:
    assert balance.outlook(EIGHTY) is outlook


def test_the_minimum_is_compared_exactly_and_not_in_binary_fractions() -> None:
    # 0.55 × 20 is 11.000000000000002 in binary fractions: eleven hours would then be too few.
    assert hours(20, attended=11, missed=9).outlook(Decimal("0.55")) is Outlook.REACHED


def test_a_session_weighs_what_it_is_worth() -> None:
    balance = Balance(
        sessions=Tally(planned=Decimal(2), attended=Decimal(1), missed=Decimal(1)),
        hours=Tally(planned=Decimal(10), attended=Decimal(8), missed=Decimal(2)),
    )
    assert balance.outlook(EIGHTY) is Outlook.REACHED
    assert balance.weighed.share == 0.8


def test_where_no_session_is_worth_an_hour_sessions_are_counted() -> None:
    balance = Balance(sessions=Tally(planned=Decimal(2), attended=Decimal(1), missed=Decimal(1)), hours=Tally())
    assert balance.weighed.share == 0.5
    assert balance.outlook(EIGHTY) is Outlook.OUT_OF_REACH


def test_the_share_so_far_leaves_out_what_is_excused_and_what_is_to_come() -> None:
    tally = hours(20, attended=3, excused=4, missed=1).weighed
    assert tally.share_so_far == 0.75
    assert tally.share_with_excused == 0.35
    assert tally.open == 12
    assert hours(20).weighed.share_so_far is None


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(1, 100))
def test_who_attends_all_that_is_open_reaches_the_minimum_exactly_if_it_was_called_in_reach(
    attended: int, excused: int, missed: int, still_open: int, percent: int
) -> None:
    planned = attended + excused + missed + still_open
    minimum = Decimal(percent) / 100
    outlook = hours(planned, attended, excused, missed).outlook(minimum)
    in_the_end = hours(planned, attended + still_open, excused, missed).outlook(minimum)
    if outlook in (Outlook.WITH_EXCUSES, Outlook.OUT_OF_REACH):
        assert in_the_end is outlook
    else:
        assert in_the_end in (Outlook.REACHED, Outlook.ON_COURSE if planned == 0 else Outlook.REACHED)
