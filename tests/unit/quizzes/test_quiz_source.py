"""Reading quiz files: what is understood, and that every problem names its line."""

import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.quizzes.located import find_lines
from lms.quizzes.rules.order import Shuffle
from lms.quizzes.rules.questions import FeedbackPolicy, Purpose
from lms.quizzes.rules.settings import dump_settings, load_settings
from lms.quizzes.rules.wording import Wording
from lms.quizzes.source import read_quiz

FILE = "courses/pelayanan/quiz-pre.toml"

QUIZ = """\
[quiz]
title = { id = "Tes awal", en = "Pre-test" }

[[question]]
key = "one"
type = "single"
text = "Pilih"
choice = [
  { key = "a", text = "A", correct = true },
  { key = "b", text = "B" },
]
"""


def questions(text):
    quiz, problems = read_quiz(FILE, text)
    assert problems == []
    return quiz.questions


def complaints(text, file=FILE):
    quiz, problems = read_quiz(file, text)
    assert quiz is None
    return [(problem.code, int(problem.where.rpartition(":")[2])) for problem in problems]


def with_question(*lines):
    return "\n".join([QUIZ + "[[question]]", 'key = "two"', *lines])


def test_the_example_of_the_manual_is_a_quiz():
    manual = (Path(__file__).parents[3] / "docs" / "courses.md").read_text(encoding="utf-8")
    example_text = manual.split("## Quizzes")[1].split("```toml\n")[1].split("```")[0]
    quiz, problems = read_quiz(FILE, example_text)
    assert problems == []
    assert (quiz.key, quiz.purpose, quiz.settings.attempts, quiz.settings.time_limit) == ("pre", Purpose.PRE, 1, 20)
    assert [question.type for question in quiz.questions] == ["single", "multiple", "truefalse", "number", "text"]
    assert [choice.weight for choice in quiz.questions[1].choices] == [Fraction(1, 2), Fraction(1, 2), -1]


def test_what_is_left_out_has_its_default():
    quiz, _ = read_quiz(FILE, QUIZ)
    how = quiz.settings
    assert (how.attempts, how.time_limit, how.pass_mark) == (1, None, None)
    assert (how.shuffle, how.feedback) == (Shuffle.NONE, FeedbackPolicy.FULL)
    practice, _ = read_quiz("quiz-practice-queues.toml", QUIZ)
    assert (practice.key, practice.purpose, practice.settings.attempts) == ("practice-queues", Purpose.PRACTICE, 0)


def test_settings_survive_storage():
    quiz, _ = read_quiz(FILE, QUIZ.replace("[quiz]", '[quiz]\npass_mark = 62.5\nshuffle = "both"\ntime_limit = 5'))
    assert load_settings(dump_settings(quiz.settings)) == quiz.settings


def test_a_number_is_kept_exactly_as_written():
    text = with_question('type = "number"', 'text = "?"', "answer = 0.1", "tolerance = 0.2")
    assert questions(text)[1].accepted[0].high == Decimal("0.3")


def test_further_answers_carry_weight_and_feedback():
    text = with_question(
        'type = "text"', 'text = "?"', 'answer = "IKM"', "[[question.accept]]", 'answer = ["SKM", "survei*"]',
        "weight = 25", 'feedback.id = "hampir"',
    )  # fmt: skip
    accepted = questions(text)[1].accepted
    assert [one.weight for one in accepted] == [1, Fraction(1, 4), Fraction(1, 4)]
    assert accepted[2].feedback == Wording(id="hampir")


@pytest.mark.parametrize("name", ["quiz.toml", "quiz-final.toml", "quiz-pre-.toml", "quiz-Pre.toml", "pre.toml"])
def test_a_file_of_another_name_is_refused(name):
    assert complaints(QUIZ, name) == [("quiz_file_name", 1)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['type = "riddle"', 'text = "?"'], ("quiz_option_unknown", 14)),
        (['text = "?"'], ("quiz_key_missing", 12)),
        (['type = "truefalse"', 'text = "?"'], ("quiz_key_missing", 12)),
        (['type = "truefalse"', 'text = "?"', 'answer = "yes"'], ("quiz_needs_boolean", 16)),
        (['type = "truefalse"', "text = 3", "answer = true"], ("quiz_needs_wording", 15)),
        (['type = "truefalse"', 'text = { id = "?", ms = "?" }', "answer = true"], ("quiz_needs_wording", 15)),
        (['type = "truefalse"', 'text = "?"', "answer = true", "points = 0"], ("quiz_points_zero", 17)),
        (['type = "truefalse"', 'text = "?"', "answer = true", "points = nan"], ("quiz_number_unusable", 17)),
        (['type = "truefalse"', 'text = "?"', "answer = true", "point = 2"], ("quiz_key_unknown", 17)),
        (['type = "single"', 'text = "?"'], ("quiz_choices_count", 12)),
        (
            ['type = "single"', 'text = "?"', 'choice = [{key="a",text="A"},', '  {key="b",text="B"}]'],
            ("quiz_single_correct", 16),
        ),
        (
            ['type = "multiple"', 'text = "?"', 'choice = [{key="a",text="A",weight=50},', '  {key="b",text="B"}]'],
            ("quiz_weights_low", 16),
        ),
        (
            ['type = "multiple"', 'text = "?"', 'choice = [{key="a",text="A",correct=true},', '  {key="a",text="B"}]'],
            ("quiz_key_twice", 17),
        ),
        (['type = "number"', 'text = "?"'], ("quiz_answer_or_range", 12)),
        (['type = "number"', 'text = "?"', "min = 3", "max = 2"], ("quiz_range_reversed", 16)),
        (['type = "number"', 'text = "?"', "min = 3"], ("quiz_answer_or_range", 12)),
        (['type = "number"', 'text = "?"', "answer = 3", "other_units = {jam = 60}"], ("quiz_units_without_unit", 17)),
        (['type = "text"', 'text = "?"', 'answer = "*"'], ("quiz_answer_texts", 16)),
        (['type = "text"', 'text = "?"', "answer = []"], ("quiz_answer_texts", 16)),
    ],
)
def test_a_mistake_is_told_with_its_line(lines, expected):
    assert complaints(with_question(*lines)) == [expected]


def test_all_problems_are_told_at_once():
    text = QUIZ.replace("correct = true", "correct = 1").replace("[quiz]", "[quiz]\nattempts = -1")
    assert [code for code, _ in complaints(text)] == ["quiz_needs_boolean", "quiz_single_correct", "quiz_number_range"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("quiz_key_missing", 1)),
        ("[quiz]\n[[question]]\n", ("quiz_key_missing", 2)),
        ("[quiz]\ntitle = 'x'\n", ("quiz_no_questions", 1)),
        ("[quiz]\ntitle = \n", ("quiz_toml", 2)),
        ("quiz = [" + "[" * 5000, ("quiz_toml", 1)),
        ("a = " + "9" * 5000, ("quiz_toml", 1)),
        ("x" * 500_001, ("quiz_file_long", 1)),
    ],
)
def test_what_is_no_quiz_is_told(text, expected):
    assert complaints(text)[0] == expected


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    quiz, problems = read_quiz(FILE, text)
    assert (quiz is None) == bool(problems)


def mangle(text, cuts, piece):
    for cut in sorted(cuts, reverse=True):
        cut %= len(text)
        text = text[:cut] + piece + text[cut + 1 :]
    return text


cut_places = st.lists(st.integers(0, 10_000), min_size=1, max_size=4)


@given(cut_places, st.sampled_from(['"', "[", "]", "{", "=", "#", "\n", "1", "'''", ""]))
def test_a_damaged_file_is_told_within_its_lines_or_understood(cuts, piece):
    text = mangle(QUIZ, cuts, piece)
    quiz, problems = read_quiz(FILE, text)
    assert (quiz is None) == bool(problems)
    for problem in problems:
        assert 1 <= int(problem.where.rpartition(":")[2]) <= text.count("\n") + 1


PLACES = '''\
[a]
b.c = 1
"d e" = """
[x]
y = 2
say "it"""" # no z = 3
[[f]]
g = ["[h]", # [i]
  { j = 1 }, { k = '}' },
  { l = 2 }]
[[f.m]]
[[f.m]]
n = 1
[[f]]
[[f.m]]
o = 1
'''


def test_lines_are_found_among_strings_comments_and_nested_tables():
    tomllib.loads(PLACES)
    lines = find_lines(PLACES)
    assert lines == {
        ("a",): 1, ("a", "b"): 2, ("a", "b", "c"): 2, ("a", "d e"): 3, ("f",): 7, ("f", 0): 7, ("f", 0, "g"): 8,
        ("f", 0, "g", 0): 9, ("f", 0, "g", 1): 9, ("f", 0, "g", 2): 10, ("f", 0, "m"): 11, ("f", 0, "m", 0): 11,
        ("f", 0, "m", 1): 12, ("f", 0, "m", 1, "n"): 13, ("f", 1): 14, ("f", 1, "m"): 15, ("f", 1, "m", 0): 15,
        ("f", 1, "m", 0, "o"): 16,
    }  # fmt: skip


@given(st.text(alphabet="ab=[]{}.\"'#\\\n ", max_size=80))
@example('a = "\\')
def test_finding_lines_never_breaks(text):
    assert all(1 <= line <= text.count("\n") + 1 for line in find_lines(text).values())


def test_the_manuals_examples_of_the_other_kinds_are_questions():
    manual = (Path(__file__).parents[3] / "docs" / "courses.md").read_text(encoding="utf-8")
    example_text = manual.split("## Quizzes")[1].split("```toml\n")[3].split("```")[0]
    quiz, problems = read_quiz(FILE, '[quiz]\ntitle = "Tes"\n' + example_text)
    assert problems == []
    assert [one.type for one in quiz.questions] == ["matching", "ordering", "cloze", "essay", "file"]
