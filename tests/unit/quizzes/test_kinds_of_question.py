"""Matching, ordering, gaps, essays and files: what their tables say, what answers to them earn."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.quizzes.rules.order import arrange_options, arrange_steps, as_tokens, from_tokens
from lms.quizzes.rules.parts import read_parts
from lms.quizzes.rules.responses import read_response
from lms.quizzes.rules.scoring import Verdict, add_up, score
from lms.quizzes.rules.stored import dump_question, fingerprint, load_question
from lms.quizzes.source import read_quiz

HEAD = '[quiz]\ntitle = "Tes"\n'
ALL = (
    HEAD
    + """
[[question]]
key = "match"
type = "matching"
text = "Jodohkan"
topic = "layanan / antrean"
tags = ["loket", "dasar"]
hint = ["Lihat modul 2", { id = "Satu kata", en = "One word" }]
pair = [
  { key = "ktp", left = "KTP", right = "Disdukcapil" },
  { key = "kk", left = "KK", right = "Disdukcapil" },
  { key = "imb", left = "IMB", right = "DPMPTSP" },
]
extra = [{ key = "none", text = "Diskominfo" }]

[[question]]
key = "order"
type = "ordering"
text = "Urutkan"
points = 3
step = [
  { key = "greet", text = "Salam" },
  { key = "ask", text = "Tanya" },
  { key = "serve", text = "Layani" },
  { key = "thank", text = "Terima kasih" },
]

[[question]]
key = "gaps"
type = "cloze"
text.id = "Warga ke {{place}}, menunggu {{minutes}} menit, lalu {{feel}}."
text.en = "{{place}} {{minutes}} {{ feel }}"
  [[question.gap]]
  key = "place"
  answer = ["loket", "konter*"]
  [[question.gap]]
  key = "minutes"
  min = 10
  max = 15
  weight = 50
  [[question.gap]]
  key = "feel"
  choice = [{ key = "glad", text = "puas", correct = true }, { key = "cross", text = "kesal" }]

[[question]]
key = "essay"
type = "essay"
text = "Jelaskan"
words_least = 50
sample = "Yang baik menyebut tiga hal."
  [[question.criterion]]
  key = "content"
  text = "Isi"
  level = [
    { key = "full", text = "lengkap", points = 4 },
    { key = "half", text = "sebagian", points = 2 },
    { key = "none", text = "tidak ada", points = 0 },
  ]
  [[question.criterion]]
  key = "words"
  text = "Bahasa"
  level = [{ key = "good", text = "baik", points = 1 }, { key = "poor", text = "kurang", points = 0 }]

[[question]]
key = "report"
type = "file"
text = "Unggah laporan"
points = 10
accept = ["pdf", "word"]
megabytes = 5
"""
)


@pytest.fixture(scope="module")
def asked():
    quiz, problems = read_quiz("quiz-pre.toml", ALL)
    assert problems == []
    return {question.key: question for question in quiz.questions}


def complaints(text):
    _, problems = read_quiz("quiz-pre.toml", HEAD + text)
    return [problem.code for problem in problems]


def part(question, response):
    return score(question, read_response(question, response)).earned / question.points


def test_what_is_common_is_read(asked):
    match = asked["match"]
    assert (match.topic, match.tags) == ("layanan/antrean", ("loket", "dasar"))
    assert [hint.en for hint in match.hints] == ["Lihat modul 2", "One word"]
    assert asked["essay"].points == 5 and asked["report"].points == 10


def test_all_kinds_survive_storage(asked):
    for question in asked.values():
        assert load_question(dump_question(question)) == question


def test_a_question_without_what_came_later_keeps_its_old_fingerprint():
    quiz, _ = read_quiz("quiz-pre.toml", HEAD + '[[question]]\nkey="q"\ntype="truefalse"\ntext="?"\nanswer=true')
    stored = {
        "type": "truefalse", "key": "q", "text": {"id": "?", "en": "?"}, "points": "1", "feedback": None,
        "feedback_right": None, "feedback_wrong": None, "answer": True,
    }  # fmt: skip
    assert fingerprint(dump_question(quiz.questions[0])) == fingerprint(stored)


def test_the_same_right_side_is_one_option_for_both_its_pairs(asked):
    match = asked["match"]
    assert [option.key for option in match.options] == ["ktp", "imb", "none"]
    assert part(match, {"ktp": "ktp", "kk": "ktp", "imb": "imb"}) == 1
    assert part(match, {"ktp": "ktp", "kk": "none"}) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("places", "earned"),
    [
        ({"greet": 1, "ask": 2, "serve": 3, "thank": 4}, 1),
        ({"greet": "1", "ask": "2", "serve": "3", "thank": "4"}, 1),
        ({"ask": 1, "serve": 2, "thank": 3, "greet": 4}, Fraction(2, 3)),
        ({"thank": 1, "serve": 2, "ask": 3, "greet": 4}, 0),
        ({"greet": 1, "ask": 2}, Fraction(1, 3)),
        ({"greet": 1, "ask": 1, "serve": 2, "thank": 3}, Fraction(1, 3)),
    ],
)
def test_in_an_ordering_each_step_that_follows_rightly_counts(asked, places, earned):
    assert part(asked["order"], places) == earned


def test_gaps_count_by_their_weights(asked):
    gaps = asked["gaps"]
    assert part(gaps, {"place": "Konter 3", "minutes": "12,5", "feel": "glad"}) == 1
    assert part(gaps, {"minutes": "12"}) == Fraction(1, 5)
    assert part(gaps, {"place": "dapur", "feel": "cross"}) == 0


def test_parts_show_what_was_given_and_what_is_right(asked):
    parts = {one.key: one for one in read_parts(asked["gaps"], {"place": "dapur", "feel": "cross"})}
    assert (parts["place"].given.id, parts["place"].right.id) == ("dapur", "loket")
    assert (parts["minutes"].given, parts["minutes"].right.id) == (None, "10 – 15")
    assert (parts["feel"].given.id, parts["feel"].right.id, parts["feel"].earned) == ("kesal", "puas", 0)


@pytest.mark.parametrize(
    ("key", "response"),
    [
        ("match", {"ktp": "kk"}), ("match", {"x": "ktp"}), ("match", "ktp"), ("match", ["ktp"]), ("match", {"ktp": 1}),
        ("order", {"greet": 0}), ("order", {"greet": 5}), ("order", {"greet": True}), ("order", {"greet": "²"}),
        ("gaps", {"feel": "puas"}), ("gaps", {"place": ["x"]}), ("gaps", {"place": "x" * 501}),
        ("gaps", {"place": "\0"}), ("essay", 3), ("essay", "x" * 20_001), ("report", "7a"), ("report", 7),
    ],
)  # fmt: skip
def test_what_does_not_belong_to_the_question_is_refused(asked, key, response):
    with pytest.raises(Invalid):
        read_response(asked[key], response)


@pytest.mark.parametrize(
    ("key", "response"), [("match", {"ktp": ""}), ("order", {"ask": None}), ("gaps", {"place": " "})]
)
def test_nothing_in_any_part_is_unanswered(asked, key, response):
    assert read_response(asked[key], response) is None and read_response(asked[key], {}) is None
    assert score(asked[key], None).verdict is Verdict.UNANSWERED


def test_an_essay_waits_until_somebody_grades_it(asked):
    essay = asked["essay"]
    waiting = score(essay, "Tiga hal.")
    assert (waiting.verdict, waiting.earned) == (Verdict.UNGRADED, 0)
    assert score(essay, "Tiga hal.", Fraction(5)).verdict is Verdict.RIGHT
    assert score(essay, "Tiga hal.", Fraction(2)).verdict is Verdict.PARTLY
    assert score(essay, None).verdict is Verdict.UNANSWERED


def test_nobody_passes_or_fails_before_all_is_graded(asked):
    waiting = add_up({"essay": score(asked["essay"], "x"), "match": score(asked["match"], None)}, 50)
    assert (waiting.passed, waiting.ungraded) == (None, 1)
    graded = add_up({"essay": score(asked["essay"], "x", Fraction(5)), "match": score(asked["match"], None)}, 50)
    assert (graded.passed, graded.ungraded) == (True, 0)


responses = {
    "match": {"ktp": "ktp", "kk": "none"}, "order": {"ask": 1, "greet": 2},
    "gaps": {"place": "loket", "feel": "glad"}, "essay": "Halo", "report": "12",
}  # fmt: skip


@pytest.mark.parametrize("key", responses)
def test_what_a_page_gets_comes_back_as_it_was_and_tells_no_key(asked, key):
    question, response = asked[key], responses[key]
    shown = as_tokens(question, "seed", response)
    if isinstance(response, dict):
        assert not set(shown) & set(response) and "glad" not in shown.values()
    assert read_response(question, from_tokens(question, "seed", shown)) == response


def test_a_token_of_another_attempt_is_refused(asked):
    shown = as_tokens(asked["match"], "other", responses["match"])
    with pytest.raises(Invalid):
        read_response(asked["match"], from_tokens(asked["match"], "seed", shown))


@given(st.text(min_size=1, max_size=8))
def test_steps_are_never_shown_in_their_right_order(seed):
    quiz, _ = read_quiz("quiz-pre.toml", ALL)
    order, match = quiz.questions[1], quiz.questions[0]
    shown = arrange_steps(order, seed)
    assert list(shown) != list(order.steps) and set(shown) == set(order.steps)
    assert set(arrange_options(match, seed)) == set(match.options)


BROKEN = {
    'type="matching"\npair=[{key="a",left="A",right="B"}]': "quiz_parts_count",
    'type="matching"\npair=[{key="a",left="A",right="X"},{key="b",left="B",right="X"}]': "quiz_pairs_one_option",
    'type="matching"\npair=[{key="a",left="A",right="X"},{key="b",left="B",right="Y"}]\nextra=[{key="c",text="X"}]':
        "quiz_extra_fits",
    'type="matching"\npair=[{key="a",left="A",right="X"},{key="a",left="B",right="Y"}]': "quiz_key_twice",
    'type="ordering"\nstep=[{key="a",text="A"}]': "quiz_parts_count",
    'type="cloze"\ngap=[{key="x",answer="A"}]': "quiz_gaps_differ",
    'type="cloze"': "quiz_parts_count",
    'type="essay"\nwords_least=9\nwords_most=3': "quiz_words_reversed",
    'type="essay"\ncriterion=[{key="a",text="A",level=[{key="x",text="X",points=1}]}]': "quiz_parts_count",
    'type="file"\naccept=["exe"]': "quiz_option_unknown",
    'type="truefalse"\nanswer=true\ntopic="a//b"': "quiz_topic_form",
    'type="truefalse"\nanswer=true\nshuffle="x"': "quiz_key_unknown",
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_mistake_has_its_code(text):
    assert BROKEN[text] in complaints(f'[[question]]\nkey="q"\ntext="?"\n{text}\n')


def test_gaps_must_stand_in_both_languages():
    text = 'text={id="{{a}}",en="{{b}}"}\ntype="cloze"\ngap=[{key="a",answer="A"}]'
    assert complaints(f'[[question]]\nkey="q"\n{text}') == ["quiz_gaps_differ"]


def test_a_list_where_a_word_is_wanted_is_a_problem_and_no_crash():
    assert complaints('shuffle = ["both"]\n[[question]]\nkey="q"\ntype="truefalse"\ntext="?"\nanswer=true') == [
        "quiz_option_unknown"
    ]
