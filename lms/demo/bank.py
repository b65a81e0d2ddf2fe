"""The demo's question bank: a few questions written in the browser, one only begun, and a quiz made of them."""

from datetime import datetime
from hashlib import sha256

from lms.courses.models import Course
from lms.db import Db
from lms.quizzes.editing import read_fields
from lms.quizzes.formats.reading import read_file
from lms.quizzes.models import Quiz
from lms.quizzes.rules.quiz_draft import read_quiz_form
from lms.quizzes.service import authoring, bank, importing

QUESTIONS: tuple[dict[str, str], ...] = (
    {
        "type": "single", "key": "bank-first-word", "topic": "sopan-santun",
        "text_id": "Kata apa yang pertama didengar warga dari Anda?",
        "text_en": "What is the first word citizens hear from you?",
        "choice-0-text_id": "Salam", "choice-0-text_en": "A greeting", "choice-0-correct": "yes",
        "choice-1-text_id": "Nomor antrean", "choice-1-text_en": "The queue number",
        "choice-2-text_id": "Syarat berkas", "choice-2-text_en": "The papers needed",
    },
    {
        "type": "truefalse", "key": "bank-promise", "topic": "antrean", "answer": "true",
        "text_id": "Perkiraan waktu tunggu yang jujur lebih baik daripada perkiraan yang menyenangkan.",
        "text_en": "An honest estimate of the wait is better than a pleasant one.",
    },
    {
        "type": "number", "key": "bank-chairs", "topic": "antrean", "answer": "12", "tolerance": "0",
        "text_id": "Dua belas menit menunggu, satu warga tiba tiap menit. Berapa kursi yang terpakai rata-rata?",
        "text_en": "A wait of twelve minutes, one citizen arrives each minute. How many seats are taken on average?",
        "unit_id": "kursi", "unit_en": "seats",
    },
    {
        "type": "ordering", "key": "bank-complaint", "topic": "pengaduan",
        "text_id": "Urutkan cara menerima pengaduan.", "text_en": "Put in order how a complaint is taken.",
        "step-0-text_id": "Dengarkan sampai selesai", "step-0-text_en": "Listen to the end",
        "step-1-text_id": "Catat dengan kata-kata warga", "step-1-text_en": "Write it in the citizen’s words",
        "step-2-text_id": "Sebutkan kapan dijawab", "step-2-text_en": "Say when it will be answered",
    },
)  # fmt: skip
BEGUN = {"type": "essay", "key": "bank-begun", "text_id": "Ceritakan satu keluhan yang berakhir baik.", "text_en": ""}
QUIZ = {
    "title_id": "Kuis singkat: antrean", "title_en": "Short quiz: queues", "purpose": "practice", "shuffle": "both",
    "draw-0-topic": "antrean", "draw-0-count": "2",
}  # fmt: skip

# A colleague's file, only looked at so far: one question new, one there already, one that cannot be read.
FILE = """\
$CATEGORY: $course$/top/antrean

::Kursi:: Dua belas menit menunggu, satu warga tiba tiap menit. Berapa kursi yang terpakai rata-rata? {#12}

::Satu jalur:: [html]<p>Mengapa <b>satu jalur</b> untuk semua loket terasa lebih adil?</p> {
=Yang datang lebih dahulu dilayani lebih dahulu#Benar.
~Karena lebih pendek#Panjangnya sama saja.
~%50%Karena semua melihat urutannya
}

::Jam sibuk:: Kapan loket paling ramai? {
Senin pagi
}
"""


def write(db: Db, course: Course, *, by: int, at: datetime) -> Quiz:
    """Return the quiz made of the bank's questions, which are written by this person."""
    ids: dict[str, int] = {}
    for fields in QUESTIONS:
        question, problems = read_fields(dict(fields))
        if question is None:
            raise ValueError(f"the demo's question {fields['key']} has problems: {problems}")
        ids[question.key] = bank.publish(db, course, question, draft=None, known=None, by=by, at=at).id
    bank.save_draft(db, course, dict(BEGUN), draft=None, question_id=None, by=by, at=at)
    content = FILE.encode()
    importing.keep(
        db, course, read_file(content, "id"), {}, file_name="soal-antrean.gift", sha256=sha256(content).hexdigest(),
        by=by, at=at,
    )  # fmt: skip
    picks = {f"pick-{ids['bank-first-word']}": "1", f"pick-{ids['bank-complaint']}": "2"}
    return authoring.make_quiz(db, course, read_quiz_form(QUIZ | picks), by=by, at=at)
