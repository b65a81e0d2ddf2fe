"""A meeting server waits for a line that fell silent and says goodbye late: that waiting is nobody's presence.

One character is ten seconds.
"""

from datetime import timedelta

import pytest

from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.presence import presence
from tests.unit.attendance.drawing import Story, at, drawn

TEN = timedelta(seconds=10)


def seen(story: Story) -> list[tuple[float, float]]:
    """Return the intervals of presence in tens of seconds."""
    found = presence(story.facts, story.lines, story.world, at=at(100))
    return [((i.start - at(0)) / TEN, (i.end - at(0)) / TEN) for i in found.intervals]


def tens(picture: str) -> list[tuple[float, float]]:
    return [((i.start - at(0)) / TEN, (i.end - at(0)) / TEN) for i in drawn(picture, TEN)]


def told(page: str, server: str, *, ends: str = "dropped") -> Story:
    """Return a story of one page and one occupant, each as drawn; the page ends by `ends`."""
    story = Story()
    for n, stay in enumerate(drawn(page, TEN)):
        start, end = ((moment - at(0)) / timedelta(minutes=1) for moment in stay)
        story.joined(start, f"line{n}")
        if ends == "dropped":
            story.dropped(end, f"line{n}")
        else:
            story.left(end, f"line{n}")
    for stay in drawn(server, TEN):
        start, end = ((moment - at(0)) / timedelta(minutes=1) for moment in stay)
        story.was_in(start, end)
    return story


@pytest.mark.parametrize(
    ("page", "server", "counts"),
    [
        # Both lines were lost; the server waited for seventy seconds.
        ("■■■■■■■■■■■■·······", "■■■■■■■■■■■■■■■■■■■", "■■■■■■■■■■■■·······"),
        # She came back after the server had given up.
        ("■■■■■■··········■■■", "■■■■■■■■■■■■····■■■", "■■■■■■··········■■■"),
        # The server kept her: then the meeting went on, whatever became of the page's line.
        ("■■■■■■···■■■■■■■■■■", "■■■■■■■■■■■■■■■■■■■", "■■■■■■■■■■■■■■■■■■■"),
        # Two minutes are more than waiting: she was in the meeting, and only the page was lost.
        ("■■■■■■·············", "■■■■■■■■■■■■■■■■■■■", "■■■■■■■■■■■■■■■■■■■"),
        # The page never said that it was in: of the server's stretch there is nothing to cut.
        ("···················", "■■■■■■■■■■■■■■■■■■■", "■■■■■■■■■■■■■■■■■■■"),
    ],
)
def test_a_goodbye_that_the_server_only_waited_for_is_dated_to_when_the_line_was_heard(
    page: str, server: str, counts: str
) -> None:
    assert seen(told(page, server)) == tens(counts)


def test_a_page_that_said_goodbye_cuts_nothing() -> None:
    story = told("■■■■■■■■■■■■·······", "■■■■■■■■■■■■■■■■■■■", ends="left")
    assert seen(story) == tens("■■■■■■■■■■■■■■■■■■■")


def test_another_device_in_the_meeting_keeps_the_servers_word() -> None:
    story = told("■■■■■■■■■■■■·······", "■■■■■■■■■■■■■■■■■■■")
    story.line("phone", 1, visit=2).joined(1.5, "phone").left(19 / 6, "phone")
    assert seen(story) == tens("■■■■■■■■■■■■■■■■■■■")


def test_a_line_lost_and_found_and_lost_again_is_cut_at_the_last_silence() -> None:
    story = told("■■■■·■■■·····", "■■■■■■■■■■■■■")
    assert seen(story) == tens("■■■■■■■■·····")


def test_the_order_in_which_it_was_heard_changes_nothing() -> None:
    story = told("■■■■■■··········■■■", "■■■■■■■■■■■■····■■■")
    forwards = seen(story)
    story.facts.reverse()
    assert seen(story) == forwards
    assert Kind.DROPPED in {fact.kind for fact in story.facts}
