"""What responses earn."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.quizzes.rules.questions import (
    Choice,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.responses import read_response
from lms.quizzes.rules.scoring import Verdict, add_up, score
from lms.quizzes.rules.stored import dump_question, load_question
from lms.quizzes.rules.texts import matches, right_texts
from lms.quizzes.rules.wording import Wording

W = Wording.same
F = Fraction


def choices(**weights):
    return tuple(Choice(key, W(key), F(weight), W(f"about {key}")) for key, weight in weights.items())


ONE = SingleChoice(key="one", text=W("?"), choices=choices(a=1, b=0, c=F(1, 2)))
MANY = MultipleChoice(
    key="many", text=W("?"), points=F(3), choices=choices(a=F(1, 3), b=F(1, 3), c=F(1, 3), d=F(-1, 2), e=F(-1, 2))
)
TRUE = TrueFalse(key="true", text=W("?"), answer=True, feedback_wrong=W("look again"))
MINUTES = NumberQuestion(
    key="minutes",
    text=W("?"),
    accepted=(
        NumberRange(Decimal(12), Decimal(13), Decimal("12.5")),
        NumberRange(Decimal(750), Decimal(750), Decimal(750), F(1, 2)),
    ),
    unit=Wording("menit", "minutes"),
    other_units=(("jam", Decimal(60)),),
)
INDEX = ShortText(key="index", text=W("?"), accepted=(TextPattern("IKM"), TextPattern("indeks kepuasan*", F(1, 2))))


def grade(questions, responses, pass_mark=None):
    return add_up({one.key: score(one, responses.get(one.key)) for one in questions}, pass_mark)


@pytest.mark.parametrize(
    ("question", "given", "earned", "verdict"),
    [
        (ONE, "a", 1, Verdict.RIGHT),
        (ONE, "b", 0, Verdict.WRONG),
        (ONE, "c", F(1, 2), Verdict.PARTLY),
        (ONE, None, 0, Verdict.UNANSWERED),
        (MANY, ["a", "b", "c"], 3, Verdict.RIGHT),
        (MANY, ["a"], 1, Verdict.PARTLY),
        (MANY, ["a", "d"], 0, Verdict.WRONG),
        (MANY, ["a", "b", "d"], F(1, 2), Verdict.PARTLY),
        (MANY, ["a", "b", "c", "d", "e"], 0, Verdict.WRONG),
        (MANY, [], 0, Verdict.UNANSWERED),
        (TRUE, True, 1, Verdict.RIGHT),
        (TRUE, "false", 0, Verdict.WRONG),
        (MINUTES, "12,5", 1, Verdict.RIGHT),
        (MINUTES, "13", 1, Verdict.RIGHT),
        (MINUTES, "13.01", 0, Verdict.WRONG),
        (MINUTES, "750", F(1, 2), Verdict.PARTLY),
        (MINUTES, "0,21 jam", 1, Verdict.RIGHT),
        (MINUTES, "12,5 kg", 0, Verdict.WRONG),
        (MINUTES, 12.5, 1, Verdict.RIGHT),
        (INDEX, " ikm ", 1, Verdict.RIGHT),
        (INDEX, "Indeks  Kepuasan Masyarakat", F(1, 2), Verdict.PARTLY),
        (INDEX, "   ", 0, Verdict.UNANSWERED),
    ],
)
def test_an_answer_earns_what_the_question_says(question, given, earned, verdict):
    result = score(question, read_response(question, given))
    assert (result.earned, result.verdict) == (earned, verdict)


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (ONE, "z"),
        (ONE, ["a"]),
        (ONE, 1),
        (ONE, True),
        (MANY, ["a", "z"]),
        (MANY, {"a": 1}),
        (MANY, [["a"]]),
        (TRUE, "maybe"),
        (TRUE, 1),
        (MINUTES, ["1"]),
        (INDEX, "x" * 501),
        (INDEX, "a\0b"),
        (INDEX, "\ud800"),
        (INDEX, True),
    ],
)
def test_what_does_not_belong_to_the_question_is_refused(question, given):
    with pytest.raises(Invalid):
        read_response(question, given)


def test_feedback_is_of_the_answer_given_and_of_the_verdict():
    assert score(ONE, "b").feedback == (W("about b"),)
    assert score(TRUE, False).feedback == (W("look again"),)
    assert score(TRUE, True).feedback == ()


def test_all_or_nothing_earns_only_for_exactly_the_right_ticks():
    strict = MultipleChoice(key="s", text=W("?"), choices=choices(a=F(1, 2), b=F(1, 2), c=-1), partial=False)
    assert score(strict, ("a", "b")).earned == 1
    assert score(strict, ("a",)).earned == score(strict, ("a", "b", "c")).earned == 0


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*b", "a x b", True),
        ("a*b", "ab", True),
        ("a*b", "abc", False),
        ("*pusat*", "di pusat kota", True),
        ("ab*ba", "aba", False),
        (r"5 \* 3", "5 * 3", True),
        (r"5 \* 3", "5 x 3", False),
        ("jum'at", "Jum’at", True),
        ("e-KTP", "e\u2011ktp", True),
        ("café", "cafe\u0301", True),
    ],
)
def test_a_star_stands_for_any_characters(pattern, text, fits):
    assert matches(pattern, text) is fits


def test_the_right_text_shown_has_no_star():
    assert right_texts(INDEX) == ["IKM"]
    only_stars = ShortText(key="s", text=W("?"), accepted=(TextPattern("indeks*masyarakat"),))
    assert right_texts(only_stars) == ["indeks…masyarakat"]


def test_capitals_matter_only_on_request():
    assert not matches("IKM", "ikm", case=True)


def test_many_stars_do_not_explode():
    assert not matches("a*" * 100 + "b", "a" * 500)


def test_reaching_the_pass_mark_exactly_passes_and_a_hair_less_does_not():
    three = choices(a=F(1, 3), b=F(1, 3), c=F(1, 3), d=-1)
    thirds = [MultipleChoice(key=f"q{n}", text=W("?"), choices=three) for n in range(3)]
    seven_of_nine = {"q0": ("a", "b", "c"), "q1": ("a", "b", "c"), "q2": ("a",)}
    assert grade(thirds, seven_of_nine, Decimal("77.7")).passed
    assert not grade(thirds, seven_of_nine, Decimal("77.8")).passed
    assert grade(thirds, {f"q{n}": ("a", "b", "c") for n in range(3)}, Decimal(100)).passed
    assert grade(thirds, seven_of_nine).passed is None


def test_the_percentage_shown_is_rounded_down():
    assert grade([MANY, ONE], {"many": ("a", "b"), "one": "b"}).percent == 50.0
    assert grade([MANY], {"many": ("a", "b")}).percent == 66.6


def test_an_empty_quiz_is_nought_of_nought():
    assert grade([], {}).percent == 0.0


keys = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=8, unique=True)


@st.composite
def multiples(draw):
    weights = {key: draw(st.fractions(-1, 1)) for key in draw(keys)}
    return MultipleChoice(
        key="m",
        text=W("?"),
        points=draw(st.fractions("1/100", 100)),
        choices=choices(**weights),
        partial=draw(st.booleans()),
    )


@given(multiples(), st.data())
def test_a_score_stays_between_nothing_and_all_points(question, data):
    ticked = data.draw(st.lists(st.sampled_from([choice.key for choice in question.choices]), unique=True))
    result = score(question, read_response(question, ticked))
    assert 0 <= result.earned <= result.possible == question.points


@given(multiples(), st.data())
def test_the_order_of_ticks_changes_nothing(question, data):
    ticked = data.draw(st.lists(st.sampled_from([choice.key for choice in question.choices]), unique=True))
    mixed = data.draw(st.permutations(ticked))
    assert read_response(question, ticked) == read_response(question, mixed)


@given(multiples())
def test_a_question_survives_storage(question):
    assert load_question(dump_question(question)) == question


@pytest.mark.parametrize("question", [ONE, MANY, TRUE, MINUTES, INDEX])
def test_every_type_survives_storage(question):
    assert load_question(dump_question(question)) == question


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_pattern_meets_any_text_without_breaking(pattern, text):
    assert matches(pattern, text) in (True, False)


@given(st.text(max_size=30))
def test_a_text_fits_itself_and_the_star(text):
    literal = text.replace("\\", "\\\\").replace("*", "\\*")
    assert matches(literal, text)
    assert matches("*", text)
