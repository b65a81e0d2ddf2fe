"""What an attempt shows in its own way: the order of questions and choices, and the names choices have in its page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Cloze,
    Matching,
    MultipleChoice,
    Named,
    Ordering,
    SingleChoice,
)


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
    return mix(things, seed) if shuffle in (Shuffle.QUESTIONS, Shuffle.BOTH) else things


def arrange_choices(question: SingleChoice | MultipleChoice, seed: str, shuffle: Shuffle) -> Sequence[Choice]:
    """Return the question's choices in the order of the attempt; a question may ask to keep its own."""
    if question.keep_order or shuffle not in (Shuffle.CHOICES, Shuffle.BOTH):
        return question.choices
    return mix(question.choices, f"{seed}/{question.key}")


def choice_token(seed: str, question_key: str, choice_key: str) -> str:
    """Return the name a choice has in the page of one attempt.

    Keys are written by authors, who name them "right" and "trap"; what a browser gets must not tell.
    """
    return sha256(f"{seed}|{question_key}|{choice_key}".encode()).hexdigest()[:12]


def arrange_steps(question: Ordering, seed: str) -> Sequence[Named]:
    """Return the steps to be put in order, never in their right order."""
    mixed = mix(question.steps, f"{seed}/{question.key}")
    return mixed if mixed != list(question.steps) else [*mixed[1:], mixed[0]]


def arrange_options(question: Matching, seed: str) -> Sequence[Named]:
    """Return what may be matched, in an order of the attempt's own: as written, it would give the pairs away."""
    return mix(question.options, f"{seed}/{question.key}")


def as_tokens(question: AnyQuestion, seed: str, response: Any) -> Any:
    """Return a stored response as the page of this attempt names it."""
    if response is None:
        return None
    token = partial(choice_token, seed, question.key)
    match question:
        case SingleChoice():
            return token(response)
        case MultipleChoice():
            return [token(key) for key in response]
        case Matching():
            return {token(f"pair/{key}"): token(option) for key, option in response.items()}
        case Ordering():
            return {token(key): str(place) for key, place in response.items()}
        case Cloze():
            chosen = {gap.key for gap in question.gaps if gap.choices}
            return {token(key): token(f"{key}/{value}") if key in chosen else value for key, value in response.items()}
    return response


def from_tokens(question: AnyQuestion, seed: str, given: Any) -> Any:
    """Return what the page of this attempt sent with keys in place of tokens; unknown ones are left to be refused."""
    token = partial(choice_token, seed, question.key)
    match question:
        case SingleChoice() | MultipleChoice():
            return _named(given, {token(choice.key): choice.key for choice in question.choices})
        case Matching():
            pairs = {token(f"pair/{pair.key}"): pair.key for pair in question.pairs}
            options = {token(option.key): option.key for option in question.options}
            return _parts_named(given, pairs, lambda _key, value: _named(value, options))
        case Ordering():
            return _parts_named(
                given, {token(step.key): step.key for step in question.steps}, lambda _key, value: value
            )
        case Cloze():
            choices = {gap.key: {token(f"{gap.key}/{c.key}"): c.key for c in gap.choices} for gap in question.gaps}
            gaps = {token(gap.key): gap.key for gap in question.gaps}
            return _parts_named(
                given, gaps, lambda key, value: _named(value, choices[key]) if choices.get(key) else value
            )
    return given


def _named(given: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(given, str):
        return keys.get(given, "" if not given else "?" + given)
    if isinstance(given, list):
        return [keys.get(one, f"?{one}") if isinstance(one, str) else one for one in given]
    return given


def _parts_named(given: Any, keys: Mapping[str, str], value_named: Callable[[str, Any], Any]) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {keys.get(name, f"?{name}"): value_named(keys.get(name, ""), value) for name, value in given.items()}


def mix(things: Iterable[T], seed: str) -> list[T]:
    """Return the things in an order that this seed always gives."""
    # A digest and not random.shuffle: its order is promised by no version of Python, and a seed must outlive one.
    return sorted(things, key=lambda thing: sha256(f"{seed}:{thing.key}".encode()).digest())
