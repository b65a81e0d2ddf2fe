"""What answers come to. Below five nothing is told, since with fewer one could guess who said what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Any

LEAST = 5
# Below this a mean moves with every single answer; pages say so beside it.
FEW = 10


@dataclass(frozen=True)
class Score:
    """Ratings taken together: how many, and their mean; None where they are too few to be told.

    `margin` is how far the mean of all who might have answered may well lie from this one (95 %): with few answers,
    or answers far apart, it is wide.
    """

    count: int
    mean: float | None
    margin: float | None = None
    # How many gave each step, from the lowest; empty where too few.
    spread: tuple[int, ...] = ()

    @property
    def is_few(self) -> bool:
        return LEAST <= self.count < FEW


@dataclass(frozen=True)
class BlockResult:
    """A block: its score over all its items, and each item's (text, score)."""

    key: str
    level: int
    title: Mapping[str, str]
    score: Score
    items: tuple[tuple[Mapping[str, str], Score], ...]


@dataclass(frozen=True)
class Result:
    """A questionnaire's results. `asked` people, `answered` of them; `is_told` says whether anything may be shown."""

    asked: int
    answered: int
    scale: int
    blocks: tuple[BlockResult, ...] = ()
    texts: tuple[tuple[Mapping[str, str], tuple[str, ...]], ...] = ()

    @property
    def is_told(self) -> bool:
        return self.answered >= LEAST

    @property
    def share(self) -> float:
        return self.answered / self.asked if self.asked else 0.0

    @property
    def score(self) -> Score:
        """Return the score over everything rated, a block's mean counting once: long blocks do not outweigh."""
        return together(block.score for block in self.blocks)


def score(marks: Sequence[int], scale: int, *, people: int | None = None) -> Score:
    """Return the score of these marks; `people` is how many gave them, where one gave several."""
    count = len(marks) if people is None else people
    if count < LEAST:
        return Score(count, None)
    margin = 1.96 * _deviation(marks) / sqrt(count) if len(marks) > 1 else None
    spread = tuple(marks.count(step) for step in range(1, scale + 1))
    return Score(count, fmean(marks), margin, spread)


def _deviation(marks: Sequence[int]) -> float:
    """Return the standard deviation of a sample, exact up to its root: `statistics.stdev` works with fractions, and of
    five years of a programme there are ten thousand items."""
    count, whole = len(marks), sum(marks)
    return sqrt((count * sum(mark * mark for mark in marks) - whole * whole) / (count * (count - 1)))


def together(scores: Iterable[Score]) -> Score:
    """Return the mean of means that may be told, with the largest count behind them."""
    told = [one for one in scores if one.mean is not None]
    if not told:
        return Score(0, None)
    return Score(max(one.count for one in told), fmean(one.mean for one in told if one.mean is not None))


def summarise(content: Mapping[str, Any], ballots: Sequence[Mapping[str, Any]], asked: int) -> Result:
    """Return the results of these ballots. Fewer than five tell only how many there are.

    An item that fewer than five rated, because it did not concern the others, is not told either. What people wrote
    comes in alphabetical order, question by question, so that no two texts can be told to be one person's.
    """
    scale = content["scale"]
    if len(ballots) < LEAST:
        return Result(asked, len(ballots), scale)
    blocks = tuple(_block(block, ballots, scale) for block in content["blocks"])
    texts = tuple(
        (question["text"], tuple(sorted(_texts(ballots, question["key"]), key=str.casefold)))
        for question in content["open"]
    )
    return Result(asked, len(ballots), scale, blocks, texts)


def _block(block: Mapping[str, Any], ballots: Sequence[Mapping[str, Any]], scale: int) -> BlockResult:
    keys = [item["key"] for item in block["items"]]
    items = tuple(
        (item["text"], score([one["marks"][item["key"]] for one in ballots if item["key"] in one["marks"]], scale))
        for item in block["items"]
    )
    # Over what is told alone: else an item that is hidden could be worked out from the block.
    told = {key for key, (_text, one) in zip(keys, items, strict=True) if one.mean is not None}
    marks = [mark for one in ballots for key, mark in one["marks"].items() if key in told]
    people = sum(any(key in told for key in one["marks"]) for one in ballots)
    return BlockResult(block["key"], block["level"], block["title"], score(marks, scale, people=people), items)


def _texts(ballots: Sequence[Mapping[str, Any]], key: str) -> Iterable[str]:
    return (one["texts"][key] for one in ballots if one["texts"].get(key))
