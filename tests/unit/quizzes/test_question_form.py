"""Questions as fields of a form and back, and what is wrong named by its field."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.quizzes.editing import fields_of, read_fields, with_keys
from lms.quizzes.rules.bank import Asked, BankWish, choose
from lms.quizzes.rules.question_form import keep_fields
from lms.quizzes.rules.quiz_draft import read_quiz_form
from lms.quizzes.rules.settings import Section
from lms.quizzes.source import read_quiz

COURSES = Path(__file__).parents[3] / "courses"
OWN = [
    pytest.param(question, id=f"{file.stem}-{question.key}")
    for file in sorted(COURSES.glob("*/quiz-*.toml"))
    for question in read_quiz(file.name, file.read_text(encoding="utf-8"))[0].questions
]


@pytest.mark.parametrize("question", OWN)
def test_our_own_questions_survive_the_form_or_are_known_not_to(question):
    fields, says_all = fields_of(question)
    read, problems = read_fields(fields)
    assert problems == []
    assert (read == question) is says_all
    assert read.type == question.type and read.text == question.text


SINGLE = {
    "key": "q1", "type": "single", "text_id": "Pilih", "points": "2,5", "tags": "loket, dasar",
    "topic": "layanan/antrean",
    "choice-0-text_id": "A", "choice-0-correct": "yes", "choice-2-text_id": "B", "choice-2-text_en": "Bee",
    "hint_id": "Satu\nDua", "hint_en": "One",
}  # fmt: skip


def problems(**changed):
    fields = {name: value for name, value in (SINGLE | changed).items() if value is not None}
    return [(one.code, one.field) for one in read_fields(fields)[1]]


def test_a_form_is_a_question():
    question, found = read_fields(SINGLE)
    assert found == [] and float(question.points) == 2.5 and question.tags == ("loket", "dasar")
    assert [(choice.key, choice.text.en, float(choice.weight)) for choice in question.choices] == [
        ("c1", None, 1.0), ("c2", "Bee", 0.0),
    ]  # fmt: skip
    assert [(hint.id, hint.en) for hint in question.hints] == [("Satu", "One"), ("Dua", None)]


def test_problems_name_the_field_as_it_stands_in_the_form():
    assert problems(text_id="") == [("quiz_key_missing", "text_id")]
    lacking = {"truefalse": "answer", "text": "answers", "number": "answer", "ordering": "step-0-text_id"}
    for kind, field in lacking.items():
        assert [one.field for one in read_fields({"key": "n", "type": kind, "text_id": "?"})[1]] == [field]
    assert problems(points="banyak") == [("quiz_needs_number", "points")]
    assert problems(topic="a//b") == [("quiz_topic_form", "topic")]
    assert problems(**{"choice-0-correct": None}) == [("quiz_single_correct", "choice-0-text_id")]
    assert problems(**{"choice-2-weight": "viel"}) == [("quiz_needs_number", "choice-2-weight")]
    assert problems(**{"choice-2-text_id": "", "choice-2-text_en": ""}) == [
        ("quiz_choices_count", "choice-0-text_id"), ("quiz_single_correct", "choice-0-text_id"),
    ][:1]  # fmt: skip


def test_a_number_is_an_answer_with_tolerance_or_limits():
    base = {"key": "n", "type": "number", "text_id": "?"}
    ranges = [
        read_fields(base | {"answer": answer, "tolerance": tolerance})[0].accepted[0]
        for answer, tolerance in (("12,5", "0,5"), ("10..15", ""), ("10 – 15", ""), ("-3", ""))
    ]
    assert [(float(one.low), float(one.high)) for one in ranges] == [(12, 13), (10, 15), (10, 15), (-3, -3)]


def test_gaps_are_told_apart_by_what_stands_in_their_lines():
    fields = {
        "key": "c", "type": "cloze", "text_id": "{{a}} {{b}} {{c}}",
        "gap-0-key": "a", "gap-0-answers": "loket\nkonter", "gap-1-key": "b", "gap-1-answers": "10..15",
        "gap-2-key": "c", "gap-2-answers": "* puas | glad\nkesal",
    }  # fmt: skip
    question, found = read_fields(fields)
    assert found == []
    assert [bool(gap.patterns) for gap in question.gaps] == [True, False, False]
    assert question.gaps[1].ranges and question.gaps[2].choices[0].text.en == "glad"
    assert read_fields(fields | {"gap-1-key": "x"})[1][0].code == "quiz_gaps_differ"


def test_keys_stay_with_their_rows_and_new_rows_get_free_ones():
    keyed = with_keys({"choice-0-text_id": "A", "choice-0-key": "c2", "choice-1-text_id": "B", "choice-3-text_id": "C"})
    assert [keyed[f"choice-{n}-key"] for n in (0, 1, 3)] == ["c2", "c1", "c3"]


@given(st.dictionaries(st.sampled_from([*SINGLE, "type", "answers", "gap-0-answers", "criterion-1-levels"]), st.text()))
def test_whatever_is_sent_is_a_question_or_has_problems_and_never_breaks(sent):
    fields = keep_fields({"type": "essay"} | sent)
    question, found = read_fields(fields)
    assert (question is None) == bool(found)


def test_a_form_keeps_only_what_belongs_to_a_question():
    sent = {"text_id": "a\r\nb\0", "csrf_token": "x", "choice-1-text_id": "A", "choice-x-text": "B", "is_admin": "1"}
    kept = keep_fields(sent)
    assert kept == {"text_id": "a\nb", "choice-1-text_id": "A"}


def line(number, **more):
    values = {"origin": "bank", "is_here": True, "is_archived": False, "versions": 1, "uses": (), "answers": 0}
    question = more.pop("question", OWN[0].values[0])
    return Asked(id=number, question=question, has_draft=False, **(values | more))


def test_the_bank_is_narrowed_by_words_topic_and_place():
    both = [line(1), line(2, is_here=False, uses=[(1, "pre")]), line(3, is_archived=True)]
    assert [one.id for one in choose(both, BankWish())] == [1, 2]
    assert [one.id for one in choose(both, BankWish(state="here"))] == [1]
    assert [one.id for one in choose(both, BankWish(state="unused"))] == [1]
    assert [one.id for one in choose(both, BankWish(state="archived"))] == [3]
    assert choose(both, BankWish(words="tidak ada di mana pun")) == []
    assert [one.id for one in choose(both, BankWish(words="IBU loket"))] == [1, 2]
    assert choose(both, BankWish(topic="sopan")) == []
    assert [one.id for one in choose(both, BankWish(topic="sopan-santun"))] == [1, 2]


QUIZ = {"title_id": "Kuis", "purpose": "practice", "pick-7": "2", "pick-3": "1", "pick-9": "", "pick-x": "1"}


def test_a_quiz_form_picks_in_order_and_draws():
    draft = read_quiz_form(QUIZ | {"draw-0-topic": "antrean", "draw-0-count": "3", "pass_mark": "62,5"})
    assert draft.picks == (3, 7) and draft.draws == (("antrean", 3),)
    assert draft.sections == (Section(2), Section(0, draw=3, topic="antrean"))
    assert float(draft.settings.pass_mark) == 62.5 and draft.settings.title.id == "Kuis"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title_id": ""}, "title_id"), ({"purpose": "exam"}, "purpose"), ({"pass_mark": "101"}, "pass_mark"),
        ({"time_limit": "soon"}, "time_limit"), ({"shuffle": "all"}, "shuffle"),
        ({"draw-0-topic": "x"}, "draw-0-count"), ({"pick-7": "", "pick-3": ""}, "picks"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_quiz_form_names_its_field(wrong, field):
    with pytest.raises(Invalid) as refused:
        read_quiz_form(QUIZ | wrong)
    assert [one.field for one in refused.value.problems] == [field]
