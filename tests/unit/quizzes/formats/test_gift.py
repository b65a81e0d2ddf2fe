r"""GIFT as people and Moodle write it: every kind of answer, escapes, comments, and what is refused at which line."""

from decimal import Decimal
from fractions import Fraction

import pytest

from lms.kernel.errors import Invalid
from lms.quizzes.formats import gift
from lms.quizzes.rules.questions import (
    Cloze,
    Essay,
    Matching,
    MultipleChoice,
    NumberQuestion,
    ShortText,
    SingleChoice,
    TrueFalse,
)


def read(text, language="id"):
    return gift.read(text.encode(), language).entries


def one(text, language="id"):
    (entry,) = read(text, language)
    assert entry.problems == (), entry.problems
    return entry.question


def choices(question):
    return [(one.text.id, one.weight) for one in question.choices]


def test_a_right_answer_among_wrong_ones_is_a_single_choice():
    question = one("::Q1:: Siapa?{=Ayu#Ya. ~Budi#Bukan. ~%50%Citra####Semua peserta.}")
    assert isinstance(question, SingleChoice) and question.key == "q1"
    assert choices(question) == [("Ayu", 1), ("Budi", 0), ("Citra", Fraction(1, 2))]
    assert [one.feedback.id if one.feedback else None for one in question.choices] == ["Ya.", "Bukan.", None]
    assert question.feedback.id == "Semua peserta."


def test_shares_without_a_right_answer_may_all_be_ticked():
    question = one("Apa saja? {~%33.33333%A ~%33.33333%B ~%33.33333%C ~%-100%D}")
    assert isinstance(question, MultipleChoice)
    assert [weight for _, weight in choices(question)] == [Fraction(1, 3)] * 3 + [-1]


@pytest.mark.parametrize(("written", "answer"), [("T", True), ("FALSE", False), ("false", False), ("True", True)])
def test_true_and_false_and_what_is_said_to_each(written, answer):
    question = one(f"Benar begitu?{{{written}#Keliru.#Tepat.}}")
    assert isinstance(question, TrueFalse) and question.answer is answer
    assert (question.feedback_wrong.id, question.feedback_right.id) == ("Keliru.", "Tepat.")


@pytest.mark.parametrize(
    ("written", "ranges"),
    [
        ("#3:2", [("1", "5", "3", 1)]),
        ("#-1.5..2,5", [("-1.5", "2.5", None, 1)]),
        ("#=1822:0 =%50%1822:2", [("1822", "1822", "1822", 1), ("1820", "1824", "1822", Fraction(1, 2))]),
        ("#=1e3", [("1000", "1000", "1000", 1)]),
    ],
)
def test_numbers_with_tolerance_ranges_and_shares(written, ranges):
    question = one(f"Berapa? {{{written}}}")
    assert isinstance(question, NumberQuestion)
    assert [(one.low, one.high, one.answer, one.weight) for one in question.accepted] == [
        (Decimal(low), Decimal(high), answer and Decimal(answer), weight) for low, high, answer, weight in ranges
    ]


def test_only_right_answers_are_typed_and_stars_stand_for_anything():
    question = one(r"Singkatan? {=IKM =%50%indeks* =tanda \\* ~}".replace(" ~", ""))
    assert isinstance(question, ShortText)
    assert [(one.pattern, one.weight) for one in question.accepted] == [
        ("IKM", 1), ("indeks*", Fraction(1, 2)), (r"tanda \*", 1),
    ]  # fmt: skip


def test_pairs_and_an_answer_too_many():
    question = one("Jodohkan {=KTP -> Disdukcapil =Izin -> DPMPTSP =KK -> Disdukcapil = -> Diskominfo}")
    assert isinstance(question, Matching)
    assert [(pair.left.id, pair.right.id) for pair in question.pairs] == [
        ("KTP", "Disdukcapil"), ("Izin", "DPMPTSP"), ("KK", "Disdukcapil"),
    ]  # fmt: skip
    assert [one.text.id for one in question.extra] == ["Diskominfo"]


def test_words_after_the_answers_make_a_gap():
    question = one("Warga menunggu {=di kursi ~di luar} sampai dipanggil.")
    assert isinstance(question, Cloze)
    assert question.text.id == "Warga menunggu {{gap}} sampai dipanggil."
    assert [(one.text.id, one.weight) for one in question.gaps[0].choices] == [("di kursi", 1), ("di luar", 0)]


def test_nothing_between_the_braces_is_an_essay():
    assert isinstance(one("Ceritakan pengalaman Anda. {}"), Essay)


def test_escaped_characters_and_breaks_are_what_they_are():
    question = one(r"::a\:b:: [plain]1 \= \{2\} \~ 3\# \\ baris\nkedua {=x\=y ~z\~}")
    assert question.text.id == "1 = {2} \\~ 3# \\\\ baris\nkedua"
    assert choices(question) == [("x=y", 1), ("z~", 0)]


def test_html_becomes_markdown_in_questions_and_words_in_answers():
    question = one(
        r"[html]<p>Pilih <b>satu</b> &amp; <i>hanya</i> satu\:</p><ul><li>a_b</li></ul>"
        "{=<p>Ya &lt;benar&gt;</p> ~[plain]<b>}"
    )
    assert question.text.id == "Pilih **satu** & *hanya* satu:\n\n- a\\_b"
    assert choices(question) == [("Ya <benar>", 1), ("<b>", 0)]


def test_both_languages_in_one_text():
    text = '<span lang="id" class="multilang">Antrean</span><span lang="en" class="multilang">Queue</span>'
    question = one(f"[html]{text.replace('=', chr(92) + '=')} 1 {{T}}", language="en")
    assert (question.text.id, question.text.en) == ("Antrean 1", "Queue 1")
    assert one("[html]{mlang id}Ya{mlang}{mlang en}Yes{mlang} {T}".replace("{mlang", r"\{mlang").replace(
        "id}", r"id\}").replace("en}", r"en\}").replace("mlang}", r"mlang\}")).text.en == "Yes"  # fmt: skip


def test_category_id_and_tags_are_taken_from_where_moodle_writes_them():
    entries = read(
        "$CATEGORY: $course$/top/Layanan/Antrean\n\n// question: 3  name: x\n// [id:soal-1] [tag:loket] [tag:a\\]b]\n"
        "::x:: Benar? {T}\n\n$CATEGORY: $module$/top/Default for Kuis 1\n\nSalah? {F}\n"
    )
    first, second = (entry.question for entry in entries)
    assert (first.key, first.topic, first.tags) == ("soal-1", "Layanan/Antrean", ("loket", "a]b"))
    assert entries[0].has_id and not entries[1].has_id
    assert second.topic == ""


def test_a_question_without_a_name_gets_a_key_of_its_words():
    assert one("Benar begitu? {T}").key == one("Benar begitu? {F}").key != one("Benar? {T}").key


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("Hanya teks.", "import_only_text"),
        ("Apa? {=a ~b", "gift_braces"),
        ("Apa? {=a {b} ~c}", "gift_braces"),
        ("Apa? {a ~b}", "gift_answer_mark"),
        ("Apa? {~a ~b}", "quiz_multiple_correct"),
        ("Apa? {=satu-satunya ~%-50%}", "quiz_needs_wording"),
        ("Berapa? {#dua}", "import_number"),
        ("Berapa? {#1:x}", "import_number"),
        ("Apa? {~%500%a ~b}", "import_share"),
        ("{=a ~b}", "quiz_needs_wording"),
        ("Jodohkan {=a -> x}", "quiz_parts_count"),
        ("Kalimat {T} di tengah", "gift_gap_kind"),
        ("Apa? {=" + "a" * 1001 + " ~b}", "quiz_text_long"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_line(block, code):
    entries = read(f"// pertama\nBenar? {{T}}\n\n// kedua\n{block}\n\nSalah? {{F}}\n")
    assert [entry.line for entry in entries] == [2, 5, 7]
    assert [entry.question is None for entry in entries] == [False, True, False]
    assert entries[1].problems[0].code == code


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Café {T}".encode(), "utf-8"),
        ("Café {T}".encode("utf-8-sig"), "utf-8"),
        ("Café {T}".encode("cp1252"), "windows-1252"),
        ("Café {T}".encode("utf-16"), "utf-16-le"),
        ("Café {T}".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_is_found(content, encoding):
    bundle = gift.read(content, "id")
    assert bundle.encoding == encoding
    assert bundle.entries[0].question.text.id == "Café"


def test_a_file_of_too_many_or_no_questions_is_refused_as_a_whole():
    for text, code in (("// nothing\n", "import_nothing"), ("Ya? {T}\n\n" * 501, "import_many")):
        with pytest.raises(Invalid) as refused:
            read(text)
        assert refused.value.code == code


def test_a_comment_beside_a_question_that_is_not_ours_is_passed_over_with_a_note():
    (entry,) = read('// jembatan {"rest": {"points": {"=": "1e999999"}}}\nYa? {T}\n')
    assert entry.question is None or entry.notes
    (entry,) = read("// jembatan {nonsense\nYa? {T}\n")
    assert entry.question is not None and entry.notes[0].code == "import_extra_unreadable"
