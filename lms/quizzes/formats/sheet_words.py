"""The words of the question sheet in both languages: its columns, the kinds, right and wrong."""

import re

CHOICES = 8
LETTERS = "ABCDEFGH"

COLUMNS: dict[str, tuple[str, str]] = {
    "key": ("Kode", "Key"),
    "type": ("Jenis", "Kind"),
    "topic": ("Topik", "Topic"),
    "tags": ("Tag", "Tags"),
    "points": ("Poin", "Points"),
    "text_id": ("Soal (Indonesia)", "Question (Indonesian)"),
    "text_en": ("Soal (Inggris)", "Question (English)"),
    **{letter: (f"Pilihan {letter}", f"Choice {letter}") for letter in LETTERS},
    "answer": ("Jawaban benar", "Right answer"),
    "tolerance": ("Toleransi", "Tolerance"),
    "unit": ("Satuan", "Unit"),
    "feedback_id": ("Umpan balik (Indonesia)", "Feedback (Indonesian)"),
    "feedback_en": ("Umpan balik (Inggris)", "Feedback (English)"),
    "hint_id": ("Petunjuk (Indonesia)", "Hints (Indonesian)"),
    "hint_en": ("Petunjuk (Inggris)", "Hints (English)"),
}
"""A column's headings, Indonesian and English; a sheet may have either, in any order."""

KINDS: dict[str, tuple[str, str]] = {
    "single": ("pilihan tunggal", "single choice"),
    "multiple": ("pilihan banyak", "multiple choice"),
    "truefalse": ("benar/salah", "true/false"),
    "number": ("angka", "number"),
    "text": ("isian singkat", "short text"),
    "matching": ("menjodohkan", "matching"),
    "ordering": ("mengurutkan", "ordering"),
    "cloze": ("teks rumpang", "fill in the blanks"),
    "essay": ("uraian", "essay"),
    "file": ("berkas", "file"),
}

RIGHT = {"benar", "b", "true", "t", "ya", "yes", "1"}
WRONG = {"salah", "s", "false", "f", "tidak", "no", "0"}

GUIDE: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        ("Satu baris adalah satu soal. Jenis dan teks soal wajib, kolom lain boleh kosong.",
         "One row is one question. Its kind and its text are needed, other columns may be empty."),
        ("Kode dibuat sendiri bila kosong; soal yang sudah ada diubah lewat kodenya.",
         "Without a key it gets one; a question that exists already is changed by its key."),
    ),
    (
        ("Dua bahasa dalam satu sel: pisahkan dengan garis tegak, Menyapa | Greet.",
         "Two languages in one cell: a bar between them, Menyapa | Greet."),
        ("Tanpa garis tegak, kata itu berlaku untuk setiap bahasa soal.",
         "Without a bar the words hold for every language of the question."),
    ),
    (
        ("pilihan tunggal, pilihan banyak: pilihan di kolom A sampai H, Jawaban benar hurufnya: B, atau A, C.",
         "single choice, multiple choice: choices in columns A to H, Right answer their letters: B, or A, C."),
        ("benar/salah: Jawaban benar berisi benar atau salah.",
         "true/false: Right answer says true or false."),
    ),
    (
        ("angka: Jawaban benar 12,5 dengan Toleransi 0,5, atau rentang 10..15. Satuan boleh ditambahkan.",
         "number: Right answer 12.5 with Tolerance 0.5, or a range 10..15. A Unit may be added."),
        ("isian singkat: jawaban yang diterima dipisahkan titik koma, * mewakili huruf apa pun: IKM; indeks kepuasan*.",
         "short text: accepted answers separated by semicolons, * stands for any letters: IKM; satisfaction index*."),
    ),
    (
        ("menjodohkan: di kolom A sampai H satu pasangan per sel, KTP = Disdukcapil; jawaban pengecoh: * = Diskominfo.",
         "matching: one pair a cell in columns A to H, KTP = Disdukcapil; one that fits nothing: * = Diskominfo."),
        ("mengurutkan: langkah di kolom A sampai H menurut urutan yang benar.",
         "ordering: the steps in columns A to H in their right order."),
    ),
    (
        ("teks rumpang: tandai isian di teks, Warga menunggu {{menit}} menit; di kolom A: menit: 10..15.",
         "fill in the blanks: mark the gaps in the text, Citizens wait {{time}} minutes; in column A: time: 10..15."),
        ("Isian dengan pilihan: bintang di depan yang benar, tempat: *loket; taman.",
         "A gap with choices: a star before the right one, place: *counter; park."),
    ),
    (
        ("uraian, berkas: dibaca dan dinilai oleh pengajar; Jawaban benar berisi pokok jawaban yang baik.",
         "essay, file: read and graded by the instructor; Right answer holds what a good answer says."),
        ("Umpan balik dibaca peserta setelah menjawab, petunjuk boleh dibuka saat menjawab (satu baris satu petunjuk).",
         "Feedback is read after answering, hints may be opened while answering (one a line)."),
    ),
)  # fmt: skip
"""What the second page of the sheet tells, Indonesian and English."""

EXAMPLES: tuple[dict[str, tuple[str, str]], ...] = (
    {"type": KINDS["single"], "topic": ("antrean", "antrean"), "text_id": ("Apa yang pertama dilakukan petugas?",) * 2,
     "text_en": ("What does the officer do first?",) * 2, "A": ("Menyapa | Greets",) * 2,
     "B": ("Meminta nomor | Asks for the number",) * 2, "answer": ("A", "A")},
    {"type": KINDS["truefalse"], "text_id": ("Setiap pengaduan dicatat.",) * 2,
     "text_en": ("Every complaint is recorded.",) * 2, "answer": ("benar", "true")},
    {"type": KINDS["number"], "text_id": ("Berapa menit rata-rata waktu tunggu?",) * 2,
     "text_en": ("How many minutes is the average wait?",) * 2, "answer": ("12,5", "12.5"), "tolerance": ("0,5", "0.5"),
     "unit": ("menit | minutes",) * 2},
    {"type": KINDS["matching"], "text_id": ("Jodohkan berkas dengan dinasnya.",) * 2,
     "text_en": ("Match each paper with its office.",) * 2, "A": ("KTP = Disdukcapil",) * 2,
     "B": ("Izin usaha | Business permit = DPMPTSP",) * 2, "C": ("* = Diskominfo",) * 2},
    {"type": KINDS["cloze"], "text_id": ("Warga menunggu paling lama {{menit}} menit.",) * 2,
     "text_en": ("Citizens wait at most {{menit}} minutes.",) * 2, "A": ("menit: 10..15",) * 2},
)  # fmt: skip
"""Rows that show how each kind is filled in; they stand on a page of their own and are not read."""

PAGES = (("Soal", "Questions"), ("Petunjuk", "Guide"), ("Contoh", "Examples"))


def column_of(heading: str) -> str | None:
    """Return which column this heading names, in whichever language."""
    return _HEADINGS.get(_plain(heading))


def kind_of(words: str) -> str | None:
    """Return the kind that these words name: ours in either language, or what people also call it."""
    return _KINDS.get(_plain(words))


def is_example_page(name: str) -> bool:
    return _plain(name) in {_plain(one) for one in PAGES[2]}


def _plain(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", words.casefold()).strip()


_HEADINGS = {_plain(heading): column for column, both in COLUMNS.items() for heading in both}
_ALSO = {
    "pg": "single", "pilihan ganda": "single", "choice": "single", "pilihan jamak": "multiple", "multiple response":
    "multiple", "benar salah": "truefalse", "bs": "truefalse", "true false": "truefalse", "numerical": "number",
    "isian": "text", "jawaban singkat": "text", "short answer": "text", "esai": "essay", "essai": "essay",
    "urutan": "ordering", "unggah berkas": "file", "cloze": "cloze", "rumpang": "cloze", "teks": "text",
}  # fmt: skip
_KINDS = (
    {_plain(kind): kind for kind in KINDS}
    | {_plain(one): kind for kind, both in KINDS.items() for one in both}
    | {_plain(one): kind for one, kind in _ALSO.items()}
)
