"""Check-ins and check-outs → presence, drawn: the session is as long as the drawing, one character a minute."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.judgement import Judgement, Status, judge
from lms.attendance.rules.presence import Presence, Setting, presence
from lms.kernel.intervals import Interval, total
from lms.sessions.rules import Policy
from tests.unit.attendance.drawing import Story, at, drawn

IN, OUT = Kind.CHECKED_IN, Kind.CHECKED_OUT
ENDS = 20


def told(*scans: tuple[Kind, float]) -> Story:
    story = Story()
    for kind, when in scans:
        story.scanned(kind, when)
    return story


def found(story: Story, *, needs_check_out: bool = False, now: float = 60, ends: float = ENDS) -> Presence:
    setting = Setting(ends=at(ends), needs_check_out=needs_check_out)
    return presence(story.facts, story.lines, story.world, at=at(now), setting=setting)


def verdict(story: Story, *, needs_check_out: bool = False, now: float = 60) -> Judgement:
    result = found(story, needs_check_out=needs_check_out, now=now)
    return judge(result, Interval(at(0), at(ENDS)), (), Policy(check_out=needs_check_out), at=at(now))


@pytest.mark.parametrize(
    ("scans", "picture"),
    [
        ([(IN, 2)], "··■■■■■■■■■■■■■■■■■■"),
        ([(IN, 2), (IN, 9)], "··■■■■■■■■■■■■■■■■■■"),
        ([(IN, 2), (OUT, 12)], "··■■■■■■■■■■········"),
        ([(IN, 2), (OUT, 8), (IN, 14)], "··■■■■■■······■■■■■■"),
        ([(IN, 2), (OUT, 8), (OUT, 9)], "··■■■■■■············"),
        ([(OUT, 8)], "····················"),
    ],
)
def test_a_check_in_counts_to_the_check_out_or_else_to_the_end(scans: list[tuple[Kind, float]], picture: str) -> None:
    assert found(told(*scans)).intervals == drawn(picture)


def test_whoever_comes_early_is_there_from_then_on() -> None:
    assert found(told((IN, -10))).intervals == [Interval(at(-10), at(ENDS))]


def test_while_it_runs_a_check_in_counts_until_now() -> None:
    for needs_check_out in (False, True):
        result = found(told((IN, 2)), now=11, needs_check_out=needs_check_out)
        assert result.intervals == drawn("··■■■■■■■■■")
        assert result.open and result.lacks is None


def test_after_a_check_out_nobody_is_there() -> None:
    assert not found(told((IN, 2), (OUT, 8)), now=11).open


def test_the_end_of_an_extended_session_counts_too() -> None:
    assert found(told((IN, 2)), ends=30).intervals == [Interval(at(2), at(30))]


def test_a_check_in_after_the_session_was_ended_early_is_nothing() -> None:
    assert found(told((IN, 15)), ends=10).intervals == []


def test_a_missing_check_out_counts_to_the_last_moment_anybody_witnessed() -> None:
    assert found(told((IN, 2), (IN, 9)), needs_check_out=True).intervals == drawn("··■■■■■■■")
    witnessed = told((IN, 2)).saw(5, 14)
    assert found(witnessed, needs_check_out=True).intervals == drawn("··■■■■■■■■■■■■")


def test_a_missing_check_out_leaves_the_mark_to_the_coordinator() -> None:
    result = verdict(told((IN, 2)), needs_check_out=True)
    assert result.status is Status.UNKNOWN
    assert result.reasons[-1].code == "check_out_missing"


def test_a_check_out_after_the_end_settles_it() -> None:
    result = verdict(told((IN, 1), (OUT, 25)), needs_check_out=True)
    assert result.status is Status.ATTENDED
    assert result.attended == timedelta(minutes=19)


def test_who_only_checked_out_is_not_called_absent() -> None:
    result = verdict(told((OUT, 19)), needs_check_out=True)
    assert result.status is Status.UNKNOWN
    assert result.reasons[-1].code == "check_in_missing"


def test_what_the_coordinator_saw_needs_no_check_out() -> None:
    result = verdict(told((IN, 2)).saw(0, ENDS), needs_check_out=True)
    assert result.status is Status.ATTENDED


def test_an_early_check_out_takes_nothing_from_what_others_saw() -> None:
    assert found(told((IN, 2), (OUT, 8)).saw(0, 20)).intervals == [Interval(at(0), at(20))]


scans = st.lists(st.tuples(st.sampled_from([IN, OUT]), st.integers(-10, 40)), max_size=6)


@given(scans, st.booleans(), st.integers(-15, 60))
def test_nobody_is_credited_beyond_now_the_end_or_the_first_scan(
    told_scans: list[tuple[Kind, int]], needs_check_out: bool, now: int
) -> None:
    known = [(kind, when) for kind, when in told_scans if when <= now]
    result = found(told(*known), needs_check_out=needs_check_out, now=now)
    first = min((when for kind, when in known if kind is IN), default=0)
    for interval in result.intervals:
        assert at(first) <= interval.start < interval.end <= at(now)


@given(scans)
def test_asking_for_a_check_out_never_adds_a_second(told_scans: list[tuple[Kind, int]]) -> None:
    story = told(*told_scans)
    assert total(found(story, needs_check_out=True).intervals) <= total(found(story).intervals)
