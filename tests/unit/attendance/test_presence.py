"""Evidence → intervals: devices, reconnects, lost goodbyes, and our own deaths."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.evidence import Blindness, Kind
from lms.attendance.rules.presence import Presence, World, presence
from lms.kernel.intervals import Interval, total
from tests.unit.attendance.drawing import Story, at, drawn


def found(story: Story, when: float = 90) -> Presence:
    return presence(story.facts, story.lines, story.world, at=at(when))


def test_joining_and_leaving_is_one_interval() -> None:
    assert found(Story().joined(2).left(88)).intervals == [Interval(at(2), at(88))]


def test_an_open_page_is_not_presence() -> None:
    story = Story().line("a", 0).tell(Kind.CONNECTED, 0, "a")
    result = found(story)
    assert result.intervals == []
    assert result.connected and not result.open


def test_somebody_still_in_the_room_counts_until_now() -> None:
    result = found(Story().joined(0), when=42)
    assert result.intervals == [Interval(at(0), at(42))]
    assert result.open


def test_a_lost_client_counts_until_it_was_last_heard_not_until_it_was_noticed() -> None:
    result = found(Story().joined(0).dropped(40, noticed=40.5))
    assert result.intervals == [Interval(at(0), at(40))]
    assert result.last_heard == at(40)
    assert not result.open


def test_two_devices_at_once_count_once() -> None:
    story = Story().line("phone", 0, visit=1).line("laptop", 10, visit=2)
    story.joined(0, "phone").joined(10, "laptop").left(30, "phone").left(50, "laptop")
    assert found(story).intervals == [Interval(at(0), at(50))]


def test_a_second_tab_of_the_same_device_adds_nothing() -> None:
    story = Story().line("tab1", 0).line("tab2", 5)
    story.joined(0, "tab1").joined(5, "tab2").left(60, "tab1").left(60, "tab2")
    assert total(found(story).intervals) == timedelta(minutes=60)


def test_wifi_to_mobile_is_two_connections_of_one_presence() -> None:
    story = Story().line("wifi", 0).line("mobile", 30)
    story.joined(0, "wifi").tell(Kind.RESUMED, 30, "mobile").dropped(30.2, "wifi", noticed=30.7).left(90, "mobile")
    assert found(story).intervals == [Interval(at(0), at(90))]


def test_a_join_stored_after_its_own_drop_opens_nothing_for_ever() -> None:
    story = Story().line("a", 10).dropped(10.1).tell(Kind.JOINED, 10, "a", heard=10.2, sequence=1)
    result = found(story)
    assert not result.open
    assert total(result.intervals) <= timedelta(seconds=6)


def test_a_leave_overtaken_by_its_join_still_ends_it() -> None:
    story = Story().line("a", 0)
    story.tell(Kind.LEFT, 30, "a", sequence=2).tell(Kind.JOINED, 0, "a", sequence=1)
    assert found(story).intervals == [Interval(at(0), at(30))]


def test_rejoining_on_the_same_connection_is_two_intervals() -> None:
    story = Story().joined(0).left(20).joined(30).left(60)
    assert found(story).intervals == [Interval(at(0), at(20)), Interval(at(30), at(60))]


def test_a_conference_that_says_joined_again_stays_one_interval() -> None:
    story = Story().joined(0).joined(20).left(60)
    assert found(story).intervals == [Interval(at(0), at(60))]


def test_a_killed_process_credits_the_gap_to_whoever_came_back() -> None:
    story = Story().boot("w1", -60, 40).boot("w2", 40.5, 600)
    story.line("a", 0).line("b", 40.8, boot="w2").joined(0).tell(Kind.RESUMED, 40.8, "b").left(90, "b")
    assert found(story).intervals == [Interval(at(0), at(90))]


def test_a_killed_process_gives_nobody_who_stayed_away_a_second() -> None:
    story = Story().boot("w1", -60, 40).boot("w2", 40.5, 600).joined(0)
    assert found(story).intervals == [Interval(at(0), at(40))]


def test_whoever_joined_after_the_last_beat_of_a_killed_process_is_credited_from_then_on() -> None:
    story = Story().boot("w1", -60, last_beat=30).boot("w2", 31, last_beat=600)
    story.line("a", 30.05).line("b", 31.2, boot="w2").joined(30.05, "a").tell(Kind.RESUMED, 31.2, "b").left(90, "b")
    assert found(story).intervals == [Interval(at(30.05), at(90))]


def test_the_credit_ends_a_minute_after_service_was_back() -> None:
    story = Story().boot("w1", -60, 40).boot("w2", 41, 600)
    story.line("a", 0).line("b", 44, boot="w2").joined(0).tell(Kind.RESUMED, 44, "b").left(90, "b")
    assert found(story).intervals == [Interval(at(0), at(42)), Interval(at(44), at(90))]


def test_the_credit_is_for_the_device_that_was_cut_off_not_for_another() -> None:
    story = Story().boot("w1", -60, 40).boot("w2", 41, 600)
    story.line("a", 0, visit=1).line("b", 41.5, visit=2, boot="w2").joined(0).joined(41.5, "b").left(90, "b")
    assert found(story).credited == ()


def test_a_connection_lost_before_the_process_died_is_not_credited() -> None:
    story = Story().boot("w1", -60, 40).boot("w2", 41, 600)
    story.line("a", 0).line("b", 41.5, boot="w2").joined(0).dropped(20).tell(Kind.RESUMED, 41.5, "b").left(90, "b")
    assert found(story).credited == ()


def test_with_another_process_alive_the_credit_is_a_minute_at_most() -> None:
    story = Story().boot("w1", -60, 40).boot("w2", -60, 600)
    story.line("a", 0).line("b", 43, boot="w2").joined(0).tell(Kind.RESUMED, 43, "b").left(90, "b")
    assert found(story).credited == (Interval(at(40), at(41)),)


def test_a_process_thought_dead_that_beats_again_never_died() -> None:
    story = Story().boot("w1", -60, 40).joined(0)
    assert found(story, when=42).intervals == [Interval(at(0), at(40))]
    story.boot("w1", -60, 43)
    assert found(story, when=43).intervals == [Interval(at(0), at(43))]


def test_a_graceful_stop_is_credited_like_a_death() -> None:
    story = Story().boot("w1", -60, 40, ended=40).boot("w2", 40.2, 600)
    story.line("a", 0).line("b", 40.4, boot="w2").joined(0).tell(Kind.RESUMED, 40.4, "b").left(90, "b")
    assert found(story).intervals == [Interval(at(0), at(90))]


def test_a_frozen_process_is_credited_where_presence_stands_on_both_sides() -> None:
    story = Story().line("a", 0).line("b", 31)
    story.joined(0).dropped(29.9).tell(Kind.RESUMED, 31, "b").left(90, "b")
    frozen = World(story.boots, (Blindness(Interval(at(30), at(30.8)), "w1"),))
    assert presence(story.facts, story.lines, frozen, at=at(90)).intervals == [Interval(at(0), at(90))]
    elsewhere = World(story.boots, (Blindness(Interval(at(30), at(30.8)), "another"),))
    assert presence(story.facts, story.lines, elsewhere, at=at(90)).credited == ()


def test_a_freeze_gives_nothing_to_whoever_said_goodbye_in_it() -> None:
    story = Story().joined(0).left(30.2).joined(32, "b").left(60, "b")
    frozen = World(story.boots, (Blindness(Interval(at(30), at(30.8)), "w1"),))
    assert presence(story.facts, story.lines, frozen, at=at(60)).credited == ()


def test_a_freeze_gives_nothing_to_whoever_was_lost_on_another_process() -> None:
    story = Story().boot("w2", -60, 600).line("a", 0, boot="w2").joined(0, "a").dropped(30.2, "a")
    story.joined(32, "b").left(60, "b")
    frozen = World(story.boots, (Blindness(Interval(at(30), at(30.8)), "w1"),))
    assert story.lines["b"].boot == "w1"
    assert presence(story.facts, story.lines, frozen, at=at(60)).credited == ()


def test_what_a_coordinator_saw_counts_and_can_be_taken_back() -> None:
    assert found(Story().saw(0, 90)).intervals == [Interval(at(0), at(90))]
    assert found(Story().saw(0, 90), when=30).intervals == [Interval(at(0), at(30))]
    assert found(Story().saw(0, 90).took_back(1, 5)).intervals == []


def test_going_to_the_app_is_unverified_until_somebody_witnesses_it() -> None:
    story = Story().line("a", 0).tell(Kind.OPENED_ELSEWHERE, 5, "a")
    assert found(story).elsewhere and found(story).intervals == []
    assert not found(story.saw(5, 90)).elsewhere


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Up to three devices that join, leave and drop at random minutes."""
    story = Story()
    for number in range(draw(st.integers(1, 3))):
        name, moment = f"line{number}", draw(st.integers(0, 60))
        story.line(name, moment, visit=draw(st.integers(1, 2)))
        for kind in draw(st.lists(st.sampled_from([Kind.JOINED, Kind.LEFT, Kind.RESUMED]), max_size=6)):
            story.tell(kind, moment, name)
            moment += draw(st.integers(0, 20))
        if draw(st.booleans()):
            story.dropped(moment, name)
    return story


@given(stories(), st.integers(0, 2**32))
def test_the_order_in_which_facts_arrive_does_not_matter(story: Story, seed: int) -> None:
    before = found(story, 120)
    Random(seed).shuffle(story.facts)
    assert found(story, 120) == before


@given(stories(), st.integers(0, 120))
def test_presence_never_reaches_past_now_nor_before_the_first_word(story: Story, when: int) -> None:
    result = presence([f for f in story.facts if f.heard <= at(when)], story.lines, story.world, at=at(when))
    for interval in result.intervals:
        assert at(0) <= interval.start <= interval.end <= at(max(when, 60) + 60)


@given(stories())
def test_a_second_device_never_takes_time_away(story: Story) -> None:
    alone = total(found(story, 120).intervals)
    story.line("more", 10, visit=9).joined(10, "more").left(15, "more")
    assert total(found(story, 120).intervals) >= alone


def test_a_drawing_reads_as_it_looks() -> None:
    assert drawn("■■■···■■■") == [Interval(at(0), at(3)), Interval(at(6), at(9))]
