"""What an attempt shows in its own way: the order of questions and choices, and the names choices have in its page."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from lms.quizzes.rules.questions import AnyQuestion, Choice, MultipleChoice, SingleChoice


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


def choice_token(seed: str, question_key: str, choice_key: str) -> str:
    """Return the name a choice has in the page of one attempt.

    Keys are written by authors, who name them "right" and "trap"; what a browser gets must not tell.
    """
    return sha256(f"{seed}|{question_key}|{choice_key}".encode()).hexdigest()[:12]


def as_tokens(question: AnyQuestion, seed: str, response: Any) -> Any:
    """Return a stored response as the page of this attempt names it."""
    if not isinstance(question, SingleChoice | MultipleChoice) or response is None:
        return response
    if isinstance(response, str):
        return choice_token(seed, question.key, response)
    return [choice_token(seed, question.key, key) for key in response]


def from_tokens(question: AnyQuestion, seed: str, given: Any) -> Any:
    """Return what the page of this attempt sent with keys in place of tokens; unknown ones are left to be refused."""
    if not isinstance(question, SingleChoice | MultipleChoice):
        return given
    keys = {choice_token(seed, question.key, choice.key): choice.key for choice in question.choices}
    if isinstance(given, str):
        return keys.get(given, "" if not given else "?" + given)
    if isinstance(given, list):
        return [keys.get(one, f"?{one}") if isinstance(one, str) else one for one in given]
    return given


def _mixed(things: Iterable[T], seed: str) -> list[T]:
    # A digest and not random.shuffle: its order is promised by no version of Python, and a seed must outlive one.
    return sorted(things, key=lambda thing: sha256(f"{seed}:{thing.key}".encode()).digest())
