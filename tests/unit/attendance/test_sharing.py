"""Several people at one screen: what the device was in the room counts for the guest, drawn minute by minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.presence import Presence, Setting, presence
from lms.attendance.rules.sharing import Link, held, links
from lms.kernel.intervals import Interval, total
from tests.unit.attendance.drawing import Story, at, drawn, seen

SCREEN, OTHER = 7, 8


def watched(story: Story, screen: Presence, *, other: Presence | None = None, now: float = 60) -> Presence:
    screens = {SCREEN: screen, OTHER: other or Presence()}
    return presence(story.facts, story.lines, story.world, at=at(now), setting=Setting(screens=screens))


def joins(when: float, screen: int = SCREEN) -> Story:
    return Story().scanned(Kind.SHARED, when, host_visit=screen)


@pytest.mark.parametrize(
    ("screen", "confirmed", "leaves", "guest"),
    [
        ("■■■■■■■■■■■■■■■■■■■■", 4, None, "····■■■■■■■■■■■■■■■■"),
        ("■■■■■■■■■■■■■■■■■■■■", 4, 12, "····■■■■■■■■········"),
        # The host leaves at 12: so do those who watch with her.
        ("■■■■■■■■■■■■········", 4, None, "····■■■■■■■■········"),
        # A lost line and its return within five minutes is everyone's gap.
        ("■■■■■■■■···■■■■■■■■■", 4, None, "····■■■■···■■■■■■■■■"),
        ("■■■■■■■■·····■■■■■■■", 4, None, "····■■■■·····■■■■■■■"),
        # After more than five minutes those who still watch confirm anew.
        ("■■■■■■■■······■■■■■■", 4, None, "····■■■■············"),
        ("■■■■■■■■■■■■■■■■■■■■", 0, 0, "····················"),
        ("····················", 4, None, "····················"),
    ],
)
def test_the_guest_has_the_screens_time_from_the_confirmation_on(
    screen: str, confirmed: float, leaves: float | None, guest: str
) -> None:
    story = joins(confirmed)
    if leaves is not None:
        story.scanned(Kind.SHARE_LEFT, leaves)
    assert watched(story, seen(screen)).intervals == drawn(guest)


def test_confirming_anew_after_a_long_absence_counts_from_then_on() -> None:
    story = joins(4).scanned(Kind.SHARED, 16, host_visit=SCREEN)
    assert watched(story, seen("■■■■■■■■······■■■■■■")).intervals == drawn("····■■■■········■■■■")


def test_going_to_another_screen_ends_the_first_link() -> None:
    story = joins(0).scanned(Kind.SHARED, 10, host_visit=OTHER)
    result = watched(story, seen("■" * 20), other=seen("■" * 15))
    assert result.intervals == drawn("■" * 15)


def test_own_device_and_shared_screen_count_once() -> None:
    story = joins(5)
    story.joined(0, "phone").left(10, "phone")
    assert watched(story, seen("■" * 20)).intervals == [Interval(at(0), at(20))]


def test_while_the_screen_is_in_the_room_so_is_the_guest() -> None:
    running = Presence(seen=(Interval(at(0), at(15)),), open=True)
    assert watched(joins(4), running, now=15).open
    assert not watched(joins(4).scanned(Kind.SHARE_LEFT, 9), running, now=15).open
    assert not watched(joins(4), seen("■" * 12), now=15).open


def test_an_outage_credited_to_the_screen_is_credited_to_who_watches_at_it() -> None:
    screen = Presence(seen=(Interval(at(0), at(8)), Interval(at(9), at(20))), credited=(Interval(at(8), at(9)),))
    result = watched(joins(4), screen)
    assert result.intervals == [Interval(at(4), at(20))]
    assert result.credited == (Interval(at(8), at(9)),)


def test_a_link_taken_back_gives_nothing() -> None:
    story = joins(4).took_back(1, 5)
    assert watched(story, seen("■" * 20)).intervals == []


def test_a_device_nobody_knows_of_gives_nothing() -> None:
    assert watched(joins(4, screen=99), seen("■" * 20)).intervals == []


pictures = st.text(alphabet="■·", min_size=1, max_size=60)
acts = st.lists(st.tuples(st.sampled_from([SCREEN, OTHER, None]), st.integers(0, 60)), max_size=5)


@given(pictures, pictures, acts)
def test_a_guest_never_has_more_than_the_screens_had_since_she_confirmed(
    one: str, two: str, told: list[tuple[int | None, int]]
) -> None:
    story = Story()
    for visit, when in told:
        story.scanned(Kind.SHARE_LEFT if visit is None else Kind.SHARED, when, host_visit=visit)
    result = watched(story, seen(one), other=seen(two))
    confirmed = [when for visit, when in told if visit is not None]
    if not confirmed:
        assert result.intervals == []
    screens = total([*seen(one).intervals, *seen(two).intervals])
    assert total(result.intervals) <= screens
    assert all(interval.start >= at(min(confirmed)) for interval in result.intervals)


@given(pictures, st.integers(0, 60), st.integers(0, 60))
def test_a_link_holds_from_the_confirmation_to_the_screens_last_second_at_most(
    picture: str, start: int, end: int
) -> None:
    screen = drawn(picture)
    link = Link(SCREEN, at(start), at(max(start, end)))
    span = held(link, screen)
    assert span.start == link.start
    assert link.start <= span.end <= max([link.start, *(i.end for i in screen)])
    assert link.end is None or span.end <= link.end


def test_leaving_twice_or_without_a_link_is_nothing() -> None:
    story = Story().scanned(Kind.SHARE_LEFT, 1).scanned(Kind.SHARED, 2, host_visit=SCREEN)
    story.scanned(Kind.SHARE_LEFT, 5).scanned(Kind.SHARE_LEFT, 9)
    assert links(story.facts) == [Link(SCREEN, at(2), at(5))]
