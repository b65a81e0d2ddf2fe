"""An Excel sheet as an office sends it: letterhead, merged cells, two lines of headings, forty people, a signature."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

PEOPLE = 40
UNITS = ("Dinas Kependudukan dan Pencatatan Sipil", "Dinas Kesehatan")
RANKS = ("III/a", "Penata Muda Tk. I (III/b)", "IIIc", "Penata Tk.I", "2d", "Pembina (IV/a)", "III.d", "IV/b")
TITLES = ("{}, S.SOS", "Dr. {}, M.Si", "{}", "H. {}, S.STP., M.AP", "{} S.Kom", "Ns. {}, S.Kep")


def nip_of(number: int) -> str:
    """Return the well-formed NIP of the n-th invented person: a woman where the number is even."""
    return f"19{70 + number % 25}0{1 + number % 9}1{number % 9}{2000 + number % 20}03{1 + (number + 1) % 2}{number:03}"


def name_of(number: int) -> str:
    return f"PEGAWAI {''.join('ABCDEFGHIJ'[int(digit)] for digit in f'{number:02}')}A"


def office_rows(count: int = PEOPLE) -> list[list[Any]]:
    """Return rows as the sheet has them: running number, name with titles, NIP, rank, position, phone, e-mail."""
    return [
        [
            number,
            TITLES[number % len(TITLES)].format(name_of(number)),
            f"{nip_of(number)[:8]} {nip_of(number)[8:14]} {nip_of(number)[14]} {nip_of(number)[15:]}",
            RANKS[number % len(RANKS)],
            "Analis Pelayanan Publik",
            f"0812-0000-{number:04}",
            f"pegawai{number}@balikpapan.example" if number % 4 else "-",
        ]
        for number in range(1, count + 1)
    ]


def office_sheet(rows: Sequence[Sequence[Any]] | None = None, *, units: Sequence[str] = UNITS) -> bytes:
    """Return the workbook: units merged down beside their people, half of the rows each."""
    rows = office_rows() if rows is None else rows
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_numbers": False}) as book:
        book.add_worksheet("Surat Pengantar").write(3, 1, "Bersama ini kami sampaikan usulan peserta.")
        page = book.add_worksheet("Lampiran")
        for y, words in enumerate(("PEMERINTAH KOTA BALIKPAPAN", "DAFTAR USULAN PESERTA PELATIHAN", "Tahun 2026")):
            page.merge_range(y, 0, y, 7, words)
        _headings(page)
        for y, row in enumerate(rows, start=7):
            for x, value in enumerate(row):
                page.write(y, x, value)
        _merge_units(page, len(rows), units)
        foot = 7 + len(rows)
        page.merge_range(foot + 1, 4, foot + 1, 6, "Balikpapan, 20 November 2026")
        page.write(foot + 2, 4, "Kepala Bidang,")
        page.write(foot + 5, 4, "NIP. 198507302007012902")
    return file.getvalue()


def _headings(page: Any) -> None:
    for x, words in enumerate(("No.", "Nama Lengkap")):
        page.merge_range(4, x, 5, x, words)
    page.merge_range(4, 2, 4, 4, "Kepegawaian")
    for x, words in enumerate(("NIP", "Pangkat/Gol.", "Jabatan"), start=2):
        page.write(5, x, words)
    for x, words in enumerate(("No. HP/WA", "Email", "Perangkat Daerah"), start=5):
        page.merge_range(4, x, 5, x, words)
    for x in range(8):
        page.write(6, x, f"({x + 1})")


def _merge_units(page: Any, count: int, units: Sequence[str]) -> None:
    share = count // len(units)
    for number, unit in enumerate(units):
        first = 7 + number * share
        last = 6 + count if number == len(units) - 1 else first + share - 1
        if last > first:
            page.merge_range(first, 7, last, 7, unit)
        else:
            page.write(first, 7, unit)
