"""Several witnesses of one person: what each says alone, and where two contradict each other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from lms.attendance.rules.evidence import Fact, Kind, Line, Source
from lms.attendance.rules.presence import Presence, Setting, World, bridge, presence
from lms.kernel.intervals import Interval, clip, merge, overlap, subtract, total
from lms.sessions.rules import Policy

# Whose word weighs more. The meeting server authenticated whom it let in; a page speaks for itself; a scan was
# made by the person concerned.
TRUST: Mapping[Source, int] = {
    Source.COORDINATOR: 5,
    Source.JITSI: 4,
    Source.IMPORT: 3,
    Source.BROWSER: 2,
    Source.CHECK_IN: 1,
}
# Below this two clocks, a late webhook and a slow page differ all the time.
WORTH_ASKING = timedelta(minutes=2)

# These see a whole meeting: where they say nothing about somebody, they deny that she was there.
_SERVERS = (Source.JITSI, Source.IMPORT)


@dataclass(frozen=True)
class Statement:
    """One witness about one person, in counted time.

    `claims`: she was there; `speaks`: where the witness could have seen her, so that its silence is a denial.
    `contestable` are the claims others could contradict: not those of somebody who watched at another's screen,
    which no witness of the meeting can know.
    """

    witness: Source
    presence: Presence
    claims: tuple[Interval, ...]
    speaks: tuple[Interval, ...]
    contestable: tuple[Interval, ...]


@dataclass(frozen=True)
class Disagreement:
    """Two witnesses, the more trusted first, and the stretches about which they contradict each other."""

    first: Statement
    second: Statement
    stretches: tuple[Interval, ...]

    @property
    def length(self) -> timedelta:
        return total(self.stretches)


def facts_of(facts: Iterable[Fact], witness: Source) -> list[Fact]:
    """Return what this witness alone said, and what a coordinator said: her word stands above every witness."""
    return [fact for fact in facts if fact.source in (witness, Source.COORDINATOR)]


def hear(
    facts: Sequence[Fact],
    lines: Mapping[str, Line],
    world: World,
    whole: Sequence[Interval],
    policy: Policy,
    *,
    at: datetime,
    setting: Setting,
    watched_since: Mapping[Source, datetime],
) -> list[Statement]:
    """Return what each witness says of one person, the most trusted first; coordinators apart.

    `whole` is the counted window as far as it has come. `watched_since` tells when a witness that sees whole
    meetings first spoke of anybody in this session.
    """
    retractions = [fact for fact in facts if fact.kind is Kind.RETRACTED]
    found = []
    for witness in sorted(set(TRUST) - {Source.COORDINATOR}, key=lambda one: -TRUST[one]):
        own = [fact for fact in facts if fact.source is witness]
        if not own and witness not in watched_since:
            continue
        heard = [*own, *retractions]
        claims = _counted(heard, lines, world, whole, policy, at, setting)
        scans = [fact for fact in heard if fact.kind not in (Kind.SHARED, Kind.SHARE_LEFT)]
        found.append(
            Statement(
                witness,
                presence(heard, lines, world, at=at, setting=setting),
                tuple(claims),
                tuple(overlap(_speaks(witness, heard, watched_since, at), whole)),
                tuple(
                    claims if len(scans) == len(heard) else _counted(scans, lines, world, whole, policy, at, setting)
                ),
            )
        )
    return found


def _counted(
    facts: Sequence[Fact],
    lines: Mapping[str, Line],
    world: World,
    whole: Sequence[Interval],
    policy: Policy,
    at: datetime,
    setting: Setting,
) -> list[Interval]:
    """Return the counted time these facts give, short gaps bridged."""
    found = presence(facts, lines, world, at=at, setting=setting)
    if not whole:
        return []
    bridged = bridge(found, Interval(whole[0].start, whole[-1].end), policy)
    return overlap(bridged.intervals, whole)


def _speaks(
    witness: Source, heard: Collection[Fact], watched_since: Mapping[Source, datetime], at: datetime
) -> list[Interval]:
    """Return where this witness would have seen the person."""
    retracted = {fact.retracts for fact in heard}
    if witness is Source.IMPORT and not any(f.kind is Kind.IN_CALL and f.id not in retracted for f in heard):
        # Whoever a file does not name may stand in it under a name that nobody has confirmed yet.
        return []
    if witness in _SERVERS:
        return [Interval(watched_since[witness], at)] if witness in watched_since else []
    if witness is not Source.BROWSER:
        # A scan says that somebody came; of those who do not scan it knows nothing.
        return []
    spans: list[Interval] = []
    since: datetime | None = None
    for fact in sorted(heard, key=lambda one: (one.at, one.id)):
        if fact.kind in (Kind.JOINED, Kind.RESUMED):
            since = since if since is not None else fact.at
        elif fact.kind is Kind.OPENED_ELSEWHERE and since is not None:
            # From here on the meeting goes on where this page cannot look.
            spans.append(Interval(since, fact.at))
            since = None
    if since is not None:
        spans.append(Interval(since, at))
    return spans


def disagreement(spoken: Sequence[Statement], decided: Sequence[Interval] = ()) -> Disagreement | None:
    """Return the gravest contradiction between two witnesses of different trust above `WORTH_ASKING`, or None.

    What lies in `decided`, where a coordinator saw the person herself, is no longer a question.
    """
    found = []
    for first, second in combinations(spoken, 2):
        stretches = subtract([*_denied(first, second), *_denied(second, first)], decided)
        if total(stretches) > WORTH_ASKING:
            found.append(Disagreement(first, second, tuple(stretches)))
    return max(found, key=lambda one: (one.length, TRUST[one.first.witness]), default=None)


def _denied(claimant: Statement, other: Statement) -> list[Interval]:
    """Return where one says she was there and the other, who would have seen her, says she was not."""
    if claimant.witness is Source.CHECK_IN and not other.claims:
        # Somebody in the room need not be in the meeting: only who was in it too can be missed there.
        return []
    return subtract(overlap(claimant.contestable, other.speaks), other.claims)


def seen_by_coordinators(facts: Iterable[Fact]) -> list[Interval]:
    """Return the spans in which a coordinator saw the person, not taken back."""
    facts = list(facts)
    retracted = {fact.retracts for fact in facts if fact.retracts is not None}
    return merge(
        fact.span for fact in facts if fact.kind is Kind.SEEN and fact.span is not None and fact.id not in retracted
    )


def elapsed(whole: Sequence[Interval], at: datetime) -> list[Interval]:
    """Return what of the counted window has passed."""
    return clip(whole, Interval(whole[0].start, at)) if whole and at > whole[0].start else []
