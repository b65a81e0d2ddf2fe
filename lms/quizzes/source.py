"""A `quiz-<purpose>.toml` file → a quiz, or every problem in it with its line. The format: docs/courses.md."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from lms.kernel.errors import Problem
from lms.quizzes.located import Report, Table, parse_toml
from lms.quizzes.rules.order import Shuffle
from lms.quizzes.rules.questions import AnyQuestion, FeedbackPolicy, Purpose
from lms.quizzes.rules.settings import Counting, Navigation, Paging, QuizSettings, Section
from lms.quizzes.source_pieces import stable_key
from lms.quizzes.source_questions import read_questions, read_topic

MOST_QUESTIONS = 200

_FILE_NAME = re.compile(r"quiz-(?P<key>(?P<purpose>pre|post|practice)(?:-[a-z0-9]+)*)\.toml")
_QUIZ_KEYS = {
    "title",
    "intro",
    "pass_mark",
    "attempts",
    "time_limit",
    "shuffle",
    "feedback",
    "feedback_closed",
    "feedback_each",
    "counts",
    "paging",
    "navigation",
}


@dataclass(frozen=True)
class QuizSource:
    """A quiz as it was written; `key` names it within its course (`pre`, `practice-queues`)."""

    key: str
    purpose: Purpose
    settings: QuizSettings
    questions: tuple[AnyQuestion, ...]


def read_quiz(path: str, text: str) -> tuple[QuizSource | None, list[Problem]]:
    """Return the quiz and no problem, or None and all problems found, each with `where="path:line"`.

    Any text at all may be given: nothing is raised. `path` is named in the problems as given; its last part gives
    the quiz its key and purpose.
    """
    name = _FILE_NAME.fullmatch(PurePosixPath(path).name)
    document, report = parse_toml(path, text)
    if name is None:
        report.problems.insert(0, Problem.of("quiz_file_name", where=f"{path}:1"))
    if name is None or report.problems:
        return None, report.problems
    top = Table(document, (), report)
    top.only({"quiz", "question", "section"})
    settings = document.get("quiz")
    if not isinstance(settings, dict):
        report.add(("quiz",), "quiz_key_missing", key="[quiz]")
        return None, report.problems
    purpose = Purpose(name["purpose"])
    questions, sections = _all_questions(top, report)
    how = _settings(Table(settings, ("quiz",), report), purpose, sections)
    if report.problems or how is None:
        return None, report.problems
    return QuizSource(name["key"], purpose, how, questions), []


def _all_questions(top: Table, report: Report) -> tuple[tuple[AnyQuestion, ...], tuple[Section, ...]]:
    """Return the questions in the order in which sections put them, and the sections."""
    tables = top.tables("question")
    if not tables and not report.problems and not any(one.has("from") for one in top.tables("section")):
        report.add((), "quiz_no_questions")
    if len(tables) > MOST_QUESTIONS:
        report.add(("question", MOST_QUESTIONS), "quiz_many_questions", most=MOST_QUESTIONS)
        return (), ()
    questions = read_questions(tables)
    if report.problems:
        return questions, ()
    names = [table.string("section") or "" for table in tables]
    ordered = [question for question, name in zip(questions, names, strict=True) if not name]
    sections = []
    seen: set[str] = set()
    for table in top.tables("section"):
        table.only({"key", "title", "intro", "draw", "from"})
        key = stable_key(table, seen)
        own = [question for question, name in zip(questions, names, strict=True) if name == key]
        draw = table.whole("draw", low=1, high=MOST_QUESTIONS)
        topic = read_topic(table, "from")
        # How many a topic has is known only when the quiz is put together.
        if not topic and (not own or (draw is not None and draw > len(own))):
            table.problem("draw" if own else None, "quiz_section_few", section=key, count=len(own))
        title, intro = table.wording("title", required=True, most=200), table.wording("intro", most=1000)
        sections.append(Section(len(own), title, intro, draw, topic))
        ordered += own
    for table, name in zip(tables, names, strict=True):
        if name and name not in seen:
            table.problem("section", "quiz_section_unknown", section=name)
    return tuple(ordered), tuple(sections)


def _settings(table: Table, purpose: Purpose, sections: tuple[Section, ...]) -> QuizSettings | None:
    table.only(_QUIZ_KEYS)
    title = table.wording("title", required=True, most=200)
    intro = table.wording("intro")
    pass_mark = table.number("pass_mark", low=0, high=100)
    attempts = table.whole("attempts", low=0, high=1000)
    time_limit = table.whole("time_limit", low=0, high=24 * 60)
    shuffle = table.option("shuffle", list(Shuffle))
    feedback = table.option("feedback", list(FeedbackPolicy))
    feedback_closed = table.option("feedback_closed", list(FeedbackPolicy))
    feedback_each = table.boolean("feedback_each", False)
    counts, paging = table.option("counts", list(Counting)), table.option("paging", list(Paging))
    navigation = table.option("navigation", list(Navigation))
    if title is None:
        return None
    return QuizSettings(
        title=title,
        intro=intro,
        pass_mark=pass_mark,
        attempts=(0 if purpose is Purpose.PRACTICE else 1) if attempts is None else attempts,
        time_limit=time_limit or None,
        shuffle=Shuffle(shuffle or Shuffle.NONE),
        feedback=FeedbackPolicy(feedback or FeedbackPolicy.FULL),
        feedback_closed=FeedbackPolicy(feedback_closed) if feedback_closed else None,
        feedback_each=feedback_each,
        counts=Counting(counts or Counting.BEST),
        paging=Paging(paging or Paging.ALL),
        navigation=Navigation(navigation or Navigation.FREE),
        sections=sections,
    )
