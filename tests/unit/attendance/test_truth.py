"""The marks are true: a sample of the invented lectures of tests/load/truth.py."""

import pytest

from tests.load.truth import run, summary


@pytest.mark.parametrize("with_server", [False, True], ids=["browser", "browser and server"])
def test_the_rules_find_the_truth_where_others_do_not(with_server: bool) -> None:
    outcomes = run(1, 40, 30, with_server=with_server)
    ours = summary(outcomes["jembatan"])
    assert ours["median_error_s"] == 0 and ours["p90_error_s"] <= 2
    assert ours["p99_error_s"] <= 30
    assert ours["wrong_outside_band"] == 0
    # The traces are hard enough: each of the others misses marks by far on them.
    others = ("count of pings", "sum over devices", *(["sum of rows"] if with_server else []))
    assert all(summary(outcomes[name])["wrong_outside_band"] > 0 for name in others)
    assert all(summary(outcomes[name])["too_much_s"] > 10 * ours["too_much_s"] for name in others)


def test_the_same_seed_invents_the_same_lectures() -> None:
    assert run(3, 2, 10, with_server=True) == run(3, 2, 10, with_server=True)
