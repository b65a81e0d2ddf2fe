"""Presence → verdict, drawn: one character a minute unless a unit is named."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.judgement import (
    Decision,
    Excuse,
    Judgement,
    Status,
    judge,
    read_reasons,
    stored_reasons,
)
from lms.attendance.rules.presence import Presence, bridge
from lms.attendance.rules.timeline import timeline
from lms.kernel.intervals import Interval, total
from lms.sessions.rules import Policy
from tests.unit.attendance.drawing import MINUTE, at, seen

HALF = timedelta(seconds=30)
POLICY = Policy()


def verdict(picture: str, *, unit: timedelta = MINUTE, now: float = 1e6, **more: object) -> Judgement:
    length = len(picture.replace(" ", ""))
    window = Interval(at(0), at(0) + length * unit)
    return judge(seen(picture, unit), window, (), POLICY, at=at(now), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("picture", "status"),
    [
        ("■■■■■■■■■■", Status.ATTENDED),
        ("■■■■■■■■··", Status.ATTENDED),  # exactly 80 %
        ("■■■■■■■···", Status.PARTIAL),
        ("·········■", Status.PARTIAL),
        ("··········", Status.ABSENT),
    ],
)
def test_the_share_of_the_window_decides(picture: str, status: Status) -> None:
    assert verdict(picture).status is status


def test_a_reconnect_within_the_grace_stays_one_interval() -> None:
    result = verdict("■■■■■■■■ ··· ■■■■■■■■■", unit=HALF)  # 90 s
    assert len(result.intervals) == 1
    assert [said.code for said in result.reasons] == ["attended_of", "gap_bridged"]


def test_a_gap_of_one_second_more_than_the_grace_is_a_gap() -> None:
    second = timedelta(seconds=1)
    assert len(verdict("■" * 300 + "·" * 90 + "■" * 300, unit=second).intervals) == 1
    assert len(verdict("■" * 300 + "·" * 91 + "■" * 300, unit=second).intervals) == 2


def test_a_gap_that_shows_as_no_second_is_bridged_and_not_told() -> None:
    tenth = timedelta(seconds=0.1)
    result = verdict("■" * 3000 + "·" * 9 + "■" * 3000, unit=tenth)
    assert len(result.intervals) == 1
    assert [said.code for said in result.reasons] == ["attended_of"]
    told = verdict("■" * 3000 + "·" * 10 + "■" * 3000, unit=tenth)
    assert [said.code for said in told.reasons] == ["attended_of", "gap_bridged"]


def test_grace_never_covers_arriving_late_or_leaving_early() -> None:
    result = verdict("·■■■■■■■■■■■■■■■■■■■■■■■■■■■■·")
    assert result.attended == timedelta(minutes=28)


def test_bridging_gives_ten_minutes_in_all_and_no_more() -> None:
    flapping = "■··" * 60  # half-minute units: a minute lost after each half minute, 59 inner gaps
    result = verdict(flapping, unit=HALF)
    assert result.attended == timedelta(minutes=30) + timedelta(seconds=POLICY.bridged_limit_seconds)


def test_breaks_count_neither_as_attended_nor_as_missed() -> None:
    window = Interval(at(0), at(90))
    coffee = [Interval(at(40), at(55))]
    result = judge(seen("■" * 40 + "·" * 15 + "■" * 35), window, coffee, POLICY, at=at(200))
    assert result.counted == timedelta(minutes=75)
    assert result.attended == timedelta(minutes=75)
    assert result.status is Status.ATTENDED


def test_more_than_ten_minutes_late_is_late_and_ten_is_not() -> None:
    assert not verdict("·" * 10 + "■" * 80).late
    assert verdict("·" * 11 + "■" * 79).late


def test_leaving_more_than_ten_minutes_early_is_told_once_the_session_is_over() -> None:
    picture = "■" * 79 + "·" * 11
    assert not verdict(picture, now=85).left_early
    assert verdict(picture).left_early


def test_while_it_runs_nobody_is_absent_yet() -> None:
    assert verdict("·" * 90, now=30).status is Status.UNKNOWN


def test_enough_is_enough_even_before_the_end() -> None:
    assert verdict("■" * 80 + "·" * 10, now=80).status is Status.ATTENDED


def test_seconds_are_compared_not_rounded_minutes() -> None:
    second = timedelta(seconds=1)
    assert verdict("■" * 480 + "·" * 120, unit=second).status is Status.ATTENDED
    assert verdict("■" * 479 + "·" * 121, unit=second).status is Status.PARTIAL


def test_somebody_who_went_to_the_app_is_not_called_absent() -> None:
    result = judge(Presence(elsewhere=True), Interval(at(0), at(90)), (), POLICY, at=at(200))
    assert result.status is Status.UNKNOWN


def test_a_coordinators_word_outranks_every_witness_and_keeps_the_figures() -> None:
    decision = Decision(Status.EXCUSED, Excuse.ON_DUTY, "Surat tugas 800/12", at(100))
    result = verdict("■" * 9 + "·" * 81, decision=decision)
    assert (result.status, result.excuse) == (Status.EXCUSED, Excuse.ON_DUTY)
    assert result.attended == timedelta(minutes=9)
    assert result.reasons[0].code == "decided_by_coordinator"


def test_reasons_survive_being_stored() -> None:
    result = verdict("··" * 6 + "■" * 30 + "··" + "■" * 30 + "·" * 16)
    assert read_reasons(stored_reasons(result.reasons)) == list(result.reasons)


pictures = st.text(alphabet="■·", min_size=1, max_size=120)


@given(pictures, st.integers(0, 120))
def test_attended_is_between_what_was_seen_and_the_window(picture: str, now: int) -> None:
    result = verdict(picture, now=now)
    assert timedelta() <= result.attended <= result.counted
    assert 0 <= result.share <= 1


@given(pictures)
def test_bridging_adds_at_most_its_limit_and_takes_nothing(picture: str) -> None:
    found = seen(picture)
    window = Interval(at(0), at(len(picture)))
    after = bridge(found, window, POLICY)
    added = total(after.intervals) - total(found.intervals)
    assert timedelta() <= added <= timedelta(seconds=POLICY.bridged_limit_seconds)


@given(pictures, st.integers(0, 60), st.integers(0, 20))
def test_the_drawn_timeline_adds_up_to_the_figure(picture: str, start: int, length: int) -> None:
    window, breaks = Interval(at(0), at(len(picture))), [Interval(at(start), at(start + length))]
    found = seen(picture)
    result = judge(found, window, breaks, POLICY, at=at(1000))
    spans = timeline(found, result, window, breaks)
    counted = sum((s.end - s.start for s in spans if s.kind != "break"), timedelta())
    assert counted == result.attended
