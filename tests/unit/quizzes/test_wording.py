"""Texts of quizzes in two languages and in one line."""

import pytest

from lms.quizzes.rules.wording import in_one_line


@pytest.mark.parametrize(
    ("markdown", "line"),
    [
        ("Apa yang **pertama**\ndilakukan _petugas_?", "Apa yang pertama dilakukan petugas?"),
        ("Apa ini?\n\n![Loket](media/loket-1.png)", "Apa ini?"),
        ("![Loket dengan tujuh kursi](media/loket.png)", "Loket dengan tujuh kursi"),
        ("Di {{g1}} ada {{g2}}.", "Di … ada …."),
        ("# Loket\n\n- satu\n- dua\n\n> kata warga", "Loket satu dua kata warga"),
        ("Lihat [aturannya](https://example.test/a_b) dan `kode`.", "Lihat aturannya dan kode."),
        # Signs of reckoning, of names and of what was meant as written are no marks.
        ("2 * 3 * 4 > 20 dan a_b_c, harga 5*", "2 * 3 * 4 > 20 dan a_b_c, harga 5*"),
        (r"Tulis \*bintang\* dan 1\. satu", "Tulis *bintang* dan 1. satu"),
        ("Rumus $a_1 * b_1$", "Rumus $a_1 * b_1$"),
        ("Tahun 1945. Merdeka", "Tahun 1945. Merdeka"),
        ("", ""),
    ],
)
def test_a_text_is_told_in_one_line_without_its_marks(markdown: str, line: str) -> None:
    assert in_one_line(markdown) == line


def test_of_a_long_text_the_beginning_is_told() -> None:
    line = in_one_line("kata " * 50_000)
    assert line.startswith("kata kata") and 1000 < len(line) <= 2000
