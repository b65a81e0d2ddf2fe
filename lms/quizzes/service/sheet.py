"""One question as it lies before a person, in her attempt's own order and under its own names."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from lms.quizzes.models import Answer, AnswerFile, Grading
from lms.quizzes.rules.order import arrange_options, arrange_steps, as_tokens, choice_token, mix
from lms.quizzes.rules.parts import Part, read_parts
from lms.quizzes.rules.questions import (
    GAP_MARK,
    AnyQuestion,
    Choice,
    Cloze,
    Gap,
    Matching,
    MultipleChoice,
    Ordering,
    ShortText,
    SingleChoice,
)
from lms.quizzes.rules.regrading import Ruling, can_follow, score_again
from lms.quizzes.rules.scoring import Score
from lms.quizzes.rules.settings import Section
from lms.quizzes.rules.texts import right_texts
from lms.quizzes.rules.wording import LANGUAGES, Wording


@dataclass(frozen=True)
class Field:
    """A part of a question that is filled in on its own: its name in the page, what it asks, what it holds.

    `kind`: "choice" (one of `options`, by their names in the page), "place", "text" or "number".
    """

    token: str
    kind: str
    asked: Wording
    value: str
    options: Sequence[tuple[str, Wording]] = ()


@dataclass(frozen=True)
class Sheet:
    """One question as it is shown: its place from 1, its HTML by language, its choices in order, the answer so far."""

    item_id: int
    number: int
    question: AnyQuestion
    html: dict[str, Any]
    choices: Sequence[Choice]
    answer: Answer | None
    seed: str = ""
    # The corrected question that a regrade scores it by.
    corrected: AnyQuestion | None = None
    grading: Grading | None = None
    file: AnswerFile | None = None
    # The section that begins here.
    opens: Section | None = None

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def response(self) -> Any:
        return self.answer.response if self.answer else None

    @property
    def seq(self) -> int:
        return self.answer.seq if self.answer else 0

    @property
    def is_settled(self) -> bool:
        """Whether the answer was checked while taking, and can no longer be changed."""
        return bool(self.answer and self.answer.verdict)

    @property
    def is_flagged(self) -> bool:
        return bool(self.answer and self.answer.flagged)

    @property
    def shown_response(self) -> Any:
        """Return the response as the page names it."""
        return as_tokens(self.question, self.seed, self.response)

    def token(self, choice: Choice) -> str:
        """Return the choice's name in the page."""
        return choice_token(self.seed, self.key, choice.key)

    def picture(self, choice: Choice) -> str | None:
        """Return the address of the choice's picture."""
        return self.html.get("pictures", {}).get(choice.key)

    def picture_size(self, choice: Choice) -> tuple[int, int] | None:
        """Return width and height of the choice's picture in pixels; None where they are not known."""
        size = self.html.get("sizes", {}).get(choice.key)
        return (size[0], size[1]) if size else None

    def fields(self) -> list[Field]:
        """Return the parts to be filled in; a matching's pairs, an ordering's steps in an order of the attempt's own,
        a cloze's gaps.
        """
        question, shown = self.question, self.shown_response or {}
        name = partial(choice_token, self.seed, self.key)
        match question:
            case Matching():
                options = [(name(one.key), one.text) for one in arrange_options(question, self.seed)]
                pairs = [(name(f"pair/{pair.key}"), pair.left) for pair in question.pairs]
                return [Field(token, "choice", left, shown.get(token, ""), options) for token, left in pairs]
            case Ordering():
                steps = [(name(step.key), step.text) for step in arrange_steps(question, self.seed)]
                placed = [Field(token, "place", text, shown.get(token, "")) for token, text in steps]
                return sorted(placed, key=lambda field: int(field.value or len(steps)))
            case Cloze():
                return [self._gap_field(gap, shown) for gap in question.gaps]
        return []

    def _gap_field(self, gap: Gap, shown: dict[str, str]) -> Field:
        name = partial(choice_token, self.seed, self.key)
        mixed = mix(gap.choices, f"{self.seed}/{self.key}/{gap.key}")
        options = [(name(f"{gap.key}/{choice.key}"), choice.text) for choice in mixed]
        kind = "choice" if gap.choices else "number" if gap.ranges else "text"
        place = [one.key for one in self.question.gaps].index(gap.key) + 1  # type: ignore[union-attr]
        return Field(name(gap.key), kind, Wording.same(str(place)), shown.get(name(gap.key), ""), options)

    def pieces(self, language: str) -> list[tuple[str, int | None]]:
        """Return the HTML cut at its gaps: each piece, and the number of the gap that follows it (None: the end)."""
        keys = [gap.key for gap in self.question.gaps] if isinstance(self.question, Cloze) else []
        cut = GAP_MARK.split(self.text_in(language)[0])
        gaps = [keys.index(key) if key in keys else None for key in cut[1::2]]
        return list(zip(cut[::2], [*gaps, None], strict=True))

    def parts(self) -> list[Part]:
        """Return what each part got and what is right, by the key that holds."""
        question = self.scored_by
        if not isinstance(question, Matching | Ordering | Cloze):
            return []
        return read_parts(question, self.response)

    def text_in(self, language: str) -> tuple[str, str]:
        """Return the question's HTML for a reader and the language it is in."""
        other = next(one for one in LANGUAGES if one != language)
        return (self.html[language], language) if language in self.html else (self.html.get(other, ""), other)

    def right_texts(self) -> list[str]:
        """Return what a short text may be, for showing it."""
        return right_texts(self.scored_by) if isinstance(self.scored_by, ShortText) else []

    @property
    def scored_by(self) -> AnyQuestion:
        """Return the question whose key holds: the one she saw unless it was corrected."""
        corrected = self.corrected
        return corrected if corrected is not None and can_follow(self.question, corrected) else self.question

    @property
    def is_for_everyone(self) -> bool:
        """Whether everybody gets this question's points, whatever was answered."""
        return bool(self.answer and self.answer.ruling == Ruling.EVERYONE)

    def is_right(self, choice: Choice) -> bool:
        """Return whether the choice earns anything by the key that holds."""
        scored_by = self.scored_by
        if not isinstance(scored_by, SingleChoice | MultipleChoice):
            return False
        return any(one.key == choice.key and one.weight > 0 for one in scored_by.choices)

    def score(self) -> Score:
        """Return what the answer earns, with the feedback due to it."""
        graded = None if self.grading is None else Fraction(str(self.grading.earned))
        return self.score_of(self.response, graded)

    def score_of(self, stored: Any, graded: Fraction | None = None) -> Score:
        """Return what this stored response would earn."""
        everyone = self.is_for_everyone
        return score_again(self.question, stored, key=self.corrected, everyone=everyone, graded=graded)
