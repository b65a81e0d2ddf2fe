"""Totals by payer in both currencies, due dates, and what a passport must outlast."""

from datetime import date
from decimal import Decimal

import pytest

from lms.delegations.rules.checklist import STANDARD, due_on, passport_needed_until, passport_state
from lms.delegations.rules.costs import Amount, Currency, Total, totals
from lms.delegations.rules.drafts import CostDraft
from lms.web.forms import draft_from

RATE = Decimal("12450")


def test_each_payer_is_added_up_in_both_currencies_and_all_together() -> None:
    lines = [
        Amount("csc", Currency.SGD, Decimal("1450"), 7),
        Amount("city", Currency.IDR, Decimal("4850000"), 7),
        Amount("csc", Currency.SGD, Decimal("60.50"), 1),
    ]
    csc, city, everything = totals(lines, RATE)
    assert csc == Total("csc", Decimal(0), Decimal("10210.50"), Decimal("127120725"), Decimal("10210.50"))
    assert (city.rupiah, city.dollars) == (Decimal("33950000"), Decimal("2726.91"))
    assert (everything.payer, everything.rupiah) == ("", Decimal("161070725"))
    # From what was entered, not from the rounded parts.
    assert everything.dollars == Decimal("12937.41")


def test_without_a_rate_only_what_was_entered_in_one_currency_is_said() -> None:
    lines = [Amount("csc", Currency.SGD, Decimal(10)), Amount("city", Currency.IDR, Decimal(5000))]
    csc, city, everything = totals(lines, None)
    assert (csc.rupiah, csc.dollars) == (None, Decimal(10))
    assert (city.rupiah, city.dollars) == (Decimal(5000), None)
    assert (everything.rupiah, everything.dollars) == (None, None)
    assert totals([], RATE) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.250.000", "1250000"),
        ("1,250,000", "1250000"),
        ("1250000", "1250000"),
        ("12.450", "12450"),
        ("60,50", "60.50"),
    ],
)
def test_a_price_is_understood_as_it_is_typed_here_and_there(typed: str, meant: str) -> None:
    given = {"kind": "air_ticket", "payer": "city", "currency": "IDR", "price": typed}
    assert draft_from(CostDraft, given).price == Decimal(meant)


@pytest.mark.parametrize(
    ("back", "needed"),
    [
        (date(2027, 1, 15), date(2027, 7, 15)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_a_passport_must_outlast_the_return_by_six_months(back: date, needed: date) -> None:
    assert passport_needed_until(back) == needed
    assert passport_state(needed, back) == "valid"
    assert passport_state(needed.replace(day=needed.day - 1), back) == "short"
    assert passport_state(None, back) == "unknown"


def test_lines_of_the_checklist_are_due_before_the_departure_or_after_the_return() -> None:
    start, end = date(2027, 1, 11), date(2027, 1, 15)
    for line in STANDARD:
        assert (due_on(line, start, end) > end) is line.after
