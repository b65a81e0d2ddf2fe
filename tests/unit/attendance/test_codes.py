"""Codes to scan: agreed on without being stored, changing, refusing what is old, invented or somebody else's."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.codes import GRACE, SCAN_KEPT, SLOT, Codes, Purpose, Scan, Shown, normalise
from tests.unit.attendance.drawing import NINE

CODES = Codes("a secret")
SECOND = timedelta(seconds=1)
SESSION = 57


def shown(seconds: float = 0, purpose: Purpose = Purpose.CHECK_IN, subject: int = SESSION) -> str:
    return CODES.show(purpose, subject, NINE + seconds * SECOND).code


def test_two_processes_show_the_same_code_and_another_installation_another() -> None:
    assert Codes("a secret").show(Purpose.CHECK_IN, SESSION, NINE).code == shown()
    assert Codes("another").show(Purpose.CHECK_IN, SESSION, NINE).code != shown()


def test_a_code_tells_what_it_is_for_and_until_when_it_is_shown() -> None:
    now = CODES.show(Purpose.CHECK_OUT, SESSION, NINE + 4 * SECOND)
    assert now.until == NINE + SLOT
    scan = CODES.read(now.code, NINE + 5 * SECOND)
    assert scan is not None
    assert (scan.purpose, scan.subject, scan.moment, scan.stale) == (
        Purpose.CHECK_OUT,
        SESSION,
        NINE + 5 * SECOND,
        False,
    )


@pytest.mark.parametrize(("after", "is_stale"), [(0, False), (14, False), (19.9, False), (20, True), (600, True)])
def test_a_code_holds_fifteen_seconds_and_five_of_grace(after: float, is_stale: bool) -> None:
    scan = CODES.read(shown(), NINE + after * SECOND)
    assert scan is not None and scan.stale is is_stale


def test_every_slot_session_and_purpose_has_a_code_of_its_own() -> None:
    all_of_them = {shown(second) for second in range(0, 600, 15)}
    all_of_them |= {shown(subject=subject) for subject in range(1, 200)}
    all_of_them |= {shown(purpose=purpose) for purpose in Purpose}
    assert len(all_of_them) == 40 + 199 + 3 - 2


def test_a_code_from_the_future_is_not_known_yet() -> None:
    assert CODES.read(shown(15), NINE) is None


@pytest.mark.parametrize("typed", ["m1s7qpm2xf", "M1S7 QPM2-XF", " m1s7-qpm2xf "])
def test_however_it_is_typed_it_is_one_code(typed: str) -> None:
    assert normalise(typed) == "M1S7QPM2XF"


@pytest.mark.parametrize(
    ("code", "spaced"),
    [("MA1234567", "MA1 234 567"), ("M1S7QPM2XF", "M1S7 QPM 2XF"), ("M1S77QPM2XF", "M1S7 7QPM 2XF")],
)
def test_a_code_is_read_out_in_even_groups(code: str, spaced: str) -> None:
    assert Shown(code, NINE).spaced == spaced


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert normalise("mIo-lq") == "M101Q"
    spaced = CODES.show(Purpose.CHECK_IN, SESSION, NINE).spaced
    assert CODES.read(spaced.lower().replace("0", "o").replace("1", "l"), NINE) is not None


@pytest.mark.parametrize(
    "invented", ["", "M", "hello", "M1S0000000", "X1S7QPM2XF", "M" * 40, "M00" + "1S7QPM2XF", "é" * 12]
)
def test_what_is_invented_is_no_code(invented: str) -> None:
    assert CODES.read(invented, NINE) is None


@given(st.integers(1, 2**31), st.sampled_from(Purpose), st.integers(0, 10**6))
def test_what_is_shown_can_be_read(subject: int, purpose: Purpose, seconds: int) -> None:
    moment = NINE + seconds * SECOND
    scan = CODES.read(CODES.show(purpose, subject, moment).code, moment)
    assert scan is not None and (scan.purpose, scan.subject) == (purpose, subject) and not scan.stale


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    CODES.read(text, NINE)
    assert CODES.recall(text, NINE, person=1) is None


@given(st.integers(0, 9), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_changed_digit_makes_it_unknown(place: int, digit: str) -> None:
    code = shown()
    changed = code[:place] + digit + code[place + 1 :]
    assert changed == code or CODES.read(changed, NINE) is None


def scan_at(seconds: float = 0.123456) -> Scan:
    scan = CODES.read(shown(), NINE + seconds * SECOND)
    assert scan is not None
    return scan


def test_the_moment_of_a_scan_is_kept_through_signing_in() -> None:
    kept = CODES.keep(scan_at(), person=None)
    later = NINE + timedelta(minutes=9)
    assert CODES.recall(kept, later, person=4) == scan_at()
    assert CODES.recall(kept, NINE + SCAN_KEPT + SECOND, person=4) is None
    assert CODES.recall(kept, NINE - GRACE, person=4) is None


def test_a_kept_scan_of_one_person_is_nobody_elses() -> None:
    kept = CODES.keep(scan_at(), person=4)
    assert CODES.recall(kept, NINE + SECOND, person=4) == scan_at()
    assert CODES.recall(kept, NINE + SECOND, person=5) is None


def test_a_kept_scan_cannot_be_written_by_hand() -> None:
    kept = CODES.keep(scan_at(), person=4)
    assert Codes("another").recall(kept, NINE + SECOND, person=4) is None
    assert CODES.recall(kept[:-3] + "AAA", NINE + SECOND, person=4) is None
