"""Out and in again: no question of a kind that a format knows loses anything on the way."""

import json
import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.quizzes.formats import extras, gift, gift_writer, moodle, moodle_writer
from lms.quizzes.formats.tables import problems_of
from lms.quizzes.formats.writing import no_media
from lms.quizzes.formats.xml_tree import parse
from lms.quizzes.rules.questions import Cloze, MultipleChoice, NumberQuestion, NumberRange, SingleChoice
from lms.quizzes.rules.stored import dump_question
from lms.quizzes.rules.wording import Wording

from .questions import any_question, clozes, for_gift, singles

some_for_gift = st.lists(for_gift, min_size=1, max_size=3, unique_by=lambda one: one.key)
some = st.lists(any_question, min_size=1, max_size=3, unique_by=lambda one: one.key)


def questions(bundle):
    assert [one for one in bundle.entries if one.problems] == []
    return {one.question.key: one.question for one in bundle.entries}


def by_moodle(questions_):
    return moodle.read(*parse(moodle_writer.write(questions_, no_media).encode()), "id")


@settings(max_examples=40)
@given(any_question)
def test_the_rules_of_quiz_files_allow_what_is_tried_here(question):
    assert problems_of(question) == []


@settings(max_examples=30)
@given(some_for_gift)
def test_gift_loses_nothing(given_):
    text, left_out = gift_writer.write(given_)
    assert left_out == []
    assert questions(gift.read(text.encode(), "id")) == {one.key: one for one in given_}


@settings(max_examples=30)
@given(some)
def test_moodle_xml_loses_nothing(given_):
    assert questions(by_moodle(given_)) == {one.key: one for one in given_}


def _without_what_is_ours(text):
    return re.sub(rf"(?m)^// {extras.MARK} .*\n|<!-- {extras.MARK} \{{.*?-->", "", text)


@settings(max_examples=30)
@given(singles)
def test_another_program_reads_choices_with_their_words_shares_and_feedback(question):
    """What stands in our comments is no part of the formats: without it the heart of a question is still there."""
    text, _ = gift_writer.write([question])
    for bundle in (
        gift.read(_without_what_is_ours(text).encode(), "both"),
        moodle.read(*parse(_without_what_is_ours(moodle_writer.write([question], no_media)).encode()), "both"),
    ):
        (read,) = questions(bundle).values()
        kind = SingleChoice if any(one.weight == 1 for one in question.choices) else MultipleChoice
        assert isinstance(read, kind)
        assert [round(float(one.weight), 1) for one in read.choices] == [
            round(float(one.weight), 1) for one in question.choices
        ]
        assert (read.key, read.topic, read.tags) == (question.key, question.topic, question.tags)
        for one, other in zip(read.choices, question.choices, strict=True):
            assert _words(one.text) == _words(other.text) and _words(one.feedback) == _words(other.feedback)


def _words(wording):
    """Return the words alone: HTML does not tell one kind of space from another."""
    return wording and [text and " ".join(text.split()) for text in (wording.id, wording.en)]


@settings(max_examples=30)
@given(clozes(1))
def test_what_was_changed_in_the_file_counts_and_what_stands_beside_it_stays(question):
    text, _ = gift_writer.write([question])
    changed = (
        text.replace("{", "Tambahan {", 1)
        if text.count("// jembatan {") == 0
        else re.sub(r"(?m)^(::.*?:: \[markdown\])(<span[^>]*>)?", r"\1\2Tambahan ", text)
    )
    (read,) = questions(gift.read(changed.encode(), "id")).values()
    assert isinstance(read, Cloze) and read.gaps == question.gaps
    assert (read.text.id or read.text.en).startswith("Tambahan")
    assert (read.points, read.hints, read.feedback_right) == (question.points, question.hints, question.feedback_right)


@settings(max_examples=30)
@given(for_gift, for_gift)
def test_what_is_told_beside_another_question_makes_no_nonsense(one, other):
    """Somebody copied a comment to the wrong question: it fits, or it is refused; it never breaks the reading."""
    told = extras.difference(other, one)
    try:
        found = extras.completed(one, told or "{}")
    except ValueError:
        return
    assert problems_of(found) is not None
    json.dumps(dump_question(found))


def test_numbers_keep_their_ranges_in_moodles_own_words():
    question = NumberQuestion(key="n", text=Wording.same("Berapa?"), accepted=(NumberRange(Decimal(10), Decimal(15)),))
    (read,) = questions(
        moodle.read(*parse(_without_what_is_ours(moodle_writer.write([question], no_media)).encode()), "both")
    ).values()
    assert (read.accepted[0].low, read.accepted[0].high) == (10, 15)
