"""What an answer earns when its question is scored by a corrected key."""

from dataclasses import replace
from fractions import Fraction

from lms.quizzes.rules.questions import Choice, MultipleChoice, ShortText, SingleChoice, TextPattern
from lms.quizzes.rules.regrading import score_again
from lms.quizzes.rules.scoring import Verdict
from lms.quizzes.rules.wording import Wording

W, F = Wording.same, Fraction


def one(right, *keys, points=1):
    choices = tuple(Choice(key, W(key), F(key == right)) for key in keys or ("a", "b"))
    return SingleChoice(key="q", text=W("?"), points=F(points), choices=choices)


def test_without_a_correction_her_own_version_counts():
    assert score_again(one("a"), "b").verdict is Verdict.WRONG


def test_the_corrected_key_turns_wrong_into_right_and_back():
    assert score_again(one("a"), "b", key=one("b")).verdict is Verdict.RIGHT
    assert score_again(one("a"), "a", key=one("b")).verdict is Verdict.WRONG


def test_the_corrected_version_may_be_worth_more():
    assert score_again(one("a"), "a", key=one("a", points=3)).earned == 3


def test_a_choice_that_is_gone_is_scored_by_the_version_she_saw():
    assert score_again(one("a"), "a", key=one("b", "b", "c")).verdict is Verdict.RIGHT


def test_a_question_of_another_kind_corrects_nothing():
    text = ShortText(key="q", text=W("?"), accepted=(TextPattern("b"),))
    assert score_again(one("a"), "b", key=text).verdict is Verdict.WRONG
    many = MultipleChoice(key="q", text=W("?"), choices=one("b").choices)
    assert score_again(one("a"), "b", key=many).verdict is Verdict.WRONG


def test_full_points_go_to_everyone_who_answered_or_not():
    faulty = replace(one("a"), points=F(2))
    for response in ("b", None):
        score = score_again(faulty, response, everyone=True)
        assert (score.earned, score.possible, score.verdict) == (2, 2, Verdict.RIGHT)
