"""How a quiz is taken: what its `[quiz]` table says, apart from the questions."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lms.quizzes.rules.order import Shuffle
from lms.quizzes.rules.questions import FeedbackPolicy
from lms.quizzes.rules.stored_pieces import dump_wording, load_wording
from lms.quizzes.rules.wording import Wording


@dataclass(frozen=True)
class QuizSettings:
    """`pass_mark` is per cent of all points, `attempts` 0 is no limit, `time_limit` is minutes (None: none)."""

    title: Wording
    intro: Wording | None = None
    pass_mark: Decimal | None = None
    attempts: int = 0
    time_limit: int | None = None
    shuffle: Shuffle = Shuffle.NONE
    feedback: FeedbackPolicy = FeedbackPolicy.FULL

    @property
    def limit(self) -> timedelta | None:
        """Return the time limit as a length of time."""
        return None if self.time_limit is None else timedelta(minutes=self.time_limit)

    def attempts_left(self, taken: int) -> int | None:
        """Return how often it may still be begun after `taken` attempts; None is no limit."""
        return None if self.attempts == 0 else max(self.attempts - taken, 0)


def dump_settings(settings: QuizSettings) -> dict[str, Any]:
    """Return the settings as JSON values."""
    return {
        "title": dump_wording(settings.title),
        "intro": dump_wording(settings.intro),
        "pass_mark": None if settings.pass_mark is None else str(settings.pass_mark),
        "attempts": settings.attempts,
        "time_limit": settings.time_limit,
        "shuffle": settings.shuffle.value,
        "feedback": settings.feedback.value,
    }


def load_settings(stored: dict[str, Any]) -> QuizSettings:
    """Return the settings that `dump_settings` wrote."""
    return QuizSettings(
        title=load_wording(stored["title"]) or Wording(),
        intro=load_wording(stored["intro"]),
        pass_mark=None if stored["pass_mark"] is None else Decimal(stored["pass_mark"]),
        attempts=stored["attempts"],
        time_limit=stored["time_limit"],
        shuffle=Shuffle(stored["shuffle"]),
        feedback=FeedbackPolicy(stored["feedback"]),
    )
