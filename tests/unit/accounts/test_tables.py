"""What stands in a file that is handed out: flat, readable by a double click, and never a formula."""

import csv
import io
import zipfile
from datetime import datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from lms.accounts.tables import Digits, Share, Sheet, Value, write_csv, write_xlsx

NIP = "198609262015052001"


def sheet(*rows: list[Value], header: tuple[str, ...] = ("A", "B")) -> Sheet:
    return Sheet("stem", "Daftar hadir", header, rows)


def to_csv(table: Sheet, *, language: str) -> bytes:
    file = io.BytesIO()
    write_csv(table, file, language=language)
    return file.getvalue()


def to_xlsx(*tables: Sheet) -> bytes:
    file = io.BytesIO()
    write_xlsx(tables, file)
    return file.getvalue()


def lines(content: bytes, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_csv_begins_with_a_byte_order_mark_and_one_header_row() -> None:
    content = to_csv(sheet(["Ayu", 1]), language="id")
    assert content.startswith(b"\xef\xbb\xbf")
    assert lines(content) == [["A", "B"], ["Ayu", "1"]]


def test_separator_and_decimal_sign_follow_the_language() -> None:
    rows = sheet(["a", 88.5])
    assert to_csv(rows, language="id").decode("utf-8-sig") == "A;B\r\na;88,5\r\n"
    assert to_csv(rows, language="en").decode("utf-8-sig") == "A,B\r\na,88.5\r\n"


@pytest.mark.parametrize(
    "evil",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example","click")',
        "+62",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "|calc",
        "%00",
        "\x00=1",
    ],
)
def test_no_cell_of_a_csv_can_be_taken_for_a_formula(evil: str) -> None:
    for language, delimiter in (("id", ";"), ("en", ",")):
        ((_, _), (first, second)) = lines(to_csv(sheet([evil, evil]), language=language), delimiter)
        assert first.startswith("'")
        assert second.startswith("'")


def test_a_formula_in_the_header_is_harmless_too() -> None:
    content = to_csv(sheet(["a"], header=("=cmd|' /C calc'!A0",)), language="id")
    assert lines(content)[0][0].startswith("'=")


def test_quotes_separators_and_line_breaks_survive() -> None:
    text = 'Dr. "Ayu"; S.Sos.,\nM.Si.'
    assert lines(to_csv(sheet([text, "x"]), language="id"))[1][0] == text


def test_a_nip_stays_eighteen_digits_in_both_formats() -> None:
    rows = sheet([Digits(NIP), "x"])
    assert lines(to_csv(rows, language="id"))[1][0] == "19860926 201505 2 001"
    assert read(to_xlsx(rows))[1][0] == NIP


def test_a_share_is_rounded_down_so_that_no_one_passes_by_rounding() -> None:
    assert lines(to_csv(sheet([Share(0.79999), Share(0.8)]), language="id"))[1] == ["79,9%", "80%"]
    assert read(to_xlsx(sheet([Share(0.79999), Share(0.8)])))[1] == [0.799, 0.8]


def test_a_workbook_keeps_numbers_times_and_empty_cells_as_they_are() -> None:
    at = datetime(2026, 12, 1, 9, 2, 31)
    rows = read(to_xlsx(sheet([Decimal("1.50"), at], [None, ""], ["last", 3])))
    assert rows[1] == [1.5, at]
    assert rows[2] == ["", ""]
    assert rows[3] == ["last", 3.0]


def test_a_formula_stays_text_in_a_workbook() -> None:
    content = to_xlsx(sheet(["=1+1", "http://evil.example"]))
    assert read(content)[1] == ["=1+1", "http://evil.example"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page


def test_a_workbook_opens_whatever_the_session_is_called() -> None:
    content = to_xlsx(Sheet("s", "'[Sesi] 1/2: apa? *semua* yang panjang sekali'", ("A",), [["x"]]))
    assert read(content) == [["A"], ["x"]]


def test_a_table_without_rows_is_a_table_with_a_header() -> None:
    assert lines(to_csv(sheet(), language="id")) == [["A", "B"]]
    assert read(to_xlsx(sheet())) == [["A", "B"]]


def test_a_workbook_holds_each_table_on_a_page_of_its_own() -> None:
    second = Sheet("s", "Bukti", ("C",), iter([["x"], ["y"]]))
    content = to_xlsx(sheet(["a", 1]), second)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["Daftar hadir", "Bukti"]
    assert book.get_sheet_by_name("Bukti").to_python() == [["C"], ["x"], ["y"]]


def test_the_same_tables_give_the_same_bytes() -> None:
    assert to_xlsx(sheet(["a", 1])) == to_xlsx(sheet(["a", 1]))


def test_rows_are_counted_as_they_are_written() -> None:
    rows = Sheet("s", "t", ("A",), (["x"] for _ in range(7)))
    assert write_csv(rows, io.BytesIO(), language="id") == 7
    rows = Sheet("s", "t", ("A",), (["x"] for _ in range(9)))
    assert write_xlsx([rows], io.BytesIO()) == 9


def read(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
