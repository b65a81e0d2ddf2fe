"""What became of each choice of a question: who chose it, and whether it does what it is there for."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

IDLE = 0.05
"""A wrong choice that fewer than one in twenty take for right distracts nobody."""


class ChoiceRemark(StrEnum):
    """What is odd about a choice."""

    IDLE = "idle"
    DRAWS_STRONG = "draws_strong"
    SHUNNED = "shunned"


@dataclass(frozen=True)
class Choosing:
    """How many chose it, of all and of the two outer groups; shares are of the whole group, None where it is empty."""

    key: str
    is_right: bool
    count: int
    share: float | None
    strong: float | None
    weak: float | None
    remark: ChoiceRemark | None = None


def read_choices(
    given: Mapping[K, Collection[str]],
    keys: Sequence[str],
    right: Collection[str],
    strong: Collection[K],
    weak: Collection[K],
) -> list[Choosing]:
    """Return each choice in the order of `keys`; `given` holds what each attempt chose, nothing where unanswered.

    A wrong choice that the strong take more often than the weak draws those it should not; a right one that they
    take less often is shunned by those who know.
    """
    strong_of, weak_of = (set(given) & set(group) for group in (strong, weak))
    return [_choosing(key, given, key in right, strong_of, weak_of) for key in keys]


def _choosing(key: str, given: Mapping[K, Collection[str]], is_right: bool, strong: set[K], weak: set[K]) -> Choosing:
    takers = {who for who, chosen in given.items() if key in chosen}
    share, of_strong, of_weak = (
        len(takers & group) / len(group) if group else None for group in (set(given), strong, weak)
    )
    remark = None
    if share is not None and of_strong is not None and of_weak is not None:
        if is_right and of_strong < of_weak:
            remark = ChoiceRemark.SHUNNED
        elif not is_right and of_strong > of_weak:
            remark = ChoiceRemark.DRAWS_STRONG
        elif not is_right and share < IDLE:
            remark = ChoiceRemark.IDLE
    return Choosing(key, is_right, len(takers), share, of_strong, of_weak, remark)
