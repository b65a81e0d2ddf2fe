"""What is missing for a certificate, told in codes with figures."""

from decimal import Decimal

import pytest

from lms.attendance.rules.balance import Balance, Tally
from lms.certificates.rules.requirements import (
    Demands,
    Facts,
    Kind,
    PostTest,
    PostTests,
    Questionnaires,
    StateOfTest,
    is_ready,
    needs_of,
)

DEMANDS = Demands(minimum=Decimal("0.8"))
TITLE = {"id": "Tes akhir", "en": "Post-test"}
PASSED = PostTest(TITLE, StateOfTest.PASSED, 84.0, Decimal(70))


def balance(attended: int, *, excused: int = 0, missed: int = 0, planned: int = 10) -> Balance:
    return Balance(hours=Tally(Decimal(planned), Decimal(attended), Decimal(excused), Decimal(missed)))


def codes(facts: Facts, demands: Demands = DEMANDS) -> list[str]:
    return [need.said.code for need in needs_of(demands, facts) if not need.met]


def test_whoever_has_everything_is_ready() -> None:
    assert is_ready(needs_of(DEMANDS, Facts(balance(8, missed=2), tests=[PASSED])))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (balance(7, missed=3), "need_attendance_out_of_reach"),
        (balance(7, missed=1), "need_attendance_in_reach"),
        (balance(7, excused=1, missed=2), "need_attendance_only_excuses"),
        (Balance(), "need_attendance_no_sessions"),
    ],
)
def test_attendance_short_of_the_minimum_says_whether_it_is_still_in_reach(found: Balance, code: str) -> None:
    assert codes(Facts(found, tests=[PASSED])) == [code]


def test_a_share_just_below_the_minimum_is_never_told_as_reached() -> None:
    (need,) = needs_of(Demands(Decimal("0.8"), registers=False, tests=PostTests.NONE, evaluation=False),
                       Facts(balance(799, missed=201, planned=1000)))  # fmt: skip
    assert not need.met and need.said.params == {"share": 79, "minimum": 80}


def test_excused_sessions_count_only_where_the_programme_says_so() -> None:
    facts = Facts(balance(7, excused=1, missed=2), tests=[PASSED])
    assert not is_ready(needs_of(DEMANDS, facts))
    assert is_ready(needs_of(Demands(Decimal("0.8"), counts_excused=True), facts))


def test_sessions_to_come_are_named_before_registers_that_wait() -> None:
    assert codes(Facts(balance(10), to_come=1, unsigned=2, tests=[PASSED])) == ["need_sessions_to_come"]
    assert codes(Facts(balance(10), unsigned=2, tests=[PASSED])) == ["need_registers_unsigned"]


@pytest.mark.parametrize(
    ("state", "asked", "code"),
    [
        (StateOfTest.NOT_TAKEN, PostTests.PASSED, "need_test_not_taken"),
        (StateOfTest.OPEN, PostTests.TAKEN, "need_test_open"),
        (StateOfTest.FAILED, PostTests.PASSED, "need_test_failed"),
        (StateOfTest.GRADING, PostTests.PASSED, "need_test_grading"),
    ],
)
def test_each_test_says_what_it_lacks(state: StateOfTest, asked: PostTests, code: str) -> None:
    facts = Facts(balance(10), tests=[PostTest(TITLE, state, 40.0, Decimal(70))])
    assert codes(facts, Demands(Decimal("0.8"), tests=asked)) == [code]


def test_a_failed_test_is_enough_where_tests_need_only_be_taken() -> None:
    facts = Facts(balance(10), tests=[PostTest(TITLE, StateOfTest.FAILED, 40.0, Decimal(70))])
    assert is_ready(needs_of(Demands(Decimal("0.8"), tests=PostTests.TAKEN), facts))
    assert is_ready(needs_of(Demands(Decimal("0.8"), tests=PostTests.NONE), facts))


def test_a_questionnaire_still_open_is_named_before_one_that_closed() -> None:
    facts = Facts(balance(10), tests=[PASSED], questionnaires=Questionnaires(open=2, closed=1))
    assert codes(facts) == ["need_evaluation_open"]
    assert codes(Facts(balance(10), tests=[PASSED], questionnaires=Questionnaires(closed=1))) == [
        "need_evaluation_closed"
    ]


def test_a_waiver_lets_one_kind_pass_and_no_other() -> None:
    facts = Facts(balance(5, missed=5), tests=[PostTest(TITLE, StateOfTest.NOT_TAKEN)])
    needs = needs_of(DEMANDS, facts, {"attendance": "Surat tugas"})
    by_kind = {need.kind: need for need in needs}
    assert by_kind[Kind.ATTENDANCE].waived and by_kind[Kind.ATTENDANCE].reason == "Surat tugas"
    assert not by_kind[Kind.TESTS].holds and not is_ready(needs)


def test_a_waiver_of_what_is_met_says_nothing() -> None:
    needs = needs_of(DEMANDS, Facts(balance(10), tests=[PASSED]), {"attendance": "Surat tugas"})
    assert not any(need.waived for need in needs)
