"""What a batch sets differently, when a quiz is open, when an attempt ends, and which attempt counts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lms.quizzes.rules.counting import what_counts
from lms.quizzes.rules.questions import FeedbackPolicy
from lms.quizzes.rules.settings import (
    Counting,
    Navigation,
    Paging,
    QuizSettings,
    Section,
    WindowState,
    dump_settings,
    end_of,
    load_settings,
    window_state,
    with_overrides,
)
from lms.quizzes.rules.wording import Wording

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLAIN = QuizSettings(Wording.same("Tes"), pass_mark=Decimal(60), attempts=2, time_limit=20)


def test_settings_of_every_kind_survive_storage():
    full = QuizSettings(
        Wording("Tes", "Test"), Wording.same("Halo"), Decimal("62.5"), 3, 10, feedback=FeedbackPolicy.SCORE,
        feedback_closed=FeedbackPolicy.FULL, feedback_each=True, counts=Counting.AVERAGE, paging=Paging.ONE,
        navigation=Navigation.FORWARD, sections=(Section(2), Section(5, Wording.same("Bagian 2"), draw=3)),
    )  # fmt: skip
    assert load_settings(dump_settings(full)) == full and full.draws and full.is_forward


def test_a_quiz_without_what_came_later_is_stored_as_before():
    assert set(dump_settings(PLAIN)) == {
        "title", "intro", "pass_mark", "attempts", "time_limit", "shuffle", "feedback",
    }  # fmt: skip


def test_a_batch_differs_only_where_it_says_so():
    ours = with_overrides(PLAIN, {"time_limit": 45, "pass_mark": "70", "counts": "last", "unknown": 1})
    assert (ours.time_limit, ours.pass_mark, ours.counts, ours.attempts) == (45, Decimal(70), Counting.LAST, 2)
    assert with_overrides(PLAIN, {"time_limit": None}).time_limit is None
    assert with_overrides(PLAIN, {}) == PLAIN


@pytest.mark.parametrize(
    ("opens", "closes", "state"),
    [
        (None, None, "open"), (0, 10, "open"), (1, 10, "early"), (-10, 0, "closed"), (-10, 1, "open"),
        (1, None, "early"),
    ],
)  # fmt: skip
def test_the_window_is_open_from_its_first_moment_to_before_its_last(opens, closes, state):
    at = [None if one is None else NINE + one * MINUTE for one in (opens, closes)]
    assert window_state(*at, NINE) is WindowState(state)


def test_an_attempt_ends_by_its_limit_or_by_closing():
    limit, none = 20 * MINUTE, timedelta()
    assert end_of(NINE, None, none, None) is None
    assert end_of(NINE, limit, none, None) == NINE + limit
    assert end_of(NINE, limit, none, NINE + 5 * MINUTE) == NINE + 5 * MINUTE
    assert end_of(NINE, None, none, NINE + 5 * MINUTE) == NINE + 5 * MINUTE
    assert end_of(NINE, limit, 10 * MINUTE, NINE + 5 * MINUTE) == NINE + 15 * MINUTE


def test_more_may_be_shown_once_the_quiz_is_closed():
    strict = with_overrides(PLAIN, {"feedback": "none", "feedback_closed": "full"})
    assert strict.seen_at(NINE, NINE - MINUTE).feedback is FeedbackPolicy.NONE
    assert strict.seen_at(NINE, NINE).feedback is FeedbackPolicy.FULL
    assert strict.seen_at(None, NINE).feedback is FeedbackPolicy.NONE


def test_extra_attempts_are_added_to_the_limit():
    assert (PLAIN.attempts_left(2), PLAIN.attempts_left(2, 1), PLAIN.attempts_left(5, 1)) == (0, 1, 0)
    assert with_overrides(PLAIN, {"attempts": 0}).attempts_left(9) is None


@dataclass
class Try:
    number: int
    earned: float | None
    passed: bool | None = None
    possible: float = 3.0
    ungraded: int = 0
    started_at: datetime = NINE
    submitted_by: str = "person"

    @property
    def id(self):
        return self.number

    @property
    def percent(self):
        return None if self.earned is None else self.earned / self.possible * 100

    @property
    def submitted_at(self):
        return None if self.earned is None else NINE


TRIES = [Try(1, 1.0, False), Try(2, 3.0, True), Try(3, 2.0, True), Try(4, None)]


def test_the_best_the_last_or_the_average_counts():
    assert what_counts(TRIES, Counting.BEST, Decimal(60)).number == 2
    assert what_counts(TRIES, Counting.LAST, Decimal(60)).number == 3
    mean = what_counts(TRIES, Counting.AVERAGE, Decimal(66))
    assert (mean.number, mean.percent, mean.passed, mean.earned) == (3, 66.6, True, pytest.approx(2.0))
    assert what_counts(TRIES[3:], Counting.BEST, None) is None
    assert what_counts([Try(1, 2.0), Try(2, 2.0)], Counting.BEST, None).number == 1


def test_an_average_is_no_pass_before_all_is_graded():
    waiting = [Try(1, 3.0, True), Try(2, 3.0, None, ungraded=1)]
    assert what_counts(waiting, Counting.AVERAGE, Decimal(60)).passed is None
    assert what_counts(TRIES, Counting.AVERAGE, None).passed is None
