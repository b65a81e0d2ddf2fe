"""Many lose the line within the same minute: found as one gap for one decision, and what granting it gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from lms.attendance.rules.evidence import Fact, Kind
from lms.kernel.intervals import Interval, merge

# "Within the same minute": between the first and the last who lost the line.
APART = timedelta(seconds=60)
# A gap longer than this is no longer one hiccup of a network that all of them waited for.
LONGEST = timedelta(minutes=30)
# So many people of one unit …
LEAST_OF_UNIT = 3
# … or of all together …
LEAST_OF_ALL = 5
# … and at least this share of those who were in the room just before.
LEAST_SHARE = 0.5
# Whoever resumes this much after the window still belonged to it; the time after the window is not given.
RESUME_WITHIN = timedelta(minutes=5)
# A line's end is dated to when it was last heard; who was heard a moment before the first loss is struck as well.
LOST_BEFORE = timedelta(seconds=60)

EVERYONE = ""


@dataclass(frozen=True)
class Cut:
    """One person's line lost without a goodbye, and found again."""

    person: int
    lost: datetime
    back: datetime


@dataclass(frozen=True)
class Proposal:
    """A common outage: `group` is a unit's name, or EVERYONE; `people` lost the line and came back."""

    group: str
    span: Interval
    people: tuple[int, ...]


def find_cuts(person: int, facts: Iterable[Fact], stays: Sequence[Interval], *, longer_than: timedelta) -> list[Cut]:
    """Return the gaps in somebody's presence that began with a lost line, not with a goodbye, and ended again."""
    drops = [fact.at for fact in facts if fact.kind is Kind.DROPPED]
    return [
        Cut(person, before.end, after.start)
        for before, after in pairwise(merge(stays))
        if longer_than < after.start - before.end <= LONGEST
        and any(abs(drop - before.end) <= timedelta(seconds=1) for drop in drops)
    ]


def propose(
    cuts: Iterable[Cut], groups: Mapping[int, Sequence[str]], stays: Mapping[int, Sequence[Interval]]
) -> list[Proposal]:
    """Return the common outages, earliest first. No cut belongs to two.

    `groups` names each person's groups from the widest (EVERYONE) to the narrowest unit; `stays` is everybody's
    presence. A wider group is proposed only if the outage went through it: at least half of the groups inside it
    lost at least half of theirs.
    """
    left = sorted(cuts, key=lambda cut: (cut.lost, cut.person))
    found: list[Proposal] = []
    deepest = max((len(chain) for chain in groups.values()), default=0)
    for level in range(deepest):
        names = {chain[level] for chain in groups.values() if len(chain) > level}
        for name in sorted(names):
            members = {person for person, chain in groups.items() if len(chain) > level and chain[level] == name}
            pool = [cut for cut in left if cut.person in members]
            while best := _largest(pool):
                pool = [cut for cut in pool if cut not in best]
                if _is_common(best, members, groups, stays, level):
                    span = Interval(best[0].lost, max(cut.back for cut in best))
                    found.append(Proposal(name, span, tuple(sorted(cut.person for cut in best))))
                    left = [cut for cut in left if cut not in best]
    return sorted(found, key=lambda one: (one.span.start, one.group))


def _largest(cuts: Sequence[Cut]) -> list[Cut]:
    """Return the most cuts that began within APART of the first of them, one a person."""
    best: list[Cut] = []
    for first in cuts:
        by_person: dict[int, Cut] = {}
        for cut in cuts:
            if first.lost <= cut.lost <= first.lost + APART:
                by_person.setdefault(cut.person, cut)
        if len(by_person) > len(best):
            best = list(by_person.values())
    return best


def _is_common(
    cluster: Sequence[Cut],
    members: set[int],
    groups: Mapping[int, Sequence[str]],
    stays: Mapping[int, Sequence[Interval]],
    level: int,
) -> bool:
    struck = {cut.person for cut in cluster}
    if len(struck) < (LEAST_OF_UNIT if level else LEAST_OF_ALL):
        return False
    just_before = cluster[0].lost - timedelta(seconds=1)
    were_there = struck | {
        person for person in members if any(stay.start <= just_before < stay.end for stay in stays.get(person, ()))
    }
    if len(struck) < LEAST_SHARE * len(were_there):
        return False
    inside: dict[str, list[bool]] = {}
    for person in were_there:
        chain = groups[person]
        inside.setdefault(chain[min(level + 1, len(chain) - 1)], []).append(person in struck)
    through = [sum(lost) >= LEAST_SHARE * len(lost) for lost in inside.values()]
    # Everyone who was there may be of one unit: then it is that unit's outage.
    is_narrower = len(inside) == 1 and any(len(groups[person]) > level + 1 for person in were_there)
    return not is_narrower and sum(through) >= LEAST_SHARE * len(through)


def granted_credit(seen: Sequence[Interval], spans: Iterable[Interval]) -> list[Interval]:
    """Return what granted amnesties give one person: gaps within them, to whoever was there before and came back.

    Nothing to who stayed away, nothing before or after the span.
    """
    stays = merge(seen)
    given = []
    for span in spans:
        for before, after in pairwise(stays):
            is_struck = span.start - LOST_BEFORE <= before.end < span.end and after.start <= span.end + RESUME_WITHIN
            if is_struck:
                given.append(Interval(max(before.end, span.start), min(after.start, span.end)))
    return merge(given)
