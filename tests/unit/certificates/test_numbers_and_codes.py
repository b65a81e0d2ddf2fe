"""Numbers by pattern, codes for strangers, masked names, numbers in words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.rules.codes import ALPHABET, LENGTH, mask_name, read_code, show_code
from lms.certificates.rules.numbering import DEFAULT_PATTERN, check_pattern, write_number
from lms.certificates.rules.spelling import in_english, in_indonesian


def test_a_number_is_written_as_the_pattern_says() -> None:
    assert write_number(DEFAULT_PATTERN, 7, date(2026, 11, 24)) == "800.2.4/007/BKPSDM/XI/2026"
    assert write_number("B.{serial}/{month}/{year}", 1234, date(2027, 2, 1)) == "B.1234/02/2027"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("A/{year}", "pattern_needs_serial"),
        ("{serial}/{serial}/{year}", "pattern_needs_serial"),
        ("{serial}/A", "pattern_needs_year"),
        ("{serial}/{unit}/{year}", "pattern_place_unknown"),
        ("{year:3}/{serial}", "pattern_place_unknown"),
        ("{serial}{year}", "pattern_needs_separators"),
        ("{serial}1/{year}", "pattern_needs_separators"),
        ("{serial/{year}", "pattern_place_unknown"),
    ],
)
def test_a_pattern_that_could_give_a_number_twice_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        check_pattern(pattern)


days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(st.integers(1, 99_999), st.integers(1, 99_999), days, days)
def test_no_two_certificates_share_a_number(one: int, other: int, on: date, later: date) -> None:
    for pattern in (DEFAULT_PATTERN, check_pattern("B.{serial}/{month}/{year}")):
        same = write_number(pattern, one, on) == write_number(pattern, other, later)
        assert not same or (one, on.year) == (other, later.year)


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    assert read_code(show_code(code)) == code
    assert read_code(f" {show_code(code).lower().replace('-', ' ')} ") == code


@pytest.mark.parametrize("text", ["", "2345-6789-ABC", "2345-6789-ABCDE", "O345-6789-ABCD", "' or 1=1 --"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


def test_a_masked_name_shows_first_letters_only() -> None:
    assert mask_name("Ayu Lestari") == "A•• L••••••"
    assert mask_name("Suparman") == "S•••••••"


@pytest.mark.parametrize(
    ("number", "indonesian", "english"),
    [
        (0, "nol", "zero"),
        (11, "sebelas", "eleven"),
        (20, "dua puluh", "twenty"),
        (48, "empat puluh delapan", "forty-eight"),
        (100, "seratus", "one hundred"),
        (115, "seratus lima belas", "one hundred and fifteen"),
        (1000, "seribu", "one thousand"),
        (1204, "seribu dua ratus empat", "one thousand two hundred and four"),
        (9999, "sembilan ribu sembilan ratus sembilan puluh sembilan", "nine thousand nine hundred and ninety-nine"),
    ],
)
def test_hours_in_words(number: int, indonesian: str, english: str) -> None:
    assert (in_indonesian(number), in_english(number)) == (indonesian, english)
