"""When an attempt's time is over, and the order it is shown in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.intervals import Interval
from lms.quizzes.rules.deadlines import ARRIVAL_GRACE, RECONNECT_ALLOWANCE, deadline, is_late
from lms.quizzes.rules.order import Shuffle, arrange, arrange_choices
from lms.quizzes.rules.questions import Choice, SingleChoice
from lms.quizzes.rules.results import Gain, facility, gain_band, normalised_gain
from lms.quizzes.rules.wording import Wording

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def minutes(number):
    return timedelta(minutes=number)


def outage(start, end):
    return Interval(START + minutes(start), START + minutes(end))


def ends(*outages, limit=20, extra=0):
    return (deadline(START, minutes(limit), minutes(extra), outages) - START) / minutes(1)


def test_without_a_limit_there_is_no_deadline():
    assert deadline(START, None, minutes(5)) is None
    assert not is_late(START + timedelta(days=400), None)


def test_extra_time_is_added():
    assert ends(extra=10) == 30


def test_an_outage_gives_back_its_length_and_a_minute_to_reconnect():
    assert ends(outage(5, 10)) == 26


def test_an_outage_in_the_last_moments_leaves_what_was_left():
    assert ends(outage(18, 40)) == 43


def test_an_outage_before_the_start_gives_only_what_reaches_into_the_attempt():
    assert ends(outage(-10, -5)) == 20
    assert ends(outage(-10, 2)) == 23


def test_an_outage_after_the_end_gives_nothing():
    assert ends(outage(20, 60)) == 20
    assert ends(outage(30, 60)) == 20


def test_an_outage_within_the_time_given_back_counts_too():
    assert ends(outage(18, 28), outage(29.5, 40)) == 42.5


def test_overlapping_outages_count_once():
    assert ends(outage(5, 10), outage(6, 9), outage(5, 10)) == ends(outage(5, 10))


def test_an_answer_under_way_in_the_last_second_is_in_time():
    assert not is_late(START + ARRIVAL_GRACE, START)
    assert is_late(START + ARRIVAL_GRACE + timedelta(microseconds=1), START)


spans = st.lists(st.tuples(st.integers(-60, 120), st.integers(0, 60)), max_size=6)


@given(spans)
def test_outages_never_take_time_away_nor_give_more_than_they_lasted(found):
    outages = [outage(start, start + length) for start, length in found]
    end = ends(*outages)
    assert 20 <= end <= 20 + sum(length + RECONNECT_ALLOWANCE / minutes(1) for _, length in found)


@given(spans)
def test_the_order_in_which_outages_are_told_changes_nothing(found):
    outages = [outage(start, start + length) for start, length in found]
    assert ends(*outages) == ends(*reversed(outages))


CHOICES = tuple(Choice(f"c{n}", Wording.same(str(n)), 0) for n in range(8))
QUESTIONS = [SingleChoice(key=f"q{n}", text=Wording.same(str(n)), choices=CHOICES) for n in range(8)]


@given(st.text(max_size=10))
def test_an_order_is_a_permutation_and_the_same_every_time(seed):
    mixed = arrange(QUESTIONS, seed, Shuffle.BOTH)
    assert mixed == arrange(reversed(QUESTIONS), seed, Shuffle.BOTH)
    assert sorted(q.key for q in mixed) == [q.key for q in QUESTIONS]
    assert set(arrange_choices(QUESTIONS[0], seed, Shuffle.BOTH)) == set(CHOICES)


def test_seeds_and_questions_have_orders_of_their_own():
    orders = {tuple(q.key for q in arrange(QUESTIONS, str(seed), Shuffle.QUESTIONS)) for seed in range(20)}
    assert len(orders) == 20
    assert arrange_choices(QUESTIONS[0], "s", Shuffle.CHOICES) != arrange_choices(QUESTIONS[1], "s", Shuffle.CHOICES)


def test_only_what_is_to_be_shuffled_is():
    assert arrange(QUESTIONS, "s", Shuffle.CHOICES) == QUESTIONS
    assert arrange_choices(QUESTIONS[0], "s", Shuffle.QUESTIONS) == CHOICES
    fixed = SingleChoice(key="q", text=Wording.same("?"), choices=CHOICES, keep_order=True)
    assert arrange_choices(fixed, "s", Shuffle.BOTH) == CHOICES


def test_gain_is_the_part_of_what_could_be_gained():
    assert normalised_gain(40, 70) == 0.5
    assert normalised_gain(70, 40) == -1
    assert normalised_gain(100, 100) is None
    assert [gain_band(g) for g in (0.7, 0.3, 0.29, -1)] == [Gain.HIGH, Gain.MEDIUM, Gain.LOW, Gain.LOW]


def test_facility_is_the_mean_part_earned():
    assert facility([2, 1, 0, 2], 2) == 0.625
    assert facility([], 2) is None
