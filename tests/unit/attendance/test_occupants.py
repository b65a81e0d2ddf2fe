"""What the meeting server tells: paired by time, in whatever order it comes, lost and doubled events included."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.occupants import occupancy
from lms.attendance.rules.presence import presence
from lms.kernel.intervals import merge, total
from tests.unit.attendance.drawing import MINUTE, Story, at, drawn


def told(story: Story, until: float = 90) -> list[object]:
    return list(presence(story.facts, story.lines, story.world, at=at(until)).seen)


def test_a_visit_is_from_joined_to_left() -> None:
    assert told(Story().was_in(0, 5)) == drawn("■■■■■")


def test_whoever_uses_the_app_is_known_by_the_server_alone() -> None:
    found = presence(Story().server(Kind.JOINED, 2).facts, {}, Story().world, at=at(10))
    assert list(found.seen) == drawn("··■■■■■■■■")
    assert found.open and not found.elsewhere


def test_a_late_joined_may_follow_its_left() -> None:
    assert told(Story().server(Kind.LEFT, 5).server(Kind.JOINED, 1)) == drawn("·■■■■")


def test_two_devices_are_two_occupants_and_count_once() -> None:
    assert told(Story().was_in(0, 6, "room/a").was_in(4, 10, "room/b")) == drawn("■■■■■■■■■■")


def test_moving_to_a_breakout_in_the_same_second_is_staying() -> None:
    moving = Story().server(Kind.JOINED, 0).server(Kind.LEFT, 4).server(Kind.JOINED, 4).server(Kind.LEFT, 9)
    assert told(moving) == drawn("■■■■■■■■■")
    by_room = Story().was_in(0, 4, "main/a").was_in(4, 7, "breakout/a").was_in(7, 9, "main/a")
    assert told(by_room) == drawn("■■■■■■■■■")


def test_in_and_out_within_one_second_is_a_visit_of_no_length() -> None:
    found = occupancy(Story().was_in(3, 3).facts, at(90))
    assert merge(found.intervals) == [] and not found.open


def test_a_left_whose_joined_was_lost_gives_nothing() -> None:
    assert told(Story().server(Kind.LEFT, 5)) == []


def test_somebody_who_went_to_the_app_is_verified_by_the_server() -> None:
    story = Story().joined(0).tell(Kind.OPENED_ELSEWHERE, 3, "a").left(3).was_in(4, 60)
    found = presence(story.facts, story.lines, story.world, at=at(90))
    assert not found.elsewhere
    assert total(found.seen) == 59 * MINUTE


VISITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30), st.sampled_from("ab")), min_size=1, max_size=6).map(
    lambda visits: [(start, start + length, f"room/{name}{n}") for n, (start, length, name) in enumerate(visits)]
)


@given(VISITS, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(visits: list[tuple[int, int, str]], chance: object) -> None:
    story = Story()
    for start, end, occupant in visits:
        story.was_in(start, end, occupant)
    facts = [*story.facts, *story.facts[::2]]
    chance.shuffle(facts)  # type: ignore[attr-defined]
    shuffled = [replace(fact, id=number) for number, fact in enumerate(facts, start=1)]
    expected = occupancy(story.facts, at(100))
    found = occupancy(shuffled, at(100))
    assert merge(found.intervals) == merge(expected.intervals) and found.open == expected.open
    assert total(found.intervals) <= 91 * MINUTE
