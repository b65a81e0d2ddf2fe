"""What a choice does: it distracts, it is idle, or it draws the wrong people."""

from lms.quizzes.rules.distractors import ChoiceRemark, read_choices

STRONG, WEAK = ["s1", "s2"], ["w1", "w2"]


def choices(given, right=("a",)):
    return {one.key: one for one in read_choices(given, ["a", "b", "c"], right, STRONG, WEAK)}


def test_a_choice_is_counted_in_all_and_in_both_groups():
    found = choices({"s1": ["a"], "s2": ["a"], "m1": ["b"], "w1": ["b"], "w2": []})
    assert (found["a"].count, found["a"].share, found["a"].strong, found["a"].weak) == (2, 0.4, 1.0, 0.0)
    assert (found["b"].count, found["b"].strong, found["b"].weak, found["b"].remark) == (2, 0.0, 0.5, None)


def test_a_wrong_choice_that_nobody_takes_is_idle():
    assert choices({"s1": ["a"], "w1": ["b"]})["c"].remark is ChoiceRemark.IDLE


def test_a_wrong_choice_that_draws_the_strong_is_named():
    found = choices({"s1": ["b"], "s2": ["b"], "w1": ["a"], "w2": ["a"]})
    assert found["b"].remark is ChoiceRemark.DRAWS_STRONG
    assert found["a"].remark is ChoiceRemark.SHUNNED


def test_without_groups_nothing_is_said():
    found = read_choices({}, ["a", "b"], ["a"], [], [])
    assert [(one.count, one.share, one.remark) for one in found] == [(0, None, None)] * 2
