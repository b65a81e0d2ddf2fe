"""Questions from files and into files: looked at first, taken in once, given out again."""

import base64
import io
import re

import pytest
import time_machine
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.courses.models import Course, Media
from lms.db import reading, writing
from lms.quizzes.models import Question, QuestionImport, QuestionVersion, Quiz
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service import bank

from .conftest import NOW

GIFT = """\
$CATEGORY: $course$/top/layanan/antrean

// [id:wait] [tag:loket]
::Menunggu:: Berapa menit warga menunggu? {#12:2}

::Salam:: Apa yang pertama dilakukan? {=Menyapa#Benar ~Meminta nomor}

::Rusak:: Apa saja? { Senin }
"""
# A picture of one point.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MOODLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="multichoice">
  <name><text>Loket</text></name>
  <questiontext format="html"><text><![CDATA[<p>Apa di <b>loket</b> ini?
  <img src="@@PLUGINFILE@@/Foto%20Loket.png" alt="loket"></p>]]></text>
  <file name="Foto Loket.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file></questiontext>
  <single>true</single>
  <answer fraction="100"><text>Antrean</text></answer><answer fraction="0"><text>Taman</text></answer>
</question>
</quiz>
"""


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def slug(house):
    with reading() as db:
        return db.get_one(Course, house.course).slug


@pytest.fixture
def iskandar(house, as_person):
    return as_person(house.iskandar)


def bring(client, slug, content, name="soal.gift", language="id"):
    data = {"file": (io.BytesIO(content.encode() if isinstance(content, str) else content), name), "language": language}
    return client.post(f"/courses/{slug}/questions/import", data=data, content_type="multipart/form-data")


def looked_at(client, slug, content, **more):
    answer = bring(client, slug, content, **more)
    assert answer.status_code == 303, answer.text
    return answer.location


def numbers(page):
    return re.findall(r'name="take" value="(\d+)"', page)


def take_in(client, place):
    return client.post(place, data={"take": numbers(client.get(place).text)})


def in_bank(house):
    with reading() as db:
        rows = db.execute(bank.in_force().where(Question.course_id == house.course, Question.origin == "bank"))
        return {question.key: load_question(version.content) for question, version in rows}


def stored(house):
    with reading() as db:
        return len(db.scalars(select(QuestionVersion)).all())


def test_nothing_is_stored_before_it_is_looked_at_and_what_is_refused_is_told_with_line_and_reason(
    house, slug, iskandar
):
    place = looked_at(iskandar, slug, GIFT)
    assert in_bank(house) == {}
    page = iskandar.get(place).text
    refused = page.split('id="refused"')[1].split("</table>")[0]
    assert "line 8" in refused and "Rusak" in refused and "does not begin with" in refused
    assert len(numbers(page)) == 2
    assert take_in(iskandar, place).status_code == 302
    found = in_bank(house)
    assert set(found) == {"wait", "salam"}
    assert (found["wait"].topic, found["wait"].tags) == ("layanan/antrean", ("loket",))
    # In the language that was chosen, and no other.
    assert (found["salam"].text.id, found["salam"].text.en) == ("Apa yang pertama dilakukan?", None)
    with reading() as db:
        entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "questions:imported")).one()
    assert (entry.by_id, entry.detail["keys"]) == (house.iskandar, ["wait", "salam"])


def test_the_same_file_again_changes_nothing(house, slug, iskandar):
    first = looked_at(iskandar, slug, GIFT)
    take_in(iskandar, first)
    before = stored(house)
    # Sent again from the page that still stood open, and brought again as a file.
    iskandar.post(first, data={"take": ["0", "1"]})
    again = looked_at(iskandar, slug, GIFT)
    page = iskandar.get(again).text
    assert numbers(page) == [] and "2 questions are there already" in page
    assert stored(house) == before


def test_a_question_of_a_quiz_file_is_known_as_there_already(house, slug, iskandar):
    text = iskandar.get(f"/courses/{slug}/questions/export/moodle").data
    page = iskandar.get(looked_at(iskandar, slug, text, name="x.xml")).text
    assert numbers(page) == [] and "5 questions are there already" in page


def test_a_changed_question_gets_a_version_and_keeps_its_keys_and_what_the_file_does_not_say(house, slug, iskandar):
    take_in(iskandar, looked_at(iskandar, slug, GIFT))
    changed = GIFT.replace("$CATEGORY: $course$/top/layanan/antrean\n", "").replace(
        "{=Menyapa#Benar ~Meminta nomor}", "{~Meminta nomor =Menyapa#Betul ~Diam}"
    )
    place = looked_at(iskandar, slug, changed)
    page = iskandar.get(place).text
    assert "Changes the answers of" in page and len(numbers(page)) == 1
    take_in(iskandar, place)
    found = in_bank(house)["salam"]
    assert found.topic == "layanan/antrean"
    assert [(one.key, one.text.id) for one in found.choices] == [
        ("c2", "Meminta nomor"), ("c1", "Menyapa"), ("c3", "Diam"),
    ]  # fmt: skip
    with reading() as db:
        assert db.scalars(select(Question.version).where(Question.key == "salam")).one() == 2


def test_another_question_of_the_same_name_is_a_new_one(house, slug, iskandar):
    take_in(iskandar, looked_at(iskandar, slug, GIFT))
    other = "::Salam:: Kapan pelatihan ini dimulai menurut undangan yang dikirim pekan lalu? {=Senin ~Rabu}"
    take_in(iskandar, looked_at(iskandar, slug, other))
    assert set(in_bank(house)) == {"wait", "salam", "salam-2"}
    assert numbers(iskandar.get(looked_at(iskandar, slug, other)).text) == []


def test_what_was_put_aside_comes_back(house, slug, iskandar):
    take_in(iskandar, looked_at(iskandar, slug, GIFT))
    with reading() as db:
        number = db.scalars(select(Question.id).where(Question.key == "wait")).one()
    iskandar.post(f"/courses/{slug}/questions/{number}/archive")
    place = looked_at(iskandar, slug, GIFT)
    assert "It was put aside" in iskandar.get(place).text
    take_in(iskandar, place)
    with reading() as db:
        question = db.get_one(Question, number)
        assert (question.archived_at, question.version) == (None, 1)


def test_a_picture_in_the_file_becomes_one_of_the_course_once(house, slug, iskandar):
    for _ in range(2):
        place = looked_at(iskandar, slug, MOODLE, name="loket.xml")
        with reading() as db:
            pictures = db.scalars(select(Media.name).where(Media.course_id == house.course)).all()
        take_in(iskandar, place)
    assert pictures == ["foto-loket.png"]
    assert in_bank(house)["loket"].text.id == "Apa di **loket** ini? ![loket](media/foto-loket.png)"
    with reading() as db:
        version = db.scalars(
            select(QuestionVersion)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.key == "loket")
        ).one()
    assert "foto-loket.png" in version.html["id"]
    # And it goes along when the question does.
    given = iskandar.get(f"/courses/{slug}/questions/export/moodle?state=here").text
    assert base64.b64encode(PNG).decode() in given and "@@PLUGINFILE@@/foto-loket.png" in given


def test_quizzes_that_ask_a_changed_question_follow(house, slug, iskandar):
    take_in(iskandar, looked_at(iskandar, slug, GIFT))
    with reading() as db:
        number = db.scalars(select(Question.id).where(Question.key == "salam")).one()
    quiz = {"title_id": "Kuis", "title_en": "Quiz", "purpose": "practice", "shuffle": "none", "feedback": "full"}
    assert iskandar.post(f"/courses/{slug}/quizzes/new", data=quiz | {f"pick-{number}": "1"}).status_code == 302
    take_in(iskandar, looked_at(iskandar, slug, GIFT.replace("#Benar", "#Betul")))
    with reading() as db:
        made = db.scalars(select(Quiz).where(Quiz.made_here)).one()
        assert made.version == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("Hanya teks biasa.", "neither GIFT"),
        (b"%PDF-1.7 \xff\xfe\x00", "neither GIFT"),
        ("<html><body></body></html>", "begins with &lt;html&gt;"),
        ("<quiz><question></quiz>", "Line 1: the XML is broken"),
        ('<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>', "document type"),
        ("<quiz></quiz>", "no questions in this file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(house, slug, iskandar, content, said):
    answer = bring(iskandar, slug, content)
    assert answer.status_code == 422 and said in answer.text
    with reading() as db:
        assert db.scalars(select(QuestionImport)).all() == []


def test_nobody_takes_in_a_file_of_another_course(house, slug, iskandar):
    place = looked_at(iskandar, slug, GIFT)
    with writing() as db:
        course = db.get_one(Course, house.course)
        fields = {one.name: getattr(course, one.name) for one in Course.__table__.columns if one.name != "id"}
        other = Course(**fields | {"slug": "lain"})
        db.add(other)
    assert iskandar.get(place.replace(slug, "lain")).status_code == 404


def test_nothing_ticked_is_told_and_stores_nothing(house, slug, iskandar):
    place = looked_at(iskandar, slug, GIFT)
    answer = iskandar.post(place)
    assert answer.status_code == 422 and "Tick at least one question" in answer.text
    assert in_bank(house) == {}


def test_the_sheet_goes_out_is_filled_in_and_comes_back(house, slug, iskandar):
    take_in(iskandar, looked_at(iskandar, slug, GIFT))
    empty = iskandar.get(f"/courses/{slug}/questions/template.xlsx")
    assert bring(iskandar, slug, empty.data, name="kosong.xlsx").status_code == 422
    given = iskandar.get(f"/courses/{slug}/questions/export/spreadsheet?state=here")
    assert given.headers["Content-Disposition"].endswith(".xlsx")
    # Feedback to single choices has no place in a row: that question is not in the sheet.
    page = iskandar.get(looked_at(iskandar, slug, given.data, name="soal.xlsx")).text
    assert numbers(page) == [] and "One question is there already" in page
    sheet = (
        "Kode;Jenis;Soal (Indonesia);Jawaban benar\nwait;angka;Berapa menit warga menunggu?;13\n;bs;Antre?;mungkin\n"
    )
    place = looked_at(iskandar, slug, sheet, name="soal.csv")
    page = iskandar.get(place).text
    assert "row 3" in page and "neither true nor false" in page and "Changes the answers of" in page
    take_in(iskandar, place)
    assert in_bank(house)["wait"].accepted[0].answer == 13


def test_the_page_of_exports_tells_what_a_format_cannot_hold(house, slug, iskandar):
    fields = {
        "type": "ordering", "key": "steps", "text_id": "Urutkan", "text_en": "Order", "action": "publish",
        "step-0-text_id": "Satu", "step-1-text_id": "Dua",
    }  # fmt: skip
    assert iskandar.post(f"/courses/{slug}/questions/new", data=fields).status_code == 302
    page = iskandar.get(f"/courses/{slug}/questions/export").text
    assert "6 questions" in page and "One question cannot be written in this format" in page
    text = iskandar.get(f"/courses/{slug}/questions/export/gift")
    assert text.headers["Content-Disposition"].endswith(".gift") and "Urutkan" not in text.text
    assert iskandar.get(f"/courses/{slug}/questions/export/word").status_code == 404
