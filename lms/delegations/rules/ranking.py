"""Who goes: published criteria with weights, figures from 0 to 100, and a ranking anyone can work out again.

A candidate's total is the weighted mean of her figures, to two decimals, halves up. Equal totals are told apart by the
heaviest criterion in which the two differ; where they differ in none, by a lot that follows from the seed, and the seed
from the criteria as published, so that nobody can choose it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

CENT = Decimal("0.01")
WHOLE = Decimal(100)


class Source(StrEnum):
    """Where a criterion's figure comes from: the platform's own records, or the panel's scores."""

    ATTENDANCE = "attendance"
    POST_TEST = "post_test"
    GAIN = "gain"
    ACTION_PLAN = "action_plan"
    PANEL = "panel"


class Place(StrEnum):
    """What the ranking says about a candidate."""

    CHOSEN = "chosen"
    RESERVE = "reserve"
    NOT_CHOSEN = "not_chosen"
    # Under the least that a criterion asks for.
    BELOW = "below"
    # A figure is missing, so there is no total.
    INCOMPLETE = "incomplete"
    # Withdrawn, or found not to meet a requirement.
    OUT = "out"


@dataclass(frozen=True)
class Criterion:
    """One criterion: its weight in per cent, and the least figure that is asked for (None: any will do)."""

    id: int
    weight: Decimal
    least: Decimal | None = None


@dataclass(frozen=True)
class Figures:
    """A candidate as the ranking sees her: criterion id → figure from 0 to 100, None where it is missing."""

    id: int
    values: Mapping[int, Decimal | None]
    is_out: bool = False


@dataclass(frozen=True)
class Line:
    """A candidate's line of the ranking. `parts` are the weighted figures that add up to the total.

    `tied_with` are the ids of others with the same total; `decided_by` is the id of the criterion that put her before
    or after the nearest of them, 0 where the lot did, None where nobody has the same total.
    """

    id: int
    place: Place
    rank: int | None = None
    total: Decimal | None = None
    parts: Mapping[int, Decimal] = field(default_factory=dict)
    tied_with: tuple[int, ...] = ()
    decided_by: int | None = None


@dataclass(frozen=True)
class Contest:
    """Everything a ranking depends on: what is stored with a decision, so that it can be worked out again."""

    criteria: Sequence[Criterion]
    candidates: Sequence[Figures]
    quota: int
    reserves: int
    seed: str

    def stored(self) -> dict[str, Any]:
        """Return the contest as plain JSON values, figures as text so that no digit is lost."""
        return {
            "criteria": [
                {"id": one.id, "weight": str(one.weight), "least": None if one.least is None else str(one.least)}
                for one in self.criteria
            ],
            "candidates": [
                {
                    "id": one.id,
                    "out": one.is_out,
                    "values": {str(key): None if value is None else str(value) for key, value in one.values.items()},
                }
                for one in self.candidates
            ],
            "quota": self.quota,
            "reserves": self.reserves,
            "seed": self.seed,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Contest":
        """Return the contest that `stored` came from."""
        return cls(
            [Criterion(one["id"], Decimal(one["weight"]), _number(one["least"])) for one in stored["criteria"]],
            [
                Figures(one["id"], {int(key): _number(value) for key, value in one["values"].items()}, one["out"])
                for one in stored["candidates"]
            ],
            stored["quota"],
            stored["reserves"],
            stored["seed"],
        )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of plain JSON values, written without spaces and with sorted keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def lot(seed: str, candidate_id: int) -> str:
    """Return the candidate's lot: the smaller text comes first."""
    return hashlib.sha256(f"{seed}:{candidate_id}".encode()).hexdigest()


def rank(contest: Contest) -> list[Line]:
    """Return everybody's line: the ranked first, then those without a rank in the order in which they came."""
    heaviest_first = sorted(contest.criteria, key=lambda one: (-one.weight, one.id))
    ranked, others = [], []
    for candidate in contest.candidates:
        place = _hindrance(contest.criteria, candidate)
        if place is None:
            ranked.append(candidate)
        else:
            others.append(Line(candidate.id, place, total=_total(contest.criteria, candidate)))

    def order(one: Figures) -> tuple[Any, ...]:
        total = _total(contest.criteria, one)
        return (-(total or 0), *(-(one.values[key.id] or 0) for key in heaviest_first), lot(contest.seed, one.id))

    ranked.sort(key=order)
    lines = []
    for number, candidate in enumerate(ranked, start=1):
        total = _total(contest.criteria, candidate)
        equals = [other for other in ranked if _total(contest.criteria, other) == total and other.id != candidate.id]
        lines.append(
            Line(
                candidate.id,
                _place(number, contest),
                number,
                total,
                _parts(contest.criteria, candidate),
                tuple(other.id for other in equals),
                _decided_by(candidate, equals, ranked, heaviest_first),
            )
        )
    return [*lines, *others]


def _hindrance(criteria: Sequence[Criterion], candidate: Figures) -> Place | None:
    if candidate.is_out:
        return Place.OUT
    if any(candidate.values.get(one.id) is None for one in criteria):
        return Place.INCOMPLETE
    if any(one.least is not None and (candidate.values[one.id] or 0) < one.least for one in criteria):
        return Place.BELOW
    return None


def _total(criteria: Sequence[Criterion], candidate: Figures) -> Decimal | None:
    weights = sum((one.weight for one in criteria), Decimal(0))
    if not weights:
        return None
    summed = Decimal(0)
    for one in criteria:
        value = candidate.values.get(one.id)
        if value is None:
            return None
        summed += value * one.weight
    return (summed / weights).quantize(CENT, ROUND_HALF_UP)


def _parts(criteria: Sequence[Criterion], candidate: Figures) -> dict[int, Decimal]:
    weights = sum((one.weight for one in criteria), Decimal(0))
    return {
        one.id: ((candidate.values[one.id] or Decimal(0)) * one.weight / weights).quantize(CENT, ROUND_HALF_UP)
        for one in criteria
    }


def _place(number: int, contest: Contest) -> Place:
    if number <= contest.quota:
        return Place.CHOSEN
    return Place.RESERVE if number <= contest.quota + contest.reserves else Place.NOT_CHOSEN


def _decided_by(
    candidate: Figures, equals: Sequence[Figures], ranked: Sequence[Figures], heaviest_first: Sequence[Criterion]
) -> int | None:
    """Return what stands between her and the nearest with the same total: a criterion's id, 0 for the lot."""
    if not equals:
        return None
    own = ranked.index(candidate)
    nearest = min(equals, key=lambda other: abs(ranked.index(other) - own))
    return next((one.id for one in heaviest_first if candidate.values[one.id] != nearest.values[one.id]), 0)


def mean_score(points: Sequence[int]) -> Decimal | None:
    """Return the panel's figure, the mean of its members' points to two decimals; None before the first."""
    if not points:
        return None
    return (Decimal(sum(points)) / len(points)).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Sample:
    """An invented candidate, for trying weights before anybody's figures may be seen."""

    code: str
    values: Mapping[Source, int]


# Five ways of being good: what a change of weights does to them is what it would do to people like them.
_ORDER = (Source.ATTENDANCE, Source.POST_TEST, Source.GAIN, Source.ACTION_PLAN, Source.PANEL)
SAMPLES = tuple(
    Sample(code, dict(zip(_ORDER, figures, strict=True)))
    for code, figures in (
        ("steady", (100, 74, 55, 78, 76)),
        ("brilliant", (82, 96, 70, 70, 80)),
        ("riser", (92, 80, 90, 75, 74)),
        ("doer", (88, 72, 60, 98, 82)),
        ("speaker", (84, 70, 45, 65, 97)),
    )
)


def try_weights(criteria: Sequence[tuple[Criterion, Source]], seed: str = "") -> list[tuple[Sample, Line]]:
    """Return the invented candidates as these weights would rank them."""
    people = [
        Figures(number, {one.id: Decimal(sample.values[source]) for one, source in criteria})
        for number, sample in enumerate(SAMPLES)
    ]
    plain = [Criterion(one.id, one.weight) for one, _ in criteria]
    lines = rank(Contest(plain, people, quota=len(SAMPLES), reserves=0, seed=seed))
    return [(SAMPLES[line.id], line) for line in lines]
