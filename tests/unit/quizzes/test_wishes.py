"""What the addresses of quizzes and of their results ask for."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lms.quizzes.service.results import PersonResult
from lms.quizzes.wishes import QuizWish, ResultsWish

MORNING = datetime(2026, 12, 1, 1, tzinfo=UTC)


def person(name: str, percent: float | None = None, passed: bool | None = None, late: int = 0) -> PersonResult:
    """A trainee of the land office with this result; None: she has not begun."""
    counted: Any = None
    attempts: list[Any] = []
    if percent is not None:
        counted = SimpleNamespace(
            percent=percent, passed=passed, submitted_at=MORNING.replace(minute=int(percent) % 60)
        )
        attempts = [SimpleNamespace(submitted_at=MORNING)]
    return PersonResult(1, name, None, "Dinas Pertanahan", attempts, counted, late)


PEOPLE = [person("Citra"), person("budi", 40, False), person("Ayu", 90, True, late=2), person("Dewi", 70, True)]


def names(**asked: str) -> list[str]:
    return [one.name for one in ResultsWish.read(asked).choose(PEOPLE)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Ayu", "budi", "Citra", "Dewi"]),
        ("-name", ["Dewi", "Citra", "budi", "Ayu"]),
        # Whoever has no result stands last, whichever way it is ordered.
        ("result", ["budi", "Dewi", "Ayu", "Citra"]),
        ("-result", ["Ayu", "Dewi", "budi", "Citra"]),
        ("-submitted", ["budi", "Ayu", "Dewi", "Citra"]),
        ("nonsense", ["Ayu", "budi", "Citra", "Dewi"]),
    ],
)
def test_results_stand_in_the_order_asked_for(sort: str, order: list[str]) -> None:
    assert names(sort=sort) == order


@pytest.mark.parametrize(
    ("show", "found"),
    [("passed", ["Ayu", "Dewi"]), ("failed", ["budi"]), ("none", ["Citra"]), ("late", ["Ayu"]), ("open", [])],
)
def test_only_those_asked_for_are_shown(show: str, found: list[str]) -> None:
    assert names(show=show) == found


def test_words_are_looked_for_in_names_and_units() -> None:
    assert names(q="  DEWI tanah ") == ["Dewi"]
    assert names(q="kesehatan") == []


def test_an_address_keeps_what_is_not_the_default() -> None:
    wish = ResultsWish.read({"q": "a", "show": "passed", "sort": "name"})
    assert wish.as_query(sort="-result") == {"q": "a", "show": "passed", "sort": "-result"}
    assert ResultsWish().as_query() == {}


def test_quizzes_are_found_by_kind_and_by_words_of_either_language() -> None:
    wish = QuizWish.read({"q": "LAYANAN", "purpose": "post"})
    assert wish.fits("post", "Tes akhir", None, "Layanan prima", None)
    assert not wish.fits("pre", "Tes akhir", None, "Layanan prima", None)
    assert not wish.fits("post", "Tes akhir", "Post-test", "Antrean", "Queues")
    assert QuizWish.read({"purpose": "nonsense"}).fits("pre", "x")
