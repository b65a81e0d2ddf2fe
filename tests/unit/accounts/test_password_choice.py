"""Which passwords are refused."""

import pytest

from lms.accounts.rules.password_choice import refuse_password

AYU = {"name": "Ayu Lestari", "nip": "198609262015052001", "email": "ayu.lestari@example.test"}


def code(password: str) -> str | None:
    problem = refuse_password(password, name=AYU["name"], nip=AYU["nip"], email=AYU["email"])
    return problem.code if problem else None


@pytest.mark.parametrize("password", ["kopi hujan jembatan biru", "7-Langkah_menuju pasar", "Xk29!vbn02LqPz"])
def test_unrelated_words_and_random_signs_are_taken(password: str) -> None:
    assert code(password) is None


def test_nine_characters_are_too_few_and_ten_enough() -> None:
    assert code("gx7!kpw2q") == "password_short"
    assert code("gx7!kpw2qz") is None
    assert code("x" * 201) == "password_long"


@pytest.mark.parametrize(
    "password",
    [
        "password2026!",
        "Katasandi123",
        "Balikpapan2026",
        "1234567890",
        "0987654321",
        "qwertyuiop",
        "aaaaaaaaaaa",
        "ababababab",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert code(password) == "password_common"


@pytest.mark.parametrize(
    "password", ["198609262015052001", "19860926 2015", "ayulestari86", "AyuLestari!!2026", "lestari1986"]
)
def test_ones_own_name_and_number_are_refused(password: str) -> None:
    assert code(password) == "password_is_yours"


def test_ones_name_among_other_words_is_no_harm() -> None:
    assert code("ayu menanam padi") is None
