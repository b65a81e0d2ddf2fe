"""Reading numbers the Indonesian and the English way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes.rules.numbers import read_number, unit_key

D = Decimal
UNITS = {"menit": D(1), "minutes": D(1), "jam": D(60), "rp": D(1), "%": D(1), "m2": D(1)}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", {D(12)}),
        ("12,5", {D("12.5")}),
        ("12.5", {D("12.5")}),
        (",5", {D("0.5")}),
        (".5", {D("0.5")}),
        ("1.250,75", {D("1250.75")}),
        ("1,250.75", {D("1250.75")}),
        ("1.250.000", {D(1250000)}),
        ("1,250,000", {D(1250000)}),
        ("1.250", {D(1250), D("1.25")}),
        ("1,250", {D(1250), D("1.25")}),
        ("0,125", {D("0.125")}),
        ("1234,567", {D("1234.567")}),
        ("1 250 000", {D(1250000)}),
        ("1\u00a0250,5", {D("1250.5")}),
        ("1'250.5", {D("1250.5")}),
        ("\u22125", {D(-5)}),
        ("+5", {D(5)}),
        ("-0,5", {D("-0.5")}),
        ("2e3", {D(2000)}),
        ("1,5E-2", {D("0.015")}),
        ("12 menit", {D(12)}),
        ("12menit.", {D(12)}),
        ("12 MINUTES", {D(12)}),
        ("2 jam", {D(120)}),
        ("1,5 jam", {D(90)}),
        ("Rp15.000", {D(15000), D(15)}),
        ("Rp. 15.000,-", {D(15000), D(15)}),
        ("80%", {D(80)}),
        ("12 m²", {D(12)}),
        ("12.", {D(12)}),
    ],
)
def test_a_number_is_read_as_people_write_it(typed, meant):
    assert read_number(typed, UNITS) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "dua", "12 kg", "1.25.3", "1,2,3", "1.2,3,4", "12 13", "1..2", "1,250.75.2", "Rp 5 menit", "--5", "5-3",
     "1.25,000.5", "1e9999", "9" * 65, "٣"],
)  # fmt: skip
def test_what_is_no_number_has_no_meaning(typed):
    assert read_number(typed, UNITS) == frozenset()


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(typed):
    for value in read_number(typed, UNITS):
        assert value.is_finite()


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@given(amounts)
def test_both_ways_of_writing_mean_the_amount(amount):
    english = f"{amount:,.2f}"
    indonesian = english.translate(str.maketrans(",.", ".,"))
    assert amount in read_number(english)
    assert amount in read_number(indonesian)


@given(amounts)
def test_never_more_than_two_readings(amount):
    assert 1 <= len(read_number(f"{amount:.3f}")) <= 2


def test_units_are_compared_without_case_and_abbreviation_points():
    assert unit_key(" Rp. ") == unit_key("rp") == "rp"
