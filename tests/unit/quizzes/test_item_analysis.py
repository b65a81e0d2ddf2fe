"""Item analysis against figures computed elsewhere, and at its edges."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes.rules.item_analysis import (
    ItemFigures,
    Reliability,
    Remark,
    analyse,
    reliability,
    remark,
    spread,
    strong_and_weak,
)

# Test data of Moodle's quiz statistics (results00.csv, qstats00.csv): 25 attempts at seven questions of one point.
ATTEMPTS = [
    (1, 1, 1, 1, 1, 0, 1), (1, 1, 1, 1, 0.5, 1, 0), (1, 1, 1, 1, 0.5, 0, 1), (0, 0, 1, 1, 1, 0, 0),
    (1, 0, 1, 0, 0, 1, 0.5), (1, 1, 1, 1, 0.5, 0, 0.5), (0, 1, 1, 1, 0.5, 1, 0.5), (1, 1, 1, 0, 0.5, 1, 0.5),
    (1, 0, 1, 1, 1, 1, 1), (0, 1, 1, 0, 0.5, 1, 0.5), (0.8, 0, 1, 1, 0.5, 1, 0.5), (1, 1, 1, 0, 0.5, 1, 1),
    (1, 0, 1, 1, 0.5, 1, 0.5), (1, 0, 1, 1, 1, 0, 0.5), (0, 0, 1, 1, 0, 1, 1), (1, 0, 1, 0, 0.5, 1, 1),
    (0.8, 0, 1, 1, 0.5, 0, 1), (1, 0, 1, 1, 0, 1, 0.5), (1, 0, 1, 1, 0.5, 0, 0.5), (0, 1, 1, 0, 0.5, 1, 0),
    (1, 1, 0.3333333, 1, 0.5, 0, 0.5), (1, 1, 1, 0, 0.5, 0, 0.5), (1, 1, 1, 1, 0, 1, 0.5), (0, 0, 1, 0, 0.5, 1, 1),
    (0, 0, 1, 1, 1, 1, 1),
]  # fmt: skip
# slot: facility, sd, effective weight, covariance, discrimination, highest covariance, efficiency
EXPECTED = {
    1: (0.704, 0.4513682901, 21.2922742344, -0.022555556, -7.0650767526, 0.2385555565, -9.4550536967),
    2: (0.48, 0.5099019514, 18.8979800309, -0.1172777785, -28.8982125772, 0.318833334, -36.7834118938),
    3: (0.973333332, 0.13333334, 4.443012573, -0.0098888894, -9.1230674268, 0.045666669, -21.6545012165),
    4: (0.68, 0.4760952286, 18.9347251357, -0.0833888893, -22.6306444113, 0.2652222232, -31.4411395613),
    5: (0.52, 0.3055050463, 11.1450138688, -0.0436944444, -17.6997047674, 0.2063055556, -21.1794802584),
    6: (0.64, 0.4898979486, 9.8081339177, -0.2015555547, -45.3785178421, 0.3539999995, -56.9365974439),
    7: (0.62, 0.331662479, 15.4788602394, -0.0142499998, -5.6543166602, 0.2190833335, -6.5043742058),
}


def as_attempts(rows):
    return [dict(enumerate(row, start=1)) for row in rows]


def ones(rows):
    return dict.fromkeys(range(1, len(rows[0]) + 1), 1.0)


@pytest.fixture(scope="module")
def figures():
    return analyse(as_attempts(ATTEMPTS), ones(ATTEMPTS))


def test_the_quiz_has_the_figures_that_moodle_computes(figures):
    quiz, _ = figures
    assert quiz.attempts == 25
    expected = {
        "mean": 4.617333332, "median": 4.5, "sd": 0.8117265554, "skewness": -0.092502502, "kurtosis": -0.7073968557,
        "consistency": -87.2230935542, "error_ratio": 136.8294900795, "standard_error": 1.1106813066,
    }  # fmt: skip
    assert {name: getattr(quiz, name) for name in expected} == pytest.approx(expected, rel=1.5e-5)


@pytest.mark.parametrize("slot", EXPECTED)
def test_each_question_has_the_figures_that_moodle_computes(figures, slot):
    one = figures[1][slot]
    facility, sd, weight, covariance, discrimination, highest, efficiency = EXPECTED[slot]
    assert one.seen == 25
    assert (one.facility, one.sd, one.covariance_max) == pytest.approx((facility, sd, highest), rel=1e-6)
    assert (one.weight, one.covariance, one.discrimination, one.efficiency) == pytest.approx(
        (weight, covariance, discrimination, efficiency), rel=1e-5
    )


def test_without_attempts_there_is_nothing_to_say():
    assert analyse([], {1: 1.0}) == (None, {})


def test_one_attempt_has_a_mean_and_no_spread():
    quiz, items = analyse([{1: 1.0, 2: 0.0}], {1: 1.0, 2: 1.0})
    assert (quiz.mean, quiz.sd, quiz.consistency) == (1.0, None, None)
    assert items[1] == ItemFigures(1, 1.0)


def test_three_attempts_have_skewness_and_four_have_kurtosis():
    rows = [(1, 0), (0, 0), (1, 1), (0, 1)]
    three, _ = analyse(as_attempts(rows[:3]), ones(rows))
    four, _ = analyse(as_attempts(rows), ones(rows))
    assert three.skewness is not None and three.kurtosis is None and four.kurtosis is not None


def test_a_question_that_everybody_gets_right_tells_nobody_apart():
    rows = [(1 / 3, 1), (1 / 3, 0), (1 / 3, 1)]
    _, items = analyse(as_attempts(rows), {1: 1 / 3, 2: 1.0})
    assert (items[1].facility, items[1].sd, items[1].discrimination, items[1].efficiency) == (1.0, 0.0, None, None)
    assert remark(items[1]) is Remark.TOO_EASY


def test_one_question_has_no_consistency():
    assert analyse([{1: 1.0}, {1: 0.0}], {1: 1.0})[0].consistency is None


def test_a_question_that_only_some_saw_is_judged_by_them_and_all_are_not_compared():
    attempts = [{1: 1.0, 2: 1.0}, {1: 0.0, 2: 0.0}, {1: 1.0, 3: 1.0}, {1: 0.0, 3: 1.0}]
    quiz, items = analyse(attempts, {1: 1.0, 2: 1.0, 3: 1.0})
    assert (items[2].seen, items[2].facility, items[2].discrimination) == (2, 0.5, pytest.approx(100))
    assert (items[1].seen, items[1].weight, quiz.consistency) == (4, None, None)


def test_an_item_that_falls_while_the_total_rises_has_no_weight():
    rows = [(0, 1, 1, 1), (0, 1, 1, 1), (1, 0, 0, 0), (1, 0, 0, 0)]
    _, items = analyse(as_attempts(rows), ones(rows))
    assert items[1].weight is None and items[1].is_covariance_negative
    assert sum(one.weight for key, one in items.items() if key != 1) == pytest.approx(100)
    assert remark(items[1]) is Remark.MISLEADS


@pytest.mark.parametrize(
    ("facility", "discrimination", "said"),
    [
        (0.5, -0.1, Remark.MISLEADS), (0.95, -5, Remark.MISLEADS), (0.91, 60, Remark.TOO_EASY),
        (0.19, 60, Remark.TOO_HARD), (0.5, None, Remark.UNDECIDED), (0.5, 0, Remark.POOR), (0.5, 19.9, Remark.POOR),
        (0.5, 20, Remark.WEAK), (0.5, 30, Remark.ADEQUATE), (0.9, 49.9, Remark.ADEQUATE), (0.2, 50, Remark.GOOD),
    ],
)  # fmt: skip
def test_words_stand_beside_the_figures(facility, discrimination, said):
    assert remark(ItemFigures(20, facility, discrimination=discrimination)) is said


def test_reliability_has_three_bands():
    bands = [Reliability.GOOD, Reliability.FAIR, Reliability.FAIR, Reliability.WEAK]
    assert [reliability(one) for one in (75, 74.9, 64, 63.9)] == bands


def test_the_strong_and_the_weak_are_the_outer_twenty_seven_per_cent():
    strong, weak = strong_and_weak({f"p{n:02}": float(n) for n in range(1, 12)})
    assert (sorted(strong), sorted(weak)) == (["p09", "p10", "p11"], ["p01", "p02", "p03"])
    assert strong_and_weak({"p": 1.0}) == (set(), set())


def test_results_fall_into_ten_bands_and_a_full_score_into_the_last():
    assert spread([0, 9.9, 10, 55, 99.9, 100]) == [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]


marks = st.sampled_from([0.0, 1 / 3, 0.5, 2 / 3, 1.0])


@given(st.integers(1, 6).flatmap(lambda width: st.lists(st.tuples(*[marks] * width), min_size=1, max_size=30)))
def test_figures_stay_within_their_bounds(rows):
    quiz, items = analyse(as_attempts(rows), ones(rows))
    assert quiz.consistency is None or quiz.consistency <= 100 + 1e-9
    for one in items.values():
        assert 0 <= one.facility <= 1
        assert one.discrimination is None or abs(one.discrimination) <= 100 + 1e-6
        assert one.efficiency is None or one.efficiency <= 100 + 1e-6
    weights = [one.weight for one in items.values() if one.weight is not None]
    assert not weights or sum(weights) == pytest.approx(100)


def test_five_hundred_attempts_of_forty_questions_are_analysed_in_one_go():
    rows = [tuple((row * 7 + column * 3) % 5 / 4 for column in range(40)) for row in range(500)]
    begun = time.process_time()
    quiz, items = analyse(as_attempts(rows), ones(rows))
    print(f"500 attempts of 40 questions: {time.process_time() - begun:.2f} s")
    assert quiz.attempts == 500 and len(items) == 40
