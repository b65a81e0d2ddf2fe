"""Many lose the line within the same minute: when it is one outage, whose it is, and what granting it gives."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from lms.attendance.rules.amnesties import EVERYONE, Cut, Proposal, find_cuts, granted_credit, propose
from lms.attendance.rules.judgement import judge
from lms.attendance.rules.presence import presence
from lms.attendance.rules.timeline import timeline
from lms.kernel.intervals import Interval, gaps, overlap, total
from lms.sessions.rules import Policy
from tests.unit.attendance.drawing import MINUTE, Story, at, drawn

WINDOW = Interval(at(0), at(90))
SECOND = MINUTE / 60


def outage(people: Iterable[int], lost: float = 14, back: float = 22) -> list[Cut]:
    """Cuts of these people, a few seconds apart."""
    return [Cut(person, at(lost) + n * 5 * SECOND, at(back) - n * 7 * SECOND) for n, person in enumerate(people)]


def proposed(cuts: list[Cut], units: dict[str, Iterable[int]]) -> list[Proposal]:
    """What is proposed, with everybody of these units in the room from the beginning to the end."""
    groups = {person: (EVERYONE, unit) for unit, people in units.items() for person in people}
    lost = {cut.person: cut for cut in cuts}
    stays = {}
    for person in groups:
        cut = lost.get(person)
        stays[person] = [WINDOW] if cut is None else gaps([Interval(cut.lost, cut.back)], WINDOW)
    return propose(cuts, groups, stays)


def test_nine_people_of_one_unit_within_a_minute_are_one_outage() -> None:
    found = proposed(outage(range(9)), {"Dinas Kesehatan": range(10), "Disdukcapil": range(10, 30)})
    assert len(found) == 1
    assert found[0].group == "Dinas Kesehatan"
    assert found[0].people == tuple(range(9))
    assert found[0].span == Interval(at(14), at(22))


def test_two_people_are_no_outage() -> None:
    assert proposed(outage(range(2)), {"Dinas Kesehatan": range(2), "Disdukcapil": range(10, 30)}) == []


def test_three_of_ten_in_the_unit_are_their_own_bad_luck() -> None:
    assert proposed(outage(range(3)), {"Dinas Kesehatan": range(10), "Disdukcapil": range(10, 30)}) == []


def test_losses_spread_over_minutes_are_no_outage() -> None:
    cuts = [Cut(person, at(10 + 2 * person), at(20 + 2 * person)) for person in range(6)]
    assert proposed(cuts, {"Dinas Kesehatan": range(6), "Disdukcapil": range(10, 30)}) == []


def test_when_every_unit_is_struck_it_is_everyones() -> None:
    cuts = outage([0, 1, 2, 10, 11, 12, 20, 21])
    found = proposed(cuts, {"A": range(3), "B": range(10, 13), "C": range(20, 23)})
    assert [(one.group, len(one.people)) for one in found] == [(EVERYONE, 8)]


def test_a_stray_loss_elsewhere_does_not_make_it_everyones() -> None:
    found = proposed(outage([0, 1, 2, 3, 4, 10]), {"A": range(5), "B": range(10, 13), "C": range(20, 22)})
    assert [(one.group, one.people) for one in found] == [("A", (0, 1, 2, 3, 4))]


def test_a_class_of_one_unit_is_that_units_outage() -> None:
    found = proposed(outage(range(6)), {"A": range(8)})
    assert [one.group for one in found] == ["A"]


def test_two_outages_of_one_unit_are_two_proposals() -> None:
    cuts = outage(range(4), 10, 15) + outage(range(4), 40, 47)
    found = proposed(cuts, {"A": range(4), "B": range(10, 30)})
    assert [one.span.start for one in found] == [at(10), at(40)]


def test_people_who_were_not_there_yet_do_not_count_against_it() -> None:
    cuts = outage(range(3))
    groups = dict.fromkeys(range(9), (EVERYONE, "A")) | dict.fromkeys(range(20, 40), (EVERYONE, "B"))
    stays = {person: [Interval(at(0), at(14)), Interval(at(22), at(90))] for person in range(3)}
    stays |= {person: [Interval(at(30), at(90))] for person in range(3, 9)}
    stays |= {person: [WINDOW] for person in range(20, 40)}
    assert [one.group for one in propose(cuts, groups, stays)] == ["A"]


def test_a_goodbye_is_no_cut() -> None:
    lost = Story().joined(0, "a").dropped(14, "a").joined(22, "b")
    left = Story().joined(0, "a").left(14, "a").joined(22, "b")
    for story, count in ((lost, 1), (left, 0)):
        stays = presence(story.facts, story.lines, story.world, at=at(90)).intervals
        assert len(find_cuts(1, story.facts, stays, longer_than=90 * SECOND)) == count


def test_a_gap_that_is_bridged_anyway_or_lasts_half_the_lecture_is_no_cut() -> None:
    for back, count in ((15, 0), (22, 1), (44, 1), (45, 0)):
        story = Story().joined(0, "a").dropped(14, "a").joined(back, "b")
        stays = presence(story.facts, story.lines, story.world, at=at(90)).intervals
        assert len(find_cuts(1, story.facts, stays, longer_than=90 * SECOND)) == count


def granted(picture: str, span: tuple[float, float]) -> list[Interval]:
    return granted_credit(drawn(picture), [Interval(at(span[0]), at(span[1]))])


def test_an_amnesty_gives_the_gap_to_whoever_was_there_and_came_back() -> None:
    assert granted("■■■■····■■■■", (4, 8)) == [Interval(at(4), at(8))]
    # Struck a little later and back a little earlier: her own gap and no more.
    assert granted("■■■■■··■■■■■", (4, 8)) == [Interval(at(5), at(7))]
    # Back later than the others: what lies after the span stays a gap.
    assert granted("■■■■······■■", (4, 8)) == [Interval(at(4), at(8))]


def test_an_amnesty_gives_nothing_to_who_stayed_away_or_was_not_there() -> None:
    assert granted("■■■■········", (4, 8)) == []
    assert granted("········■■■■", (4, 8)) == []
    assert granted("■■··········", (4, 8)) == []
    # Away long before the others lost the line.
    assert granted("■■······■■■■", (4, 8)) == []
    # Back so late that she had gone.
    assert granted("■■■■··············■■", (4, 8)) == []


def test_a_granted_gap_counts_with_its_reason_and_taken_back_no_longer() -> None:
    story = Story().joined(0, "a").dropped(50, "a").joined(75, "b").left(90, "b").amnesty(50, 75)
    found = presence(story.facts, story.lines, story.world, at=at(95))
    verdict = judge(found, WINDOW, [], Policy(), at=at(95))
    assert verdict.status == "attended" and verdict.attended == 90 * MINUTE
    assert "amnesty_granted" in {said.code for said in verdict.reasons}
    spans = timeline(found, verdict, WINDOW, [])
    assert [(span.start, span.end) for span in spans if span.kind == "amnesty"] == [(at(50), at(75))]
    story.took_back(story.facts[-1].id, 96)
    after = presence(story.facts, story.lines, story.world, at=at(97))
    assert judge(after, WINDOW, [], Policy(), at=at(97)).status == "partial"


def test_an_amnesty_alone_makes_nobody_present() -> None:
    story = Story().amnesty(0, 90)
    found = presence(story.facts, story.lines, story.world, at=at(95))
    assert found.intervals == [] and not found.open


CUTS = st.lists(
    st.builds(
        lambda person, lost, length: Cut(person, at(lost), at(lost + length)),
        st.integers(0, 15),
        st.floats(0, 60),
        st.floats(2, 29),
    ),
    max_size=25,
)


@given(CUTS)
def test_no_cut_belongs_to_two_proposals_and_every_proposal_holds_its_people(cuts: list[Cut]) -> None:
    groups = {person: (EVERYONE, "AB"[person % 2], f"unit {person % 4}") for person in range(16)}
    found = propose(cuts, groups, {person: [WINDOW] for person in groups})
    assert sum(len(one.people) for one in found) <= len(cuts)
    for one in found:
        assert len(set(one.people)) == len(one.people) >= 3
        assert all(one.group in groups[person] for person in one.people)
        assert all(
            any(cut.person == person and one.span.start <= cut.lost and cut.back <= one.span.end for cut in cuts)
            for person in one.people
        )


STAYS = st.lists(st.tuples(st.integers(0, 85), st.integers(1, 30)), max_size=6).map(
    lambda stays: [Interval(at(start), at(start + length)) for start, length in stays]
)


@given(STAYS, st.integers(0, 80), st.integers(1, 30))
def test_never_more_is_given_than_the_span_and_the_gaps(stays: list[Interval], start: int, length: int) -> None:
    span = Interval(at(start), at(start + length))
    given_back = granted_credit(stays, [span])
    assert overlap(given_back, stays) == []
    assert overlap(given_back, [span]) == given_back
    assert total(given_back) <= length * MINUTE
