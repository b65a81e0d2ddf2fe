"""Phases as days from a batch's first day, and where they stand on its time line."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lms.programmes.rules.phases import PhaseDraft, Stage, Strand, time_line

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 10)


def phase(first_day: int, days: int, strand: Strand = Strand.ALL, stage: Stage = Stage.CITY) -> PhaseDraft:
    return PhaseDraft(stage=stage, strand=strand, title_id="Tahap", first_day=first_day, days=days)


def test_both_strands_stand_under_each_other_during_the_visit() -> None:
    line = time_line([phase(1, 5), phase(6, 5, Strand.DELEGATES, Stage.VISIT), phase(6, 5, Strand.HOME)], FIRST, LAST)
    assert [(one.left, one.width, one.lane) for one in line.phases] == [(0, 50, 0), (50, 50, 1), (50, 50, 0)]
    assert (line.lanes, line.days) == (2, 10)


def test_without_delegates_there_is_one_lane() -> None:
    assert time_line([phase(1, 3)], FIRST, LAST).lanes == 1


def test_the_line_reaches_as_far_as_phases_and_sessions_do() -> None:
    line = time_line([phase(1, 20)], FIRST, LAST, [date(2026, 10, 25)])
    assert (line.starts_on, line.ends_on) == (date(2026, 10, 25), date(2026, 11, 20))
    assert line.place(date(2026, 10, 25)) == 0 and line.place(date(2026, 12, 1)) is None


@given(
    st.lists(
        st.builds(phase, st.integers(1, 400), st.integers(1, 200), st.sampled_from(Strand), st.sampled_from(Stage)),
        max_size=8,
    )
)
def test_no_phase_ever_leaves_its_line(phases: list[PhaseDraft]) -> None:
    line = time_line(phases, FIRST, LAST)
    assert all(one.left >= 0 and one.left + one.width <= 100.01 for one in line.phases)
