"""Quiz results as flat tables in the reader's words: per trainee, per question, per choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from lms.accounts.tables import Digits, Share, Sheet, Value
from lms.programmes.models import Batch
from lms.quizzes.models import Quiz
from lms.quizzes.rules.questions import AnyQuestion, MultipleChoice, SingleChoice
from lms.quizzes.rules.settings import QuizSettings
from lms.quizzes.rules.wording import in_one_line
from lms.quizzes.service.asked import QuestionResult
from lms.quizzes.service.results import PersonResult, Results
from lms.reports.rules import file_stem
from lms.web.i18n import reader, say, zone_name

_TEXT_SHOWN = 200


@dataclass(frozen=True)
class QuizReport:
    """A quiz in a batch, and whether the reader may have NIPs in a file."""

    quiz: Quiz
    settings: QuizSettings
    batch: Batch
    results: Results
    with_nip: bool

    @property
    def title(self) -> str:
        return self.settings.title.read(reader().language)[0]

    def stem(self, what: str) -> str:
        return file_stem(what, self.title, self.batch.name)


def results_sheet(report: QuizReport) -> Sheet:
    """Return one row a trainee: what counts, and the points of each question of that attempt."""
    questions = report.results.questions
    zone = zone_name()
    header = (
        gettext("Name"),
        *((gettext("NIP"),) if report.with_nip else ()),
        gettext("Unit"),
        gettext("Batch"),
        gettext("Quiz"),
        gettext("Attempts"),
        gettext("Counted attempt"),
        gettext("Begun (%(zone)s)", zone=zone),
        gettext("Submitted (%(zone)s)", zone=zone),
        gettext("Points"),
        gettext("Points possible"),
        gettext("Result"),
        gettext("Verdict"),
        gettext("Pre-test"),
        gettext("N-gain"),
        gettext("Late answers waiting"),
        *(f"{one.number or '–'}. {_text(one.question, 60)}" for one in questions),
    )
    rows = [_person_row(report, person, questions) for person in report.results.people]
    return Sheet(report.stem(gettext("quiz-results")), gettext("Results"), header, rows)


def _person_row(report: QuizReport, person: PersonResult, questions: Sequence[QuestionResult]) -> list[Value]:
    counted = person.counted
    row: list[Value] = [person.name]
    if report.with_nip:
        row.append(Digits(person.nip or ""))
    row += [person.unit, report.batch.name, report.title, len(person.attempts)]
    if counted is None:
        row += [None] * 6 + [gettext("not submitted")]
    else:
        passed = {True: gettext("passed"), False: gettext("not passed"), None: ""}[counted.passed]
        row += [
            counted.number,
            _local(counted.started_at),
            _local(counted.submitted_at) if counted.submitted_at else None,
            counted.earned,
            counted.possible,
            Share((counted.percent or 0.0) / 100),
            passed,
        ]
    row += [None if person.before is None else Share(person.before / 100), person.gain, person.late]
    given = [one.answers.get(counted.id) if counted else None for one in questions]
    row += [
        None if one is None else one.share * float(question.question.points)
        for one, question in zip(given, questions, strict=True)
    ]
    return row


def items_sheet(report: QuizReport) -> Sheet:
    """Return one row a question with every figure of the item analysis."""
    header = (
        gettext("No."),
        gettext("Key"),
        gettext("Question"),
        gettext("Kind"),
        gettext("Points"),
        gettext("Versions seen"),
        gettext("Attempts"),
        gettext("Right"),
        gettext("Partly right"),
        gettext("Wrong"),
        gettext("Not answered"),
        gettext("Difficulty index"),
        gettext("Standard deviation"),
        gettext("Covariance"),
        gettext("Discrimination index"),
        gettext("Discrimination efficiency"),
        gettext("Effective weight"),
        gettext("Remark"),
    )
    rows = [_item_row(one) for one in report.results.questions]
    return Sheet(report.stem(gettext("quiz-questions")), gettext("Per question"), header, rows)


def _item_row(one: QuestionResult) -> list[Value]:
    figures, verdicts = one.figures, one.verdicts
    row: list[Value] = [
        one.number or None,
        one.question.key,
        _text(one.question, _TEXT_SHOWN),
        say(f"question_{one.question.type}"),
        float(one.question.points),
        one.versions,
        len(one.answers),
        *(verdicts[name] for name in ("right", "partly", "wrong", "unanswered")),
    ]
    if figures is None:
        return row + [None] * 7
    return [
        *row,
        figures.facility,
        figures.sd,
        figures.covariance,
        *(
            None if percent is None else percent / 100
            for percent in (figures.discrimination, figures.efficiency, figures.weight)
        ),
        say(f"item_{one.remark}"),
    ]


def choices_sheet(report: QuizReport) -> Sheet:
    """Return one row a choice: who chose it, of all and of the strongest and weakest 27 per cent."""
    header = (
        gettext("No."),
        gettext("Key"),
        gettext("Question"),
        gettext("Choice"),
        gettext("Right"),
        gettext("People"),
        gettext("Share"),
        gettext("Strongest 27 per cent"),
        gettext("Weakest 27 per cent"),
        gettext("Remark"),
    )
    rows: list[list[Value]] = []
    for one in report.results.questions:
        texts = _choice_texts(one.question)
        for choice in one.choices:
            rows.append(
                [
                    one.number or None,
                    one.question.key,
                    _text(one.question, _TEXT_SHOWN),
                    texts[choice.key],
                    gettext("yes") if choice.is_right else gettext("no"),
                    choice.count,
                    *(None if s is None else Share(s) for s in (choice.share, choice.strong, choice.weak)),
                    say(f"choice_{choice.remark}") if choice.remark else "",
                ]
            )
    return Sheet(report.stem(gettext("quiz-choices")), gettext("What was chosen"), header, rows)


def _choice_texts(question: AnyQuestion) -> dict[str, str]:
    if isinstance(question, SingleChoice | MultipleChoice):
        return {choice.key: choice.text.read(reader().language)[0] for choice in question.choices}
    return {"true": gettext("True"), "false": gettext("False")}


def _text(question: AnyQuestion, most: int) -> str:
    """Return the question's beginning on one line."""
    return in_one_line(question.text.read(reader().language)[0])[:most]


def _local(instant: datetime) -> datetime:
    return instant.astimezone(reader().zone).replace(tzinfo=None, microsecond=0)
