"""An answer given: noted that somebody answered, and kept what was answered, with nothing between the two."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from lms.db import Db, insert_new
from lms.evaluations.models import Ballot, Invitation, Survey, Turnout
from lms.evaluations.service.surveys import is_asked
from lms.kernel.errors import Conflict, Forbidden

# The order in which rows are written is chance of the kind nobody can predict.
_CHANCE = secrets.SystemRandom()


def cast(db: Db, survey: Survey, person_id: int, answers: Mapping[str, Any], *, at: datetime) -> bool:
    """Keep this person's answers; return False where she has answered already (then nothing changes).

    Raises Conflict where the survey is not open, Forbidden where it is not put to her.
    """
    _check_open(survey, at)
    if not is_asked(db, survey, person_id):
        raise Forbidden("survey_not_asked")
    _lock(db, survey)
    if not insert_new(db, Turnout, {"survey_id": survey.id, "person_id": person_id}, ["survey_id", "person_id"]):
        return False
    _shuffle_in(db, survey.id, answers)
    return True


def cast_invited(db: Db, invitation: Invitation, survey: Survey, answers: Mapping[str, Any], *, at: datetime) -> bool:
    """Keep the answers of a superior or peer; return False where that invitation was used already."""
    _check_open(survey, at)
    _lock(db, survey)
    db.refresh(invitation)
    if invitation.used:
        return False
    invitation.used = True
    db.flush()
    _shuffle_in(db, survey.id, answers)
    return True


def _shuffle_in(db: Db, survey_id: int, answers: Mapping[str, Any]) -> None:
    """Write all ballots of the survey anew, this one among them, in an order by chance and with fresh ids.

    One row added would carry the transaction of whoever was noted beside it (PostgreSQL keeps it as xmin) and lie
    behind all earlier ones. So every ballot is of the latest transaction, and none has a place.
    """
    kept = list(db.scalars(select(Ballot.answers).where(Ballot.survey_id == survey_id)))
    kept.append(dict(answers))
    _CHANCE.shuffle(kept)
    db.execute(delete(Ballot).where(Ballot.survey_id == survey_id))
    db.execute(insert(Ballot), [{"id": secrets.token_hex(16), "survey_id": survey_id, "answers": one} for one in kept])


def _check_open(survey: Survey, at: datetime) -> None:
    if not survey.opens_at <= at < survey.closes_at:
        raise Conflict("survey_closed")


def _lock(db: Db, survey: Survey) -> None:
    """Let one answer at a time be written, so that no ballot is lost between reading and writing them."""
    db.execute(select(Survey.id).where(Survey.id == survey.id).with_for_update())
