"""Letters of the paper sheet, and which lines of the matrix an address asks for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lms.attendance.rules.balance import Balance, Outlook, Tally
from lms.attendance.rules.judgement import Excuse, Status
from lms.reports.queries.cells import state_of
from lms.reports.rules import Cell, Line, Wish, choose, file_stem, spark, unit_totals

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "letters"),
    [
        (Cell(), ""),
        (Cell(Status.UNKNOWN), ""),
        (Cell(Status.ATTENDED), "H"),
        (Cell(Status.ATTENDED, late=True), "H T"),
        (Cell(Status.PARTIAL), "HS"),
        (Cell(Status.PARTIAL, late=True, left_early=True), "HS T"),
        (Cell(Status.ABSENT), "A"),
        (Cell(Status.EXCUSED, Excuse.PERMITTED), "I"),
        (Cell(Status.EXCUSED, Excuse.SICK), "S"),
        (Cell(Status.EXCUSED, Excuse.ON_DUTY), "DL"),
        (Cell(Status.EXCUSED, Excuse.LEAVE), "C"),
        (Cell(Status.EXCUSED, Excuse.SICK, late=True), "S"),
    ],
)
def test_a_mark_has_the_letter_of_the_paper_sheet_and_t_for_late_beside_it(cell: Cell, letters: str) -> None:
    assert cell.letters == letters


def line(name: str, **fields: Any) -> Line:
    values: dict[str, Any] = {
        "person_id": sum(map(ord, name)),
        "plain_name": name,
        "nip": None,
        "unit": "Dinas Kesehatan",
        "starts_at": NOW,
        "ends_at": None,
        "cells": (),
        "balance": Balance(),
        "outlook": Outlook.ON_COURSE,
    }
    return Line(name=name, **(values | fields))


def share(attended: int) -> Balance:
    return Balance(hours=Tally(planned=Decimal(10), attended=Decimal(attended)))


LINES = [
    line("Ayu Lestari", balance=share(9)),
    line("Budi Santoso", unit="Dinas Sosial", balance=share(1), outlook=Outlook.OUT_OF_REACH),
    line("Ni Luh Ngūrah", balance=share(5), outlook=Outlook.BELOW),
    line("Zainal", ends_at=NOW, outlook=Outlook.OUT_OF_REACH),
]


def chosen(**asked: str) -> list[str]:
    return [one.name for one in choose(reversed(LINES), Wish.read(asked))]


def test_without_a_wish_everyone_stands_there_by_name() -> None:
    assert chosen() == ["Ayu Lestari", "Budi Santoso", "Ni Luh Ngūrah", "Zainal"]


def test_words_are_found_in_name_and_unit_whatever_the_accent_and_case() -> None:
    assert chosen(q="ngurah") == ["Ni Luh Ngūrah"]
    assert chosen(q="SOSIAL budi") == ["Budi Santoso"]
    assert chosen(q="nobody") == []


def test_people_in_danger_are_those_still_in_the_batch() -> None:
    assert chosen(show="trouble") == ["Budi Santoso", "Ni Luh Ngūrah"]
    assert chosen(show="gone") == ["Zainal"]


def test_lines_are_sorted_as_asked_and_equal_ones_by_name() -> None:
    assert chosen(sort="-name")[0] == "Zainal"
    assert chosen(sort="share") == ["Zainal", "Budi Santoso", "Ni Luh Ngūrah", "Ayu Lestari"]
    assert chosen(sort="-share")[0] == "Ayu Lestari"
    assert chosen(sort="unit") == ["Ayu Lestari", "Ni Luh Ngūrah", "Zainal", "Budi Santoso"]


def test_an_address_that_says_nonsense_means_the_default() -> None:
    assert Wish.read({"sort": "'; drop table mark", "show": "x", "unit": "  "}) == Wish()


def test_a_link_keeps_what_was_asked_and_leaves_out_defaults() -> None:
    wish = Wish.read({"q": "budi", "sort": "-share"})
    assert wish.as_query() == {"q": "budi", "sort": "-share"}
    assert wish.as_query(q="", show="trouble") == {"show": "trouble", "sort": "-share"}


def test_units_are_added_up_by_name_and_who_has_none_comes_last() -> None:
    lines = [
        line("Ayu", balance=share(9)),
        line("Budi", balance=share(2), outlook=Outlook.OUT_OF_REACH),
        line("Eko", unit="Dinas Sosial", balance=share(5), ends_at=NOW, outlook=Outlook.OUT_OF_REACH),
        line("Fajar", unit=""),
    ]
    totals = unit_totals(lines)
    assert [(total.unit, total.people, total.in_trouble) for total in totals] == [
        ("Dinas Kesehatan", 2, 1),
        ("Dinas Sosial", 1, 0),
        ("", 1, 0),
    ]
    assert (totals[0].tally.attended, totals[0].tally.planned, totals[0].tally.share) == (11, 20, 0.55)


def test_the_small_line_shows_the_last_five_judged_sessions() -> None:
    judged = [Cell(Status.ATTENDED, attended=n, counted=10) for n in range(1, 8)]
    cells = (None, *judged[:4], Cell(Status.UNKNOWN), *judged[4:], Cell(), None)
    assert spark(cells) == tuple(judged[2:])
    assert spark((None, Cell())) == ()


@pytest.mark.parametrize(
    ("cell", "height"),
    [
        (Cell(Status.PARTIAL, attended=45, counted=90), 0.5),
        (Cell(Status.EXCUSED, Excuse.SICK, attended=45, counted=90), 0.0),
        (Cell(Status.ABSENT, counted=90), 0.0),
        (Cell(), 0.0),
    ],
)
def test_a_cells_share_is_of_the_counted_time(cell: Cell, height: float) -> None:
    assert cell.share == height


def test_another_choice_begins_at_its_first_page() -> None:
    wish = Wish.read({"page": "3", "q": "ayu"})
    assert (wish.page, wish.as_query()) == (3, {"q": "ayu"})
    assert [Wish.read({"page": odd}).page for odd in ("0", "-1", "x", "1e9", "999999")] == [1, 1, 1, 1, 1]


def test_a_file_is_named_by_class_and_date_in_plain_letters() -> None:
    assert file_stem("Daftar hadir", "Angkatan I/2026", "2026-12-01") == "daftar-hadir-angkatan-i-2026-2026-12-01"
    assert file_stem("…", "日本") == "jembatan"


def test_a_session_under_way_is_not_called_planned() -> None:
    starts_at, ends_at = NOW, NOW + timedelta(hours=2)
    told = [state_of(False, False, starts_at, ends_at, NOW + timedelta(hours=hours)) for hours in (-1, 0, 1, 2)]
    assert told == ["planned", "running", "running", "closing"]
