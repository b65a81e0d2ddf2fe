"""Pure rules of the first page: what comes first, and how one is greeted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.sessions.rules import Phase

# A live register is worth a link from this long before the start: people begin to arrive.
REGISTER_BEFORE = timedelta(minutes=10)
SOON = timedelta(hours=24)


class Part(StrEnum):
    """A part of the first page; one a role. In this order where nothing is urgent."""

    LEARNING = "learning"
    TEACHING = "teaching"
    COORDINATING = "coordinating"
    REPORTING = "reporting"
    ADMINISTERING = "administering"


@dataclass(frozen=True)
class Pull:
    """What draws somebody to a part now: a session going on, one soon to come, and things that wait for an answer."""

    part: Part
    is_on: bool = False
    next_at: datetime | None = None
    waiting: int = 0


def in_order(pulls: Iterable[Pull], at: datetime) -> list[Part]:
    """Return the parts, the most urgent first: what is going on, what begins within a day, what waits, the rest."""

    def rank(pull: Pull) -> tuple[int, int]:
        if pull.is_on:
            urgency = 0
        elif pull.next_at is not None and pull.next_at - at <= SOON:
            urgency = 1
        else:
            urgency = 2 if pull.waiting else 3
        return urgency, list(Part).index(pull.part)

    return [pull.part for pull in sorted(pulls, key=rank)]


def has_live_register(starts_at: datetime, phase: Phase, at: datetime) -> bool:
    """Return whether this session's register is to be watched now."""
    return phase in (Phase.OPEN, Phase.OVERRUN) and at >= starts_at - REGISTER_BEFORE


def greeting(hour: int) -> str:
    """Return the code of a greeting for this hour of the reader's day: pagi until 11, siang 15, sore 18, malam."""
    if 4 <= hour < 11:
        return "greeting_morning"
    if 11 <= hour < 15:
        return "greeting_noon"
    return "greeting_afternoon" if 15 <= hour < 18 else "greeting_evening"
