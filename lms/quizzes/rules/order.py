"""The order an attempt shows its questions and choices in: the same at every look, different between attempts."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, TypeVar

from lms.quizzes.rules.questions import Choice, MultipleChoice, SingleChoice


class Shuffle(StrEnum):
    """What is put into an order of its own for each attempt."""

    NONE = "none"
    QUESTIONS = "questions"
    CHOICES = "choices"
    BOTH = "both"


class Keyed(Protocol):
    """Anything with a stable key."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


def arrange(things: Iterable[T], seed: str, shuffle: Shuffle) -> list[T]:
    """Return the questions in the order of the attempt with this seed."""
    things = list(things)
    return _mixed(things, seed) if shuffle in (Shuffle.QUESTIONS, Shuffle.BOTH) else things


def arrange_choices(question: SingleChoice | MultipleChoice, seed: str, shuffle: Shuffle) -> Sequence[Choice]:
    """Return the question's choices in the order of the attempt; a question may ask to keep its own."""
    if question.keep_order or shuffle not in (Shuffle.CHOICES, Shuffle.BOTH):
        return question.choices
    return _mixed(question.choices, f"{seed}/{question.key}")


def _mixed(things: Iterable[T], seed: str) -> list[T]:
    # A digest and not random.shuffle: its order is promised by no version of Python, and a seed must outlive one.
    return sorted(things, key=lambda thing: sha256(f"{seed}:{thing.key}".encode()).digest())
