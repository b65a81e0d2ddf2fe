"""The ranking: worked out from figures and weights alone, ties told apart in one stated order, and repeatable."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.delegations.rules.ranking import (
    Contest,
    Criterion,
    Figures,
    Place,
    fingerprint,
    lot,
    mean_score,
    rank,
    try_weights,
)
from lms.delegations.rules.ranking import Source as From

HEAVY, LIGHT = Criterion(1, Decimal(70)), Criterion(2, Decimal(30))


def person(number: int, heavy: object, light: object, *, out: bool = False) -> Figures:
    values = [None if one is None else Decimal(str(one)) for one in (heavy, light)]
    return Figures(number, {1: values[0], 2: values[1]}, out)


def contest(*people: Figures, quota: int = 1, reserves: int = 1, seed: str = "s") -> Contest:
    return Contest([HEAVY, LIGHT], people, quota, reserves, seed)


def test_totals_are_weighted_means_and_places_follow_the_quota() -> None:
    lines = rank(contest(person(1, 80, 60), person(2, 90, 90), person(3, 50, 100)))
    assert [(line.id, line.rank, line.total, line.place) for line in lines] == [
        (2, 1, Decimal("90.00"), Place.CHOSEN),
        (1, 2, Decimal("74.00"), Place.RESERVE),
        (3, 3, Decimal("65.00"), Place.NOT_CHOSEN),
    ]
    assert lines[1].parts == {1: Decimal("56.00"), 2: Decimal("18.00")}


def test_weights_need_not_be_hundred_to_be_compared() -> None:
    halves = Contest([Criterion(1, Decimal(1)), Criterion(2, Decimal(1))], [person(1, 80, 61)], 1, 0, "s")
    assert rank(halves)[0].total == Decimal("70.50")


def test_halves_are_rounded_up() -> None:
    three = [Criterion(n, Decimal(1)) for n in (1, 2, 3)]
    lines = rank(Contest(three, [Figures(1, {1: Decimal("0.005"), 2: Decimal("0.01"), 3: Decimal(0)})], 1, 0, ""))
    assert lines[0].total == Decimal("0.01")


def test_equal_totals_are_told_apart_by_the_heaviest_criterion_in_which_they_differ() -> None:
    lines = rank(contest(person(1, 70, 100), person(2, 79, 79), person(3, 85, 65)))
    assert [line.total for line in lines] == [Decimal("79.00")] * 3
    assert [line.id for line in lines] == [3, 2, 1]
    assert [line.decided_by for line in lines] == [1, 1, 1]
    assert lines[0].tied_with == (2, 1)


def test_equal_figures_are_told_apart_by_the_lot_of_the_seed() -> None:
    for seed in ("a", "b", "c", "d"):
        lines = rank(contest(person(1, 80, 80), person(2, 80, 80), seed=seed))
        assert [line.id for line in lines] == sorted((1, 2), key=lambda number: lot(seed, number))
        assert [line.decided_by for line in lines] == [0, 0]


@pytest.mark.parametrize(
    ("figures", "place"),
    [
        (person(1, None, 90), Place.INCOMPLETE),
        (person(1, 90, 90, out=True), Place.OUT),
        (person(1, None, None, out=True), Place.OUT),
    ],
)
def test_whoever_cannot_be_ranked_says_why_and_takes_no_place(figures: Figures, place: Place) -> None:
    lines = rank(contest(figures, person(2, 10, 10)))
    assert [(line.id, line.rank, line.place) for line in lines] == [(2, 1, Place.CHOSEN), (1, None, place)]


def test_the_least_that_is_asked_for_is_reached_by_equality() -> None:
    asked = Criterion(1, Decimal(100), Decimal(60))
    people = [Figures(1, {1: Decimal("59.99")}), Figures(2, {1: Decimal(60)})]
    lines = rank(Contest([asked], people, 2, 0, ""))
    assert [(line.id, line.place) for line in lines] == [(2, Place.CHOSEN), (1, Place.BELOW)]


figures = st.one_of(st.none(), st.decimals(0, 100, places=2))
people = st.lists(st.tuples(figures, figures, st.booleans()), max_size=12)


@given(people, st.integers(1, 5), st.integers(0, 3), st.text(max_size=5))
def test_stored_and_read_again_it_gives_the_same_list_whatever_the_order(
    given: list[tuple[Decimal | None, Decimal | None, bool]], quota: int, reserves: int, seed: str
) -> None:
    contestants = [Figures(n, {1: a, 2: b}, out) for n, (a, b, out) in enumerate(given)]
    first = Contest([HEAVY, LIGHT], contestants, quota, reserves, seed)
    again = Contest.read(first.stored())
    assert rank(again) == rank(first)
    assert fingerprint(again.stored()) == fingerprint(first.stored())
    turned = rank(Contest([LIGHT, HEAVY], contestants[::-1], quota, reserves, seed))
    assert [line.id for line in turned if line.rank] == [line.id for line in rank(first) if line.rank]


@given(people, st.integers(1, 5), st.integers(0, 3))
def test_nobody_with_less_stands_before_somebody_with_more(
    given: list[tuple[Decimal | None, Decimal | None, bool]], quota: int, reserves: int
) -> None:
    contestants = [Figures(n, {1: a, 2: b}, out) for n, (a, b, out) in enumerate(given)]
    lines = rank(Contest([HEAVY, LIGHT], contestants, quota, reserves, "s"))
    totals = [line.total for line in lines if line.rank]
    assert totals == sorted(totals, reverse=True)
    assert sum(line.place is Place.CHOSEN for line in lines) == min(quota, len(totals))
    assert len(lines) == len(contestants)


def test_a_changed_figure_changes_the_hash() -> None:
    one, other = contest(person(1, 80, 80)), contest(person(1, 80, "80.01"))
    assert fingerprint(one.stored()) != fingerprint(other.stored())


def test_the_panels_figure_is_its_mean() -> None:
    assert mean_score([]) is None
    assert mean_score([80, 85, 90]) == Decimal("85.00")
    assert mean_score([70, 71, 71]) == Decimal("70.67")


def test_trying_weights_moves_the_invented_people() -> None:
    def first(attendance: int, panel: int) -> str:
        tried = [(Criterion(1, Decimal(attendance)), From.ATTENDANCE), (Criterion(2, Decimal(panel)), From.PANEL)]
        return try_weights(tried)[0][0].code

    assert first(95, 5) == "steady"
    assert first(5, 95) == "speaker"
