"""A quiz made in the browser, as its form says it: words, settings, questions picked from the bank, and draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lms.kernel.errors import Invalid, Problem
from lms.quizzes.rules.numbers import read_number
from lms.quizzes.rules.order import Shuffle
from lms.quizzes.rules.questions import FeedbackPolicy, Purpose
from lms.quizzes.rules.settings import QuizSettings, Section
from lms.quizzes.rules.wording import LANGUAGES, Wording

MOST_PICKED = 200
MOST_DRAWS = 10


@dataclass(frozen=True)
class QuizDraft:
    """What a quiz is to be: `picks` are question ids in their order, `draws` topics with how many of each."""

    purpose: Purpose
    settings: QuizSettings
    picks: tuple[int, ...]
    draws: tuple[tuple[str, int], ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections, the questions picked as one of their own before the draws."""
        first = (Section(len(self.picks)),) if self.picks else ()
        return first + tuple(Section(0, draw=count, topic=topic) for topic, count in self.draws)


def read_quiz_form(sent: Mapping[str, str], purpose: Purpose | None = None) -> QuizDraft:
    """Return the quiz the form describes. Raises Invalid with every problem, each tied to its field.

    `purpose` is that of a quiz there already; a new one says its own.
    """
    problems: list[Problem] = []
    title = _wording(sent, "title", 200, problems)
    if title is None:
        problems.append(Problem.of("quiz_title_missing", field="title_id"))
    if purpose is None:
        if sent.get("purpose") not in list(Purpose):
            problems.append(Problem.of("quiz_choice_unknown", field="purpose"))
        purpose = Purpose(sent["purpose"]) if sent.get("purpose") in list(Purpose) else Purpose.PRACTICE
    settings = QuizSettings(
        title=title or Wording(),
        intro=_wording(sent, "intro", 5000, problems),
        pass_mark=_percent(sent.get("pass_mark", ""), problems),
        attempts=_whole(sent, "attempts", 100, problems) or 0,
        time_limit=_whole(sent, "time_limit", 1440, problems) or None,
        shuffle=_word(Shuffle, sent, "shuffle", Shuffle.NONE, problems),
        feedback=_word(FeedbackPolicy, sent, "feedback", FeedbackPolicy.FULL, problems),
    )
    picks, draws = _picks(sent), _draws(sent, problems)
    if not picks and not draws:
        problems.append(Problem.of("quiz_nothing_picked", field="picks"))
    if problems:
        raise Invalid(problems)
    return QuizDraft(purpose, settings, picks, draws)


def _wording(sent: Mapping[str, str], name: str, most: int, problems: list[Problem]) -> Wording | None:
    texts = {language: sent.get(f"{name}_{language}", "").strip() for language in LANGUAGES}
    for language, text in texts.items():
        if len(text) > most or "\0" in text:
            problems.append(Problem.of("quiz_text_long", field=f"{name}_{language}", key=name, most=most))
    found = {language: text for language, text in texts.items() if text}
    return Wording(**found) if found else None


def _percent(typed: str, problems: list[Problem]) -> Decimal | None:
    if not typed.strip():
        return None
    fitting = [value for value in read_number(typed.strip().removesuffix("%")) if 0 <= value <= 100]
    if not fitting:
        problems.append(Problem.of("quiz_percent_range", field="pass_mark"))
        return None
    return min(fitting)


def _whole(sent: Mapping[str, str], name: str, most: int, problems: list[Problem]) -> int | None:
    typed = sent.get(name, "").strip()
    if not typed:
        return None
    if typed.isascii() and typed.isdecimal() and int(typed[:6]) <= most:
        return int(typed)
    problems.append(Problem.of("quiz_whole_range", field=name))
    return None


def _word(kind: Any, sent: Mapping[str, str], name: str, default: Any, problems: list[Problem]) -> Any:
    typed = sent.get(name, "")
    if not typed:
        return default
    if typed not in list(kind):
        problems.append(Problem.of("quiz_choice_unknown", field=name))
        return default
    return kind(typed)


def _picks(sent: Mapping[str, str]) -> tuple[int, ...]:
    """Return the ids of the questions with a place, in the order of their places."""
    found = []
    for name, place in sent.items():
        number = name.removeprefix("pick-")
        is_id = name.startswith("pick-") and number.isascii() and number.isdecimal() and len(number) < 10
        if is_id and place.strip().isdecimal() and place.strip().isascii() and len(place.strip()) < 5:
            found.append((int(place), int(number)))
    return tuple(number for place, number in sorted(found) if place > 0)[:MOST_PICKED]


def _draws(sent: Mapping[str, str], problems: list[Problem]) -> tuple[tuple[str, int], ...]:
    found = []
    for at in range(MOST_DRAWS):
        topic = sent.get(f"draw-{at}-topic", "").strip()
        count = _whole(sent, f"draw-{at}-count", MOST_PICKED, problems)
        if topic and count:
            found.append((topic[:120], count))
        elif topic or count:
            problems.append(Problem.of("quiz_draw_incomplete", field=f"draw-{at}-count"))
    return tuple(found)
