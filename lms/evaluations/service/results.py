"""Results of surveys: only of closed ones, and of those only what five or more have answered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from lms.db import Db
from lms.evaluations.models import Ballot, Invitation, Survey
from lms.evaluations.rules.results import FEW, Result, Score, summarise, together
from lms.evaluations.service.surveys import Participation, participation
from lms.programmes.models import Batch


@dataclass(frozen=True)
class SurveyResult:
    """A survey with its results; None while it is open, for then each further answer could be told by difference."""

    survey: Survey
    participation: Participation
    result: Result | None


def read_results(db: Db, *where: ColumnElement[bool], at: datetime) -> list[SurveyResult]:
    """Return the surveys that meet these conditions, oldest first. Five statements, whatever their number."""
    surveys = db.scalars(
        select(Survey)
        .where(*where)
        .options(
            joinedload(Survey.batch).joinedload(Batch.programme),
            joinedload(Survey.session),
            joinedload(Survey.instructor),
        )
        .order_by(Survey.opens_at, Survey.id)
    ).all()
    ids = [survey.id for survey in surveys]
    counts = participation(db, Survey.id.in_(ids)) | _invited(db, ids)
    closed = [survey.id for survey in surveys if survey.closes_at <= at]
    ballots: dict[int, list[dict[str, object]]] = {}
    # As values: of five years of a programme these are ten thousand.
    rows = db.execute(select(Ballot.survey_id, Ballot.answers).where(Ballot.survey_id.in_(closed)).order_by(Ballot.id))
    for survey_id, answers in rows:
        ballots.setdefault(survey_id, []).append(answers)
    found = []
    for survey in surveys:
        took_part = counts.get(survey.id, Participation(0, 0))
        is_closed = survey.closes_at <= at
        result = summarise(survey.content, ballots.get(survey.id, []), took_part.asked) if is_closed else None
        found.append(SurveyResult(survey, took_part, result))
    return found


def _invited(db: Db, ids: Collection[int]) -> dict[int, Participation]:
    """Return survey id → participation of those put to superiors and peers."""
    rows = db.execute(
        select(Invitation.survey_id, func.count(), func.count().filter(Invitation.used.is_(True)))
        .where(Invitation.survey_id.in_(ids))
        .group_by(Invitation.survey_id)
    )
    return {survey_id: Participation(asked, used) for survey_id, asked, used in rows}


def as_share(score: Score, scale: int) -> float | None:
    """Return a mean as a share of the way from the lowest step to the highest, so that scales can be compared."""
    return None if score.mean is None else (score.mean - 1) / (scale - 1)


@dataclass(frozen=True)
class Told:
    """Results of several surveys taken together: how many surveys may be told, of how many closed ones."""

    surveys: int
    closed: int
    asked: int
    answered: int
    # As a share of the scale; None where nothing may be told.
    share: float | None
    few: bool


def taken_together(results: Iterable[SurveyResult], level: int | None = None) -> Told:
    """Return what surveys come to together: each survey that may be told counts by its answers; `level` limits it to
    the blocks of that level."""
    closed = [(one.participation, one.result) for one in results if one.result is not None]
    shares = [(share, result.answered) for _, result in closed if (share := level_share(result, level)) is not None]
    weight = sum(answered for _share, answered in shares)
    return Told(
        surveys=len(shares),
        closed=len(closed),
        asked=sum(took_part.asked for took_part, _result in closed),
        answered=sum(took_part.answered for took_part, _result in closed),
        share=sum(share * answered for share, answered in shares) / weight if weight else None,
        few=0 < weight < FEW,
    )


def level_share(result: Result, level: int | None) -> float | None:
    """Return the mean of a result's blocks of this level (None: all) as a share of the scale."""
    blocks: Sequence[Score] = [one.score for one in result.blocks if level is None or one.level == level]
    return as_share(together(blocks), result.scale)
