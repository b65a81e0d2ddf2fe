"""What a NIP tells, and which eighteen digits are none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.rules.nip import NipKind, Sex, disagreements, mask_nip, normalise_nip, read_nip, show_nip
from lms.kernel.errors import Invalid

TODAY = date(2026, 12, 1)


def code_of(text: str) -> str:
    with pytest.raises(Invalid) as refused:
        read_nip(text, TODAY)
    assert refused.value.problems[0].field == "nip"
    return refused.value.code


def test_a_pns_number_tells_birth_appointment_and_sex() -> None:
    nip = read_nip("198609262015051001", TODAY)
    assert (nip.kind, nip.born_on, nip.year, nip.month, nip.sex, nip.serial) == (
        NipKind.PNS,
        date(1986, 9, 26),
        2015,
        5,
        Sex.MALE,
        1,
    )
    assert nip.contract is None
    assert nip.warnings == ()


def test_a_pppk_number_tells_the_contract_instead_of_the_month() -> None:
    nip = read_nip("199003152022212007", TODAY)
    assert (nip.kind, nip.month, nip.contract, nip.sex, nip.serial) == (NipKind.PPPK, None, 1, Sex.FEMALE, 7)
    assert read_nip("199003152022232007", TODAY).contract == 3


@pytest.mark.parametrize(
    "spelling",
    [
        "19860926 201505 1 001",
        "'198609262015051001",
        "19860926.201505.1.001",
        " 19860926\u00a0201505\u00a01\u00a0001\n",
        "’198609262015051001",
    ],
)
def test_spaces_dots_and_a_sheets_apostrophe_do_not_matter(spelling: str) -> None:
    assert normalise_nip(spelling) == "198609262015051001"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("19860926201505100", "nip_length"),
        ("1986092620150510011", "nip_length"),
        ("19860926201505100x", "nip_not_digits"),
        ("١٩٨٦٠٩٢٦٢٠١٥٠٥١٠٠١", "nip_not_digits"),
        ("198602302015051001", "nip_birth_date"),
        ("198613012015051001", "nip_birth_date"),
        ("202712012015051001", "nip_birth_future"),
        ("201501012026011001", "nip_age"),
        ("194001011965011001", "nip_age"),
        ("195501011949011001", "nip_year"),
        ("198609262028051001", "nip_year"),
        ("198609262015001001", "nip_month"),
        ("198609262015131001", "nip_month"),
        ("198609262015201001", "nip_month"),
        ("198609262015053001", "nip_sex"),
        ("198609262015050001", "nip_sex"),
        ("198609262015051000", "nip_serial"),
    ],
)
def test_what_cannot_be_a_nip_is_refused_with_its_reason(text: str, code: str) -> None:
    assert code_of(text) == code


def test_next_years_appointment_is_taken() -> None:
    assert read_nip("200001012027011001", TODAY).year == 2027


def test_an_appointment_in_ones_youth_is_a_warning_and_no_refusal() -> None:
    nip = read_nip("198609262003051001", TODAY)
    assert [(w.code, w.params["age"]) for w in nip.warnings] == [("nip_appointed_young", 16)]
    assert read_nip("198609262004101001", TODAY).warnings == ()


def test_a_column_that_contradicts_the_nip_is_told() -> None:
    nip = read_nip("198609262015051001", TODAY)
    assert disagreements(nip, born_on=date(1986, 9, 26), sex=Sex.MALE) == ()
    found = disagreements(nip, born_on=date(1986, 9, 25), sex=Sex.FEMALE)
    assert [problem.code for problem in found] == ["nip_other_birth_date", "nip_other_sex"]


def test_a_nip_is_shown_in_groups_and_masked_in_lists() -> None:
    assert show_nip("198609262015051001") == "19860926 201505 1 001"
    assert mask_nip("198609262015051001") == "1986**********1001"
    assert (show_nip(None), mask_nip(None)) == ("", "")


@given(st.text(max_size=30))
def test_any_text_is_either_a_nip_or_a_complaint(text: str) -> None:
    try:
        nip = read_nip(text, TODAY)
    except Invalid as refused:
        assert refused.problems[0].field == "nip"
    else:
        assert normalise_nip(show_nip(nip.digits)) == nip.digits
