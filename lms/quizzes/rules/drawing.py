"""Which questions an attempt asks, section by section: all of a section, or some drawn by the attempt's seed."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

from lms.quizzes.rules.order import Keyed
from lms.quizzes.rules.settings import Section

T = TypeVar("T", bound=Keyed)
U = TypeVar("U")


def split(items: Sequence[U], sections: Sequence[Section]) -> list[tuple[Section, Sequence[U]]]:
    """Return each section with its items, `items` as written; those before the first section are one of their own."""
    rest = len(items) - sum(section.count for section in sections)
    found: list[tuple[Section, Sequence[U]]] = []
    at = 0
    for section in ([Section(rest)] if rest > 0 else []) + list(sections):
        found.append((section, items[at : at + section.count]))
        at += section.count
    return found


def belongs(topic: str, wanted: str) -> bool:
    """Return whether a question of this topic belongs to the topic wanted, or to one below it."""
    return topic == wanted or topic.startswith(f"{wanted}/")


def asked_count(items: int, sections: Sequence[Section]) -> int:
    """Return how many questions an attempt asks, of so many items written."""
    left_out = sum(max(section.count - section.draw, 0) for section in sections if section.draw is not None)
    return items - left_out


def draw(items: Sequence[T], sections: Sequence[Section], seed: str) -> list[T]:
    """Return the items that the attempt with this seed asks, as written; the same seed always draws the same."""
    drawn: list[T] = []
    for number, (section, own) in enumerate(split(items, sections)):
        if section.draw is None or section.draw >= len(own):
            drawn += own
            continue
        # By place too: a bank's question and a file's may have one key.
        lots = sorted(range(len(own)), key=lambda at: sha256(f"{seed}#{number}/{at}:{own[at].key}".encode()).digest())
        drawn += [own[at] for at in sorted(lots[: section.draw])]
    return drawn
