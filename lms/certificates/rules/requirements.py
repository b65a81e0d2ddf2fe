"""What somebody still lacks for a certificate, each need as a code with its figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms.attendance.rules.balance import Balance, Outlook
from lms.kernel.errors import Said


class Kind(StrEnum):
    """What a need is about; a waiver names one of them."""

    ATTENDANCE = "attendance"
    REGISTERS = "registers"
    TESTS = "tests"
    EVALUATION = "evaluation"


class PostTests(StrEnum):
    """What a programme asks of its post-tests."""

    NONE = "none"
    TAKEN = "taken"
    PASSED = "passed"


class StateOfTest(StrEnum):
    """What became of a test so far. GRADING: handed in, but somebody has yet to read it."""

    NOT_TAKEN = "not_taken"
    OPEN = "open"
    GRADING = "grading"
    FAILED = "failed"
    PASSED = "passed"


@dataclass(frozen=True)
class Demands:
    """What a programme requires. `minimum` is the share of JP to be attended, 0 to 1."""

    minimum: Decimal
    attendance: bool = True
    counts_excused: bool = False
    registers: bool = True
    tests: PostTests = PostTests.PASSED
    evaluation: bool = True


@dataclass(frozen=True)
class PostTest:
    """A post-test as it stands for one person; `percent` and `pass_mark` of 100, None where there is none."""

    title: dict[str, str]
    state: StateOfTest
    percent: float | None = None
    pass_mark: Decimal | None = None


@dataclass(frozen=True)
class Questionnaires:
    """Evaluations asked of one person and not filled in: still open ones, and those that have closed."""

    open: int = 0
    closed: int = 0


@dataclass(frozen=True)
class Facts:
    """What is known of one person in one batch. `unsigned` sessions are held and await the coordinator's signature,
    `to_come` are not held yet."""

    balance: Balance = field(default_factory=Balance)
    unsigned: int = 0
    to_come: int = 0
    tests: Sequence[PostTest] = ()
    questionnaires: Questionnaires = field(default_factory=Questionnaires)


@dataclass(frozen=True)
class Need:
    """One requirement: whether it is met, in words, and whether a coordinator let it pass (then `reason` says why)."""

    kind: Kind
    met: bool
    said: Said
    waived: bool = False
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.met or self.waived


def needs_of(demands: Demands, facts: Facts, waived: dict[str, str] | None = None) -> tuple[Need, ...]:
    """Return every requirement of this programme as it stands for this person, waivers (kind → reason) applied."""
    found: list[Need] = []
    if demands.attendance:
        found.append(_attendance(demands, facts.balance))
    if demands.registers:
        found.append(_registers(facts))
    if demands.tests is not PostTests.NONE:
        found += [_test(demands.tests, test) for test in facts.tests]
    if demands.evaluation:
        found.append(_evaluation(facts.questionnaires))
    reasons = waived or {}
    return tuple(
        replace(need, waived=True, reason=reasons[need.kind]) if not need.met and need.kind in reasons else need
        for need in found
    )


def is_ready(needs: Iterable[Need]) -> bool:
    """Return whether nothing is missing any more."""
    return all(need.holds for need in needs)


def _attendance(demands: Demands, balance: Balance) -> Need:
    tally = balance.weighed
    wanted = tally.planned * demands.minimum
    counted = tally.attended + (tally.excused if demands.counts_excused else 0)
    # Rounded down, so that 79.9 % is never told as 80 %.
    share = int(counted * 100 / tally.planned) if tally.planned else 0
    figures: dict[str, Any] = {"share": share, "minimum": _up(demands.minimum * 100)}
    if not tally.planned:
        return Need(Kind.ATTENDANCE, False, Said("need_attendance_no_sessions"))
    if counted >= wanted:
        return Need(Kind.ATTENDANCE, True, Said("need_attendance_met", figures))
    if counted + tally.open >= wanted:
        return Need(Kind.ATTENDANCE, False, Said("need_attendance_in_reach", figures))
    saved = not demands.counts_excused and balance.outlook(demands.minimum) is Outlook.WITH_EXCUSES
    code = "need_attendance_only_excuses" if saved else "need_attendance_out_of_reach"
    return Need(Kind.ATTENDANCE, False, Said(code, figures))


def _registers(facts: Facts) -> Need:
    if facts.to_come:
        return Need(Kind.REGISTERS, False, Said("need_sessions_to_come", {"n": facts.to_come}))
    if facts.unsigned:
        return Need(Kind.REGISTERS, False, Said("need_registers_unsigned", {"n": facts.unsigned}))
    return Need(Kind.REGISTERS, True, Said("need_registers_met"))


def _test(asked: PostTests, test: PostTest) -> Need:
    params: dict[str, Any] = {"title": test.title}
    if test.state in (StateOfTest.NOT_TAKEN, StateOfTest.OPEN):
        return Need(Kind.TESTS, False, Said(f"need_test_{test.state}", params))
    params["percent"] = test.percent or 0.0
    if asked is PostTests.TAKEN:
        return Need(Kind.TESTS, True, Said("need_test_taken", params))
    if test.state is StateOfTest.FAILED:
        return Need(Kind.TESTS, False, Said("need_test_failed", params | {"mark": float(test.pass_mark or 0)}))
    if test.state is StateOfTest.GRADING:
        return Need(Kind.TESTS, False, Said("need_test_grading", params))
    return Need(Kind.TESTS, True, Said("need_test_passed", params))


def _evaluation(asked: Questionnaires) -> Need:
    if asked.open:
        return Need(Kind.EVALUATION, False, Said("need_evaluation_open", {"n": asked.open}))
    if asked.closed:
        return Need(Kind.EVALUATION, False, Said("need_evaluation_closed", {"n": asked.closed}))
    return Need(Kind.EVALUATION, True, Said("need_evaluation_met"))


def _up(number: Decimal) -> int:
    return -int(-number // 1)
