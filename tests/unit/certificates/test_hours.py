"""What counts of the hours that were held: pinned figures of the table, and what holds for any of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.rules.hour_defaults import DEFAULT_TABLE
from lms.certificates.rules.hours import (
    Conversion,
    Held,
    HourPolicy,
    Rounding,
    attended_hours,
    convert,
    policy_on,
    spread_over_days,
    target_of,
)
from lms.programmes.rules.kinds import DEFAULTS, kinds_on

DAY = date(2026, 3, 2)


def held(
    kind: int, hours: str, *, key: str = "a", day: date = DAY, scope: str = "national", activity: str = ""
) -> Held:
    return Held(key, day, kind, scope, Decimal(hours), activity)


@pytest.mark.parametrize(
    ("kind", "scope", "hours", "counts"),
    [
        (3, "national", "7.50", "7.50"),
        (17, "national", "4", "4.00"),
        (17, "international", "4", "4.80"),
        (16, "national", "5", "3.00"),
        (16, "international", "5", "3.00"),
        (23, "national", "3", "2.00"),
        (10, "national", "100", "20.00"),
        (10, "international", "100", "24.00"),
        (21, "international", "1", "24.00"),
        (24, "national", "8", "2.00"),
        (24, "international", "8", "2.40"),
        (20, "international", "30", "30.00"),
    ],
)
def test_each_form_counts_as_the_table_says(kind: int, scope: str, hours: str, counts: str) -> None:
    (one,) = convert([held(kind, hours, scope=scope)], DEFAULT_TABLE)
    assert one.hours == Decimal(counts)


def test_a_day_has_one_cap_over_two_courses() -> None:
    counted = convert([held(16, "2", key="a"), held(16, "2", key="b")], DEFAULT_TABLE)
    assert [one.hours for one in counted] == [Decimal(2), Decimal(1)]
    assert [said.code for said in counted[1].reasons] == ["hours_day_is_full"]


def test_guidance_at_work_counts_twice_a_month_and_again_in_the_next() -> None:
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2), DAY + timedelta(days=31)]
    counted = convert([held(24, "1", key=str(day), day=day) for day in days], DEFAULT_TABLE)
    assert [one.hours for one in counted] == [2, 2, 0, 2]


def test_an_activity_of_several_sessions_is_counted_once() -> None:
    parts = [held(10, "3", key=str(n), day=DAY + timedelta(days=n), activity="batch:1") for n in range(3)]
    assert [one.hours for one in convert(parts, DEFAULT_TABLE)] == [20, 0, 0]


def test_a_new_line_holds_from_its_day_on_and_not_before() -> None:
    table = (
        Conversion(17, "national", valid_until=date(2026, 3, 31)),
        Conversion(17, "national", factor=Decimal(2), valid_from=date(2026, 4, 1)),
    )
    counted = convert([held(17, "4"), held(17, "4", key="b", day=date(2026, 4, 1))], table)
    assert [one.hours for one in counted] == [4, 8]


def test_partly_attended_counts_only_where_the_policy_says_so() -> None:
    policy = HourPolicy()
    assert attended_hours(Decimal(4), "partial", 1800, 3600, policy) == 0
    shared = HourPolicy(counts_partial=True)
    assert attended_hours(Decimal(4), "partial", 1800, 3600, shared) == 2
    assert attended_hours(Decimal(4), "attended", 3000, 3600, policy) == 4
    assert [attended_hours(Decimal(4), status, 0, 3600, shared) for status in ("absent", "excused")] == [0, 0]


def test_rounding_is_the_policys() -> None:
    figures = [attended_hours(Decimal("2.50"), "attended", 1, 1, HourPolicy(rounding=how)) for how in Rounding]
    assert figures == [Decimal("2.50"), 2, 3]


def test_a_course_is_worth_its_share_on_each_day_of_reading() -> None:
    days = [DAY, DAY, DAY + timedelta(days=3)]
    assert spread_over_days(Decimal(6), days, 6) == {DAY: 2, DAY + timedelta(days=3): 1}


def test_who_has_to_reach_what() -> None:
    policy = HourPolicy()
    assert target_of("198609262015052001", policy) == 20
    assert target_of("199401122022211001", policy) == 24
    assert target_of(None, policy) is None


def test_the_policy_of_a_day_is_the_newest_that_holds() -> None:
    later = HourPolicy(minimum=Decimal(30), valid_from=date(2027, 1, 1))
    assert policy_on([later, HourPolicy()], date(2026, 12, 31)).minimum == 20
    assert policy_on([later, HourPolicy()], date(2027, 1, 1)).minimum == 30
    assert policy_on([later], date(2026, 1, 1)).minimum == 20


def test_there_are_the_twenty_five_kinds_and_every_line_of_the_table_is_one_of_them() -> None:
    kinds = kinds_on(DEFAULTS, DAY)
    assert list(kinds) == list(range(1, 26))
    assert {line.kind for line in DEFAULT_TABLE} <= set(kinds)


HELD = st.builds(
    Held,
    key=st.uuids().map(str),
    day=st.dates(date(2026, 1, 1), date(2026, 3, 31)),
    kind=st.integers(1, 25),
    scope=st.sampled_from(["national", "international"]),
    hours=st.decimals(0, 50, places=2),
    activity=st.sampled_from(["", "batch:1"]),
)


@given(st.lists(HELD, max_size=30), st.randoms())
def test_order_of_telling_changes_nothing_and_no_cap_is_ever_broken(things: list[Held], chance: object) -> None:
    counted = {one.key: one.hours for one in convert(things, DEFAULT_TABLE)}
    shuffled = list(things)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {one.key: one.hours for one in convert(shuffled, DEFAULT_TABLE)} == counted
    assert all(hours >= 0 for hours in counted.values())
    days: dict[date, Decimal] = {}
    for one in things:
        if one.kind == 16 and one.scope == "national":
            days[one.day] = days.get(one.day, Decimal(0)) + counted[one.key]
    assert all(hours <= 3 for hours in days.values())
