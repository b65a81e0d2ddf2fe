"""The file of a call held elsewhere as a witness: it adds, and denies only about whom it names."""

from lms.attendance.rules.evidence import Fact, Kind, Source
from lms.attendance.rules.presence import Setting, presence
from lms.attendance.rules.witnesses import Disagreement, disagreement, hear
from lms.kernel.intervals import Interval
from lms.sessions.rules import Policy
from tests.unit.attendance.drawing import Story, at

WHOLE = [Interval(at(0), at(90))]


def by_file(story: Story, start: float, end: float, kind: Kind = Kind.IN_CALL) -> Story:
    span = Interval(at(start), at(end)) if kind is Kind.IN_CALL else None
    fact = Fact(len(story.facts) + 1, kind, at(start), at(100), source=Source.IMPORT, span=span)
    story.facts.append(fact)
    return story


def asked(story: Story) -> Disagreement | None:
    """Return the contradiction where the file speaks of somebody from the start on."""
    spoken = hear(
        story.facts,
        story.lines,
        story.world,
        WHOLE,
        Policy(),
        at=at(95),
        setting=Setting(ends=at(90)),
        watched_since={Source.IMPORT: at(0)},
    )
    return disagreement(spoken)


def test_its_stretches_are_united_with_everybody_elses() -> None:
    story = by_file(Story().joined(0).left(30), 20, 60)
    found = presence(story.facts, story.lines, story.world, at=at(95))
    assert found.intervals == [Interval(at(0), at(60))]


def test_whoever_it_names_was_not_there_where_it_says_nothing() -> None:
    found = asked(by_file(Story().joined(0).left(90), 0, 60))
    assert found is not None
    assert (found.first.witness, found.second.witness) == (Source.IMPORT, Source.BROWSER)
    assert found.stretches == (Interval(at(60), at(90)),)


def test_about_whom_it_does_not_name_it_says_nothing() -> None:
    assert asked(Story().joined(0).left(90)) is None


def test_taken_back_it_says_nothing_any_more() -> None:
    story = by_file(Story().joined(0).left(90), 0, 60)
    assert asked(story.took_back(3, 99)) is None
    assert presence(story.facts, story.lines, story.world, at=at(95)).intervals == [Interval(at(0), at(90))]


def test_minutes_without_times_give_and_deny_nothing() -> None:
    story = by_file(Story(), 0, 0, Kind.CALL_TOTAL)
    assert presence(story.facts, story.lines, story.world, at=at(95)).intervals == []
    assert asked(by_file(Story().joined(0).left(90), 0, 0, Kind.CALL_TOTAL)) is None
