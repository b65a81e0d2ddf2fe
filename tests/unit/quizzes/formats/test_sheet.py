"""The question sheet: filled in by hand in either language, written from the bank, and what is refused at which row."""

import io

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.quizzes.formats import sheet, sheet_writer
from lms.quizzes.formats.reading import read_file
from lms.quizzes.formats.sheet_words import COLUMNS, EXAMPLES
from lms.quizzes.rules.importing import adopt
from lms.quizzes.rules.questions import Cloze, Essay, Matching, MultipleChoice, Ordering, SingleChoice

from .questions import any_question


def workbook(rows, name="Soal", above=0):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet(name)
        headings = list(dict.fromkeys(name for row in rows for name in row))
        for x, heading in enumerate(headings):
            page.write(above, x, heading)
            for y, row in enumerate(rows, start=above + 1):
                if heading in row:
                    page.write(y, x, row[heading])
    return file.getvalue()


def one(**row):
    (entry,) = sheet.read(workbook([{"Soal (Indonesia)": "Apa?"} | row])).entries
    assert entry.problems == (), entry.problems
    return entry.question


def refused(**row):
    (entry,) = sheet.read(workbook([{"Soal (Indonesia)": "Apa?"} | row], above=2)).entries
    assert entry.question is None and entry.line == 4
    return entry.problems[0].code


def test_a_single_choice_in_two_languages():
    question = one(**{
        "Jenis": "pilihan tunggal", "Soal (Inggris)": "What?", "Pilihan A": "Menyapa | Greet", "Pilihan B": "IKM",
        "Jawaban benar": "a", "Poin": 2, "Topik": "antrean", "Tag": "loket, sapa", "Kode": "salam",
    })  # fmt: skip
    assert isinstance(question, SingleChoice)
    assert [(one.text.id, one.text.en, one.weight) for one in question.choices] == [
        ("Menyapa", "Greet", 1), ("IKM", "IKM", 0),
    ]  # fmt: skip
    assert (question.key, question.points, question.topic, question.tags) == ("salam", 2, "antrean", ("loket", "sapa"))


def test_words_in_one_language_stay_in_it():
    question = one(**{"Kind": "pg", "Choice A": "Ya", "Choice B": "Tidak", "Right answer": "Tidak"})
    assert [(one.text.id, one.text.en, one.weight) for one in question.choices] == [("Ya", None, 0), ("Tidak", None, 1)]


@pytest.mark.parametrize(("written", "right"), [("A, C", "13"), ("a;c", "13"), ("A dan C", "13"), ("B", "2")])
def test_several_letters(written, right):
    cells = {f"Pilihan {letter}": f"kata {letter}" for letter in "ABC"}
    question = one(**{"Jenis": "pilihan banyak", "Jawaban benar": written} | cells)
    assert isinstance(question, MultipleChoice)
    assert [str(at) for at, one in enumerate(question.choices, 1) if one.weight > 0] == list(right)


@pytest.mark.parametrize(
    ("answer", "low", "high"), [(12.5, "12.5", "12.5"), ("12,5", "12.5", "12.5"), ("10..15", "10", "15"), (7, "7", "7")]
)
def test_numbers_however_they_stand_in_the_cell(answer, low, high):
    question = one(**{"Jenis": "angka", "Jawaban benar": answer})
    assert (str(question.accepted[0].low), str(question.accepted[0].high)) == (low, high)


@pytest.mark.parametrize(("answer", "right"), [("benar", True), ("S", False), (True, True), ("no", False)])
def test_true_and_false(answer, right):
    assert one(**{"Jenis": "benar/salah", "Jawaban benar": answer}).answer is right


def test_pairs_steps_gaps_and_essays():
    pairs = one(**{"Jenis": "menjodohkan", "Pilihan A": "KTP = Disdukcapil", "Pilihan B": "Izin = DPMPTSP",
                   "Pilihan C": "* = Diskominfo"})  # fmt: skip
    assert isinstance(pairs, Matching) and [one.text.id for one in pairs.extra] == ["Diskominfo"]
    steps = one(**{"Jenis": "mengurutkan", "Pilihan A": "Satu", "Pilihan C": "Dua"})
    assert isinstance(steps, Ordering) and [one.text.id for one in steps.steps] == ["Satu", "Dua"]
    gaps = one(**{"Jenis": "teks rumpang", "Soal (Indonesia)": "Tunggu {{m}} di {{p}}", "Pilihan A": "m: 10..15",
                  "Pilihan B": "p: *loket; taman"})  # fmt: skip
    assert isinstance(gaps, Cloze) and gaps.gaps[0].ranges and [one.weight for one in gaps.gaps[1].choices] == [1, 0]
    essay = one(**{"Jenis": "esai", "Jawaban benar": "Langkah dan tenggat", "Poin": 10})
    assert isinstance(essay, Essay) and essay.sample.id == "Langkah dan tenggat"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"Jenis": "teka-teki"}, "import_sheet_kind"),
        ({"Jenis": "pg", "Pilihan A": "x", "Jawaban benar": "Z"}, "import_sheet_letter"),
        ({"Jenis": "pg", "Pilihan A": "x", "Pilihan B": "y", "Jawaban benar": "C"}, "import_sheet_empty"),
        ({"Jenis": "pg", "Pilihan A": "x", "Jawaban benar": "A"}, "quiz_choices_count"),
        ({"Jenis": "bs", "Jawaban benar": "mungkin"}, "import_sheet_judged"),
        ({"Jenis": "angka", "Jawaban benar": "banyak"}, "quiz_needs_number"),
        ({"Jenis": "menjodohkan", "Pilihan A": "KTP"}, "import_sheet_pair"),
        ({"Jenis": "rumpang", "Pilihan A": "KTP"}, "import_sheet_gap"),
        ({"Jenis": "rumpang", "Pilihan A": "m: 1"}, "quiz_gaps_differ"),
    ],
)
def test_a_row_that_is_no_question_is_refused(row, code):
    assert refused(**row) == code


def test_the_empty_sheet_is_empty_and_its_examples_are_questions():
    for language in ("id", "en"):
        content, _ = sheet_writer.write((), language)
        with pytest.raises(Invalid) as nothing:
            read_file(content, language)
        assert nothing.value.code == "import_nothing"
    for at in (0, 1):
        rows = [{COLUMNS[name][at]: both[at] for name, both in example.items()} for example in EXAMPLES]
        entries = sheet.read(workbook(rows)).entries
        assert [entry.problems for entry in entries] == [()] * len(EXAMPLES)


def test_a_sheet_saved_as_csv_is_read_too():
    content = "Jenis;Soal (Indonesia);Jawaban benar\r\nbenar/salah;Antre itu adil;benar\r\n".encode("cp1252")
    bundle = read_file(content, "id")
    assert (bundle.format, bundle.entries[0].question.answer) == ("spreadsheet", True)


def test_what_is_no_sheet_of_ours_is_told():
    with pytest.raises(Invalid) as unknown:
        read_file(workbook([{"Nama": "Ayu", "NIP": "1"}]), "id")
    assert unknown.value.code == "import_sheet_headings"


@settings(max_examples=25)
@given(st.lists(any_question, min_size=1, max_size=3, unique_by=lambda one: one.key), st.sampled_from(["id", "en"]))
def test_what_a_row_can_say_comes_back_and_the_rest_is_told(given_, language):
    content, left_out = sheet_writer.write(given_, language)
    written = {one.key: one for one in given_ if one not in left_out}
    if not written:
        return
    read = {entry.question.key: entry.question for entry in sheet.read(content).entries}
    assert {key: adopt(question, written[key]) for key, question in read.items()} == written
