"""How a quiz is taken: what its `[quiz]` table says, apart from the questions; and what a batch does differently."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms.quizzes.rules.order import Shuffle
from lms.quizzes.rules.questions import FeedbackPolicy
from lms.quizzes.rules.stored_pieces import dump_wording, load_wording
from lms.quizzes.rules.wording import Wording


class Counting(StrEnum):
    """Which of several attempts counts."""

    BEST = "best"
    LAST = "last"
    AVERAGE = "average"


class Paging(StrEnum):
    """How much is in sight: all questions, or one after the other."""

    ALL = "all"
    ONE = "one"


class Navigation(StrEnum):
    """Whether one may go back to a question."""

    FREE = "free"
    FORWARD = "forward"


class WindowState(StrEnum):
    """Whether a quiz may be begun now, by its window in the batch."""

    EARLY = "early"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Section:
    """A part of a quiz with a heading: the next `count` of its questions, of which `draw` (None: all) are asked.

    A section without a title is not shown as one; the questions before the first section are such a one. With `topic`
    the bank's questions of this topic belong to it, whichever they are at the moment.
    """

    count: int
    title: Wording | None = None
    intro: Wording | None = None
    draw: int | None = None
    topic: str = ""


@dataclass(frozen=True)
class QuizSettings:
    """`pass_mark` is per cent of all points, `attempts` 0 is no limit, `time_limit` is minutes (None: none).

    `feedback` is what is shown after submission, `feedback_closed` from closing on (None: the same), and with
    `feedback_each` each question may be checked while taking, which settles it.
    """

    title: Wording
    intro: Wording | None = None
    pass_mark: Decimal | None = None
    attempts: int = 0
    time_limit: int | None = None
    shuffle: Shuffle = Shuffle.NONE
    feedback: FeedbackPolicy = FeedbackPolicy.FULL
    feedback_closed: FeedbackPolicy | None = None
    feedback_each: bool = False
    counts: Counting = Counting.BEST
    paging: Paging = Paging.ALL
    navigation: Navigation = Navigation.FREE
    sections: tuple[Section, ...] = ()

    @property
    def limit(self) -> timedelta | None:
        """Return the time limit as a length of time."""
        return None if self.time_limit is None else timedelta(minutes=self.time_limit)

    @property
    def is_forward(self) -> bool:
        return self.navigation is Navigation.FORWARD

    @property
    def draws(self) -> bool:
        """Whether an attempt asks only some of the questions."""
        return any(section.draw is not None for section in self.sections)

    def attempts_left(self, taken: int, extra: int = 0) -> int | None:
        """Return how often it may still be begun after `taken` attempts; None is no limit."""
        return None if self.attempts == 0 else max(self.attempts + extra - taken, 0)

    def seen_at(self, closes_at: datetime | None, at: datetime) -> "QuizSettings":
        """Return the settings with the feedback that is due at this moment."""
        is_closed = closes_at is not None and at >= closes_at
        return replace(self, feedback=self.feedback_closed) if is_closed and self.feedback_closed else self


_LATER: dict[str, tuple[Any, Any]] = {
    # name → (how it is read back, its default): what came after the first quizzes is stored only where it differs,
    # so that an old quiz keeps its fingerprint and gets no new version.
    "feedback_closed": (FeedbackPolicy, None),
    "feedback_each": (bool, False),
    "counts": (Counting, Counting.BEST),
    "paging": (Paging, Paging.ALL),
    "navigation": (Navigation, Navigation.FREE),
}
_READ: dict[str, Any] = {
    "pass_mark": lambda value: None if value is None else Decimal(value),
    "attempts": int,
    "time_limit": lambda value: None if value is None else int(value),
    "feedback": FeedbackPolicy,
} | {name: read for name, (read, _) in _LATER.items()}

OVERRIDABLE = tuple(_READ)
"""What a batch may set differently for itself."""


def dump_settings(settings: QuizSettings) -> dict[str, Any]:
    """Return the settings as JSON values."""
    stored: dict[str, Any] = {
        "title": dump_wording(settings.title),
        "intro": dump_wording(settings.intro),
        "pass_mark": None if settings.pass_mark is None else str(settings.pass_mark),
        "attempts": settings.attempts,
        "time_limit": settings.time_limit,
        "shuffle": settings.shuffle.value,
        "feedback": settings.feedback.value,
    }
    for name, (_, default) in _LATER.items():
        if (value := getattr(settings, name)) != default:
            stored[name] = value if isinstance(value, bool) else str(value)
    if settings.sections:
        stored["sections"] = [
            {
                "count": one.count,
                "title": dump_wording(one.title),
                "intro": dump_wording(one.intro),
                "draw": one.draw,
            }
            | ({"topic": one.topic} if one.topic else {})
            for one in settings.sections
        ]
    return stored


def load_settings(stored: Mapping[str, Any]) -> QuizSettings:
    """Return the settings that `dump_settings` wrote."""
    sections = tuple(
        Section(one["count"], load_wording(one["title"]), load_wording(one["intro"]), one["draw"], one.get("topic", ""))
        for one in stored.get("sections", ())
    )
    later = {name: read(stored[name]) for name, (read, _) in _LATER.items() if name in stored}
    return QuizSettings(
        title=load_wording(stored["title"]) or Wording(),
        intro=load_wording(stored["intro"]),
        pass_mark=_READ["pass_mark"](stored["pass_mark"]),
        attempts=stored["attempts"],
        time_limit=stored["time_limit"],
        shuffle=Shuffle(stored["shuffle"]),
        feedback=FeedbackPolicy(stored["feedback"]),
        sections=sections,
        **later,
    )


def with_overrides(settings: QuizSettings, overrides: Mapping[str, Any]) -> QuizSettings:
    """Return the settings as a batch has them; `overrides` holds JSON values of what differs."""
    known = {name: _READ[name](value) for name, value in overrides.items() if name in _READ}
    return replace(settings, **known)


def window_state(opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> WindowState:
    """Return whether the quiz may be begun at this moment."""
    if opens_at is not None and at < opens_at:
        return WindowState.EARLY
    return WindowState.CLOSED if closes_at is not None and at >= closes_at else WindowState.OPEN


def end_of(
    started_at: datetime, limit: timedelta | None, extra: timedelta, closes_at: datetime | None
) -> datetime | None:
    """Return when an attempt ends that began then: by its limit or by closing, whichever is first; None is never.

    Extra time lengthens both: whoever was given it needs it at the window's end as well.
    """
    ends = [] if limit is None else [started_at + limit + extra]
    if closes_at is not None:
        ends.append(closes_at + extra)
    return min(ends, default=None)
