"""Interval algebra over half-open spans of time; every function returns new, sorted, disjoint intervals."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Interval(NamedTuple):
    """A half-open span [start, end) of aware instants; empty when end ≤ start."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return max(self.end - self.start, timedelta())


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the union: sorted, disjoint, touching neighbours joined, empty ones dropped."""
    found = [interval for interval in intervals if interval.end > interval.start]
    if len(found) < 2:
        return found
    merged: list[Interval] = []
    for interval in sorted(found):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def clip(intervals: Iterable[Interval], window: Interval) -> list[Interval]:
    """Return what of the union lies inside the window."""
    return merge(Interval(max(i.start, window.start), min(i.end, window.end)) for i in intervals)


def subtract(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """Return the union of `intervals` without any instant of `holes`."""
    remaining: list[Interval] = []
    cuts = merge(holes)
    for interval in merge(intervals):
        start = interval.start
        for cut in cuts:
            if cut.end <= start:
                continue
            if cut.start >= interval.end:
                break
            if cut.start > start:
                remaining.append(Interval(start, cut.start))
            start = max(start, cut.end)
        if start < interval.end:
            remaining.append(Interval(start, interval.end))
    return remaining


def gaps(intervals: Sequence[Interval], window: Interval) -> list[Interval]:
    """Return the stretches of the window that no interval covers."""
    return subtract([window], intervals)


def overlap(intervals: Iterable[Interval], others: Iterable[Interval]) -> list[Interval]:
    """Return the instants that both unions cover."""
    mine = merge(intervals)
    return merge(part for other in merge(others) for part in clip(mine, other))


def total(intervals: Iterable[Interval]) -> timedelta:
    """Return the length of the union; overlapping time counts once."""
    return sum((i.length for i in merge(intervals)), timedelta())
