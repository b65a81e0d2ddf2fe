"""Ranks, phone numbers and names as sheets and people write them."""

import pytest

from lms.accounts.rules.names import is_local_path, normalise_login, with_titles
from lms.accounts.rules.phones import read_phone, show_phone, whatsapp_link
from lms.accounts.rules.ranks import PNS_RANKS, read_rank, show_rank


@pytest.mark.parametrize(
    "spelling",
    [
        "III/d",
        "IIId",
        "III.d",
        "III/D",
        "iii d",
        "3d",
        "34",
        "Penata Tk. I",
        "Penata Tk.I (III/d)",
        "PENATA TINGKAT I",
        "Gol. III/d",
    ],
)
def test_every_spelling_of_a_rank_is_one_rank(spelling: str) -> None:
    assert read_rank(spelling) == "III/d"


def test_every_rank_is_read_from_its_own_writing_and_name() -> None:
    for rank, name in PNS_RANKS.items():
        assert read_rank(rank) == read_rank(name) == read_rank(show_rank(rank)) == rank


def test_pppk_have_a_grade_and_no_rank_name() -> None:
    assert read_rank("Golongan IX") == read_rank("ix") == "IX"
    assert show_rank("IX") == "Golongan IX"


@pytest.mark.parametrize("text", ["III/e", "V/a", "XVIII", "Kolonel"])
def test_what_is_no_rank_is_not_guessed(text: str) -> None:
    assert read_rank(text) is None


def test_no_rank_stays_empty() -> None:
    assert read_rank("  ") == ""
    assert show_rank("") == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        ("0065 9123 4567", "+6591234567"),
        ("(0542) 123456", "+62542123456"),
        ("", ""),
    ],
)
def test_a_phone_number_is_kept_with_its_country(text: str, number: str) -> None:
    assert read_phone(text) == number


@pytest.mark.parametrize("text", ["satu dua", "0812", "08123456789012345", "0812<script>"])
def test_what_cannot_be_dialled_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="phone_unreadable"):
        read_phone(text)


def test_numbers_are_shown_as_people_here_write_them() -> None:
    assert show_phone("+6281234567890") == "0812-3456-7890"
    assert show_phone("+62812345678901") == "0812-3456-78901"
    assert show_phone("+62542123456") == "(0542) 123456"
    assert show_phone("0213456789") == "(021) 3456789"
    assert show_phone("+6591234567") == "+65 9123 4567"
    assert show_phone("see secretary") == "see secretary"
    assert show_phone(None) == ""


def test_whatsapp_is_linked_for_mobiles_and_abroad_but_not_for_landlines() -> None:
    assert whatsapp_link("0812-3456-7890") == "https://wa.me/6281234567890"
    assert whatsapp_link("+6591234567", "Apa kabar?") == "https://wa.me/6591234567?text=Apa%20kabar%3F"
    assert whatsapp_link("0542123456") is None
    assert whatsapp_link("") is None


def test_titles_stand_around_the_name() -> None:
    assert with_titles("Dr.", "Ayu Lestari", "M.Si.") == "Dr. Ayu Lestari, M.Si."
    assert with_titles("", "Suharto", "") == "Suharto"


def test_every_spelling_of_a_login_is_one_key() -> None:
    assert normalise_login(" Ayu@Example.TEST ") == "ayu@example.test"
    assert normalise_login("'19860926 201505.1 001") == "198609262015051001"


@pytest.mark.parametrize("path", ["/", "/courses/prima?page=2#x"])
def test_a_path_of_this_site_may_be_gone_on_to(path: str) -> None:
    assert is_local_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        None,
        "courses",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "https://evil.test",
        "/\t/evil.test",
        "/a\nb",
        "javascript:1",
    ],
)
def test_no_other_address_may(path: str | None) -> None:
    assert not is_local_path(path)
