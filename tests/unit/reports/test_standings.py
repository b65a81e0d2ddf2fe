"""What many trainees come to together, and which of them stand behind a figure."""

from decimal import Decimal

import pytest

from lms.attendance.rules.balance import Balance, Outlook, Tally
from lms.reports.standings import SHOWN, ReportWish, Standing, choose, figures_of


def standing(person_id: int, attended: int = 8, missed: int = 2, **more: object) -> Standing:
    sessions = Tally(Decimal(10), Decimal(attended), Decimal(0), Decimal(missed))
    values: dict[str, object] = {
        "batch_id": 1, "person_id": person_id, "unit_id": None, "is_gone": False,
        "balance": Balance(sessions), "outlook": Outlook.REACHED, "before": None, "after": None, "passed": None,
        "hours": Decimal(4), "provisional_hours": Decimal(0), "certificate": "",
    }  # fmt: skip
    return Standing(**(values | more))  # type: ignore[arg-type]


def examined(person_id: int, before: float = 50, after: float = 80) -> Standing:
    return standing(person_id, before=before, after=after, passed=after >= 70)


def test_a_mean_of_fewer_than_five_is_not_told_and_of_fewer_than_ten_called_few() -> None:
    four = figures_of(examined(number) for number in range(4))
    five = figures_of(examined(number) for number in range(5))
    assert (four.paired, four.before, four.gain) == (4, None, None)
    assert (five.before, five.after, five.gain, five.is_few) == (50, 80, 0.6, True)
    assert not figures_of(examined(number) for number in range(10)).is_few


def test_whoever_left_counts_for_the_places_until_then_and_for_nothing_else() -> None:
    gone = standing(2, attended=2, missed=8, is_gone=True, certificate="signed", outlook=Outlook.OUT_OF_REACH)
    figures = figures_of([standing(1), gone])
    assert (figures.people, figures.left, figures.attended, figures.judged) == (1, 1, 10, 20)
    assert (figures.certified, figures.in_trouble, figures.mean_hours) == (0, 0, 4.0)


def test_behind_each_figure_stand_as_many_people_as_it_says() -> None:
    everyone = [
        examined(1), examined(2, after=40), standing(3, certificate="draft"), standing(4, is_gone=True),
        standing(5, outlook=Outlook.BELOW),
    ]  # fmt: skip
    figures = figures_of(everyone)
    counts = {show: len(choose(everyone, ReportWish(show=show), {})) for show in SHOWN}
    assert counts == {
        "all": figures.people, "trouble": figures.in_trouble, "left": figures.left, "passed": figures.passed,
        "failed": figures.failed, "untested": figures.people - figures.tested, "paired": figures.paired,
        "certified": figures.certified, "uncertified": figures.people - figures.certified,
    }  # fmt: skip


def test_people_are_sorted_by_what_the_address_says_and_without_a_verdict_come_last() -> None:
    unjudged = standing(3, attended=0, missed=0)
    everyone = [standing(1, 9, 1, hours=Decimal(2)), unjudged, standing(2, 3, 7)]
    names = {1: "budi", 2: "ayu", 3: "citra"}
    order = {
        sort: [one.person_id for one in choose(everyone, ReportWish.read({"sort": sort}), names)]
        for sort in ("name", "-name", "share", "-share", "hours")
    }
    assert order == {
        "name": [2, 1, 3], "-name": [3, 1, 2], "share": [2, 1, 3], "-share": [1, 2, 3], "hours": [1, 2, 3],
    }  # fmt: skip


@pytest.mark.parametrize("asked", [{"batch": "x", "unit": "-1", "page": "0", "show": "?", "sort": "' or 1"}, {}])
def test_nonsense_in_the_address_is_the_whole_report(asked: dict[str, str]) -> None:
    wish = ReportWish.read(asked)
    assert wish == ReportWish() and wish.as_query() == {}
