"""A programme's phases, and a whole programme copied for a new year."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.programmes.models import Programme, ProgrammeCourse, ProgrammePhase
from lms.programmes.rules.drafts import new_slug
from lms.programmes.rules.phases import PhaseDraft, Stage, Strand

_COPIED = (
    "summary_id", "summary_en", "objectives_id", "objectives_en", "minimum_share", "kind", "scope", "organiser",
)  # fmt: skip


def phases_of(db: Db, programme_id: int) -> list[PhaseDraft]:
    """Return the programme's phases in their order."""
    rows = db.scalars(
        select(ProgrammePhase).where(ProgrammePhase.programme_id == programme_id).order_by(ProgrammePhase.position)
    )
    return [
        PhaseDraft(
            stage=Stage(row.stage),
            strand=Strand(row.strand),
            title_id=row.title_id,
            title_en=row.title_en,
            first_day=row.first_day,
            days=row.days,
        )
        for row in rows
    ]


def set_phases(db: Db, programme: Programme, phases: Sequence[PhaseDraft], *, by: int | None, at: datetime) -> None:
    """Give the programme these phases instead of those it has."""
    db.execute(delete(ProgrammePhase).where(ProgrammePhase.programme_id == programme.id))
    for position, phase in enumerate(phases, start=1):
        db.add(ProgrammePhase(programme_id=programme.id, position=position, **phase.model_dump(mode="json")))
    db.flush()
    record_act(db, "phases_changed", "programme", programme.id, by=by, at=at, phases=len(phases))


def copy_programme(
    db: Db, programme: Programme, title_id: str, title_en: str, *, by: int | None, at: datetime
) -> Programme:
    """Return a new programme with this one's objectives, courses with their hours, kind and phases; no batch."""
    stem = new_slug(title_id)
    taken = set(db.scalars(select(Programme.slug).where(Programme.slug.startswith(stem, autoescape=True))))
    copy = Programme(
        slug=new_slug(title_id, taken),
        title_id=title_id,
        title_en=title_en,
        created_at=at,
        **{name: getattr(programme, name) for name in _COPIED},
    )
    db.add(copy)
    db.flush()
    for row in db.scalars(select(ProgrammeCourse).where(ProgrammeCourse.programme_id == programme.id)).all():
        db.add(
            ProgrammeCourse(
                programme_id=copy.id,
                course_id=row.course_id,
                position=row.position,
                lesson_hours=row.lesson_hours,
            )
        )
    set_phases(db, copy, phases_of(db, programme.id), by=by, at=at)
    record_act(db, "programme_copied", "programme", copy.id, by=by, at=at, copied_from=programme.id)
    return copy
