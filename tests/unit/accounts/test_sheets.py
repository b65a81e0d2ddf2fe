"""What rows of sheets say: names and titles, units, birth dates, and NIPs that a spreadsheet has spoilt."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.rules.sheets.columns import HEADINGS, NEEDED
from lms.accounts.rules.sheets.rows import is_nobody, read_day, read_row
from lms.accounts.rules.titles import read_name, read_titles_after, read_titles_before
from lms.accounts.rules.unit_names import initials, nearest_units, plain_unit
from lms.kernel.headings import Body, find_table, plain_heading
from lms.kernel.sheets import Page, read_pages, text_of

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "before", "name", "after"),
    [
        ("AHMAD RIVAI, S.SOS, M.SI", "", "Ahmad Rivai", "S.Sos., M.Si."),
        ("Dr. dr. Hj. Siti Nurhaliza, Sp.PK.,M.Kes", "Dr. dr. Hj.", "Siti Nurhaliza", "Sp.PK., M.Kes."),
        ("DRS.H.SYAMSUDDIN", "Drs. H.", "Syamsuddin", ""),
        ("H. SYAMSUDDIN S.SOS", "H.", "Syamsuddin", "S.Sos."),
        ("drg Clarissa Wijaya", "drg.", "Clarissa Wijaya", ""),
        ("Suparman", "", "Suparman", ""),
        ("Irwan", "", "Irwan", ""),
        ("Muhammad bin Abdul", "", "Muhammad bin Abdul", ""),
        ("NUR'AINI BINTI ALI", "", "Nur'aini binti Ali", ""),
        ("Budi, B.Tech (Hons)", "", "Budi", "B.Tech (Hons)"),
    ],
)
def test_a_name_is_taken_apart_from_its_titles(text: str, before: str, name: str, after: str) -> None:
    read = read_name(text)
    assert (read.before, read.name, read.after) == (before, name, after)


def test_titles_in_columns_of_their_own_get_their_usual_spelling() -> None:
    assert read_titles_before("DR.H.") == "Dr. H."
    assert read_titles_after("S.SOS,M.SI; Ph. D") == "S.Sos., M.Si., Ph.D."


@given(st.text(max_size=80))
def test_no_name_breaks_its_reading(text: str) -> None:
    read = read_name(text)
    assert read == read_name(text) and "\n" not in read.name


@pytest.mark.parametrize(
    "spelling",
    ["Dinas Kesehatan", "DINAS KESEHATAN KOTA BALIKPAPAN", "Dinkes", "dinas  kesehatan.", "Din. Kesehatan"],
)
def test_spellings_of_a_unit_are_one(spelling: str) -> None:
    assert plain_unit(spelling) == plain_unit("Dinas Kesehatan")


def test_the_district_named_after_the_city_keeps_its_name() -> None:
    assert plain_unit("Kec. Balikpapan Kota") == plain_unit("Kecamatan Balikpapan Kota") != plain_unit("Kecamatan")


def test_initials_are_those_people_say() -> None:
    assert initials("Badan Kepegawaian dan Pengembangan Sumber Daya Manusia") == "bkpsdm"
    assert initials("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu") == "dpmptsp"
    assert initials("Dinas Kesehatan") == ""


def test_what_looks_alike_is_proposed_nearest_first() -> None:
    names = ["UPTD Puskesmas Sepinggan Baru", "UPTD Puskesmas Gunung Sari Ilir", "Dinas Perhubungan"]
    assert nearest_units("Puskesmas Sepinggan", names)[0] == names[0]
    assert nearest_units("Museum", names) == []


@pytest.mark.parametrize("spoilt", ["1.98609262015052E+17", "1,98609262015052E+17", "198609262015052000"])
def test_a_nip_kept_as_a_number_is_told_from_a_mistyped_one(spoilt: str) -> None:
    (problem,) = read_row({"name": "Ayu", "nip": spoilt}, TODAY).problems
    assert problem.code == "nip_stored_as_number"


def test_a_row_needs_somebody_who_can_sign_in() -> None:
    codes = {problem.code for problem in read_row({"name": "Ayu"}, TODAY).problems}
    assert codes == {"person_needs_login"}


def test_grade_goes_before_the_ranks_name_and_a_difference_is_noted() -> None:
    read = read_row({"name": "A", "nip": "198609262015052001", "rank": "Penata", "grade": "III/d"}, TODAY)
    assert read.values["rank"] == "III/d" and [note.code for note in read.notes] == ["rank_and_grade_differ"]


@pytest.mark.parametrize("text", ["1986-09-26", "26/09/1986", "26-9-1986", "26 September 1986", "26 Sep 1986"])
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert read_day(text) == date(1986, 9, 26)


@pytest.mark.parametrize("text", ["", "31/02/1986", "kemarin", "1986"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_a_signature_below_the_table_is_nobody_and_a_forgotten_nip_is_somebody() -> None:
    assert is_nobody(Body("", 50, {"number": "", "name": "", "position": "Kepala Badan,"}))
    assert is_nobody(Body("", 51, {"number": "", "name": "Drs. Ahmad", "position": ""}))
    assert not is_nobody(Body("", 9, {"number": "9", "name": "Ayu", "nip": ""}))


def test_every_heading_is_plain_and_means_one_field() -> None:
    headings = [heading for words in HEADINGS.values() for heading in words]
    assert len(headings) == len(set(headings))
    assert [heading for heading in headings if plain_heading(heading) != heading] == []


def test_headings_on_two_lines_and_a_merged_unit_are_understood() -> None:
    rows = (
        ("KOP SURAT", "", "", ""),
        ("No", "Identitas", "", "OPD"),
        ("", "Nama", "NIP", ""),
        (1.0, "Ayu", "198609262015052001", "Dinas Kesehatan"),
        (2.0, "Budi", "198001012005011002", ""),
        ("No", "Nama", "NIP", "OPD"),
    )
    table = find_table(Page("A", rows, merged=(((0, 0), (0, 3)), ((3, 3), (4, 3)))), HEADINGS, NEEDED)
    assert table is not None and dict(table.columns) == {"number": "No", "name": "Nama", "nip": "NIP", "agency": "OPD"}
    assert [line.cells["agency"] for line in table.lines] == ["Dinas Kesehatan"] * 2


def test_a_page_without_the_needed_columns_has_no_table() -> None:
    assert find_table(Page("A", (("Nama", "Alamat"), ("Ayu", "Jalan"))), HEADINGS, NEEDED) is None


def test_numbers_beyond_what_a_spreadsheet_keeps_are_shown_as_such() -> None:
    assert text_of(1.98609262015052e17) == "1.98609262015052E+17"
    assert (text_of(12.0), text_of(0.5), text_of(None), text_of(" a\u200b  b ")) == ("12", "0.5", "", "a b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_and_separator(encoding: str, separator: str) -> None:
    (page,) = read_pages(separator.join(("Nama", "Café")).encode(encoding))
    assert page.rows == (("Nama", "Café"),)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_files(raw: bytes) -> None:
    from lms.kernel.errors import Invalid

    try:
        read_pages(raw)
    except Invalid as refused:
        assert refused.code.startswith("sheet_")
