"""Where witnesses of one person contradict each other, and where one of them simply could not know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.rules.presence import Setting, presence
from lms.attendance.rules.witnesses import (
    WORTH_ASKING,
    Disagreement,
    Statement,
    disagreement,
    elapsed,
    facts_of,
    hear,
    seen_by_coordinators,
)
from lms.kernel.intervals import Interval, overlap, total
from lms.sessions.rules import Policy, counted
from tests.unit.attendance.drawing import MINUTE, Story, at

WINDOW = Interval(at(0), at(90))


def spoken(
    story: Story, *, until: float = 95, server_since: float | None = None, pause: bool = False
) -> list[Statement]:
    whole = counted(WINDOW.start, WINDOW.end, [Interval(at(30), at(45))] if pause else [])
    since = {} if server_since is None else {Source.JITSI: at(server_since)}
    if any(fact.source is Source.JITSI for fact in story.facts):
        since.setdefault(Source.JITSI, at(-5))
    return hear(
        story.facts,
        story.lines,
        story.world,
        elapsed(whole, at(until)),
        Policy(),
        at=at(until),
        setting=Setting(ends=at(90)),
        watched_since=since,
    )


def asked(story: Story, **more: object) -> Disagreement | None:
    return disagreement(spoken(story, **more), seen_by_coordinators(story.facts))  # type: ignore[arg-type]


def test_two_witnesses_who_agree_raise_no_question() -> None:
    assert asked(Story().joined(0).left(90).was_in(0.1, 89.5)) is None


def test_the_server_says_gone_and_the_page_says_here() -> None:
    found = asked(Story().joined(0).left(90).was_in(0, 60))
    assert found is not None
    assert (found.first.witness, found.second.witness) == (Source.JITSI, Source.BROWSER)
    assert found.stretches == (Interval(at(60), at(90)),)


def test_the_page_says_gone_and_the_server_says_here() -> None:
    found = asked(Story().joined(0).left(40).was_in(0, 90))
    assert found is not None and found.length == 50 * MINUTE


def test_two_minutes_are_not_worth_a_question_and_a_second_more_is() -> None:
    assert asked(Story().joined(0).left(90).was_in(0, 88)) is None
    found = asked(Story().joined(0).left(90).was_in(0, 88 - 1 / 60))
    assert found is not None and found.length > WORTH_ASKING


def test_only_counted_time_is_compared() -> None:
    assert asked(Story().joined(-10).left(90).was_in(0, 31).was_in(44, 120, "room/b"), pause=True) is None


def test_short_gaps_that_are_bridged_are_no_contradiction() -> None:
    story = Story().was_in(0, 90)
    for n, start in enumerate(range(0, 90, 10)):
        story.joined(start, f"l{n}").dropped(start + 9, f"l{n}")
    assert asked(story) is None


def test_the_server_alone_is_enough_for_the_app() -> None:
    assert asked(Story().was_in(0, 90)) is None
    only = [one.witness for one in spoken(Story().was_in(0, 90))]
    assert only == [Source.JITSI]


def test_after_going_to_the_app_the_page_cannot_contradict() -> None:
    assert asked(Story().joined(0).tell(Kind.OPENED_ELSEWHERE, 20, "a").left(20).was_in(0, 90)) is None


def test_before_its_first_word_the_page_cannot_contradict() -> None:
    assert asked(Story().joined(40).left(90).was_in(0, 90)) is None


def test_a_server_that_never_heard_of_her_denies_what_her_page_says() -> None:
    found = asked(Story().joined(0).left(90), server_since=-5)
    assert found is not None and found.first.claims == () and found.length == 90 * MINUTE


def test_a_server_that_began_to_tell_late_denies_only_from_then_on() -> None:
    found = asked(Story().joined(0).left(90), server_since=80)
    assert found is not None and found.length == 10 * MINUTE


def test_without_a_server_the_page_stands_alone() -> None:
    assert asked(Story().joined(0).left(90)) is None


def test_what_a_coordinator_saw_is_no_question_any_more() -> None:
    assert asked(Story().joined(0).left(90).was_in(0, 60).saw(0, 90)) is None
    half = asked(Story().joined(0).left(90).was_in(0, 60).saw(60, 80))
    assert half is not None and half.length == 10 * MINUTE
    taken_back = Story().joined(0).left(90).was_in(0, 60).saw(0, 90)
    taken_back.took_back(taken_back.facts[-1].id, 91)
    assert asked(taken_back) is not None


def test_whoever_sits_in_the_room_need_not_be_in_the_meeting() -> None:
    assert asked(Story().scanned(Kind.CHECKED_IN, 0), server_since=-5) is None


def test_a_scan_is_contradicted_by_a_meeting_she_left() -> None:
    found = asked(Story().scanned(Kind.CHECKED_IN, 0).joined(0).left(30))
    assert found is not None
    assert (found.first.witness, found.second.witness) == (Source.BROWSER, Source.CHECK_IN)


def test_watching_at_a_colleagues_screen_is_known_to_no_server() -> None:
    story = Story().was_in(0, 10).scanned(Kind.SHARED, 10, host_visit=7)
    assert asked(story) is None


def test_the_gravest_contradiction_is_asked_first() -> None:
    story = Story().was_in(0, 80).joined(0).left(90).scanned(Kind.CHECKED_IN, 0)
    found = asked(story)
    assert found is not None and found.length == 10 * MINUTE
    assert found.first.witness is Source.JITSI


def test_a_session_that_has_not_begun_has_nothing_to_compare() -> None:
    assert elapsed([WINDOW], at(-1)) == []
    assert asked(Story().joined(-10), until=-1, server_since=-10) is None


def test_one_witness_alone_keeps_what_the_coordinator_saw() -> None:
    story = Story().joined(0).left(30).was_in(0, 60).saw(70, 90)
    found = presence(facts_of(story.facts, Source.BROWSER), story.lines, story.world, at=at(95))
    assert list(found.seen) == [Interval(at(0), at(30)), Interval(at(70), at(90))]


@pytest.mark.parametrize("witness", [Source.JITSI, Source.BROWSER, Source.IMPORT, Source.CHECK_IN])
def test_no_witness_alone_gives_more_than_all_together(witness: Source) -> None:
    story = Story().joined(3).left(30).was_in(0, 60).scanned(Kind.CHECKED_IN, 5)
    both = presence(story.facts, story.lines, story.world, at=at(95), setting=Setting(ends=at(90)))
    one = presence(facts_of(story.facts, witness), story.lines, story.world, at=at(95), setting=Setting(ends=at(90)))
    assert overlap(one.intervals, both.intervals) == one.intervals


STAYS = st.lists(st.tuples(st.integers(0, 85), st.integers(1, 40)), max_size=4)


@given(STAYS, STAYS)
def test_a_contradiction_lies_where_exactly_one_of_the_two_saw_her(
    page: list[tuple[int, int]], server: list[tuple[int, int]]
) -> None:
    story = Story()
    for n, (start, length) in enumerate(page):
        story.joined(start, f"l{n}").left(start + length, f"l{n}")
    for n, (start, length) in enumerate(server):
        story.was_in(start, start + length, f"room/{n}")
    found = asked(story)
    if found is not None:
        first, second = found.first.claims, found.second.claims
        assert overlap(overlap(found.stretches, first), second) == []
        assert total(overlap(found.stretches, [*first, *second])) == found.length > WORTH_ASKING
