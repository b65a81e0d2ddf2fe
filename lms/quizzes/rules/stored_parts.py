"""The later kinds of question as plain JSON and back: matching, ordering, cloze, essay, file."""

from fractions import Fraction
from typing import Any

from lms.quizzes.rules.questions import (
    AnyQuestion,
    Cloze,
    Criterion,
    Essay,
    FileAnswer,
    Gap,
    Graded,
    Level,
    Matching,
    Named,
    Ordering,
    Pair,
)
from lms.quizzes.rules.stored_pieces import (
    dump_choice,
    dump_pattern,
    dump_range,
    dump_wording,
    load_choices,
    load_pattern,
    load_range,
    load_wording,
)
from lms.quizzes.rules.wording import Wording


def dump(question: AnyQuestion) -> dict[str, Any]:
    """Return what is particular to a question of these kinds."""
    match question:
        case Matching():
            pairs = [
                {"key": pair.key, "left": dump_wording(pair.left), "right": dump_wording(pair.right)}
                for pair in question.pairs
            ]
            extra = [_dump_named(one) for one in question.extra]
            return {"pairs": pairs, "extra": extra, "partial": question.partial}
        case Ordering():
            return {"steps": [_dump_named(step) for step in question.steps], "partial": question.partial}
        case Cloze():
            return {"gaps": [_dump_gap(gap) for gap in question.gaps]}
        case Essay():
            words = {"words_least": question.words_least, "words_most": question.words_most}
            return _dump_graded(question) | words
        case FileAnswer():
            return _dump_graded(question) | {"kinds": list(question.kinds), "megabytes": question.megabytes}
    raise ValueError(f"unknown type of question {question.type!r}")


def load(stored: dict[str, Any], common: dict[str, Any]) -> AnyQuestion:
    """Return the question that `dump` wrote; ValueError for a kind nobody knows."""
    match stored["type"]:
        case "matching":
            pairs = tuple(Pair(one["key"], _words(one["left"]), _words(one["right"])) for one in stored["pairs"])
            extra = tuple(_load_named(one) for one in stored["extra"])
            return Matching(**common, pairs=pairs, extra=extra, partial=stored["partial"])
        case "ordering":
            steps = tuple(_load_named(one) for one in stored["steps"])
            return Ordering(**common, steps=steps, partial=stored["partial"])
        case "cloze":
            return Cloze(**common, gaps=tuple(_load_gap(one) for one in stored["gaps"]))
        case "essay":
            words = {"words_least": stored["words_least"], "words_most": stored["words_most"]}
            return Essay(**common, **_load_graded(stored), **words)
        case "file":
            kinds, megabytes = tuple(stored["kinds"]), stored["megabytes"]
            return FileAnswer(**common, **_load_graded(stored), kinds=kinds, megabytes=megabytes)
        case other:
            raise ValueError(f"unknown type of question {other!r}")


def _words(stored: dict[str, str]) -> Wording:
    return load_wording(stored) or Wording()


def _dump_named(one: Named) -> dict[str, Any]:
    return {"key": one.key, "text": dump_wording(one.text)}


def _load_named(stored: dict[str, Any]) -> Named:
    return Named(stored["key"], _words(stored["text"]))


def _dump_gap(gap: Gap) -> dict[str, Any]:
    return {
        "key": gap.key,
        "weight": str(gap.weight),
        "choices": [dump_choice(one) for one in gap.choices],
        "patterns": [dump_pattern(one) for one in gap.patterns],
        "ranges": [dump_range(one) for one in gap.ranges],
        "case": gap.case,
    }


def _load_gap(stored: dict[str, Any]) -> Gap:
    return Gap(
        stored["key"],
        Fraction(stored["weight"]),
        load_choices(stored["choices"]),
        tuple(load_pattern(one) for one in stored["patterns"]),
        tuple(load_range(one) for one in stored["ranges"]),
        stored["case"],
    )


def _dump_graded(question: Graded) -> dict[str, Any]:
    rubric = [
        {
            "key": criterion.key,
            "text": dump_wording(criterion.text),
            "levels": [
                {"key": level.key, "text": dump_wording(level.text), "points": str(level.points)}
                for level in criterion.levels
            ],
        }
        for criterion in question.rubric
    ]
    return {"rubric": rubric, "sample": dump_wording(question.sample)}


def _load_graded(stored: dict[str, Any]) -> dict[str, Any]:
    rubric = tuple(
        Criterion(
            one["key"],
            _words(one["text"]),
            tuple(Level(level["key"], _words(level["text"]), Fraction(level["points"])) for level in one["levels"]),
        )
        for one in stored["rubric"]
    )
    return {"rubric": rubric, "sample": load_wording(stored["sample"])}
