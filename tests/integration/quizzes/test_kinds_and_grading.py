"""Matching, ordering, gaps, essays and files through the pages; and those who read what no machine can score."""

import io
import re

import pytest
import time_machine
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.outbox.models import Notice
from lms.quizzes.models import Answer, AnswerFile, Attempt, Grading, Quiz
from lms.quizzes.service import grading

from .conftest import NOW, source

KINDS = """
[quiz]
title = "Semua jenis"
pass_mark = 60

[[question]]
key = "match"
type = "matching"
text = "Jodohkan"
hint = "Ingat modul dua"
pair = [
  { key = "secret-a", left = "KTP", right = "Disdukcapil" },
  { key = "secret-b", left = "IMB", right = "DPMPTSP" },
]

[[question]]
key = "order"
type = "ordering"
text = "Urutkan"
step = [{ key = "first", text = "Salam" }, { key = "second", text = "Tanya" }, { key = "third", text = "Layani" }]

[[question]]
key = "gaps"
type = "cloze"
text = "Ke {{place}} lalu {{feel}}."
gap = [
  { key = "place", answer = "loket" },
  { key = "feel", choice = [{ key = "zz-glad", text = "puas", correct = true }, { key = "cross", text = "kesal" }] },
]

[[question]]
key = "essay"
type = "essay"
text = "Jelaskan"
sample = "Rahasia penilai"
  [[question.criterion]]
  key = "content"
  text = "Isi"
  level = [{ key = "full", text = "lengkap", points = 2 }, { key = "none", text = "kosong", points = 0 }]

[[question]]
key = "report"
type = "file"
text = "Unggah"
points = 4
accept = ["pdf"]
megabytes = 1
"""
ESSAY = {"match": {"secret-a": "secret-a", "secret-b": "secret-b"}, "order": {"first": 1, "second": 2, "third": 3},
         "gaps": {"place": "Loket", "feel": "zz-glad"}, "essay": "Tiga hal penting."}  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kinds(house):
    house.sync(source("quiz-pre.toml", KINDS))
    return house


@pytest.fixture
def begun(kinds):
    return kinds.start("ayu")


def upload(client, house, attempt, content=PDF, name="laporan.pdf", seq=1, key="report"):
    form = {"file": (io.BytesIO(content), name), "seq": str(seq), "device": "page1"}
    return client.post(f"/attempts/{attempt}/items/{house.item(attempt, key)}/file", data=form)


def give(house, attempt, key, by="iskandar", comment="", **levels):
    with writing() as db:
        row = db.get_one(Attempt, attempt, with_for_update=True)
        return grading.grade(db, row, house.item(attempt, key), levels, comment, by=house.ids[by], at=NOW)


def test_the_page_shows_all_kinds_and_gives_nothing_away(kinds, begun, as_person):
    page = as_person(kinds.ayu).get(f"/attempts/{begun}/take").text
    for secret in ("secret-a", "zz-glad", "Rahasia", "lengkap"):
        assert secret not in page
    assert "Ingat modul dua" in page and 'type="file"' in page and "multipart/form-data" in page
    shown = re.findall(r"data-step-words><span[^>]*>(\w+)<", page)
    assert sorted(shown) == ["Layani", "Salam", "Tanya"] and shown != ["Salam", "Tanya", "Layani"]


def test_answers_in_parts_are_saved_and_scored(kinds, begun, as_person):
    client = as_person(kinds.ayu)
    changes = [
        {"item": kinds.item(begun, key), "seq": 1, "device": "p", "response": kinds.tokens(begun, key, response)}
        for key, response in ESSAY.items()
    ]
    reply = client.post(f"/attempts/{begun}/answers", json={"answers": changes}).json
    assert [one["status"] for one in reply["answers"]] == ["saved"] * 4
    state = {one["item"]: one["response"] for one in client.get(f"/attempts/{begun}/state").json["answers"]}
    assert state[kinds.item(begun, "match")] == kinds.tokens(begun, "match", ESSAY["match"])
    done = kinds.submit(begun)
    assert (done.earned, done.possible, done.ungraded, done.passed) == (3.0, 9.0, 1, None)


def test_a_form_without_script_answers_all_kinds(kinds, begun, as_person):
    client = as_person(kinds.ayu)
    form = {}
    for key in ("match", "order", "gaps"):
        for token, value in kinds.tokens(begun, key, ESSAY[key]).items():
            form[f"q-{kinds.item(begun, key)}-{token}"] = value
    form[f"q-{kinds.item(begun, 'essay')}"] = ESSAY["essay"]
    form[f"q-{kinds.item(begun, 'report')}"] = (io.BytesIO(PDF), "../../laporan.pdf")
    assert client.post(f"/attempts/{begun}/submit", data=form).location.endswith("/review")
    done = kinds.attempt(begun)
    assert (done.earned, done.ungraded) == (3.0, 2)
    with reading() as db:
        assert db.scalars(select(AnswerFile.name)).all() == ["laporan.pdf"]


def test_a_part_of_another_question_is_refused_and_stops_no_other(kinds, begun, as_person):
    changes = [
        {"item": kinds.item(begun, "match"), "seq": 1, "device": "p", "response": {"nonsense": "x"}},
        {"item": kinds.item(begun, "essay"), "seq": 1, "device": "p", "response": "Ya"},
    ]
    reply = as_person(kinds.ayu).post(f"/attempts/{begun}/answers", json={"answers": changes}).json
    assert [one["status"] for one in reply["answers"]] == ["refused", "saved"]


def test_a_file_is_an_answer_and_comes_back_to_her_and_her_graders_only(kinds, begun, as_person):
    client = as_person(kinds.ayu)
    told = upload(client, kinds, begun).json
    assert (told["status"], told["name"], told["size"]) == ("saved", "laporan.pdf", len(PDF))
    own = f"/attempts/{begun}/files/{told['response']}"
    got = client.get(own)
    assert got.data == PDF and got.headers["Content-Disposition"].startswith("attachment")
    assert as_person(kinds.budi).get(own).status_code in (403, 404)
    graders = own.replace("files", "handed-in")
    people = ("iskandar", "citra", "ayu", "mallory")
    statuses = {name: as_person(kinds.ids[name]).get(graders).status_code for name in people}
    assert statuses == {"iskandar": 200, "citra": 200, "ayu": 403, "mallory": 404}
    assert "laporan.pdf" in client.get(f"/attempts/{begun}/take").text


def test_another_file_takes_the_place_and_the_same_one_is_one_row(kinds, begun, as_person):
    client = as_person(kinds.ayu)
    first = upload(client, kinds, begun).json
    assert upload(client, kinds, begun, seq=1).json["response"] == first["response"]
    second = upload(client, kinds, begun, PDF + b"\n", "lain.pdf", seq=2).json
    with reading() as db:
        answer = db.get_one(Answer, (begun, kinds.item(begun, "report")))
        assert len(db.scalars(select(AnswerFile)).all()) == 2
    assert answer.response == second["response"] != first["response"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00", "x.pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 60, "x.png"),
        (b"", "x.pdf"),
        (PDF + b"0" * 1_200_000, "x.pdf"),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused_and_nothing_kept(kinds, begun, as_person, content, name):
    told = upload(as_person(kinds.ayu), kinds, begun, content, name)
    assert told.json["status"] == "refused" and told.json["text"]
    with reading() as db:
        assert db.scalars(select(AnswerFile)).all() == []


def test_nobody_answers_with_somebody_elses_file(kinds, begun, as_person):
    told = upload(as_person(kinds.ayu), kinds, begun).json
    other = kinds.start("budi")
    change = {"item": kinds.item(other, "report"), "seq": 1, "device": "p", "response": told["response"]}
    reply = as_person(kinds.budi).post(f"/attempts/{other}/answers", json={"answers": [change]}).json
    assert reply["answers"][0]["status"] == "refused"
    assert upload(as_person(kinds.mallory), kinds, begun).status_code in (403, 404)
    assert upload(as_person(kinds.ayu), kinds, begun, key="essay").status_code == 404


def test_a_file_that_comes_after_the_time_is_kept_as_late(kinds, begun, as_person):
    kinds.submit(begun)
    assert upload(as_person(kinds.ayu), kinds, begun).json["status"] == "late"


@pytest.fixture
def handed_in(kinds):
    attempts = {}
    for name in ("ayu", "budi"):
        attempts[name] = kinds.start(name)
        kinds.answer_all(attempts[name], ESSAY)
        kinds.submit(attempts[name])
    return attempts


def test_grading_completes_the_result_tells_her_and_is_on_record(kinds, handed_in):
    give(kinds, handed_in["ayu"], "essay", content="full", comment="Bagus")
    done = kinds.attempt(handed_in["ayu"])
    assert (done.earned, done.ungraded, done.passed) == (5.0, 0, False)
    with reading() as db:
        assert [(one.person_id, one.template) for one in db.scalars(select(Notice))] == [(kinds.ayu, "quiz_graded")]
        audit = db.scalars(select(AuditEntry).where(AuditEntry.action == "quiz:graded")).one()
    assert (audit.by_id, audit.detail["earned"], audit.detail["before"]) == (kinds.iskandar, 2.0, None)


def test_grading_again_takes_the_first_ones_place_and_keeps_it_on_record(kinds, handed_in):
    give(kinds, handed_in["ayu"], "essay", content="full")
    give(kinds, handed_in["ayu"], "essay", content="none", by="admin")
    assert kinds.attempt(handed_in["ayu"]).earned == 3.0
    with reading() as db:
        assert db.scalars(select(Grading.graded_by)).all() == [kinds.admin]
        entries = db.scalars(select(AuditEntry).where(AuditEntry.action == "quiz:graded").order_by(AuditEntry.id)).all()
    assert entries[1].detail["before"]["earned"] == 2.0


def test_without_a_level_or_before_submission_nothing_is_graded(kinds, handed_in):
    with pytest.raises(Invalid):
        give(kinds, handed_in["ayu"], "essay")
    with pytest.raises(NotFound):
        give(kinds, handed_in["ayu"], "match", points="1")
    still = kinds.start("mallory")
    kinds.save(still, "essay", "Belum selesai")
    with pytest.raises(Conflict):
        give(kinds, still, "essay", content="full")
    with reading() as db:
        assert db.scalars(select(Grading)).all() == []


def test_points_without_a_rubric_are_typed_and_bounded(kinds, begun, as_person):
    upload(as_person(kinds.ayu), kinds, begun)
    kinds.submit(begun)
    for typed in ("4,5", "-1", "banyak", ""):
        with pytest.raises(Invalid):
            give(kinds, begun, "report", points=typed)
    give(kinds, begun, "report", points="2,5")
    assert kinds.attempt(begun).earned == 2.5


def address(house):
    return f"/quizzes/{house.quiz()}/batches/{house.batch}/grading"


def test_the_queue_shows_work_without_names_and_goes_on_to_the_next(kinds, handed_in, as_person):
    client = as_person(kinds.iskandar)
    page = client.get(address(kinds)).text
    assert "Tiga hal penting" in page and "Rahasia penilai" in page and "2 answers wait" in page
    assert "Ayu Lestari" not in page and "Budi Santoso" not in page
    assert re.search("Ayu Lestari|Budi Santoso", client.get(address(kinds) + "?names=1").text)
    for _ in range(2):
        waiting = re.search(r'name="answer" value="([\d-]+)"', client.get(address(kinds)).text)[1]
        sent = client.post(address(kinds), data={"answer": waiting, "level-content": "full", "comment": "Ya"})
        assert sent.status_code == 302
    assert "Everything is graded" in client.get(address(kinds)).text
    with reading() as db:
        assert grading.count_waiting(db, kinds.quiz(), kinds.batch) == 0
    assert "Ya" in as_person(kinds.ayu).get(f"/attempts/{handed_in['ayu']}/review").text


def test_a_decision_without_a_level_is_shown_again_with_what_was_typed(kinds, handed_in, as_person):
    client = as_person(kinds.iskandar)
    waiting = re.search(r'name="answer" value="([\d-]+)"', client.get(address(kinds)).text)[1]
    answer = client.post(address(kinds), data={"answer": waiting, "comment": "Sudah saya baca"})
    assert answer.status_code == 422 and "Sudah saya baca" in answer.text


def test_grading_is_for_those_who_edit_the_quiz(kinds, handed_in, as_person):
    statuses = {
        name: as_person(kinds.ids[name]).get(address(kinds)).status_code
        for name in ("ayu", "mallory", "citra", "iskandar", "admin")
    }
    assert statuses == {"ayu": 403, "mallory": 403, "citra": 403, "iskandar": 200, "admin": 200}
    client, item = as_person(kinds.iskandar), kinds.item(handed_in["ayu"], "essay")
    other = kinds.start("mallory")
    for wrong in (f"{other}-{item}", "x-1", f"{handed_in['ayu']}-999999"):
        assert client.post(address(kinds), data={"answer": wrong, "level-content": "full"}).status_code == 404


def test_results_call_an_ungraded_result_provisional(kinds, handed_in, as_person):
    page = as_person(kinds.iskandar).get(f"/quizzes/{kinds.quiz()}/results?batch={kinds.batch}").text
    assert "provisional" in page and "answers to be graded" in page and "Most frequent mistake" in page
    review = as_person(kinds.ayu).get(f"/attempts/{handed_in['ayu']}/review").text
    assert "still being read" in review and "Disdukcapil" in review
    with reading() as db:
        assert db.get_one(Quiz, kinds.quiz()).key == "pre"
