"""What the answers of a class say about the questions themselves: classical test theory, from its formulas.

Formulas and their conventions (sample statistics, rest scores, which figure needs how many attempts) as in the quiz
statistics of Moodle's core, so that an instructor finds the figures she knows. Throughout, x is the mark on an item,
X an attempt's total, and y = X - x the rest score.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, sqrt
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

FEW = 10
"""Below so many attempts the figures say more about chance than about the question."""

KELLEY = 0.27
"""The part of the class that counts as strong and as weak: the two groups that tell most (Kelley 1939)."""


@dataclass(frozen=True)
class ItemFigures:
    """An item's figures; those in per cent say so. None: it cannot be told from these attempts."""

    seen: int
    # Mean mark over highest mark, 0 to 1 (tingkat kesukaran: 1 is easy).
    facility: float
    sd: float | None = None
    covariance: float | None = None
    covariance_max: float | None = None
    # Correlation with the rest of the test, per cent (daya pembeda).
    discrimination: float | None = None
    # Discrimination against the highest that these marks allow, per cent.
    efficiency: float | None = None
    # How much of the spread of totals comes from this item, per cent of all items.
    weight: float | None = None
    # Those who do well on the rest do worse here, so that its weight cannot be told.
    is_covariance_negative: bool = False


@dataclass(frozen=True)
class QuizFigures:
    """A whole quiz's figures in points; `consistency` (Cronbach's alpha) and `error_ratio` are per cent."""

    attempts: int
    mean: float
    median: float
    sd: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None
    consistency: float | None = None
    error_ratio: float | None = None
    standard_error: float | None = None


class Remark(StrEnum):
    """What the figures of an item mean, in the order of urgency."""

    MISLEADS = "misleads"
    UNDECIDED = "undecided"
    TOO_EASY = "too_easy"
    TOO_HARD = "too_hard"
    POOR = "poor"
    WEAK = "weak"
    ADEQUATE = "adequate"
    GOOD = "good"


class Reliability(StrEnum):
    """How far a total can be trusted, by Cronbach's alpha."""

    GOOD = "good"
    FAIR = "fair"
    WEAK = "weak"


def analyse(
    attempts: Sequence[Mapping[K, float]], highest: Mapping[K, float]
) -> tuple[QuizFigures | None, dict[K, ItemFigures]]:
    """Return the quiz's figures (None without attempts) and each item's, by its key in `highest`.

    An attempt maps the items it saw to its marks. Where not everybody saw every item (random draws, a question added
    later), an item is judged by those who saw it, and what compares all items with each other stays None.
    """
    totals = [fsum(attempt.values()) for attempt in attempts]
    items: dict[K, ItemFigures] = {}
    shared: dict[K, float] = {}
    for key, most in highest.items():
        pairs = [(attempt[key], total) for attempt, total in zip(attempts, totals, strict=True) if key in attempt]
        marks = [mark for mark, _ in pairs]
        if not marks:
            continue
        items[key] = _item(marks, [total - mark for mark, total in pairs], most)
        if len(pairs) > 1:
            shared[key] = covariance(marks, [total for _, total in pairs])
    everybody_saw_all = all(figures.seen == len(attempts) for figures in items.values())
    if everybody_saw_all:
        items = _weigh(items, shared)
    if not attempts:
        return None, items
    return _quiz(totals, [items[key] for key in items] if everybody_saw_all else []), items


def remark(figures: ItemFigures) -> Remark:
    """Return the one thing to know about an item first.

    Bands as Moodle's documentation reads them: discrimination from 50 very good, from 30 adequate, from 20 weak,
    below that poor, negative misleading; facility above 0.9 too easy to tell anybody apart, below 0.2 too hard.
    """
    if figures.discrimination is not None and figures.discrimination < 0:
        return Remark.MISLEADS
    if figures.facility > 0.9:
        return Remark.TOO_EASY
    if figures.facility < 0.2:
        return Remark.TOO_HARD
    if figures.discrimination is None:
        return Remark.UNDECIDED
    if figures.discrimination < 20:
        return Remark.POOR
    if figures.discrimination < 30:
        return Remark.WEAK
    return Remark.ADEQUATE if figures.discrimination < 50 else Remark.GOOD


def reliability(consistency: float) -> Reliability:
    """Return the band of Cronbach's alpha in per cent: from 75 good, below 64 weak."""
    return Reliability.GOOD if consistency >= 75 else Reliability.FAIR if consistency >= 64 else Reliability.WEAK


def strong_and_weak(totals: Mapping[K, float]) -> tuple[set[K], set[K]]:
    """Return who is of the strongest and who of the weakest 27 per cent; nobody is of both.

    Whoever has the same total as the last of a group is left out of neither by chance: groups are cut by rank, and
    ties at the cut are broken by the keys' order, so that the same class always gives the same groups.
    """
    ranked = sorted(totals, key=lambda key: (-totals[key], str(key)))
    size = max(1, round(len(ranked) * KELLEY)) if len(ranked) > 1 else 0
    return set(ranked[:size]), set(ranked[len(ranked) - size :])


def spread(percents: Sequence[float], bands: int = 10) -> list[int]:
    """Return how many results lie in each of so many equal bands of 0 to 100; 100 belongs to the last."""
    counts = [0] * bands
    for percent in percents:
        counts[min(int(percent * bands / 100), bands - 1)] += 1
    return counts


def mean(values: Sequence[float]) -> float:
    """Return the mean; of nothing it is not asked."""
    return fsum(values) / len(values)


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two middle ones."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def covariance(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the sample covariance (n - 1) of two lists of one length, at least two long."""
    # Marks such as 1/3 leave a trace of rounding where there is no spread at all; then the answer is 0, not 1e-33.
    if min(xs) == max(xs) or min(ys) == max(ys):
        return 0.0
    x, y = mean(xs), mean(ys)
    return fsum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / (len(xs) - 1)


def _item(marks: Sequence[float], rest: Sequence[float], most: float) -> ItemFigures:
    facility = mean(marks) / most
    if len(marks) < 2:
        return ItemFigures(len(marks), facility)
    variance, rest_variance, shared = covariance(marks, marks), covariance(rest, rest), covariance(marks, rest)
    highest = covariance(sorted(marks), sorted(rest))
    spread_of_both = variance * rest_variance
    return ItemFigures(
        seen=len(marks),
        facility=facility,
        sd=sqrt(variance),
        covariance=shared,
        covariance_max=highest,
        discrimination=100 * shared / sqrt(spread_of_both) if spread_of_both > 0 else None,
        efficiency=100 * shared / highest if highest > 0 else None,
    )


def _weigh(items: dict[K, ItemFigures], shared: Mapping[K, float]) -> dict[K, ItemFigures]:
    """Return the figures with effective weights: items that covary negatively with the total have none."""
    roots = {key: sqrt(value) for key, value in shared.items() if value >= 0}
    whole = fsum(roots.values())
    return {
        key: ItemFigures(
            **{
                **vars(figures),
                "weight": 100 * roots[key] / whole if key in roots and whole > 0 else None,
                "is_covariance_negative": shared.get(key, 0.0) < 0,
            }
        )
        for key, figures in items.items()
    }


def _quiz(totals: Sequence[float], items: Sequence[ItemFigures]) -> QuizFigures:
    count, average = len(totals), mean(totals)
    if count < 2:
        return QuizFigures(count, average, median(totals))
    variance = covariance(totals, totals)
    skewness, kurtosis = _shape(totals, average, variance)
    consistency = _consistency(items, variance)
    error_ratio = 100 * sqrt(1 - consistency / 100) if consistency is not None else None
    return QuizFigures(
        attempts=count,
        mean=average,
        median=median(totals),
        sd=sqrt(variance),
        skewness=skewness,
        kurtosis=kurtosis,
        consistency=consistency,
        error_ratio=error_ratio,
        standard_error=error_ratio * sqrt(variance) / 100 if error_ratio is not None else None,
    )


def _consistency(items: Sequence[ItemFigures], variance: float) -> float | None:
    """Return Cronbach's alpha in per cent: needs two items and totals that differ."""
    if len(items) < 2 or variance <= 0:
        return None
    own = fsum((figures.sd or 0.0) ** 2 for figures in items)
    return 100 * len(items) / (len(items) - 1) * (1 - own / variance)


def _shape(totals: Sequence[float], average: float, variance: float) -> tuple[float | None, float | None]:
    """Return skewness (three attempts and more) and excess kurtosis (four and more), by k-statistics."""
    count = len(totals)
    if variance <= 0 or count < 3:
        return None, None
    second, third, fourth = (fsum((total - average) ** power for total in totals) / count for power in (2, 3, 4))
    k3 = count**2 * third / ((count - 1) * (count - 2))
    skewness = k3 / variance**1.5
    if count < 4:
        return skewness, None
    k4 = count**2 * ((count + 1) * fourth - 3 * (count - 1) * second**2)
    return skewness, k4 / ((count - 1) * (count - 2) * (count - 3)) / variance**2
