"""Scoring an answer again after its question was corrected: by the newest key, or with full points for everyone."""

from enum import StrEnum
from fractions import Fraction
from typing import Any

from lms.kernel.errors import Invalid
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.responses import read_response
from lms.quizzes.rules.scoring import Score, Verdict, score


class Ruling(StrEnum):
    """By what an answer is scored: the version its attempt saw, the newest one, or for everybody as right."""

    OWN = "own"
    NEWEST = "newest"
    EVERYONE = "everyone"


def score_again(
    seen: AnyQuestion,
    stored: Any,
    *,
    key: AnyQuestion | None = None,
    everyone: bool = False,
    graded: Fraction | None = None,
) -> Score:
    """Return what a stored response to the question she saw earns under a corrected key (None: her own version's).

    A response the corrected question does not know (its choice is gone, it is of another kind) is scored by the
    version she saw: nobody loses points over an answer that can no longer be compared. `graded`: see `score`.
    """
    if everyone:
        own = score(seen, read_response(seen, stored), graded)
        return Score(seen.points, seen.points, Verdict.RIGHT, own.feedback)
    if key is not None and key.type == seen.type:
        try:
            return score(key, read_response(key, stored), graded)
        except Invalid:
            pass
    return score(seen, read_response(seen, stored), graded)


def can_follow(seen: AnyQuestion, key: AnyQuestion) -> bool:
    """Return whether answers to the version seen can be scored by this key at all."""
    return seen.type == key.type
