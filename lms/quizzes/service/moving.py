"""Within an attempt: going on where one may not go back, and having one answer checked before the end."""

from datetime import datetime

from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.quizzes.models import Attempt
from lms.quizzes.rules.questions import Graded
from lms.quizzes.service import paper
from lms.quizzes.service.submitting import item_ids, submit_if_over


def current_item(db: Db, attempt: Attempt) -> int | None:
    """Return the item she is at, where one may only go forward."""
    sheets = paper.lay_out(db, attempt.version_id, attempt=attempt).sheets
    return next((sheet.item_id for sheet in sheets if sheet.number == attempt.reached), None)


def move_on(db: Db, attempt: Attempt, number: int, *, at: datetime) -> None:
    """Go on from the question of this number to the next; doing so twice is once. `attempt` must be locked."""
    if attempt.submitted_at is not None or submit_if_over(db, attempt, at=at):
        return
    count = len(item_ids(db, attempt))
    if attempt.reached == number < count:
        attempt.reached = number + 1
        db.flush()


def check_answer(db: Db, attempt: Attempt, item_id: int, *, at: datetime) -> None:
    """Settle one answer while taking: it is scored, may be shown with its feedback, and changed no more.

    `attempt` must be locked. Raises Conflict where the quiz does not allow it, Invalid where nothing is answered yet.
    """
    if attempt.submitted_at is not None or submit_if_over(db, attempt, at=at):
        return
    laid = paper.lay_out(db, attempt.version_id, attempt=attempt)
    sheet = next((one for one in laid.sheets if one.item_id == item_id), None)
    if sheet is None:
        raise NotFound()
    if not laid.settings.feedback_each or isinstance(sheet.question, Graded):
        raise Conflict("quiz_no_checking")
    if sheet.answer is None or sheet.response is None:
        raise Invalid(Problem.of("quiz_nothing_answered"))
    score = sheet.score()
    sheet.answer.earned, sheet.answer.verdict = float(score.earned), score.verdict.value
    db.flush()
