"""What the platform itself knows about candidates, from 0 to 100. Other features add theirs with `provide`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from statistics import fmean

from sqlalchemy import select

from lms.attendance.service.balance import read_balances
from lms.db import Db
from lms.delegations.rules.ranking import CENT, Source
from lms.programmes.models import Enrolment, ProgrammeCourse
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from lms.quizzes.rules.counting import Counted, what_counts
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.results import normalised_gain
from lms.quizzes.service.setting import settings_by_batch, settings_for

# Person id → figure, None or absent where there is none, for these (batch id, person id).
Read = Callable[[Db, Collection[tuple[int, int]]], Mapping[int, Decimal | None]]

_READERS: dict[Source, Read] = {}


def provide(source: Source, read: Read) -> None:
    """Have this function tell the figures of a source that this feature does not know itself."""
    _READERS[source] = read


def known_sources() -> list[Source]:
    """Return the sources of which somebody can tell figures; the panel is always one."""
    return [one for one in Source if one is Source.PANEL or one in _READERS]


def read_figures(
    db: Db, sources: Collection[Source], people: Collection[tuple[int, int]]
) -> dict[Source, Mapping[int, Decimal | None]]:
    """Return source → person id → figure, for people given as (batch id, person id). A few statements a source."""
    return {one: _READERS[one](db, people) for one in sources if one in _READERS}


def _rounded(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


def _attendance(db: Db, people: Collection[tuple[int, int]]) -> dict[int, Decimal | None]:
    """Return the attended share of what has a verdict and was not excused, in JP where sessions have them."""
    ids = {person for _, person in people}
    balances = read_balances(db, Enrolment.person_id.in_(ids), Enrolment.batch_id.in_({batch for batch, _ in people}))
    found: dict[int, Decimal | None] = {}
    for batch_id, person_id in people:
        balance = balances.get((batch_id, person_id))
        share = balance.weighed.share_so_far if balance else None
        found[person_id] = None if share is None else _rounded(share * 100)
    return found


def _post_test(db: Db, people: Collection[tuple[int, int]]) -> dict[int, Decimal | None]:
    """Return the mean of the post-tests that the person's batch takes; None unless she handed in each of them."""
    counted = _counted(db, people, Purpose.POST)
    taken = {(batch, quiz) for batch, _, quiz in counted}
    found: dict[int, Decimal | None] = {}
    for batch_id, person_id in people:
        wanted = [quiz for batch, quiz in taken if batch == batch_id]
        own = [counted[batch_id, person_id, quiz] for quiz in wanted if (batch_id, person_id, quiz) in counted]
        complete = wanted and len(own) == len(wanted) and not any(one.ungraded for one in own)
        found[person_id] = _rounded(fmean(one.percent for one in own)) if complete else None
    return found


def _gain(db: Db, people: Collection[tuple[int, int]]) -> dict[int, Decimal | None]:
    """Return the mean normalised gain from pre-test to post-test in per cent, 0 for a fall; None without a pair.

    Who already had everything in the pre-test had nothing left to gain and is given the whole.
    """
    before, after = _counted(db, people, Purpose.PRE), _counted(db, people, Purpose.POST)
    course_of = dict(db.execute(select(Quiz.id, Quiz.course_id)).all())
    pre = {(batch, person, course_of[quiz]): one.percent for (batch, person, quiz), one in before.items()}
    gains: dict[int, list[float]] = defaultdict(list)
    for (batch, person, quiz), one in after.items():
        start = pre.get((batch, person, course_of[quiz]))
        if start is not None:
            gain = normalised_gain(start, one.percent)
            gains[person].append(100.0 if gain is None else max(0.0, gain * 100))
    return {person: _rounded(fmean(gains[person])) if gains[person] else None for _, person in people}


def _counted(db: Db, people: Collection[tuple[int, int]], purpose: Purpose) -> dict[tuple[int, int, int], Counted]:
    """Return (batch, person, quiz) → what counts, for quizzes of this purpose in the batches' programme."""
    batches = {batch for batch, _ in people}
    quizzes = {
        quiz.id: stored
        for quiz, stored in db.execute(
            select(Quiz, QuizVersion.settings)
            .join(QuizVersion, (QuizVersion.quiz_id == Quiz.id) & (QuizVersion.number == Quiz.version))
            .where(
                Quiz.purpose == purpose.value,
                Quiz.archived_at.is_(None),
                Quiz.course_id.in_(select(ProgrammeCourse.course_id)),
            )
        )
    }
    set_by = settings_by_batch(db, list(quizzes))
    tries: dict[tuple[int, int, int], list[Attempt]] = defaultdict(list)
    for attempt in db.scalars(
        select(Attempt)
        .where(
            Attempt.quiz_id.in_(list(quizzes)),
            Attempt.batch_id.in_(batches),
            Attempt.person_id.in_({person for _, person in people}),
        )
        .order_by(Attempt.number)
    ):
        tries[attempt.batch_id, attempt.person_id, attempt.quiz_id].append(attempt)
    found = {}
    for (batch, person, quiz), own in tries.items():
        settings = settings_for(quizzes[quiz], set_by.get((quiz, batch)))
        counted = what_counts(own, settings.counts, settings.pass_mark)
        if counted is not None:
            found[batch, person, quiz] = counted
    return found


provide(Source.ATTENDANCE, _attendance)
provide(Source.POST_TEST, _post_test)
provide(Source.GAIN, _gain)
