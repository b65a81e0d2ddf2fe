"""Interval algebra against plain sets of minutes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.intervals import Interval, clip, gaps, merge, overlap, subtract, total

START = datetime(2026, 12, 1, tzinfo=UTC)


def minutes(intervals: list[Interval]) -> set[int]:
    """Return every minute the intervals cover."""
    return {
        minute
        for interval in intervals
        for minute in range(
            int((interval.start - START).total_seconds() // 60), int((interval.end - START).total_seconds() // 60)
        )
    }


def interval(first: int, second: int) -> Interval:
    return Interval(START + timedelta(minutes=first), START + timedelta(minutes=second))


some = st.lists(st.builds(interval, st.integers(0, 90), st.integers(0, 90)), max_size=8)
window = st.builds(lambda a, b: interval(min(a, b), max(a, b)), st.integers(0, 90), st.integers(0, 90))


def is_tidy(intervals: list[Interval]) -> bool:
    """Return whether the intervals are sorted, disjoint, apart and not empty."""
    return all(i.start < i.end for i in intervals) and all(a.end < b.start for a, b in pairwise(intervals))


@given(some)
def test_merging_keeps_exactly_the_covered_time(intervals: list[Interval]) -> None:
    assert minutes(merge(intervals)) == minutes(intervals)
    assert is_tidy(merge(intervals))


@given(some, window)
def test_clipping_keeps_what_lies_inside(intervals: list[Interval], inside: Interval) -> None:
    assert minutes(clip(intervals, inside)) == minutes(intervals) & minutes([inside])


@given(some, some)
def test_subtracting_leaves_no_instant_of_the_holes(intervals: list[Interval], holes: list[Interval]) -> None:
    assert minutes(subtract(intervals, holes)) == minutes(intervals) - minutes(holes)


@given(some, some)
def test_overlap_is_what_both_cover(intervals: list[Interval], others: list[Interval]) -> None:
    assert minutes(overlap(intervals, others)) == minutes(intervals) & minutes(others)


@given(some, window)
def test_gaps_and_presence_make_up_the_window(intervals: list[Interval], inside: Interval) -> None:
    assert minutes(gaps(intervals, inside)) == minutes([inside]) - minutes(intervals)


@given(some)
def test_the_total_counts_overlapping_time_once(intervals: list[Interval]) -> None:
    assert total(intervals) == timedelta(minutes=len(minutes(intervals)))
