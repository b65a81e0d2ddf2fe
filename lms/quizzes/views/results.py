"""Pages of quizzes for those who teach: results of a batch, one attempt, what came late, more time, a preview."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.db import Db, reading, writing
from lms.kernel.errors import NotFound
from lms.programmes.models import Batch, Programme, ProgrammeCourse
from lms.quizzes.models import Attempt, LateAnswer, Quiz, QuizVersion
from lms.quizzes.rules.drafts import DecisionDraft, ExtraTimeDraft
from lms.quizzes.rules.item_analysis import spread
from lms.quizzes.rules.settings import QuizSettings, WindowState, load_settings, window_state
from lms.quizzes.service import late, library, line_outages, paper, starting, submitting
from lms.quizzes.service.results import read_results
from lms.quizzes.service.setting import find_setting, settings_for
from lms.quizzes.service.sheet import Sheet
from lms.quizzes.views.blueprint import blueprint
from lms.quizzes.wishes import ResultsWish
from lms.web.forms import form
from lms.web.i18n import reader


@dataclass(frozen=True)
class TaughtQuiz:
    """A quiz whose results the asker may read, with the batches that take it."""

    quiz: Quiz
    settings: QuizSettings
    batches: Sequence[Batch]


@dataclass(frozen=True)
class LateSheet:
    """A late answer beside its question; `would_earn` is what it would earn in points."""

    late: LateAnswer
    sheet: Sheet
    would_earn: float


def taught_quizzes(db: Db) -> list[TaughtQuiz]:
    """Return the quizzes whose results the asker may read in at least one batch; two statements."""
    quizzes = db.execute(
        guard.visible(
            select(Quiz, QuizVersion.settings)
            .join(QuizVersion, (QuizVersion.quiz_id == Quiz.id) & (QuizVersion.number == Quiz.version))
            .where(Quiz.archived_at.is_(None))
            .options(joinedload(Quiz.course))
            .order_by(Quiz.course_id, Quiz.id),
            Quiz,
            needs=P.QUIZ_RESULTS,
        )
    ).all()
    batches: dict[int, list[Batch]] = {}
    for course_id, batch in db.execute(_batches(select(ProgrammeCourse.course_id, Batch))):
        batches.setdefault(course_id, []).append(batch)
    return [TaughtQuiz(quiz, load_settings(settings), batches.get(quiz.course_id, ())) for quiz, settings in quizzes]


@blueprint.get("/quizzes/<int:quiz_id>/results")
def results(quiz_id: int) -> str:
    """A quiz in one batch: per trainee and per question."""
    at = clock.now()
    with reading() as db:
        quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_RESULTS, options=[joinedload(Quiz.course)])
        is_waiting = submitting.any_overdue(db, at=at, quiz_id=quiz.id)
    if is_waiting:
        with writing() as db:
            submitting.submit_overdue(db, at=at, quiz_id=quiz_id)
    with reading() as db:
        query = _batches(select(Batch)).where(ProgrammeCourse.course_id == quiz.course_id)
        batches = db.scalars(query.options(joinedload(Batch.programme))).all()
        batch = _chosen(batches)
        found = read_results(db, quiz, batch.id) if batch else None
        stored = library.current_version(db, quiz).settings
        setting = find_setting(db, quiz.id, batch.id) if batch else None
        settings = settings_for(stored, setting)
    wish = ResultsWish.read(request.args.to_dict())
    return render_template(
        "quizzes/results.html",
        wish=wish,
        people=wish.choose(found.people) if found else [],
        quiz=quiz,
        settings=settings,
        batches=batches,
        # The batch first: on a phone a long line ends early.
        options=[(one.id, f"{one.name} · {programme_title(one.programme)}") for one in batches],
        batch=batch,
        results=found,
        setting=setting,
        window=window_state(setting.opens_at, setting.closes_at, at) if setting else WindowState.OPEN,
        spread=spread,
    )


@blueprint.get("/quizzes/<int:quiz_id>/preview")
def preview(quiz_id: int) -> str:
    """The questions as they are now, with their answers, for whoever edits the course."""
    with reading() as db:
        quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_EDIT, options=[joinedload(Quiz.course)])
        laid = paper.lay_out(db, library.current_version(db, quiz).id)
    return render_template("quizzes/preview.html", quiz=quiz, paper=laid)


@blueprint.post("/quizzes/<int:quiz_id>/extra-time")
def extra_time(quiz_id: int) -> Response:
    """Let one trainee take longer, or once more."""
    draft = form(ExtraTimeDraft)
    with writing() as db:
        quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_EDIT)
        # The right on the quiz may come from another batch; the batch named must be the asker's too.
        batch = guard.load(db, Batch, draft.batch_id, needs=P.QUIZ_EDIT)
        late.give_extra_time(
            db, quiz, batch.id, draft.person_id, draft.minutes, draft.reason,
            attempts=draft.attempts, by=guard.principal().id, at=clock.now(),
        )  # fmt: skip
    flash(gettext("Granted."), "success")
    return redirect(url_for("quizzes.results", quiz_id=quiz_id, batch=draft.batch_id))


@blueprint.get("/attempts/<int:attempt_id>")
def attempt(attempt_id: int) -> str:
    """One trainee's attempt with everything in it, and what waits for a decision."""
    at = clock.now()
    with writing() as db:
        shown = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_RESULTS, lock=True)
        submitting.submit_if_over(db, shown, at=at)
    with reading() as db:
        shown = guard.load(
            db,
            Attempt,
            attempt_id,
            needs=P.QUIZ_RESULTS,
            options=[
                joinedload(Attempt.quiz).joinedload(Quiz.course),
                joinedload(Attempt.person),
                joinedload(Attempt.batch),
            ],
        )
        laid = paper.lay_out(db, shown.version_id, attempt=shown)
        arrived = late_sheets(db, shown, laid)
        lost = line_outages.lost_lines(db, shown)
        others = starting.attempts_of(db, shown.quiz, shown.batch_id, shown.person_id)
    tabs = [
        (
            gettext("Attempt %(n)s", n=one.number),
            url_for("quizzes.attempt", attempt_id=one.id),
            one.id == shown.id,
        )
        for one in others
    ]
    return render_template(
        "quizzes/attempt.html", attempt=shown, paper=laid, late=arrived, lost=lost, others=others, tabs=tabs
    )


@blueprint.post("/attempts/<int:attempt_id>/late/<int:late_id>")
def decide_late(attempt_id: int, late_id: int) -> Response:
    """Accept a late answer, which scores the attempt again, or decline it."""
    decision = form(DecisionDraft).decision
    decide = late.accept_late if decision == "accepted" else late.decline_late
    with writing() as db:
        shown = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_EDIT, lock=True)
        decide(db, shown, late_id, by=guard.principal().id, at=clock.now())
    accepted, declined = gettext("Accepted. The attempt has been scored again."), gettext("Left as it was.")
    flash(accepted if decision == "accepted" else declined, "success")
    return redirect(url_for("quizzes.attempt", attempt_id=attempt_id))


def late_sheets(db: Db, shown: Attempt, laid: paper.Paper) -> list[LateSheet]:
    """Return what arrived late for the attempt beside the questions it answers."""
    sheets = {sheet.item_id: sheet for sheet in laid.sheets}
    found = []
    for one in late.late_answers(db, shown):
        sheet = sheets[one.item_id]
        found.append(LateSheet(one, sheet, float(sheet.score_of(one.response).earned)))
    return found


def programme_title(programme: Programme) -> str:
    both = (programme.title_id, programme.title_en)
    return (both[1] or both[0]) if reader().language == "en" else (both[0] or both[1])


def _batches(statement):  # type: ignore[no-untyped-def]
    """Return the statement over batches and the courses they are taught, narrowed to the asker's, newest first."""
    return guard.visible(
        statement.join(ProgrammeCourse, ProgrammeCourse.programme_id == Batch.programme_id).order_by(
            Batch.starts_on.desc(), Batch.id.desc()
        ),
        Batch,
        needs=P.QUIZ_RESULTS,
    )


def _chosen(batches: Sequence[Batch]) -> Batch | None:
    """Return the batch the address names, else the newest that has begun, or none has: the next one.

    Raises NotFound for one that is not the asker's.
    """
    asked = request.args.get("batch", type=int)
    if asked is None:
        today = clock.now().astimezone(reader().zone).date()
        return next((batch for batch in batches if batch.starts_on <= today), batches[-1] if batches else None)
    chosen = next((batch for batch in batches if batch.id == asked), None)
    if chosen is None:
        raise NotFound()
    return chosen
