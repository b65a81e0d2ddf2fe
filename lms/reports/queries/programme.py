"""Where the trainees of some batches stand, read once for a page, a paper or a letter. Statements are constant."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select

from lms.accounts.guard import allowed
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.accounts.principal import Principal
from lms.attendance.models import Mark
from lms.attendance.service.balance import answered_for
from lms.db import Db
from lms.evaluations.models import Survey
from lms.evaluations.rules.results import LEAST
from lms.evaluations.service.results import SurveyResult, Told, read_results, taken_together
from lms.kernel.errors import NotFound
from lms.programmes.models import Batch, Enrolment, Programme
from lms.quizzes.rules.counting import Counted
from lms.quizzes.rules.questions import Purpose
from lms.reports.queries.standings import Tests, read_standings, read_tests
from lms.reports.queries.units import Units
from lms.reports.standings import Figures, ReportWish, Standing, figures_of, grouped
from lms.reports.trends import Held, Places, SessionTally, WeekTally, trends_of
from lms.sessions.models import LiveSession

P = Permission


@dataclass(frozen=True)
class SeenBatch:
    """A batch of which the asker sees somebody, and which of its rows she may look at herself."""

    batch: Batch
    registers: bool
    certificates: bool
    quizzes: bool
    evaluation: bool


@dataclass(frozen=True)
class QuizLine:
    """A pre- or post-test of the programme: who was tested, their mean in per cent, how many passed and failed."""

    quiz_id: int
    titles: Mapping[str, str]
    purpose: str
    tested: int
    mean: float | None
    passed: int
    failed: int


@dataclass(frozen=True)
class Opinion:
    """What a batch's closed questionnaires come to."""

    organiser: Told
    instructor: Told


@dataclass(frozen=True)
class Report:
    """A programme as those see it who answer upward, narrowed to a batch and a unit where asked.

    `units` are agencies, or the units of the one agency there is; None stands for people without any. `opinions` by
    batch id, without those whose evaluation the asker may not see. They are of whole batches, whatever the unit.
    """

    programme: Programme
    wish: ReportWish
    # The units whose people alone the asker sees; empty where she is not limited to any.
    limited_to: tuple[str, ...]
    batches: tuple[SeenBatch, ...]
    unit_options: tuple[tuple[int, str], ...]
    unit_names: Mapping[int | None, str]
    standings: tuple[Standing, ...]
    whole: Figures
    by_batch: Mapping[int, Figures]
    by_unit: tuple[tuple[int | None, str, Figures], ...]
    weeks: tuple[tuple[WeekTally, tuple[SessionTally, ...]], ...]
    quizzes: tuple[QuizLine, ...]
    opinions: Mapping[int, Opinion]
    opinion: Opinion | None

    @property
    def shown(self) -> tuple[SeenBatch, ...]:
        """Return the batches the report is about."""
        return tuple(one for one in self.batches if self.wish.batch_id in (None, one.batch.id))

    @property
    def batch(self) -> Batch | None:
        """Return the one batch it is narrowed to."""
        return self.shown[0].batch if self.wish.batch_id is not None else None

    @property
    def unit(self) -> str:
        """Return the name of the unit it is narrowed to, by the wish or by right; empty where it is not."""
        return dict(self.unit_options).get(self.wish.unit_id or 0, "") or ", ".join(self.limited_to)


def read_report(
    db: Db,
    programme: Programme,
    wish: ReportWish,
    who: Principal,
    *,
    zone: ZoneInfo,
    at: datetime,
    only_people: bool = False,
) -> Report:
    """Return the report as this person may see it: her batches, or her units' people alone.

    With `only_people` it is without weeks and questionnaires, which are of nobody in particular. Raises NotFound where
    she sees nobody of the batch or unit asked for.
    """
    seen = _batches(db, programme.id, who)
    if wish.batch_id is not None and wish.batch_id not in {one.batch.id for one in seen}:
        raise NotFound()
    shown = [one for one in seen if wish.batch_id in (None, one.batch.id)]
    ids = [one.batch.id for one in shown]
    units = Units(db)
    mine = allowed(Enrolment, needs=P.REPORT_READ, who=who)
    options = units.options(_units_of(db, [one.batch.id for one in seen], mine))
    if wish.unit_id is not None and wish.unit_id not in dict(options):
        raise NotFound()
    only = units.people_of(wish, who.scopes(P.REPORT_READ))
    narrowed = [mine] if only is None else [mine, Enrolment.person_id.in_(only)]
    tests = read_tests(db, {programme.id}, ids, only)
    minimum = dict.fromkeys(ids, programme.minimum_share)
    standings = read_standings(db, minimum, tests, *narrowed, at=at, only=only)
    opinions = {} if only_people else _opinions(db, [one.batch.id for one in shown if one.evaluation], at=at)
    return Report(
        programme=programme,
        wish=wish,
        limited_to=units.limit(who.scopes(P.REPORT_READ)),
        batches=tuple(seen),
        unit_options=tuple(options),
        unit_names=units.names,
        standings=tuple(standings),
        whole=figures_of(standings),
        by_batch=grouped(standings, lambda one: one.batch_id),
        by_unit=tuple(units.lines(standings)),
        weeks=() if only_people else tuple(_weeks(db, ids, narrowed, zone=zone, at=at)),
        quizzes=tuple(_quiz_lines(tests, standings)),
        opinions={batch_id: _told(own) for batch_id, own in opinions.items()},
        opinion=_told([one for own in opinions.values() for one in own]) if opinions else None,
    )


def names_of(db: Db, person_ids: Collection[int]) -> dict[int, Person]:
    """Return these people by id."""
    return {person.id: person for person in db.scalars(select(Person).where(Person.id.in_(person_ids)))}


def sorting_names(db: Db, *where: ColumnElement[bool]) -> dict[int, str]:
    """Return person id → name as lists are sorted by, for the enrolments that meet these conditions."""
    rows = db.execute(
        select(Person.id, Person.name).join(Enrolment, Enrolment.person_id == Person.id).where(*where).distinct()
    )
    return {row.id: row.name.casefold() for row in rows}


def _batches(db: Db, programme_id: int, who: Principal) -> list[SeenBatch]:
    needs = (P.REGISTER_READ, P.CERTIFICATE_READ, P.QUIZ_RESULTS, P.EVALUATION_RESULTS)
    rows = db.execute(
        select(Batch, *(allowed(Batch, needs=one, who=who).label(one.name) for one in needs))
        .where(Batch.programme_id == programme_id, allowed(Batch, needs=P.REPORT_READ, who=who))
        .order_by(Batch.starts_on, Batch.id)
    )
    return [SeenBatch(batch, *(bool(may) for may in rights)) for batch, *rights in rows]


def _units_of(db: Db, batch_ids: Sequence[int], mine: ColumnElement[bool]) -> set[int]:
    rows = db.scalars(
        select(Person.unit_id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.batch_id.in_(batch_ids), Enrolment.role == "trainee", Person.unit_id.is_not(None), mine)
        .distinct()
    )
    return {one for one in rows if one is not None}


def _quiz_lines(tests: Tests, standings: Iterable[Standing]) -> list[QuizLine]:
    present = {(one.batch_id, one.person_id) for one in standings if not one.is_gone}
    own: dict[int, list[Counted]] = {quiz.id: [] for quiz in tests.quizzes}
    for (batch_id, quiz_id, person_id), one in tests.counted.items():
        if (batch_id, person_id) in present:
            own[quiz_id].append(one)
    return [
        QuizLine(
            quiz_id=quiz.id,
            titles=tests.titles[quiz.id],
            purpose=quiz.purpose,
            tested=len(found),
            mean=fmean(one.percent for one in found) if len(found) >= LEAST else None,
            passed=sum(one.passed is True for one in found),
            failed=sum(one.passed is False for one in found),
        )
        for quiz in sorted(tests.quizzes, key=lambda one: (one.course_id, one.purpose != Purpose.PRE, one.id))
        for found in [own[quiz.id]]
    ]


def _weeks(
    db: Db, batch_ids: Sequence[int], narrowed: Sequence[ColumnElement[bool]], *, zone: ZoneInfo, at: datetime
) -> list[tuple[WeekTally, tuple[SessionTally, ...]]]:
    """Return each week with a session held and its sessions. Two statements."""
    held = [
        Held(*row)
        for row in db.execute(
            select(LiveSession.id, LiveSession.title_id, LiveSession.title_en, LiveSession.starts_at)
            .where(LiveSession.batch_id.in_(batch_ids), LiveSession.status != "cancelled", LiveSession.ends_at <= at)
            .order_by(LiveSession.starts_at, LiveSession.id)
        )
    ]
    expected = answered_for(Enrolment.batch_id.in_(batch_ids), *narrowed).subquery("expected")
    places = [
        Places(session_id, "", status, count)
        for session_id, status, count in db.execute(
            select(expected.c.session_id, Mark.status, func.count())
            .outerjoin(Mark, and_(Mark.session_id == expected.c.session_id, Mark.person_id == expected.c.person_id))
            .group_by(expected.c.session_id, Mark.status)
        )
    ]
    trends = trends_of(held, places, [], zone=zone, above={})
    found: dict[Any, list[SessionTally]] = {}
    for one in trends.sessions:
        day = one.session.starts_at.astimezone(zone).date()
        found.setdefault(day.isocalendar()[:2], []).append(one)
    return [(week, tuple(found[week.monday.isocalendar()[:2]])) for week in trends.weeks if week.sessions]


def _opinions(db: Db, batch_ids: Sequence[int], *, at: datetime) -> dict[int, list[SurveyResult]]:
    if not batch_ids:
        return {}
    found: dict[int, list[SurveyResult]] = {batch_id: [] for batch_id in batch_ids}
    kinds = Survey.kind.in_(("organiser", "instructor"))
    for one in read_results(db, Survey.batch_id.in_(batch_ids), kinds, at=at):
        found[one.survey.batch_id].append(one)
    return found


def _told(results: Iterable[SurveyResult]) -> Opinion:
    own = list(results)
    return Opinion(
        taken_together(one for one in own if one.survey.kind == "organiser"),
        taken_together(one for one in own if one.survey.kind == "instructor"),
    )
